//! Validation: what a policy of schedules is worth on problems that no training learns from, and the best policy so far.
//!
//! The problems come from the configuration's `[schedule.problems]`, with seeds of their own
//! ([`Purpose::Validation`](tinynmf::seeds::Purpose::Validation)): they are the same for every seed, so that trainings can be
//! compared, and none of them is trained on, tuned on or reported. The policy plays them as the int8 policy that it would
//! ship as, without exploration.
//!
//! Two numbers come out, [`Score`]: the cost to a gap of 10⁻², which people ask for, and the reward, which decides. The reward
//! counts the cost to every level of the gap between its ceiling and its floor, and the minimum that was found; a policy
//! that was chosen by the cost to one level could pay for it with worse minima. *The policy with the highest reward is the one
//! that is exported*, and the first one is among them: a training that gains nothing exports its start.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use tinynmf_core::policy::SchedulePolicy;

use super::float_policy::FloatPolicy;
use super::mode::Mode;
use super::quantise::quantise;
use super::schedule::{Environment, Schedule};
use super::source::Source;

pub use super::schedule::{GAP, Score};

/// Measurement on problems held out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Validation {
    /// Iterations from one measurement to the next; 0 measures nothing, and the last policy is exported.
    pub every: u32,
    /// Problems held out.
    pub problems: usize,
}

impl Default for Validation {
    fn default() -> Self {
        Self { every: 10, problems: 48 }
    }
}

/// A policy with what it came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Held {
    /// Iterations that had made it.
    pub iteration: u32,
    /// Its score.
    pub score: Score,
    /// The policy.
    pub policy: FloatPolicy,
}

/// The first policy's score and the best policy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Validated {
    /// Score of the first policy.
    pub start: Score,
    /// The policy with the highest reward; the earliest of equals.
    pub best: Held,
}

impl Validated {
    /// Begins with the first policy.
    #[must_use]
    pub fn new(first: Held) -> Self {
        Self { start: first.score, best: first }
    }

    /// Keeps `held` if it is better than all before.
    pub fn take(&mut self, held: Held) {
        if held.score.reward > self.best.score.reward {
            self.best = held;
        }
    }
}

/// The problems held out.
#[derive(Debug, Clone, Default)]
pub struct HeldOut(Vec<Environment>);

impl HeldOut {
    /// Draws and measures them; none unless `validation` asks for some, in mode schedule.
    #[must_use]
    pub fn new(mode: Mode, validation: &Validation, schedule: &Schedule, source: &Source) -> Self {
        let wanted = mode == Mode::Schedule && validation.every > 0;
        let count = if wanted { validation.problems } else { 0 };
        let environment = |i| Environment::new(source.validation_problem(i), schedule);
        Self((0..count).into_par_iter().map(environment).collect())
    }

    /// Score of `policy`; `None` without problems, and for a policy that has diverged.
    #[must_use]
    pub fn score(&self, policy: &FloatPolicy) -> Option<Score> {
        let finite = policy.network.parameters().iter().all(|x| x.is_finite());
        if self.0.is_empty() || !finite {
            return None;
        }
        let blob = quantise(policy);
        let policy = SchedulePolicy::from_bytes(&blob).ok()?;
        let played: Vec<Score> = self.0.par_iter().map(|it| it.score(&policy)).collect();
        let mean = |of: fn(&Score) -> f32| played.iter().map(of).sum::<f32>() / played.len() as f32;
        let cost = libm::expf(mean(|it| libm::logf(it.cost)));
        Some(Score { cost, reward: mean(|it| it.reward) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actor::Actor;
    use crate::config::Config;
    use crate::trainer::tests::{all, finish};

    /// A training of schedules by PPO, and by ES.
    fn schedules() -> [Config; 2] {
        let [.., ppo, es] = all();
        [ppo, es]
    }

    fn held_out_of(config: &Config, source: &Source) -> HeldOut {
        HeldOut::new(config.mode, &config.validation, &config.schedule, source)
    }

    #[test]
    fn the_score_is_that_of_the_episodes_as_training_pays_them() {
        let mut config = schedules()[0].clone();
        let source = config.source().unwrap();
        let held_out = held_out_of(&config, &source);
        assert_eq!(held_out.0.len(), config.validation.problems);
        let policy = finish(Config { iterations: 1, ..config.clone() }).policy();
        let actor = Actor::quantised(policy.clone());
        let paid = |it: &Environment| it.play(&actor, 0).iter().map(|t| t.reward).sum::<f32>();
        let expected = held_out.0.iter().map(paid).sum::<f32>() / held_out.0.len() as f32;
        let score = held_out.score(&policy).unwrap();
        assert!((score.reward - expected).abs() < 1e-4, "{score:?} for {expected}");
        assert!(score.cost > 0.3 && score.cost <= config.schedule.budget, "{score:?}");
        // Problems held out are others than those of the training.
        let trained = source.training_problem(config.seed, 0);
        assert!(held_out.0.iter().all(|it| it.problem != trained));
        config.validation.every = 0;
        assert_eq!(held_out_of(&config, &source).score(&policy), None);
    }

    #[test]
    fn the_best_policy_on_problems_held_out_is_exported() {
        for mut config in schedules() {
            let source = config.source().unwrap();
            let trainer = finish(config.clone());
            let state = trainer.state();
            let curve: Vec<Option<Score>> = state.curve.iter().map(|it| it.validation).collect();
            let when: Vec<bool> = curve.iter().map(Option::is_some).collect();
            assert_eq!(when, [false, true, false, true], "every second one");
            let Validated { start, best } = state.validated.as_ref().unwrap();
            let all = || curve.iter().flatten().chain([start]);
            assert!(all().all(|it| it.reward <= best.score.reward), "{start:?} {curve:?}");
            assert!(all().any(|it| *it == best.score));
            assert_eq!(trainer.policy(), best.policy);
            assert_eq!(held_out_of(&config, &source).score(&trainer.policy()), Some(best.score));
        }
    }

    #[test]
    fn only_a_better_policy_takes_the_place_of_the_best() {
        let policy = finish(schedules()[0].clone()).policy();
        let held = |iteration, reward| {
            let (score, policy) = (Score { cost: 1.0, reward }, policy.clone());
            Held { iteration, score, policy }
        };
        let mut validated = Validated::new(held(0, 2.0));
        for (iteration, reward, best) in [(5, 2.0, 0), (10, 3.0, 10), (15, f32::NAN, 10)] {
            validated.take(held(iteration, reward));
            assert_eq!(validated.best.iteration, best);
        }
        assert_eq!(validated.start.reward.to_bits(), 2.0_f32.to_bits());
    }
}
