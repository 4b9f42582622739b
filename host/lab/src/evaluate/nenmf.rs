//! NeNMF (Guan, Tao, Luo & Yuan 2012): Nesterov's accelerated projected gradient, run to convergence in each factor.
//!
//! An epoch is one W and one H update, as for every rule, but an update holds up to [`MOST`] inner iterations of
//! (m or n)·r² multiply-adds each, besides the m·n·r of the product with V that a half-step has anyway. How many there
//! were is told: a rule's half-step is one. Tolerances are those of the authors' program; its limit of inner
//! iterations, 1000, is lower here.

use tinynmf::error::Result;
use tinynmf::family::Problem;
use tinynmf::trajectory::Trajectory;
use tinynmf_core::Factor;
use tinynmf_core::bound::lipschitz;
use tinynmf_core::product::times;

use super::alternating::{Half, alternate};

/// Inner iterations of an update at most.
pub const MOST: u32 = 100;

/// An update that takes no more than this many makes the factor's tolerance ten times smaller.
const FEW: u32 = 10;

/// The first tolerance, relative to the norm of the factor's first projected gradient.
const TOLERANCE: f32 = 1e-3;

/// Its losses and costs by epoch, and the mean number of inner iterations of an update.
///
/// # Errors
///
/// As [`alternate`].
pub fn nenmf(problem: &Problem) -> Result<(Trajectory, f64)> {
    let mut solvers = [Solver::default(), Solver::default()];
    let record = alternate(problem, |half| {
        let solver = match half.factor {
            Factor::W => &mut solvers[0],
            Factor::H => &mut solvers[1],
        };
        solver.solve(half)
    })?;
    let total: u32 = solvers.iter().map(|solver| solver.iterations).sum();
    Ok((record, f64::from(total) / f64::from(2 * problem.settings.horizon)))
}

/// Memory of a factor between its updates.
#[derive(Debug, Default)]
struct Solver {
    /// The projected gradient's norm to stop at; none before the first update.
    tolerance: Option<f32>,
    /// Inner iterations so far.
    iterations: u32,
}

impl Solver {
    /// Solves for X; the multiply-adds of its images.
    fn solve(&mut self, Half { x, p, a, terms, rank, .. }: Half<'_>) -> u64 {
        let lipschitz = lipschitz(a, &mut vec![1.0; rank], &mut vec![0.0; rank], terms);
        if lipschitz <= 0.0 {
            return 0;
        }
        let mut y = x.to_vec();
        let mut image = vec![0.0; x.len()];
        let (mut momentum, mut iterations, mut images) = (1.0_f32, 0, 0);
        while iterations < MOST {
            images += 1;
            times(&y, a, &mut image, rank);
            let gradient = image.iter().zip(p).map(|(ya, p)| ya - p);
            let free = gradient.zip(&y).filter(|(g, y)| **y > 0.0 || *g < 0.0);
            let norm = free.map(|(g, _)| g * g).sum::<f32>().sqrt();
            if norm <= *self.tolerance.get_or_insert(TOLERANCE * norm) {
                break;
            }
            let next = 0.5 * (1.0 + (4.0 * momentum * momentum + 1.0).sqrt());
            let inertia = (momentum - 1.0) / next;
            for (((x, y), ya), p) in x.iter_mut().zip(&mut y).zip(&image).zip(p) {
                let moved = (*y - (ya - p) / lipschitz).max(0.0);
                *y = moved + inertia * (moved - *x);
                *x = moved;
            }
            momentum = next;
            iterations += 1;
        }
        if iterations <= FEW {
            self.tolerance = self.tolerance.map(|tolerance| 0.1 * tolerance);
        }
        self.iterations += iterations;
        images * (x.len() * rank) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluate::suite::Suite;
    use tinynmf::seeds::Purpose;

    #[test]
    fn solves_a_factor_with_the_other_fixed() {
        // Unconstrained minimiser (1, −1): the constrained one is (0.5, 0).
        let (mut x, mut solver) = ([3.0, 3.0], Solver::default());
        for _ in 0..3 {
            let (p, a) = (&[1.0, -1.0], &[2.0, 1.0, 1.0, 2.0]);
            solver.solve(Half { factor: Factor::H, x: &mut x, p, a, terms: 2, rank: 2 });
        }
        assert!((x[0] - 0.5).abs() < 1e-3 && x[1] == 0.0, "{x:?}");
    }

    #[test]
    fn gets_far_in_few_epochs() {
        let problem = Suite::Exact.cases(None, None).unwrap()[1].problem(Purpose::Tuning, 0);
        let (run, inner) = nenmf(&problem).unwrap();
        assert!(run.loss[20] < 0.02 * run.first_loss());
        assert!(inner > 1.0 && inner <= f64::from(MOST));
    }
}
