//! The policy before quantisation: normaliser, network, limits of the action.

use serde::{Deserialize, Serialize};
use tinynmf_core::Subproblem;
use tinynmf_core::observe::{OBSERVATIONS, SCHEDULE_OBSERVATIONS, observe};
use tinynmf_core::policy::SCHEDULE_OUTPUTS;
use tinynmf_core::random::Rng;
use tinynmf_core::rule::{StepRule, guarded};
use tinynmf_core::situation::Situation;

use super::network::Network;
use super::normaliser::Scale;

/// Range of log(αL): from a hundredth of 1/L to sixty times it, well past the bound at 2. With a
/// limit of ten, trained policies reached it at every third step.
pub const LIMITS: [f32; 2] = [-4.605, 4.095];

/// log(αL), or what a schedule is told, = network(normalised observations), within the limits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FloatPolicy {
    /// observations → hidden → outputs.
    pub network: Network,
    /// Offset and gain of every observation.
    pub scale: Scale,
    /// Limits of log(αL).
    pub limits: [f32; 2],
}

impl FloatPolicy {
    /// log(αL).
    #[must_use]
    pub fn log_rate(&self, observations: &[f32; OBSERVATIONS]) -> f32 {
        let [low, high] = self.limits;
        self.network.evaluate(&self.scale.normalise(observations)).clamp(low, high)
    }

    /// The outputs of a policy of schedules.
    #[must_use]
    pub fn outputs(&self, observations: &[f32; SCHEDULE_OBSERVATIONS]) -> [f32; SCHEDULE_OUTPUTS] {
        let [low, high] = self.limits;
        self.network.answer(&self.scale.normalise(observations)).map(|y: f32| y.clamp(low, high))
    }
}

impl StepRule for FloatPolicy {
    fn rate<B: Subproblem>(&mut self, at: &Situation<'_>, block: &mut B, _: &mut Rng) -> f32 {
        guarded(self.log_rate(&observe(at)), at, block).unwrap_or(at.safe_rate())
    }
}
