//! A policy that answers with a schedule: how much of V, which relaxations, when to stop.

use super::{Network, Policy, PolicyError};
use crate::observe::{SCHEDULE_OBSERVATIONS, SCHEDULE_SET};

/// Outputs of a policy of schedules; [`crate::rule::Scheduled`] says what each means.
pub const SCHEDULE_OUTPUTS: usize = 5;

/// A validated policy of schedules, borrowed from its blob.
#[derive(Debug, Clone)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct SchedulePolicy<'a>(Policy<'a>);

impl<'a> SchedulePolicy<'a> {
    /// Reads a policy of schedules in place.
    ///
    /// # Errors
    ///
    /// [`PolicyError`] says which check failed, in the order of [`Policy::from_bytes`].
    pub fn from_bytes(blob: &'a [u8]) -> Result<Self, PolicyError> {
        Policy::read(blob, SCHEDULE_SET, [SCHEDULE_OBSERVATIONS, SCHEDULE_OUTPUTS]).map(Self)
    }

    /// The outputs for the observations before a half-step, within the policy's limits.
    #[must_use]
    pub fn outputs(&self, observations: &[f32; SCHEDULE_OBSERVATIONS]) -> [f32; SCHEDULE_OUTPUTS] {
        self.0.outputs(observations)
    }

    /// The blob.
    #[must_use]
    pub fn blob(&self) -> &'a [u8] {
        self.0.blob()
    }

    /// The layers.
    #[must_use]
    pub fn network(&self) -> &Network<'a> {
        &self.0.network
    }

    /// The parts that a policy of gradient steps has, too: limits, normalisation, layers.
    #[must_use]
    pub fn parts(&self) -> &Policy<'a> {
        &self.0
    }

    /// The CRC-32 that the blob ends with.
    #[must_use]
    pub fn checksum(&self) -> u32 {
        self.0.checksum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{SCHEDULE, SHIPPED};

    #[test]
    fn a_policy_is_read_as_what_it_is_and_as_nothing_else() {
        let policy = SchedulePolicy::from_bytes(SCHEDULE).unwrap();
        assert_eq!(policy.blob().as_ptr(), SCHEDULE.as_ptr());
        assert!(SCHEDULE.len() <= 1536, "{} bytes", SCHEDULE.len());
        assert_eq!(SchedulePolicy::from_bytes(SHIPPED).unwrap_err(), PolicyError::Observations(1));
        assert_eq!(
            Policy::from_bytes(SCHEDULE).unwrap_err(),
            PolicyError::Observations(SCHEDULE_SET)
        );
    }

    #[test]
    fn answers_stay_within_the_limits() {
        let policy = SchedulePolicy::from_bytes(SCHEDULE).unwrap();
        let [low, high] = policy.0.limits();
        for x in [0.0, 1.0, -12.0, 12.0, f32::NAN, f32::INFINITY] {
            let outputs = policy.outputs(&[x; SCHEDULE_OBSERVATIONS]);
            assert!(outputs.iter().all(|y| (low..=high).contains(y)), "{outputs:?}");
        }
    }
}
