//! The scale-free environment: one factorisation from its start to its horizon, every half-step one decision.
//!
//! A half-step that has nothing to decide, since the other factor is zero or no gradient is left, makes no transition.
//!
//! The gap is g = (F − F_ref)/(F₀ − F_ref), limited to [floor, 10]; the reward of a half-step is the
//! decrease of ln g. Discounted by γ this is, up to a constant, the discounted sum of −ln g: the time
//! that passes until each level of the gap, averaged over the levels, which is what users wait for.
//!
//! Where gradients are noisy, a smaller step lowers the gap at once, because less noise is added to it, and
//! pays for it much later: whoever is paid along the way anneals too early (the short-horizon bias of
//! Wu et al. 2018). [`Reward::End`] pays −ln g once, at the horizon.
//!
//! With exact gradients an episode ends as solved at the floor: what follows would earn nothing, and
//! the samples are better spent on the epochs that decide.

use serde::{Deserialize, Serialize};
use tinynmf::family::Problem;
use tinynmf_core::observe::OBSERVATIONS;
use tinynmf_core::policy::SCHEDULE_OUTPUTS;
use tinynmf_core::situation::Situation;

mod game;
mod play;

use super::float_policy::FloatPolicy;

pub use game::{Game, Seen};
pub(super) use play::Explorer;

/// Room for the value network's inputs: the observations, and the gap that only training knows.
pub const VALUE_INPUTS: usize = OBSERVATIONS + 1;

/// Room for the outputs of a policy.
pub const ACTIONS: usize = SCHEDULE_OUTPUTS;

/// `x` as the one action of a policy that has a single output.
#[must_use]
pub fn single(x: f32) -> [f32; ACTIONS] {
    let mut actions = [0.0; ACTIONS];
    actions[0] = x;
    actions
}

/// When a policy is paid.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reward {
    /// Every half-step, the decrease of ln g: for the time that passes
    #[default]
    Decrease,
    /// At the end, −ln g: for what is reached
    End,
}

/// A gap above this is a divergence; it is not followed further up.
const GAP_CEILING: f32 = 10.0;

/// One decision and what came of it.
///
/// The arrays have room for the larger mode; networks read as many from the front as they have inputs.
#[derive(Debug, Clone, Copy)]
pub struct Transition {
    /// The observations as they were made.
    pub observed: [f32; OBSERVATIONS],
    /// The value network's inputs; the first ones are the policy network's.
    pub input: [f32; VALUE_INPUTS],
    /// The action as drawn, before its limits; of an output that there is not, noise.
    pub action: [f32; ACTIONS],
    /// ((action − mean)/deviation).
    pub noise: [f32; ACTIONS],
    /// Its reward.
    pub reward: f32,
}

impl Transition {
    /// The policy's action plus deviation·noise; its reward is yet to come.
    #[must_use]
    pub fn draw(
        policy: &FloatPolicy,
        deviation: f32,
        observed: [f32; OBSERVATIONS],
        noise: [f32; ACTIONS],
    ) -> Self {
        let normalised = policy.scale.normalise(&observed);
        let seen = &normalised[..policy.network.sizes()[0]];
        let mean: [f32; ACTIONS] = policy.network.answer(seen);
        let action = std::array::from_fn(|o| mean[o] + deviation * noise[o]);
        let mut input = [0.0; VALUE_INPUTS];
        input[..OBSERVATIONS].copy_from_slice(&normalised);
        Self { observed, input, action, noise, reward: 0.0 }
    }

    /// Shows ln g to the value network.
    pub(super) fn see_gap(&mut self, log_gap: f32) {
        self.input[OBSERVATIONS] = 0.5 * log_gap;
    }
}

/// When a policy is paid, and how it explores.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Options {
    /// The gap is followed down to this; with exact gradients it is solved there.
    pub floor: f32,
    /// Reward of a half-step.
    pub reward: Reward,
    /// The correlation of the exploration's noise from one half-step to the next.
    pub persistence: f32,
    /// Whether H's decision is paid for W's half-step where that had nothing to decide, see [`crate::Config`].
    pub mispaid: bool,
}

/// A problem with the losses that its gap is measured by.
#[derive(Debug, Clone)]
pub struct Environment {
    /// The problem.
    pub problem: Problem,
    first: f32,
    reference: f32,
    options: Options,
}

impl Environment {
    /// Measures the problem's reference loss.
    #[must_use]
    pub fn new(problem: Problem, options: Options) -> Self {
        let [first, reference] = problem.reference();
        Self { problem, first, reference, options }
    }

    fn log_gap(&self, loss: f32) -> f32 {
        log_gap(loss, [self.first, self.reference], self.options.floor)
    }
}

/// ln g of a loss, for the losses at g = 1 and g = 0; within the floor and the ceiling.
#[must_use]
pub(super) fn log_gap(loss: f32, [first, reference]: [f32; 2], floor: f32) -> f32 {
    let gap = (loss - reference) / (first - reference);
    // A NaN is a divergence.
    let gap = if gap < GAP_CEILING { gap.max(floor) } else { GAP_CEILING };
    libm::logf(gap)
}

/// α of a log(αL) within its limits.
fn rate(log_rate: f32, [low, high]: [f32; 2], at: &Situation<'_>) -> f32 {
    libm::expf(log_rate.clamp(low, high)) * at.safe_rate()
}
