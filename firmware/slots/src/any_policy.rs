//! A policy of either kind.

use tinynmf_core::observe::SCHEDULE_SET;
use tinynmf_core::policy::{PolicyError, SchedulePolicy};
use tinynmf_core::{Policy, Rule};

/// A validated policy, borrowed from its blob, which says what kind it is.
#[derive(Debug, Clone)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum AnyPolicy<'b> {
    /// Of gradient steps: `tinynmf_core::rule::Learned` asks it.
    Steps(Policy<'b>),
    /// Of samples and sweeps: `tinynmf_core::rule::Scheduled` asks it.
    Schedule(SchedulePolicy<'b>),
}

impl<'b> AnyPolicy<'b> {
    /// Reads a policy in place.
    ///
    /// # Errors
    ///
    /// [`PolicyError`] says which check failed, in the order of [`Policy::from_bytes`].
    pub fn from_bytes(blob: &'b [u8]) -> Result<Self, PolicyError> {
        match Policy::from_bytes(blob) {
            Err(PolicyError::Observations(SCHEDULE_SET)) => {
                SchedulePolicy::from_bytes(blob).map(Self::Schedule)
            }
            policy => policy.map(Self::Steps),
        }
    }

    /// The rule that asks it; every other rule is then linked in, too.
    #[must_use]
    pub fn into_rule(self) -> Rule<'b> {
        match self {
            Self::Steps(policy) => Rule::learned(policy),
            Self::Schedule(policy) => Rule::scheduled(policy),
        }
    }

    /// The blob.
    #[must_use]
    pub fn blob(&self) -> &'b [u8] {
        self.parts().blob()
    }

    /// The CRC-32 that the blob ends with.
    #[must_use]
    pub fn checksum(&self) -> u32 {
        self.parts().checksum()
    }

    /// What both kinds have.
    fn parts(&self) -> &Policy<'b> {
        match self {
            Self::Steps(policy) => policy,
            Self::Schedule(policy) => policy.parts(),
        }
    }
}
