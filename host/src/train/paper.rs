//! The environment of the paper (Subramanian, Ganapathiram & El Gamal, 2023), an experiment of the host.
//!
//! Where the paper leaves a choice open, this is what was chosen:
//!
//! - One decision an epoch: its α in [0, 1] serves the W half-step and the H half-step, as the paper's
//!   agent picks one learning rate an iteration.
//! - Observations: ln F of the whole V at the beginning of the epoch, t/T, and ln‖G‖ of the W half-step
//!   that is about to be taken (of its batch, if gradients are stochastic). Raw losses span decades:
//!   hence the logarithms, and running normalisation as in the other mode.
//! - Reward: `decrease`·(best − F)/best, F after the epoch and best the lowest loss before it, at least
//!   −`decrease`·`high`; plus `remaining`·(T − t)/T every epoch, t epochs done; plus `solved`·(T − t)/T
//!   once, if the epoch solved the problem. Paid every epoch, remaining epochs reward an agent for *not*
//!   finishing; `solved` above `remaining`/(1 − discount) makes finishing pay.
//! - F < `threshold` solves the problem and ends the episode, as does the horizon T.
//! - F > `high`·F₀ is a divergence: it ends the episode and counts as F = `high`·F₀. An epoch without
//!   any step, both factors being zero, ends it as well.
//!
//! Actions begin around 0 and are cut at the limits, as in the usual PPO libraries. Where the bound is
//! far below 1, a `log_deviation` near the logarithm of the bound saves the agent from having to find that
//! out by diverging.

use serde::{Deserialize, Serialize};
use tinynmf_core::block::Block;
use tinynmf_core::random::{Rng, Stream, generator, normal};
use tinynmf_core::rule::StepRule;
use tinynmf_core::situation::Situation;
use tinynmf_core::{Run, Settings};

use super::episode::Transition;
use super::family::Problem;
use super::float_policy::FloatPolicy;
use crate::nmf_vec::NmfVec;
use crate::seeds::mix;

/// Loss, epoch, gradient norm.
pub const OBSERVATIONS: usize = 3;

/// Weights of the reward, and when an episode ends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Paper {
    /// Weight of the relative decrease of the loss below the best so far.
    pub decrease: f32,
    /// Weight of the share of epochs that remain, paid every epoch.
    pub remaining: f32,
    /// Weight of the share of epochs that remain, paid once for a solution.
    pub solved: f32,
    /// A loss below this solves the problem; the paper has 10.
    pub threshold: f32,
    /// A loss above this many times the first one is a divergence.
    pub high: f32,
}

impl Default for Paper {
    fn default() -> Self {
        Self { decrease: 1.0, remaining: 0.01, solved: 1.0, threshold: 10.0, high: 10.0 }
    }
}

impl Paper {
    /// What is out of range, if anything.
    #[must_use]
    pub fn fault(&self) -> Option<&'static str> {
        let weights = [self.decrease, self.remaining, self.solved, self.threshold];
        if weights.iter().any(|x| !(0.0..1e6).contains(x)) {
            return Some("decrease, remaining, solved and threshold must be at least 0");
        }
        (!(self.high > 1.0 && self.high < 1e6)).then_some("high must be above 1")
    }
}

/// A problem and what its solution is worth.
#[derive(Debug, Clone)]
pub struct Environment {
    /// The problem.
    pub problem: Problem,
    paper: Paper,
}

/// What an agent did to a problem, epoch by epoch.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct History {
    /// The loss after every epoch; `high`·F₀ for a divergence.
    pub losses: Vec<f32>,
    /// α of every epoch.
    pub alphas: Vec<f32>,
    /// The epochs, counted from 0, after which the problem was begun anew.
    pub resets: Vec<usize>,
}

impl Environment {
    /// Joins the two.
    #[must_use]
    pub fn new(problem: Problem, paper: Paper) -> Self {
        Self { problem, paper }
    }

    /// Plays an episode with actions drawn from N(policy, deviation²).
    ///
    /// # Panics
    ///
    /// If the problem is not one that a family draws.
    #[must_use]
    pub fn play(&self, policy: &FloatPolicy, deviation: f32, seed: u64) -> Vec<Transition> {
        let mut agent = Agent::new(policy, deviation, seed);
        let mut transitions = Vec::new();
        let mut memory = self.problem.memory();
        let mut course = self.course(&mut memory);
        loop {
            let (transition, over) = course.epoch(&mut agent);
            transitions.extend(transition);
            if over {
                return transitions;
            }
        }
    }

