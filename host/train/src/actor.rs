//! Who plays an episode.

use tinynmf_core::Policy;
use tinynmf_core::policy::SchedulePolicy;

use super::float_policy::FloatPolicy;
use crate::quantise::quantise;

/// A policy that acts: with noise that explores, or as the int8 policy that it would ship as.
#[derive(Debug, Clone)]
pub struct Actor {
    /// The policy.
    pub policy: FloatPolicy,
    /// The standard deviation of the noise on its actions.
    pub deviation: f32,
    blob: Option<Vec<u8>>,
}

impl Actor {
    /// Draws its actions from N(policy, deviation²).
    #[must_use]
    pub fn exploring(policy: FloatPolicy, deviation: f32) -> Self {
        Self { policy, deviation, blob: None }
    }

    /// Acts as the int8 policy does, so that training feels the rounding (quantisation-aware training, Jacob et al.
    /// 2018; a search without derivatives needs nothing else).
    #[must_use]
    pub fn quantised(policy: FloatPolicy) -> Self {
        let blob = Some(quantise(&policy));
        Self { policy, deviation: 0.0, blob }
    }

    /// The int8 policy that acts, if one does.
    ///
    /// # Panics
    ///
    /// Never: what [`quantise`] makes is a policy.
    #[must_use]
    pub fn int8(&self) -> Option<Policy<'_>> {
        self.blob.as_deref().map(|blob| Policy::from_bytes(blob).expect("quantise makes policies"))
    }

    /// The int8 policy of schedules that acts, if one does.
    ///
    /// # Panics
    ///
    /// If the policy is one of gradient steps.
    #[must_use]
    pub fn schedule(&self) -> Option<SchedulePolicy<'_>> {
        let read = |blob| SchedulePolicy::from_bytes(blob).expect("a policy of schedules");
        self.blob.as_deref().map(read)
    }
}
