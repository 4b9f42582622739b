//! Everything that is measured on an instance, in one order.

use serde::Serialize;
use tinynmf::error::Result;
use tinynmf::family::Problem;
use tinynmf::rule_name;
use tinynmf_core::{Policy, Rule};

use super::hals::hals;
use super::metric::{GAPS, Measure, Score};
use super::nenmf::nenmf;
use super::oracle::oracle;
use super::play::{best_loss, play};
use super::rivals::REFERENCE;
use super::tune::Tuned;

/// Role of a contender.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The policy.
    Learned,
    /// The rule that needs no tuning.
    Reference,
    /// A classical rule, tuned.
    Rival,
    /// A ceiling: it needs to know the future.
    Ceiling,
    /// No step rule.
    Algorithm,
}

/// The contenders of a family: rules first, in the order in which they run.
#[derive(Debug)]
pub struct Contenders<'p> {
    rules: Vec<Rule<'p>>,
    tuned: Vec<Tuned<'p>>,
    measure: Measure,
    /// The tuned fixed α, where the oracle begins.
    alpha: f32,
}

/// Scores of all contenders on one instance.
#[derive(Debug, Clone)]
pub struct Instance {
    /// Contender by contender.
    pub scores: Vec<Score>,
    /// The gaps after 0, 1, … T epochs, contender by contender.
    pub gaps: Vec<Vec<f32>>,
    /// NeNMF's inner iterations of an update.
    pub inner_iterations: Option<f64>,
}

impl<'p> Contenders<'p> {
    /// The policy, the reference, the tuned rivals and what stands beside them.
    ///
    /// # Errors
    ///
    /// None: the reference's name is one.
    pub fn new(policy: &Policy<'p>, tuned: Vec<Tuned<'p>>, measure: Measure) -> Result<Self> {
        let mut rules = vec![Rule::learned(policy.clone()), rule_name::parse(REFERENCE, policy)?];
        rules.extend(tuned.iter().map(|it| it.rule.clone()));
        let alpha = tuned.iter().find_map(|it| match &it.rule {
            Rule::Fixed(fixed) => Some(fixed.alpha()),
            _ => None,
        });
        Ok(Self { rules, tuned, measure, alpha: alpha.unwrap_or(0.01) })
    }

    /// Role and name of every contender, and how it was tuned.
    #[must_use]
    pub fn list(&self) -> Vec<(Role, String, Option<&Tuned<'p>>)> {
        let mut all: Vec<_> = self
            .rules
            .iter()
            .enumerate()
            .map(|(place, rule)| match place {
                0 => (Role::Learned, rule_name::name(rule), None),
                1 => (Role::Reference, rule_name::name(rule), None),
                _ => (Role::Rival, rule_name::name(rule), self.tuned.get(place - 2)),
            })
            .collect();
        all.push((Role::Ceiling, "best fixed".to_owned(), None));
        if self.has_algorithms() {
            all.extend(["HALS", "NeNMF"].map(|name| (Role::Algorithm, name.to_owned(), None)));
        }
        all
    }

    /// The place of the rival that was best on the tuning instances.
    #[must_use]
    pub fn best(&self) -> usize {
        let best = self.tuned.iter().enumerate().min_by(|(_, a), (_, b)| a.order(b));
        best.map_or(1, |(place, _)| place + 2)
    }

    /// Runs all of them; `each` is called after a run.
    ///
    /// # Errors
    ///
    /// None for the problems of a suite.
    pub fn play(&self, problem: &Problem, each: impl Fn() + Sync) -> Result<Instance> {
        let mut runs = play(problem, &self.rules, &each)?;
        let best = best_loss(problem, &runs, self.measure)?;
        runs.push(oracle(problem, best, self.measure, self.alpha)?);
        each();
        let mut inner_iterations = None;
        if self.has_algorithms() {
            runs.push(hals(problem)?);
            each();
            let (run, inner) = nenmf(problem)?;
            runs.push(run);
            inner_iterations = Some(inner);
            each();
        }
        let [low, high] = GAPS;
        let limited = |gap: f64| if gap < high { gap.max(low) as f32 } else { high as f32 };
        Ok(Instance {
            scores: runs.iter().map(|run| Score::of(run, best)).collect(),
            gaps: runs.iter().map(|run| run.gaps(best).map(limited).collect()).collect(),
            inner_iterations,
        })
    }

    /// Only with exact gradients: other algorithms have no noisy or partial ones to do with.
    fn has_algorithms(&self) -> bool {
        self.measure != Measure::Gap
    }
}
