//! learned: α = exp(policy(observations))/L.

use super::StepRule;
use crate::block::Block;
use crate::half_step::Situation;
use crate::observe::observe;
use crate::policy::Policy;
use crate::random::Rng;

/// The step size that a frozen int8 policy chooses from the observations.
#[derive(Debug, Clone)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Learned<'p> {
    policy: Policy<'p>,
}

impl<'p> Learned<'p> {
    /// Asks `policy` at every half-step.
    #[must_use]
    pub fn new(policy: Policy<'p>) -> Self {
        Self { policy }
    }

    /// The policy.
    #[must_use]
    pub fn policy(&self) -> &Policy<'p> {
        &self.policy
    }
}

impl StepRule for Learned<'_> {
    fn rate<B: Block>(&mut self, at: &Situation<'_>, _: &mut B, _: &mut Rng) -> f32 {
        libm::expf(self.policy.log_rate(&observe(at))) * at.safe_rate()
    }
}