    /// Follows the policy without exploration for so many epochs. Wherever an episode ends, the problem
    /// is begun anew, from another start than any before.
    ///
    /// # Panics
    ///
    /// If the problem is not one that a family draws.
    #[must_use]
    pub fn history(&self, policy: &FloatPolicy, epochs: usize) -> History {
        let mut agent = Agent::new(policy, 0.0, 0);
        let mut history = History::default();
        while history.losses.len() < epochs {
            let mut memory = self.memory(history.resets.len() as u64);
            let mut course = self.course(&mut memory);
            loop {
                let (transition, over) = course.epoch(&mut agent);
                history.losses.push(course.loss);
                history.alphas.push(transition.map_or(0.0, |t| agent.alpha(&t)));
                if history.losses.len() == epochs {
                    break;
                }
                if over {
                    history.resets.push(history.losses.len() - 1);
                    break;
                }
            }
        }
        history
    }

    /// The problem at its own start, or at another one.
    fn memory(&self, start: u64) -> NmfVec {
        let Problem { rows, columns, rank, settings, .. } = self.problem;
        let seed = if start == 0 { settings.seed } else { mix(settings.seed, [start, 0]) };
        NmfVec::new(rows, columns, rank, Settings { seed, ..settings })
            .expect("a family draws ranks and batches that fit")
    }

    fn course<'a>(&'a self, memory: &'a mut NmfVec) -> Course<'a> {
        let run = memory.run(self.problem.data()).expect("the memory was made for this shape");
        let first = run.loss();
        let horizon = self.problem.settings.horizon;
        Course { run, paper: &self.paper, horizon, done: 0, first, best: first, loss: first }
    }
}

/// One episode under way.
struct Course<'a> {
    run: Run<'a, f32>,
    paper: &'a Paper,
    horizon: u32,
    /// Epochs done.
    done: u32,
    first: f32,
    best: f32,
    loss: f32,
}

impl Course<'_> {
    /// One epoch: the agent's decision with its reward, unless none was asked for; and whether the
    /// episode is over.
    fn epoch(&mut self, agent: &mut Agent<'_>) -> (Option<Transition>, bool) {
        agent.loss = self.loss;
        agent.decision = None;
        self.run.epoch(agent);
        self.done += 1;
        let (loss, limit) = (self.run.loss(), self.paper.high * self.first);
        let diverged = loss.is_nan() || loss > limit;
        self.loss = if diverged { limit } else { loss };
        let solved = self.loss < self.paper.threshold;
        let remaining = (self.horizon - self.done) as f32 / self.horizon as f32;
        let decrease = (self.best - self.loss) / self.best.max(f32::MIN_POSITIVE);
        let Paper { decrease: weight, high, .. } = *self.paper;
        let once = if solved { self.paper.solved } else { 0.0 };
        let reward = weight * decrease.max(-high) + (self.paper.remaining + once) * remaining;
        self.best = self.best.min(self.loss);
        let transition = agent.decision.take().map(|decision| Transition { reward, ..decision });
        let over = solved || diverged || transition.is_none() || self.done == self.horizon;
        (transition, over)
    }
}

/// The policy with noise on its actions, asked once an epoch.
struct Agent<'a> {
    policy: &'a FloatPolicy,
    deviation: f32,
    rng: Rng,
    /// F at the beginning of the epoch.
    loss: f32,
    /// This epoch's decision, once it is made.
    decision: Option<Transition>,
}

impl<'a> Agent<'a> {
    fn new(policy: &'a FloatPolicy, deviation: f32, seed: u64) -> Self {
        let rng = generator(seed, Stream::Rule);
        Self { policy, deviation, rng, loss: 0.0, decision: None }
    }

    fn alpha(&self, decision: &Transition) -> f32 {
        let [low, high] = self.policy.limits;
        decision.action.clamp(low, high)
    }
}

