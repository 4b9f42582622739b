//! Whether a policy ever diverges, how often its safeguard acts, and what quantisation costs.

use rayon::prelude::*;
use tinynmf::family::{Family, Problem};
use tinynmf::seeds::{Purpose, problem_seed};
use tinynmf_core::{Policy, Rule};
use tinynmf_train::FloatPolicy;
use tinynmf_train::quantise::quantise;

use super::{HORIZON, epochs, problems, run};
use crate::evaluate::statistics::{Estimate, interquartile_mean};

/// Runs that float and int8 are compared on: enough to tell one per cent.
const RUNS: usize = 1000;

/// Statistics of many runs of a policy.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Soak {
    /// Runs.
    pub runs: u64,
    /// Runs that diverged, as [`Trajectory::diverged`](tinynmf::trajectory::Trajectory::diverged) has it.
    pub diverged: u64,
    /// Half-steps.
    pub half_steps: u64,
    /// Half-steps in which the safeguard took 1/L in place of the policy's step.
    pub refused: u64,
    /// Runs with at least one such half-step.
    pub runs_refused: u64,
}

/// Far wider than any family that a policy is trained on: sizes from 8 to 96, every rank up to 8, nearly
/// empty and full factors, noise up to V's own size, all but parallel columns, latents of sizes that
/// differ by e⁴.
#[must_use]
pub fn family() -> Family {
    Family {
        rows: [8, 96],
        columns: [8, 96],
        rank: [1, 8],
        excess: [1.0, 3.0],
        density: [0.05, 1.0],
        noise: [0.0, 1.0],
        correlation: [0.0, 0.98],
        spread: [0.0, 2.0],
        horizon: [HORIZON; 2],
        ..Family::default()
    }
}

/// Plays `count` problems of [`family`] with exact gradients; `each` is called after every one.
///
/// # Panics
///
/// If the family draws a problem that cannot be factorised, which a test excludes.
#[must_use]
pub fn soak(policy: &Policy<'_>, count: usize, each: impl Fn() + Sync) -> Soak {
    let family = family();
    let one = |index: usize| {
        let seed = problem_seed(Purpose::Tuning, 1, [u64::MAX, index as u64]);
        let problem = family.problem(seed);
        let mut rule = Rule::learned(policy.clone());
        let diverged = run(&problem, &mut rule).diverged();
        let refused = if let Rule::Learned(learned) = &rule { learned.refused() } else { 0 };
        each();
        Soak {
            runs: 1,
            diverged: u64::from(diverged),
            half_steps: 2 * u64::from(HORIZON),
            refused: u64::from(refused),
            runs_refused: u64::from(refused > 0),
        }
    };
    (0..count).into_par_iter().map(one).reduce(Soak::default, Soak::plus)
}

impl Soak {
    fn plus(self, other: Self) -> Self {
        Self {
            runs: self.runs + other.runs,
            diverged: self.diverged + other.diverged,
            half_steps: self.half_steps + other.half_steps,
            refused: self.refused + other.refused,
            runs_refused: self.runs_refused + other.runs_refused,
        }
    }

    /// The statistics in one sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        let Self { runs, diverged, half_steps, refused, runs_refused } = self;
        let share = 100.0 * *refused as f64 / *half_steps as f64;
        format!(
            "{diverged} of {runs} runs diverged; the safeguard took 1/L in {refused} of {half_steps} \
             half-steps ({share:.3} %), in {runs_refused} runs.\n"
        )
    }
}

/// Epochs to the gap, int8 as a ratio to float: interquartile mean of each, over the same runs.
///
/// # Panics
///
/// If [`quantise`] makes a blob that core refuses, which a test excludes.
#[must_use]
pub fn quantisation(float: &FloatPolicy) -> Estimate {
    let blob = quantise(float);
    let int8 = Policy::from_bytes(&blob).expect("quantise makes valid blobs");
    let pair = |problem: &Problem| {
        let [_, best] = problem.reference();
        let float = epochs(&run(problem, &mut float.clone()), best);
        [float, epochs(&run(problem, &mut Rule::learned(int8.clone())), best)]
    };
    let pairs: Vec<[f64; 2]> = problems(RUNS).par_iter().map(pair).collect();
    Estimate::of(pairs.len(), |indices| {
        let mean = |of: usize| interquartile_mean(indices.iter().map(|i| pairs[*i][of]).collect());
        mean(1) / mean(0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tinynmf_core::policy::SHIPPED;

    #[test]
    fn the_shipped_policy_survives_what_it_never_saw() {
        let policy = Policy::from_bytes(SHIPPED).unwrap();
        let soak = soak(&policy, 20, || ());
        assert_eq!((soak.runs, soak.diverged), (20, 0), "{}", soak.sentence());
    }
}
