//! Step rules side by side: every one from the same starts, on all cores.

mod csv;
mod picture;
mod table;

use rayon::prelude::*;
use serde::Serialize;
use tinynmf::error::Result;
use tinynmf::factorize::{View, check_rank};
use tinynmf::matrix::Matrix;
use tinynmf::rule_name;
use tinynmf::trajectory::Trajectory;
use tinynmf_core::full_epoch;
use tinynmf_core::{Rule, Settings};

/// Options that every run of a comparison shares.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// The rank r: latents of a factorisation, from 1 to min(m, n).
    pub rank: usize,
    /// The number of starts: seeds 0, 1, …
    pub seeds: u64,
    /// T, the epochs of every run.
    pub epochs: u32,
    /// The share of columns and rows in a mini-batch; 1 is all.
    pub batch: f32,
}

/// The runs of all rules from all seeds.
#[derive(Debug, Clone, Serialize)]
pub struct Comparison {
    /// Rule by rule in the order given, seed by seed.
    pub runs: Vec<Record>,
    #[serde(skip)]
    plan: Plan,
    /// Multiply-adds of an epoch that looks at all of V and moves nothing.
    #[serde(skip)]
    full_epoch: u64,
}

/// One run, set against the best of its seed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Record {
    /// The rule's name with its parameters.
    pub rule: String,
    /// Seed of W₀ and H₀.
    pub seed: u64,
    /// Losses, rates and bounds.
    #[serde(flatten)]
    pub trajectory: Trajectory,
    /// How soon it was near the best.
    pub epochs_to: ToGap<usize>,
    /// The multiply-adds until then.
    pub cost_to: ToGap<u64>,
    /// See [`Trajectory::diverged`].
    pub diverged: bool,
}

/// How soon (F − F_best)/(F₀ − F_best) ≤ τ, or never; F_best is the lowest loss of any rule on the seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ToGap<T> {
    /// τ = 0.1.
    #[serde(rename = "1e-1")]
    pub tenth: Option<T>,
    /// τ = 0.01.
    #[serde(rename = "1e-2")]
    pub hundredth: Option<T>,
    /// τ = 0.001.
    #[serde(rename = "1e-3")]
    pub thousandth: Option<T>,
}

impl<T> ToGap<T> {
    fn of(to: impl Fn(f64) -> Option<T>) -> Self {
        let [tenth, hundredth, thousandth] = [1e-1, 1e-2, 1e-3].map(to);
        Self { tenth, hundredth, thousandth }
    }
}

/// Runs every rule from every seed; `each` is called after every epoch, from many threads.
///
/// The result does not depend on the number of threads.
///
/// # Errors
///
/// As [`check_rank`]; a batch share that is not in (0, 1].
pub fn compare(
    matrix: &Matrix,
    rules: &[Rule<'_>],
    plan: Plan,
    each: impl Fn() + Sync,
) -> Result<Comparison> {
    check_rank(matrix.name(), [matrix.rows(), matrix.cols()], plan.rank)?;
    let data = View::of(matrix)?;
    let all: Vec<(&Rule<'_>, u64)> =
        rules.iter().flat_map(|rule| (0..plan.seeds).map(move |seed| (rule, seed))).collect();
    let run = |(rule, seed): (&Rule<'_>, u64)| {
        let settings =
            Settings { horizon: plan.epochs, batch: plan.batch, seed, ..Settings::default() };
        let (rank, mut rule) = (plan.rank, rule.clone());
        match data {
            View::Float(data) => Trajectory::of(data, rank, &mut rule, settings, &each),
            View::Byte(data) => Trajectory::of(data, rank, &mut rule, settings, &each),
        }
    };
    let trajectories: Vec<Trajectory> =
        all.par_iter().map(|it| run(*it)).collect::<Result<_, _>>()?;
    let mut best = vec![f32::INFINITY; plan.seeds as usize];
    for (run, (_, seed)) in trajectories.iter().zip(&all) {
        let best = &mut best[*seed as usize];
        *best = best.min(run.lowest_loss());
    }
    let record = |(trajectory, (rule, seed)): (Trajectory, (&Rule<'_>, u64))| Record {
        rule: rule_name::name(rule),
        seed,
        epochs_to: ToGap::of(|tau| trajectory.epochs_to(best[seed as usize], tau)),
        cost_to: ToGap::of(|tau| trajectory.cost_to(best[seed as usize], tau)),
        diverged: trajectory.diverged(),
        trajectory,
    };
    let full_epoch = full_epoch([matrix.rows(), matrix.cols(), plan.rank]);
    let runs = trajectories.into_iter().zip(all).map(record).collect();
    Ok(Comparison { runs, plan, full_epoch })
}

impl Comparison {
    /// Options that the runs share.
    #[must_use]
    pub fn plan(&self) -> Plan {
        self.plan
    }

    /// The runs of each rule, seed by seed.
    pub fn by_rule(&self) -> impl Iterator<Item = &[Record]> {
        self.runs.chunk_by(|a, b| a.rule == b.rule)
    }

    /// The lowest loss of any rule from `seed`.
    fn best(&self, seed: u64) -> f32 {
        let of_seed = self.runs.iter().filter(|run| run.seed == seed);
        of_seed.map(|run| run.trajectory.lowest_loss()).fold(f32::INFINITY, f32::min)
    }
}

/// The lower quartile, the median and the upper quartile, each one of the values; infinities are the largest, as NaN.
///
/// Between two values the upper one counts, so that a median of many failures is a failure.
fn quartiles(mut values: Vec<f64>) -> [f64; 3] {
    values.sort_by(f64::total_cmp);
    [1, 2, 3].map(|quarter| values.get(values.len() * quarter / 4).copied().unwrap_or(f64::NAN))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tinynmf_core::{Policy, policy::SHIPPED};

    fn comparison() -> Comparison {
        let rules = rule_name::parse_list(
            "bound(0.5),cauchy,learned",
            &Policy::from_bytes(SHIPPED).unwrap(),
        );
        let matrix = tinynmf::digits::first(30);
        let plan = Plan { rank: 4, seeds: 2, epochs: 25, batch: 1.0 };
        compare(&matrix, &rules.unwrap(), plan, || ()).unwrap()
    }

    #[test]
    fn rules_share_their_starts_and_somebody_is_best() {
        let comparison = comparison();
        let order: Vec<_> = comparison.runs.iter().map(|run| (&*run.rule, run.seed)).collect();
        let expected = ["bound(0.5)", "cauchy", "learned"].map(|rule| [(rule, 0), (rule, 1)]);
        assert_eq!(order, expected.concat());
        for seed in [0, 1] {
            let first = |run: &Record| run.trajectory.first_loss().to_bits();
            let runs = || comparison.runs.iter().filter(|run| run.seed == seed);
            assert!(runs().all(|run| Some(first(run)) == runs().next().map(first)));
            assert!(runs().any(|run| run.epochs_to.thousandth.is_some()));
        }
    }

    #[test]
    fn the_number_of_threads_changes_nothing() {
        let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        assert_eq!(one.install(comparison).runs, comparison().runs);
    }

    #[test]
    fn quartiles_count_failures_as_late() {
        let text = |values: &[f64]| quartiles(values.to_vec()).map(|value| value.to_string());
        let late = f64::INFINITY;
        assert_eq!(text(&[3.0, 1.0, 2.0, late, late]), ["2", "3", "inf"]);
        assert_eq!(text(&[1.0, late]), ["1", "inf", "inf"]);
        assert_eq!(text(&[5.0]), ["5", "5", "5"]);
    }
}
