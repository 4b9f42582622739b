//! Chooses the rivals' parameters, on problems that are not reported.

use rayon::prelude::*;
use tinynmf::error::Result;
use tinynmf::seeds::Purpose;
use tinynmf_core::{Policy, Rule};

use super::metric::{Measure, Score};
use super::play::{best_loss, play};
use super::rivals::Rival;
use super::statistics::median;
use super::suite::Case;

/// A rival with the parameters that suit a family best.
#[derive(Debug, Clone)]
pub struct Tuned<'p> {
    /// As in [`RIVALS`](super::rivals::RIVALS).
    pub kind: &'static str,
    /// The rule with its parameters.
    pub rule: Rule<'p>,
    /// The median of the measure over the tuning instances.
    pub median: f64,
    /// The mean, which decides between equal medians.
    pub mean: f64,
}

/// Rules to run on every tuning instance: every point of every grid, and the learned one.
#[must_use]
pub fn runs(rivals: &[Rival]) -> usize {
    rivals.iter().map(Rival::points).sum::<usize>() + 1
}

/// Each of `rivals`, tuned for the median of `measure` on the tuning instances of `case`; `each` is called after a run.
///
/// F_best is the lowest loss of any point of any grid, or of the learned rule, as it is in the evaluation.
///
/// # Errors
///
/// None for the grids of [`RIVALS`](super::rivals::RIVALS) and the problems of a suite.
pub fn tune<'p>(
    case: &Case,
    measure: Measure,
    policy: &Policy<'p>,
    rivals: &[Rival],
    each: impl Fn() + Sync,
) -> Result<Vec<Tuned<'p>>> {
    let grids = rivals.iter().map(|rival| rival.grid(policy)).collect::<Result<Vec<_>>>()?;
    let mut rules = grids.concat();
    rules.push(Rule::learned(policy.clone()));
    let values_on = |index: usize| -> Result<Vec<f64>> {
        let problem = case.problem(Purpose::Tuning, index);
        let runs = play(&problem, &rules, &each)?;
        let best = best_loss(&problem, &runs, measure)?;
        Ok(runs.iter().map(|run| measure.of(&Score::of(run, best))).collect())
    };
    let values: Vec<Vec<f64>> =
        (0..case.tuning).into_par_iter().map(values_on).collect::<Result<_>>()?;
    let mut column = 0;
    let mut tuned = Vec::new();
    for (rival, grid) in rivals.iter().zip(grids) {
        let points = grid.into_iter().map(|rule| {
            let of_rule: Vec<f64> = values.iter().map(|values| values[column]).collect();
            column += 1;
            let mean = of_rule.iter().sum::<f64>() / of_rule.len() as f64;
            Tuned { kind: rival.kind, rule, median: median(of_rule), mean }
        });
        tuned.extend(points.min_by(Tuned::order));
    }
    Ok(tuned)
}

impl Tuned<'_> {
    /// The better one first.
    #[must_use]
    pub fn order(&self, other: &Self) -> std::cmp::Ordering {
        self.median.total_cmp(&other.median).then(self.mean.total_cmp(&other.mean))
    }
}
