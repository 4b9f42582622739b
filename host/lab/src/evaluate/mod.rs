//! The evaluation: a policy against every classical step rule, on problems that neither has seen.
//!
//! | what | in |
//! |---|---|
//! | the problems | [`suite`], [`families`] |
//! | the rules and the grids of their parameters | [`rivals`], [`tune`] |
//! | what stands beside them | [`oracle`], [`hals`], [`nenmf`] |
//! | what a run is worth | [`metric`], [`play`] |
//! | what many runs amount to | [`statistics`], [`family`], [`profile`], [`mod@overall`] |
//! | the answer | [`table`], [`report`], and everything in it as JSON |
//!
//! **Seeds.** Training, tuning and evaluation draw from sets of seeds that cannot overlap: see [`tinynmf::seeds`].
//!
//! **Metric.** The gap after t epochs is (F − F_best)/(F₀ − F_best). Exact gradients: epochs until it is at most 10⁻¹,
//! 10⁻², 10⁻³, and T + 1 where that takes more than T = 200; rules are tuned for and compared by 10⁻². F_best is the
//! lowest loss that any *rule* (tuned, reference or learned) reached on the instance from the same start; the oracle,
//! HALS and NeNMF are measured against it, but do not define it, and may get below it. Stochastic gradients: the gap
//! after T epochs, F being over all of V, within [10⁻⁶, 10⁶]; F_best is the lowest of the rules' losses and that of a
//! five times longer exact run.
//!
//! **Rivals.** Each rule of core, its parameters chosen from a grid for the lowest median of the metric on up to 20
//! instances of the same family that are not reported; the mean decides between equal medians. The *best tuned rule*
//! of a family is the one with the lowest such median there, chosen before anything is reported. Where
//! epochs are compared, line searches pay nothing for their trials. Where *multiply-adds* are, everything counts: products
//! with V and of grams, steps, steps tried, and a policy's decisions.
//!
//! **Statistics.** Medians, interquartile means and 95th percentiles over instances; 95 % intervals from 1000 bootstrap
//! resamples of the instances. Nothing depends on the number of threads.

pub mod alternating;
pub mod contenders;
pub mod families;
pub mod family;
pub mod hals;
pub mod metric;
pub mod nenmf;
pub mod oracle;
pub mod overall;
mod picture;
pub mod play;
pub mod profile;
pub mod report;
pub mod rivals;
pub mod statistics;
pub mod suite;
pub mod table;
pub mod tune;

use std::collections::BTreeMap;
use std::path::PathBuf;

use glob::Pattern;
use serde::Serialize;
use tinynmf_core::policy::SHIPPED;
use tinynmf_core::{Error as CoreError, Policy};

use contenders::Contenders;
use families::HORIZON;
use family::{FamilyResult, evaluate_family};
use metric::Measure;
use overall::{Overall, overall};
use profile::{Profile, profiles};
use rivals::{RIVALS, Rival};
use suite::{Case, Suite, TUNING};
use tinynmf::error::Result;
use tinynmf::matrix::ReadOptions;

use crate::filter::chosen;

/// Options of an evaluation.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The problems.
    pub suite: Suite,
    /// A folder with matrices for [`Suite::Real`].
    pub data: Option<PathBuf>,
    /// How to read them.
    pub options: ReadOptions,
    /// Instances of every family, instead of the suite's own number.
    pub instances: Option<usize>,
    /// Instances that rivals are tuned on, at most.
    pub tuning: usize,
    /// Entries of V at most, in synthetic families: larger ones are left out.
    pub entries: usize,
    /// Patterns of the families that are measured; none are all.
    pub families: Vec<Pattern>,
    /// Patterns of the rules that take part as rivals; none are all.
    pub rules: Vec<Pattern>,
}

impl Default for Plan {
    /// All of the suite of exact gradients.
    fn default() -> Self {
        Self {
            suite: Suite::Exact,
            data: None,
            options: ReadOptions::default(),
            instances: None,
            tuning: TUNING,
            entries: usize::MAX,
            families: Vec::new(),
            rules: Vec::new(),
        }
    }
}

/// Everything that came out.
#[derive(Debug, Clone, Serialize)]
pub struct Evaluation {
    /// The problems.
    pub suite: Suite,
    /// The measure that is compared.
    pub measure: Measure,
    /// T.
    pub horizon: u32,
    /// CRC-32 of the policy; of each where there are several.
    pub policy: String,
    /// Its length in bytes; of the longest where there are several.
    pub policy_bytes: usize,
    /// The grids that were searched.
    pub rivals: Vec<Rival>,
    /// Family by family.
    pub families: Vec<FamilyResult>,
    /// Rule by rule, over all instances.
    pub overall: Vec<Overall>,
    /// Rule by rule, over all instances.
    pub profiles: Vec<Profile>,
}

impl Plan {
    /// The families and their problems.
    ///
    /// # Errors
    ///
    /// As [`Suite::cases`]; a pattern of families that matches none.
    pub fn cases(&self) -> Result<Vec<Case>> {
        let data = self.data.as_deref().map(|folder| (folder, self.options));
        let mut cases = self.suite.cases(data, self.instances)?;
        cases.retain(|case| case.entries() <= self.entries);
        let mut cases = chosen("--family", &self.families, cases, |case| case.name.clone())?;
        cases.iter_mut().for_each(|case| case.tuning = case.tuning.min(self.tuning));
        Ok(cases)
    }

    /// The rules that are tuned and measured beside the policy and the reference.
    ///
    /// # Errors
    ///
    /// A pattern of rules that matches none.
    pub fn rivals(&self) -> Result<Vec<Rival>> {
        chosen("--rule", &self.rules, RIVALS.to_vec(), |rival| rival.kind.to_owned())
    }
}

