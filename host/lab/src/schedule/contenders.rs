//! Who takes part.

use rayon::prelude::*;
use tinynmf::family::Problem;
use tinynmf_core::policy::SchedulePolicy;
use tinynmf_core::rule::table::kind;
use tinynmf_core::rule::{Scheduled, Widening};

use super::a_hals::AHals;
use super::course::Course;
use super::{e_a_hals, oracle};

/// Grids of the hand rules that have one setting for all families: every combination is tried on other problems.
pub const GRIDS: [(&str, &[&[f32]]); 4] = [
    (
        "widening",
        // Fewer than two indices a component are never looked at.
        &[&[2.0, 2.5, 3.5], &[1.2, 1.3, 1.4], &[1.1, 1.2, 1.3], &[0.7], &[0.0, 0.3, 0.5, 0.7]],
    ),
    (
        "adaptive",
        &[&[0.05, 0.1, 0.2], &[1.5], &[0.1, 0.3, 0.9], &[1.2, 1.3, 1.4, 1.5], &[2.0, 3.0, 4.0]],
    ),
    (
        "thrifty",
        &[&[0.05, 0.1, 0.2], &[1.5], &[0.1, 0.3, 0.9], &[1.2, 1.3, 1.4, 1.5], &[0.4, 0.8, 1.2]],
    ),
    ("growing", &[&[0.1, 0.2], &[1.1, 1.2, 1.3], &[1.3, 1.5], &[2.0, 3.0]]),
];

/// The settings that were chosen from earlier grids, on other problems than those that are reported.
pub const CHOSEN: [(&str, &[f32]); 3] = [
    ("growing", &[0.2, 1.2, 1.3, 3.0]),
    ("thrifty", &[0.05, 1.5, 0.9, 1.2, 0.8]),
    ("adaptive", &[0.05, 1.5, 0.1, 1.2, 2.0]),
];

/// Rules that are not tuned.
pub const FIXED: [(&str, &[f32]); 3] = [("hals", &[]), ("sweeps", &[1.5, 2.0]), ("bound", &[0.95])];

/// A contender.
#[derive(Debug, Clone)]
// A handful of them exist.
#[allow(clippy::large_enum_variant)]
pub enum Contender<'p> {
    /// A policy of schedules, by a name.
    Policy(String, SchedulePolicy<'p>),
    /// A rule of core's table, with its parameters.
    Rule(&'static str, Vec<f32>),
    /// A-HALS as published.
    AHals,
    /// E-A-HALS as published.
    EAHals,
    /// The oracle that looks so many half-steps beyond its action.
    Oracle(usize),
}

impl Contender<'_> {
    /// Name with parameters.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Policy(name, _) => name.clone(),
            Self::AHals => "A-HALS".to_owned(),
            Self::EAHals => "E-A-HALS".to_owned(),
            Self::Oracle(further) => format!("oracle({further})"),
            Self::Rule(name, parameters) if parameters.is_empty() => (*name).to_owned(),
            Self::Rule(name, parameters) => {
                let parameters: Vec<_> = parameters.iter().map(f32::to_string).collect();
                format!("{name}({})", parameters.join(", "))
            }
        }
    }

    /// Its run.
    ///
    /// # Panics
    ///
    /// For a rule that is not in core's table.
    #[must_use]
    pub fn play(&self, problem: &Problem) -> Course {
        match self {
            Self::Policy(_, policy) => {
                let mut rule = Scheduled::new(policy.clone());
                let course = Course::play(problem, &mut rule);
                Course { guarded: rule.guarded(), ..course }
            }
            Self::AHals => Course::play(problem, &mut AHals::default()),
            Self::EAHals => e_a_hals::play(problem),
            Self::Oracle(further) => {
                let lowest = references().into_par_iter().map(|it| it.play(problem).lowest());
                oracle::play(problem, *further, lowest.reduce(|| f32::INFINITY, f32::min))
            }
            Self::Rule(name, parameters) => {
                let rule = kind(name).and_then(|kind| kind.make(parameters).ok());
                Course::play(problem, &mut rule.expect("a rule of core's table"))
            }
        }
    }
}

/// Those whose lowest loss an oracle's gap is measured by.
fn references() -> [Contender<'static>; 3] {
    let widening = Contender::Rule("widening", Widening::DEFAULT.parameters().to_vec());
    [widening, Contender::Rule("growing", vec![0.2, 1.2, 1.3, 3.0]), Contender::EAHals]
}

/// Every combination of a grid.
#[must_use]
pub fn combinations(axes: &[&[f32]]) -> Vec<Vec<f32>> {
    axes.iter().fold(vec![Vec::new()], |all, axis| {
        let extended = |head: &Vec<f32>| {
            axis.iter().map(|x| head.iter().copied().chain([*x]).collect()).collect::<Vec<_>>()
        };
        all.iter().flat_map(extended).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::problems::drawn;
    use tinynmf::seeds::Purpose;

    #[test]
    fn every_combination_is_a_rule() {
        for (name, axes) in GRIDS {
            let all = combinations(axes);
            assert_eq!(all.len(), axes.iter().map(|axis| axis.len()).product::<usize>());
            assert!(all.iter().all(|it| kind(name).unwrap().make(it).is_ok()), "{name}");
        }
        assert!(FIXED.iter().all(|(name, it)| kind(name).unwrap().make(it).is_ok()));
    }

    #[test]
    fn the_oracle_reaches_a_gap_for_less_than_the_rule_whose_actions_it_has() {
        let groups = drawn(Purpose::Tuning, 8);
        let ratios: Vec<f32> = groups[..2]
            .iter()
            .flat_map(|group| &group.problems)
            .map(|problem| {
                let (oracle, rule) =
                    (Contender::Oracle(4).play(problem), references()[0].play(problem));
                assert_eq!(oracle.cost.len(), oracle.loss.len());
                assert!(oracle.cost.windows(2).all(|pair| pair[0] < pair[1]));
                let best = oracle.lowest().min(rule.lowest());
                (oracle.costs(best)[0] / rule.costs(best)[0]).ln()
            })
            .collect();
        assert!(ratios.iter().sum::<f32>() < 0.0, "{ratios:?}");
    }
}
