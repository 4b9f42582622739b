//! The environment of the paper (Subramanian, Ganapathiram & El Gamal, 2023), an experiment of the host.
//!
//! Where the paper leaves a choice open, this is what was chosen:
//!
//! - One decision an epoch: its α in [0, 1] serves the W half-step and the H half-step, as the paper's
//!   agent picks one learning rate an iteration; `balanced` starts give both bounds of one size.
//! - Observations: ln F at the beginning of the epoch (of the whole V, or as `sample` says), t/T, and ln‖G‖ of the W half-step
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
//! far below 1, a `unit` near the bound (or a `log_deviation` near its logarithm) saves the agent from having
//! to find that out by diverging.

use serde::{Deserialize, Serialize};
use tinynmf::descent::Workload;
use tinynmf::family::Problem;
use tinynmf_core::random::{self, Stream, generator};

mod game;
mod play;

pub use game::{Decide, Game};

/// Loss, epoch, gradient norm.
pub const OBSERVATIONS: usize = 3;

/// Names of the observations, in order.
pub const NAMES: [&str; OBSERVATIONS] = ["log(F)", "t/T", "log|G_W|"];

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
    /// The α that an action of 1 stands for. The network's weights, and Adam's steps, are of the size of 1:
    /// where the bound is far below 1, a unit near it keeps one step of learning from crossing all of it.
    pub unit: f32,
    /// Whether starts are balanced: a tall V then has bounds of one size for both factors.
    pub balanced: bool,
    /// The share of rows, the first ones, that F is measured on; 1 is all. For problems whose rows are
    /// alike and so many that measuring F on all of them takes longer than an epoch.
    pub sample: f32,
}

impl Default for Paper {
    fn default() -> Self {
        Self {
            decrease: 1.0,
            remaining: 0.01,
            solved: 1.0,
            threshold: 10.0,
            high: 10.0,
            unit: 1.0,
            balanced: false,
            sample: 1.0,
        }
    }
}

impl Paper {
    /// The first value that is out of range.
    #[must_use]
    pub fn fault(&self) -> Option<&'static str> {
        let weights = [self.decrease, self.remaining, self.solved, self.threshold];
        if weights.iter().any(|x| !(0.0..1e6).contains(x)) {
            return Some("decrease, remaining, solved and threshold must be at least 0");
        }
        if !(self.unit > 0.0 && self.unit <= 1.0) {
            return Some("unit must be above 0 and at most 1");
        }
        if !(self.sample > 0.0 && self.sample <= 1.0) {
            return Some("sample must be above 0 and at most 1");
        }
        (!(self.high > 1.0 && self.high < 1e6)).then_some("high must be above 1")
    }
}

/// A problem and what its solution is worth.
#[derive(Debug, Clone)]
pub struct Environment {
    work: Workload,
    paper: Paper,
}

/// An agent's run on a problem, epoch by epoch.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct History {
    /// The loss after every epoch; `high`·F₀ for a divergence.
    pub losses: Vec<f32>,
    /// α of every epoch.
    pub alphas: Vec<f32>,
    /// 2/L of every epoch, of the W half-step and of the H half-step.
    pub bounds: Vec<[f32; 2]>,
    /// The epochs, counted from 0, after which the problem restarted.
    pub resets: Vec<usize>,
}

impl Environment {
    /// Joins the two.
    #[must_use]
    pub fn new(work: Workload, paper: Paper) -> Self {
        Self { work, paper }
    }

    /// The problem.
    #[must_use]
    pub fn problem(&self) -> &Problem {
        self.work.problem()
    }
}

/// W₀ and H₀ as core draws them, |N(0, 1)| times a size that makes WH as large as V; `balanced` with sizes
/// such that HHᵀ and WᵀW are alike, which makes one α suit both half-steps of a tall V.
#[must_use]
pub fn first_factors(problem: &Problem, seed: u64, balanced: bool) -> [Vec<f32>; 2] {
    let Problem { rows, columns, rank, .. } = *problem;
    let (mut rng, mean) = (generator(seed, Stream::Start), problem.data().mean());
    let tilt = if balanced { (columns as f32 / rows as f32).sqrt() } else { 1.0 };
    [(rows, mean * tilt), (columns, mean / tilt)].map(|(len, mean)| {
        let mut factor = vec![0.0; len * rank];
        random::start(&mut factor, mean, rank, &mut rng);
        factor
    })
}

#[cfg(test)]
mod tests {
    use super::play::Agent;
    use super::*;
    use crate::float_policy::FloatPolicy;
    use crate::mode::Mode;
    use crate::normaliser::Normaliser;
    use tinynmf::family::Family;

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
        (Environment::new(Workload::core(problem), paper), FloatPolicy { network, scale, limits })
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
        let first = environment.begin().loss();
        assert!((history.losses[history.resets[0]] - 10.0 * first).abs() < 1e-2 * first);
        assert_eq!(
            (history.losses.len(), history.alphas.len(), history.bounds.len()),
            (12, 12, 12)
        );
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
        let mut game = environment.begin();
        let mut agent = Agent::new(&policy, 1e-4, 5);
        game.epoch(&mut agent);
        let alpha = agent.decision.unwrap().action[0];
        assert_eq!(game.rates().map(f32::to_bits), [alpha.to_bits(); 2]);
    }

    #[test]
    fn an_episode_from_outside_is_the_trainers() {
        for (alpha, batch) in [(2e-3, 1.0), (2e-3, 0.3), (1.0, 1.0)] {
            let (environment, policy) = constant(alpha, |_, problem| {
                problem.settings.batch = batch;
                problem.settings.horizon = 12;
            });
            let mut game = environment.begin();
            game.look();
            for transition in environment.play(&policy, 0.0, 1) {
                let seen = game.seen().unwrap().map(f32::to_bits);
                assert_eq!(seen, [0, 1, 2].map(|k| transition.observed[k].to_bits()));
                assert_eq!(game.decide(alpha).to_bits(), transition.reward.to_bits());
            }
            assert!(game.over() && game.seen().is_none());
        }
    }

    #[test]
    fn a_balanced_start_has_one_bound_for_both_factors() {
        let family = Family { rows: [400; 2], columns: [40; 2], ..Family::default() };
        let work = Workload::core(family.problem(2));
        let policy = constant(0.0, |_, _| ()).1;
        let paper = Paper { balanced: true, ..Paper::default() };
        let history = Environment::new(work, paper).history(&policy, 1);
        let [w, h] = history.bounds[0];
        assert!((w / h).ln().abs() < 0.3, "{w} {h}");
    }

    #[test]
    fn gemm_plays_the_same_episodes_and_a_sample_of_rows_tells_their_losses() {
        let family = Family { rows: [240; 2], columns: [60; 2], ..Family::default() };
        let problem = family.problem(4);
        let policy = constant(2e-3, |_, _| ()).1;
        let play = |work: Workload, sample: f32| {
            let paper = Paper { sample, ..Paper::default() };
            Environment::new(work, paper).history(&policy, 20).losses
        };
        let core = play(Workload::core(problem.clone()), 1.0);
        let gemm = play(Workload::gemm(problem.clone()), 1.0);
        let some = play(Workload::core(problem), 0.5);
        for ((core, gemm), some) in core.iter().zip(&gemm).zip(&some) {
            assert!((gemm / core - 1.0).abs() < 1e-3, "{gemm} {core}");
            assert!((some / core - 1.0).abs() < 0.3, "{some} {core}");
        }
        assert_ne!(core, some);
    }
}
