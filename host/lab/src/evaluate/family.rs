//! Result of one family: every contender's scores, and their statistics.

use rayon::prelude::*;
use serde::Serialize;
use tinynmf::error::Result;
use tinynmf::seeds::Purpose;
use tinynmf_core::Policy;

use super::contenders::{Contenders, Instance, Role};
use super::metric::{MAIN_TAU, Measure, Score};
use super::rivals::Rival;
use super::statistics::{Estimate, interquartile_mean, median, quantile};
use super::suite::Case;
use super::tune::tune;

/// One family's results.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FamilyResult {
    /// Name of the family.
    pub name: String,
    /// Problems that are reported.
    pub instances: usize,
    /// Other problems that the rivals were tuned on.
    pub tuning: usize,
    /// In the same order in every family: the policy, the reference, the rivals, what stands beside them.
    pub contenders: Vec<Contender>,
    /// The place of the rival that was best on the tuning instances.
    pub best: usize,
    /// The policy against that rival.
    pub learned_to_best: Ratio,
    /// NeNMF's inner iterations of an update, on average.
    pub inner_iterations: Option<f64>,
}

/// One contender's results.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Contender {
    /// Name of the rule, with its parameters.
    pub name: String,
    /// Its role.
    pub role: Role,
    /// The median of the measure on the tuning instances, where it was tuned.
    pub tuned: Option<f64>,
    /// Median epochs to each gap.
    pub epochs: [Estimate; 3],
    /// Median multiply-adds to each gap.
    pub cost: [Estimate; 3],
    /// Median gap after the last epoch.
    pub gap: Estimate,
    /// Interquartile mean of the suite's measure.
    pub iqm: Estimate,
    /// Against the reference.
    pub to_reference: Ratio,
    /// Runs that diverged.
    pub diverged: usize,
    /// Instance by instance.
    pub scores: Vec<Score>,
    /// The median gap after 0, 1, … T epochs.
    pub curve: Vec<f32>,
}

/// One contender's measure over another's, below 1 where it is better.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Ratio {
    /// Ratio of the two medians.
    pub of_medians: Estimate,
    /// Median of the instances' ratios.
    pub median: Estimate,
    /// Interquartile mean of the instances' ratios.
    pub iqm: Estimate,
    /// 95th percentile of the instances' ratios.
    pub p95: f64,
}

impl Ratio {
    /// `own` over `other`, instance by instance.
    #[must_use]
    pub fn of(own: &[f64], other: &[f64]) -> Self {
        let of_medians = Estimate::of(own.len(), |indices| {
            let median_of = |values: &[f64]| median(indices.iter().map(|i| values[*i]).collect());
            median_of(own) / median_of(other)
        });
        let ratios: Vec<f64> = own.iter().zip(other).map(|(own, other)| own / other).collect();
        Self {
            of_medians,
            median: Estimate::of_values(&ratios, median),
            iqm: Estimate::of_values(&ratios, interquartile_mean),
            p95: quantile(ratios, 0.95),
        }
    }
}

impl Contender {
    /// The suite's measure, instance by instance.
    #[must_use]
    pub fn values(&self, measure: Measure) -> Vec<f64> {
        self.scores.iter().map(|score| measure.of(score)).collect()
    }

    /// The median of the suite's measure.
    #[must_use]
    pub fn median(&self, measure: Measure) -> Estimate {
        match measure {
            Measure::Epochs => self.epochs[MAIN_TAU],
            Measure::Cost => self.cost[MAIN_TAU],
            Measure::Gap => self.gap,
        }
    }
}

/// Tunes the rivals of a family, then runs everything on its instances; `each` is called after every run.
///
/// # Errors
///
/// None for the cases of a suite.
pub fn evaluate_family(
    case: &Case,
    measure: Measure,
    policy: &Policy<'_>,
    rivals: &[Rival],
    each: impl Fn() + Sync,
) -> Result<FamilyResult> {
    let tuned = tune(case, measure, policy, rivals, &each)?;
    let contenders = Contenders::new(policy, tuned, measure)?;
    let play = |index| contenders.play(&case.problem(Purpose::Evaluation, index), &each);
    let instances: Vec<Instance> =
        (0..case.instances).into_par_iter().map(play).collect::<Result<_>>()?;
    let list = contenders.list();
    let values = |place: usize| -> Vec<f64> {
        instances.iter().map(|instance| measure.of(&instance.scores[place])).collect()
    };
    let reference = values(1);
    let summarise = |place: usize| {
        let (role, name, tuned) = &list[place];
        let scores: Vec<Score> = instances.iter().map(|instance| instance.scores[place]).collect();
        let estimate = |of: &dyn Fn(&Score) -> f64, statistic| {
            Estimate::of_values(&scores.iter().map(of).collect::<Vec<_>>(), statistic)
        };
        Contender {
            name: name.clone(),
            role: *role,
            tuned: tuned.map(|tuned| tuned.median),
            epochs: [0, 1, 2].map(|tau| estimate(&|score| score.epochs[tau], median)),
            cost: [0, 1, 2].map(|tau| estimate(&|score| score.cost[tau], median)),
            gap: estimate(&|score| score.gap, median),
            iqm: estimate(&|score| measure.of(score), interquartile_mean),
            to_reference: Ratio::of(&values(place), &reference),
            diverged: scores.iter().filter(|score| score.diverged).count(),
            curve: median_curve(&instances, place),
            scores,
        }
    };
    let best = contenders.best();
    let inner: Option<Vec<f64>> = instances.iter().map(|it| it.inner_iterations).collect();
    Ok(FamilyResult {
        name: case.name.clone(),
        instances: case.instances,
        tuning: case.tuning,
        contenders: (0..list.len()).into_par_iter().map(summarise).collect(),
        best,
        learned_to_best: Ratio::of(&values(0), &values(best)),
        inner_iterations: inner.map(|all| all.iter().sum::<f64>() / all.len() as f64),
    })
}

fn median_curve(instances: &[Instance], place: usize) -> Vec<f32> {
    let epochs = instances.first().map_or(0, |instance| instance.gaps[place].len());
    let at = |epoch: usize| instances.iter().map(|it| f64::from(it.gaps[place][epoch])).collect();
    (0..epochs).map(|epoch| median(at(epoch)) as f32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_are_paired() {
        let it = Ratio::of(&[10.0, 20.0, 60.0], &[20.0, 40.0, 20.0]);
        assert!((it.of_medians.value - 1.0).abs() < 1e-9);
        assert!((it.median.value - 0.5).abs() < 1e-9);
        assert!(it.p95 > 2.0 && it.median.low <= 0.5 && it.median.high >= 0.5);
    }
}
