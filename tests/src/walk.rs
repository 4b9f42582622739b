//! A run in core, half-step by half-step, with float64's view of each.

use crate::float64::{Half, Matrix};
use crate::problem::{Asked as _, Problem};
use tinynmf_core::rule::Schedule;
use tinynmf_core::{Factor, HalfStep, Settings};

/// One half-step.
#[derive(Debug, Clone)]
pub struct Step {
    /// Core's record.
    pub record: HalfStep,
    /// F as a function of the factor that moved.
    pub half: Half,
    /// The factor before.
    pub x: Matrix,
    /// The factor after.
    pub next: Matrix,
}

impl Step {
    /// Whether the records are free of float32's overflow and underflow, so that float64 agrees.
    #[must_use]
    pub fn is_in_range(&self) -> bool {
        let HalfStep { slope, change, .. } = &self.record;
        let sums = [slope.norm_squared, change.norm_squared, change.image_norm_squared];
        sums.iter().all(|x| *x > 1e-28 && *x < 1e34)
    }
}

/// Runs `epochs` epochs on exact gradients; every half-step goes to `look`.
///
/// # Panics
///
/// If core refuses the problem.
pub fn walk(
    problem: &Problem,
    rule: &mut impl Schedule,
    epochs: u32,
    mut look: impl FnMut(&Step),
) -> Problem {
    let mut nmf = problem.nmf(Settings { horizon: epochs, ..Settings::default() });
    let mut run = nmf.run(problem.data()).unwrap();
    let mut at = problem.clone();
    for _ in 0..epochs {
        let epoch = run.epoch(rule);
        for (factor, record) in [(Factor::W, epoch.w), (Factor::H, epoch.h)] {
            let (half, x) = (at.half(factor), at.factor(factor));
            match factor {
                Factor::W => at.w = run.w().to_vec(),
                Factor::H => at.h = run.h().to_vec(),
            }
            look(&Step { record, half, x, next: at.factor(factor) });
        }
    }
    at
}
