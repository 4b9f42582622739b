//! Four questions on what a policy has learned.
//!
//! | question | in |
//! |---|---|
//! | Does it ever diverge, and what does int8 cost? | [`soak`] |
//! | What do its schedules look like, beside silver's and Chebyshev's? | [`schedules`] |
//! | Which observations matter, in use and in training? | [`ablation`] |
//! | Does the paper's agent infer second-order information? | [`conjecture`] |
//!
//! All of it on problems that no training, tuning or evaluation draws: their numbers lie beyond the
//! tuning's. The chapter `host/docs/learned.md` quotes the answers.

pub mod ablation;
pub mod conjecture;
pub mod regression;
pub mod schedules;
pub mod soak;

use tinynmf::error::Result;
use tinynmf::family::{Family, Problem};
use tinynmf::seeds::{Purpose, problem_seed};
use tinynmf::trajectory::Trajectory;
use tinynmf_core::rule::Schedule;
use tinynmf_train::{Config, Trainer};

/// Epochs of every run.
pub const HORIZON: u32 = 200;

/// The gap that counts.
const GAP: f64 = 1e-2;

/// The problems that a study looks at: 64 × 48, rank 8, with a little noise, the evaluation's kind.
#[must_use]
pub fn family() -> Family {
    Family {
        rows: [64; 2],
        columns: [48; 2],
        rank: [8; 2],
        noise: [0.0, 0.1],
        correlation: [0.0; 2],
        spread: [0.0; 2],
        horizon: [HORIZON; 2],
        ..Family::default()
    }
}

/// The shipped policy before quantisation, as the training of `host/policies/shipped.toml` leaves it.
pub const FLOAT: &[u8] = include_bytes!("../../policies/shipped.safetensors");

/// Problems of [`family`], always the same ones.
#[must_use]
pub fn problems(count: usize) -> Vec<Problem> {
    let seed = |index: usize| problem_seed(Purpose::Tuning, 0, [u64::MAX, index as u64]);
    (0..count).map(|index| family().problem(seed(index))).collect()
}

/// The whole run of `rule` on `problem`.
///
/// # Panics
///
/// If the problem is not one that a family draws.
fn run(problem: &Problem, rule: &mut impl Schedule) -> Trajectory {
    Trajectory::of(problem.data(), problem.rank, rule, problem.settings, || ())
        .expect("a family draws ranks and batches that fit")
}

/// Epochs until the gap to the loss `best` is at most 10⁻²; T + 1 where that takes more than T.
fn epochs(run: &Trajectory, best: f32) -> f64 {
    run.epochs_to(best, GAP).unwrap_or(HORIZON as usize + 1) as f64
}

/// Trains to the end; `each` is called after every round.
fn train(config: Config, each: impl Fn()) -> Result<Trainer> {
    let mut trainer = Trainer::new(config)?;
    while !trainer.finished() {
        trainer.iterate();
        each();
    }
    Ok(trainer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tinynmf_core::policy::SHIPPED;
    use tinynmf_train::export::from_safetensors;
    use tinynmf_train::quantise::quantise;

    #[test]
    fn the_float_policy_is_the_one_that_ships_before_rounding() {
        assert_eq!(quantise(&from_safetensors(FLOAT).unwrap()), SHIPPED);
    }
}
