//! Runs rules on one problem, all from the same start.

use rayon::prelude::*;
use tinynmf::error::Result;
use tinynmf::family::Problem;
use tinynmf::trajectory::Trajectory;
use tinynmf_core::rule::Abb;
use tinynmf_core::{Rule, Settings};

use super::metric::Measure;

/// Horizons of the exact run that a stochastic suite takes F_best from.
const LONG: u32 = 5;

/// Every rule's run, in their order; `each` is called after a run.
///
/// # Errors
///
/// A rank or batch that does not fit the problem's shape.
pub fn play(
    problem: &Problem,
    rules: &[Rule<'_>],
    each: impl Fn() + Sync,
) -> Result<Vec<Trajectory>> {
    let run = |rule: &Rule<'_>| {
        let (rule, settings) = (&mut rule.clone(), problem.settings);
        let noise = problem.noise();
        let v = noise.on(problem.data());
        let run = Trajectory::of(v, problem.rank, rule, settings, || ());
        each();
        Ok(run?)
    };
    rules.par_iter().map(run).collect()
}

/// F_best: the lowest loss of any of the rules' runs and, where gaps at the end are measured, of five horizons of abb
/// with exact gradients from the same start.
///
/// Without the latter the best stochastic rule's gap would be 0 by construction, and every other one's a ratio to it.
///
/// # Errors
///
/// A rank that does not fit the problem's shape.
pub fn best_loss(problem: &Problem, runs: &[Trajectory], measure: Measure) -> Result<f32> {
    let of_rules = runs.iter().map(Trajectory::lowest_loss).fold(f32::INFINITY, f32::min);
    if measure != Measure::Gap {
        return Ok(of_rules);
    }
    let horizon = LONG * problem.settings.horizon;
    let settings = Settings { horizon, batch: 1.0, ..problem.settings };
    let exact = Trajectory::of(problem.data(), problem.rank, &mut Abb, settings, || ())?;
    Ok(of_rules.min(exact.lowest_loss()))
}