/// Runs that [`evaluate`] will report the end of.
///
/// # Errors
///
/// As [`Contenders::new`].
pub fn runs(measure: Measure, cases: &[Case], rivals: &[Rival]) -> Result<u64> {
    let shipped = Policy::from_bytes(SHIPPED).map_err(CoreError::Policy)?;
    let contenders = Contenders::new(&shipped, Vec::new(), measure)?;
    let beside = contenders.list().len() + rivals.len();
    let of_case = |case: &Case| case.tuning * tune::runs(rivals) + case.instances * beside;
    Ok(cases.iter().map(|case| of_case(case) as u64).sum())
}

/// Evaluates `policy` against `rivals` on every case, or without one the policy that ships for the case's gradients;
/// `each` is called after every run, from many threads.
///
/// # Errors
///
/// None for the cases of a suite.
pub fn evaluate(
    suite: Suite,
    measure: Measure,
    cases: &[Case],
    policy: Option<&Policy<'_>>,
    rivals: &[Rival],
    each: impl Fn() + Sync,
) -> Result<Evaluation> {
    let mut policies = BTreeMap::new();
    let evaluated = cases.iter().map(|case| {
        let blob = policy.map_or_else(|| case.shipped_policy(), Policy::blob);
        let policy = Policy::from_bytes(blob).map_err(CoreError::Policy)?;
        policies.insert(format!("{:#010x}", policy.checksum()), blob.len());
        evaluate_family(case, measure, &policy, rivals, &each)
    });
    let families = evaluated.collect::<Result<Vec<_>>>()?;
    let profiles = profiles(&families, measure, HORIZON);
    Ok(Evaluation {
        suite,
        measure,
        horizon: HORIZON,
        policy: policies.keys().cloned().collect::<Vec<_>>().join(", "),
        policy_bytes: policies.into_values().max().unwrap_or(0),
        rivals: rivals.to_vec(),
        overall: overall(&families, &profiles, measure),
        profiles,
        families,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use suite::Source;
    use tinynmf::family::Family;
    /// A suite of one small family.
    fn tiny(suite: Suite, threads: usize) -> Evaluation {
        let mut family =
            Family { rows: [8; 2], columns: [7; 2], rank: [2; 2], ..Family::default() };
        family.horizon = [HORIZON; 2];
        family.batch = vec![if suite == Suite::Stochastic { 0.25 } else { 1.0 }];
        let source = Source::Family(family);
        let case = Case { name: "8x7 r2".into(), source, instances: 2, tuning: 1 };
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| evaluate(suite, suite.measure(), &[case], None, RIVALS, || ())).unwrap()
    }

    #[test]
    fn a_part_of_a_suite() {
        let patterns = |them: &[&str]| them.iter().map(|it| Pattern::new(it).unwrap()).collect();
        let plan = Plan {
            instances: Some(1),
            families: patterns(&["40x30*"]),
            rules: patterns(&["bb?", "silver"]),
            ..Plan::default()
        };
        let (cases, rivals) = (plan.cases().unwrap(), plan.rivals().unwrap());
        assert_eq!(cases.len(), 3, "three levels of noise");
        let small = Plan { entries: 8000, ..Plan::default() };
        assert_eq!(small.cases().unwrap().len(), 13, "without 200 x 150");
        let it = evaluate(plan.suite, Measure::Cost, &cases[..1], None, &rivals, || ()).unwrap();
        let names: Vec<_> = it.overall.iter().map(|it| &*it.name).collect();
        let expected =
            ["learned", "bound(0.95)", "bb1", "bb2", "silver", "best fixed", "HALS", "NeNMF"];
        assert_eq!(names, expected);
        let [learned, bound] = [0, 1].map(|place| it.families[0].contenders[place].scores[0]);
        let ratio = learned.cost[1] / bound.cost[1];
        assert!((it.overall[0].ratio.value - ratio).abs() < 1e-9);
        // An epoch with decisions costs more than one without.
        assert!(ratio > learned.epochs[1] / bound.epochs[1]);
        let refused = Plan { rules: patterns(&["newton"]), ..Plan::default() }.rivals();
        assert!(refused.unwrap_err().to_string().contains("'newton'; there are: fixed; bound"));
    }

    #[test]
    fn a_tiny_suite_end_to_end() {
        for (suite, beside) in [(Suite::Exact, 3), (Suite::Stochastic, 1)] {
            let it = tiny(suite, 1);
            let json = serde_json::to_string(&it).unwrap();
            if suite == Suite::Exact {
                assert_eq!(json, serde_json::to_string(&tiny(suite, 3)).unwrap());
            }
            let family = &it.families[0];
            assert_eq!(family.contenders.len(), 2 + RIVALS.len() + beside);
            // Somebody is best on every instance, and gets below the gap.
            assert!(it.profiles.iter().map(|profile| profile.at(1.0)).sum::<f64>() >= 1.0);
            let bound = &family.contenders[1].to_reference;
            assert!((bound.of_medians.value - 1.0).abs() < 1e-9 && (bound.p95 - 1.0).abs() < 1e-9);
            let table = it.table();
            assert!(table.lines().all(|line| line.chars().count() <= 80), "{table}");
            let html = it.html().unwrap();
            assert_eq!(html.matches("<svg").count(), 2);
            assert!(html.contains(&format!("<title>tinynmf: evaluation, {}", suite.name())));
            assert!(!html.contains("src=") && !html.contains("<script"));
        }
    }
}