impl StepRule for Agent<'_> {
    fn rate<B: Block>(&mut self, at: &Situation<'_>, _: &mut B, _: &mut Rng) -> f32 {
        let decision = self.decision.unwrap_or_else(|| {
            let mut observed = [0.0; tinynmf_core::observe::OBSERVATIONS];
            let log = |x: f32| libm::logf(x.clamp(f32::MIN_POSITIVE, f32::MAX));
            observed[0] = log(self.loss);
            observed[1] = at.progress.epoch as f32 / at.progress.horizon.max(1) as f32;
            observed[2] = 0.5 * log(at.slope.norm_squared);
            Transition::draw(self.policy, self.deviation, observed, normal(&mut self.rng))
        });
        self.decision = Some(decision);
        // Core takes 1/L for a rate of 0; the smallest number moves nothing.
        self.alpha(&decision).max(f32::MIN_POSITIVE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::Family;
    use crate::train::mode::Mode;
    use crate::train::normaliser::Normaliser;

    /// An environment and a policy that always does `alpha`.
    fn constant(
        alpha: f32,
        change: impl Fn(&mut Paper, &mut Problem),
    ) -> (Environment, FloatPolicy) {
        let mut problem = Family { noise: [0.0; 2], ..Family::default() }.problem(3);
        problem.settings.horizon = 40;
        let mut paper = Paper::default();
        change(&mut paper, &mut problem);
        let mut network = Mode::Paper.first_policy(&[4], &mut generator(0, Stream::Start));
        network.parameters_mut().fill(0.0);
        *network.parameters_mut().last_mut().unwrap() = alpha;
        let scale = Normaliser::default().scale();
        let limits = Mode::Paper.interface().limits;
        (Environment::new(problem, paper), FloatPolicy { network, scale, limits })
    }

    #[test]
    fn a_step_of_zero_changes_nothing_until_the_horizon() {
        let (environment, policy) = constant(0.0, |paper, _| paper.threshold = 0.0);
        let history = environment.history(&policy, 45);
        assert_eq!(history.resets, [39]);
        assert!(history.losses[..40].windows(2).all(|w| w[0].to_bits() == w[1].to_bits()));
        let episode = environment.play(&policy, 0.0, 1);
        assert_eq!(episode.len(), 40);
        let rewards: f32 = episode.iter().map(|t| t.reward).sum();
        let waiting: f32 = (0..40).map(|t| 0.01 * t as f32 / 40.0).sum();
        assert!((rewards - waiting).abs() < 1e-5, "{rewards}");
    }

    #[test]
    fn a_divergence_ends_the_episode_with_the_high_loss() {
        let (environment, policy) = constant(1.0, |_, _| ());
        let episode = environment.play(&policy, 0.0, 1);
        let end = episode.last().unwrap();
        assert!(episode.len() < 40 && end.reward < -5.0 && end.reward >= -10.0, "{end:?}");
        let history = environment.history(&policy, 12);
        let first = environment.course(&mut environment.memory(0)).first;
        assert!((history.losses[history.resets[0]] - 10.0 * first).abs() < 1e-2 * first);
        assert_eq!((history.losses.len(), history.alphas.len()), (12, 12));
        assert!(history.alphas.iter().all(|alpha| alpha.to_bits() == 1.0_f32.to_bits()));
    }

    #[test]
    fn a_loss_below_the_threshold_solves_the_problem() {
        let (environment, policy) = constant(2e-3, |paper, problem| {
            paper.threshold = 0.5 * problem.reference()[0];
        });
        let episode = environment.play(&policy, 0.0, 1);
        assert!((1..40).contains(&episode.len()), "{}", episode.len());
        let last = episode[episode.len() - 1].reward;
        let remaining = 1.0 - episode.len() as f32 / 40.0;
        assert!(last > remaining && last < remaining * 1.01 + 1.0, "{last}");
        assert!(episode.iter().all(|t| t.reward > 0.0));
    }

    #[test]
    fn one_decision_serves_both_half_steps() {
        let (environment, policy) = constant(1e-3, |_, _| ());
        let mut memory = environment.memory(0);
        let mut run = memory.run(environment.problem.data()).unwrap();
        let epoch = run.epoch(&mut Agent::new(&policy, 0.01, 5));
        assert_eq!(epoch.w.rate.to_bits(), epoch.h.rate.to_bits());
    }
}
