//! A step rule with its name.

use tinynmf_core::{Error, Rule};

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
    /// The rule that asks the policy in `blob`, `learned` or `schedule`.
    ///
    /// # Errors
    ///
    /// A blob that is no policy.
    pub fn asking(blob: &'p [u8]) -> Result<Self, Error> {
        let rule = Rule::asking(blob)?;
        Ok(Self { name: rule.name(), checksum: rule.policy_checksum(), rule })
    }

    /// A rule without a policy.
    pub fn classic(name: &'static str, rule: impl Into<Rule<'p>>) -> Self {
        Self { name, checksum: 0, rule: rule.into() }
    }
}
