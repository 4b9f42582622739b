//! Given noise at equal cost: where batches or noise come from outside, a rule cannot choose how much it looks at.
//!
//! Batches of 25 % and 5 %, noise on gradients of 0.1 and 0.5 of the first one's root mean square: four *regimes*, of two sizes
//! each. Everybody may spend what 200 epochs of `bound(0.95)` cost there, in multiply-adds of everything, and is judged by the
//! **gap at the end**, F being over all of V. A rule that plans over a horizon is told how many of its own epochs that are.
//! Rivals are the classical rules that noise suits and sweeps with small relaxations: *one setting* for all regimes, and one
//! *tuned* for each, chosen on other problems by the mean of ln(gap).

use std::fmt::Write as _;

use rayon::prelude::*;
use tinynmf::error::Result;
use tinynmf::family::{Family, Problem};
use tinynmf::rule_name;
use tinynmf::seeds::{Purpose, problem_seed};
use tinynmf::trajectory::Trajectory;
use tinynmf_core::policy::{SCHEDULE, SchedulePolicy};
use tinynmf_core::{Error as CoreError, Policy, Rule, Settings};

use crate::evaluate::families::{HORIZON, stochastic};
use crate::evaluate::metric::{Measure, Score};
use crate::evaluate::play::best_loss;
use crate::evaluate::rivals::{REFERENCE, RIVALS};
use crate::evaluate::statistics::{Estimate, median};

/// Kinds of rules of [`RIVALS`] that take part.
const KINDS: [&str; 9] =
    ["bound", "cosine", "decay", "wsd", "linear_cauchy", "adagrad_norm", "cauchy", "bb2", "abb"];

/// Relaxations and numbers of sweeps that take part.
const SWEEPS: ([f32; 8], [u8; 2]) = ([0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 1.0, 1.3], [1, 2]);

/// Epochs that tell what an epoch costs.
const TRIAL: u32 = 10;

/// Families of one kind of noise.
struct Regime {
    name: String,
    families: Vec<(usize, Family)>,
}

impl Regime {
    /// All of them, in the order of their first family.
    fn all() -> Vec<Self> {
        let mut all: Vec<Self> = Vec::new();
        for (place, (name, family)) in stochastic().into_iter().enumerate() {
            let name = name.rsplit(' ').next().unwrap_or_default().to_owned();
            match all.iter_mut().find(|it| it.name == name) {
                Some(regime) => regime.families.push((place, family)),
                None => all.push(Self { name, families: vec![(place, family)] }),
            }
        }
        all
    }

    fn problems(&self, purpose: Purpose, count: usize) -> Vec<Problem> {
        let number = |place: usize, i: usize| problem_seed(purpose, 13, [place as u64, i as u64]);
        let of = |(place, family): &(usize, Family)| {
            (0..count).map(|i| family.problem(number(*place, i))).collect::<Vec<_>>()
        };
        self.families.iter().flat_map(of).collect()
    }
}

/// Every setting that is tried.
fn settings() -> Result<Vec<Rule<'static>>> {
    let policy = Policy::from_bytes(tinynmf_core::policy::SHIPPED).map_err(CoreError::Policy)?;
    let mut all = Vec::new();
    for rival in RIVALS.iter().filter(|it| KINDS.contains(&it.kind)) {
        all.extend(rival.grid(&policy)?);
    }
    for relaxation in SWEEPS.0 {
        for sweeps in SWEEPS.1 {
            all.push(rule_name::classical(&format!("sweeps({relaxation},{sweeps})"))?);
        }
    }
    Ok(all)
}

/// The gaps at the end on every problem, problem by problem, rule by rule.
fn gaps(
    problems: &[Problem],
    rules: impl Fn(&Problem) -> Vec<Rule<'static>> + Sync,
) -> Result<Vec<Vec<f64>>> {
    let of = |problem: &Problem| {
        let budget = spent(problem, &rule_name::classical(REFERENCE)?, TRIAL)?.0
            * u64::from(HORIZON)
            / u64::from(TRIAL);
        let rules = rules(problem);
        let played = rules.par_iter().map(|rule| within(problem, rule, budget));
        let runs = played.collect::<Result<Vec<_>>>()?;
        let best = best_loss(problem, &runs, Measure::Gap)?;
        Ok(runs.iter().map(|run| Score::of(run, best).gap).collect())
    };
    problems.par_iter().map(of).collect()
}

