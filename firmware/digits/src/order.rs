//! A step rule with its name.

use tinynmf_core::policy::SchedulePolicy;
use tinynmf_core::{Error, Policy, Rule};

/// A step rule, and what it is called in the report.
pub struct Order<'p> {
    /// As the host reads it.
    pub name: &'static str,
    /// The policy's CRC-32; 0 without a policy.
    pub checksum: u32,
    /// The rule.
    pub rule: Rule<'p>,
}

impl<'p> Order<'p> {
    /// The learned rule with the policy in `blob`.
    ///
    /// # Errors
    ///
    /// Of a blob that is no policy.
    pub fn learned(blob: &'p [u8]) -> Result<Self, Error> {
        let policy = Policy::from_bytes(blob)?;
        Ok(Self { name: "learned", checksum: policy.checksum(), rule: Rule::learned(policy) })
    }

    /// The rule `schedule` with the policy in `blob`.
    ///
    /// # Errors
    ///
    /// Of a blob that is no policy of schedules.
    pub fn scheduled(blob: &'p [u8]) -> Result<Self, Error> {
        let policy = SchedulePolicy::from_bytes(blob)?;
        Ok(Self { name: "schedule", checksum: policy.checksum(), rule: Rule::scheduled(policy) })
    }

    /// The rule that asks the policy in `blob`, whichever of the two it is made for.
    ///
    /// # Errors
    ///
    /// Of a blob that is no policy.
    pub fn asking(blob: &'p [u8]) -> Result<Self, Error> {
        Self::scheduled(blob).or_else(|_| Self::learned(blob))
    }

    /// A rule without a policy.
    pub fn classic(name: &'static str, rule: impl Into<Rule<'p>>) -> Self {
        Self { name, checksum: 0, rule: rule.into() }
    }
}