/// Cost of so many epochs, and the run.
fn spent(problem: &Problem, rule: &Rule<'_>, horizon: u32) -> Result<(u64, Trajectory)> {
    let settings = Settings { horizon, ..problem.settings };
    let noise = problem.noise();
    let v = noise.on(problem.data());
    let run = Trajectory::of(v, problem.rank, &mut rule.clone(), settings, || ())?;
    Ok((run.cost.last().copied().unwrap_or(0), run))
}

/// A run of the epochs that `budget` pays for.
fn within(problem: &Problem, rule: &Rule<'_>, budget: u64) -> Result<Trajectory> {
    let (cost, _) = spent(problem, rule, TRIAL)?;
    let epochs = budget * u64::from(TRIAL) / cost.max(1);
    let (_, mut run) = spent(problem, rule, epochs.clamp(1, 4 * u64::from(HORIZON)) as u32)?;
    let paid = run.cost.iter().take_while(|cost| **cost <= budget).count();
    run.loss.truncate(paid.max(2));
    Ok(run)
}

/// The table on `count` problems of each of the eight families, after tuning on `tuning` other ones of each.
///
/// # Errors
///
/// None for the families and grids of this program.
///
/// # Panics
///
/// Never: the policies that ship are sound.
pub fn table(tuning: usize, count: usize) -> Result<String> {
    let (regimes, rules) = (Regime::all(), settings()?);
    let mut means = Vec::new();
    for regime in &regimes {
        let gaps = gaps(&regime.problems(Purpose::Tuning, tuning), |_| rules.clone())?;
        let mean =
            |at: usize| gaps.iter().map(|them| them[at].ln()).sum::<f64>() / gaps.len() as f64;
        means.push((0..rules.len()).map(mean).collect::<Vec<f64>>());
    }
    let least = |of: &dyn Fn(usize) -> f64| {
        (0..rules.len()).min_by(|a, b| of(*a).total_cmp(&of(*b))).unwrap_or_default()
    };
    let one = least(&|at| means.iter().map(|them| them[at]).sum());
    let name = |at: usize| rule_name::name(&rules[at]);
    let mut text = format!(
        "Gap at the end, at the cost of {HORIZON} epochs of {REFERENCE}; {} problems a line, tuned on {} others a line.\n\
         One setting for all: {}.\n\n\
         | given | policy | its median gap | to one setting | to the tuned one | which is |\n|---|---|---:|---:|---:|---|\n",
        2 * count,
        2 * tuning,
        name(one)
    );
    for (regime, means) in regimes.iter().zip(&means) {
        let tuned = least(&|at| means[at]);
        let them = |problem: &Problem| {
            let read = "the policies that ship are sound";
            let learned = Policy::from_bytes(problem.shipped_policy()).expect(read);
            let schedule = SchedulePolicy::from_bytes(SCHEDULE).expect(read);
            vec![
                Rule::learned(learned),
                Rule::scheduled(schedule),
                rules[one].clone(),
                rules[tuned].clone(),
            ]
        };
        let gaps = gaps(&regime.problems(Purpose::Evaluation, count), them)?;
        for (place, policy) in ["gradient steps", "schedule"].into_iter().enumerate() {
            let ratio = |other: usize| {
                Estimate::geometric_mean(gaps.iter().map(|it| it[place] / it[other]))
            };
            let own = median(gaps.iter().map(|it| it[place]).collect());
            let (to_one, to_tuned) = (ratio(2), ratio(3));
            let (regime, which) = (&regime.name, name(tuned));
            _ = writeln!(
                text,
                "| {regime} | {policy} | {own:.1e} | {to_one} | {to_tuned} | {which} |"
            );
        }
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regimes_are_four_of_two_sizes() {
        let all = Regime::all();
        let names: Vec<_> = all.iter().map(|it| &*it.name).collect();
        assert_eq!(names, ["25%", "5%", "~0.1", "~0.5"]);
        assert!(all.iter().all(|it| it.families.len() == 2));
        assert_eq!(all[0].problems(Purpose::Tuning, 3).len(), 6);
        assert!(settings().unwrap().len() > 100);
    }

    #[test]
    fn nobody_spends_more_than_the_others() {
        let problem = &Regime::all()[1].problems(Purpose::Tuning, 1)[0];
        let bound = rule_name::classical(REFERENCE).unwrap();
        let (budget, _) = spent(problem, &bound, 60).unwrap();
        for text in ["bound(0.5)", "sweeps(0.2,2)", "cosine(0.6)"] {
            let rule = rule_name::classical(text).unwrap();
            let run = within(problem, &rule, budget).unwrap();
            let paid = run.cost[run.loss.len() - 1];
            assert!(paid <= budget && paid > budget / 2, "{text}: {paid} of {budget}");
        }
    }
}
