//! Policy files on disk.

use std::path::Path;

use tinynmf_core::observe::SCHEDULE_SET;
use tinynmf_core::policy::{PolicyError, SchedulePolicy};
use tinynmf_core::{Policy, Rule, Settings};

use crate::error::{Error, Result};
use crate::input;
use crate::text::shown;

/// The policies that rules ask.
#[derive(Debug, Clone)]
pub struct Asked<'p> {
    /// The one that `learned` asks.
    pub learned: Policy<'p>,
    /// The one that `schedule` asks; else the one that ships.
    pub schedule: Option<SchedulePolicy<'p>>,
}

impl<'p> From<&Policy<'p>> for Asked<'p> {
    fn from(learned: &Policy<'p>) -> Self {
        Self { learned: learned.clone(), schedule: None }
    }
}

impl From<&Self> for Asked<'_> {
    fn from(asked: &Self) -> Self {
        asked.clone()
    }
}

impl<'p> Asked<'p> {
    /// The rule that asks the policy which was given.
    #[must_use]
    pub fn rule(&self) -> Rule<'p> {
        match &self.schedule {
            Some(policy) => Rule::scheduled(policy.clone()),
            None => Rule::learned(self.learned.clone()),
        }
    }

    /// Refuses the policy that `path` gave where none of `rules` asks it.
    ///
    /// # Errors
    ///
    /// The rule that would ask it.
    pub fn check(&self, path: Option<&Path>, rules: &[Rule<'_>]) -> Result<()> {
        let asks = self.rule().name();
        match path {
            Some(path) if rules.iter().all(|rule| rule.name() != asks) => {
                let problem =
                    format!("no rule that is named asks this policy, which is for '{asks}'");
                let remedy = format!("name the rule '{asks}', or leave --policy out");
                Err(Error::format(&shown(path), problem, remedy))
            }
            _ => Ok(()),
        }
    }
}

/// The policy of gradient steps in the file at `path`, read into `blob`; without a path the one of those that ship which
/// suits mini-batches of a share of `batch`, or exact gradients where that is 1.
///
/// # Errors
///
/// A file that cannot be read, or that is not an intact policy of gradient steps.
pub fn read<'b>(path: Option<&Path>, batch: f32, blob: &'b mut Vec<u8>) -> Result<Policy<'b>> {
    let name = path.map_or("the shipped policy".into(), shown);
    Policy::from_bytes(bytes(path, batch, blob)?).map_err(|reason| refused(&name, reason))
}

/// The rule that asks the policy in the file at `path`, read into `blob`: `learned` or `schedule`, whichever the policy is
/// for. Without a path it is `learned`, with the policy of [`read`].
///
/// # Errors
///
/// A file that cannot be read or that is not an intact policy.
pub fn rule<'b>(path: Option<&Path>, batch: f32, blob: &'b mut Vec<u8>) -> Result<Rule<'b>> {
    let name = path.map_or("the shipped policy".into(), shown);
    Rule::asking(bytes(path, batch, blob)?).map_err(|reason| refused(&name, reason))
}

/// The policies that rules ask where the file at `path` takes the place of the one of its kind that ships.
///
/// # Errors
///
/// As [`rule`].
pub fn asked<'b>(path: Option<&Path>, batch: f32, blob: &'b mut Vec<u8>) -> Result<Asked<'b>> {
    let shipped = Settings { batch, ..Settings::default() }.shipped_policy();
    let learned = Policy::from_bytes(shipped).map_err(tinynmf_core::Error::from)?;
    Ok(match rule(path, batch, blob)? {
        Rule::Scheduled(rule) => Asked { learned, schedule: Some(rule.policy().clone()) },
        Rule::Learned(rule) => Asked { learned: rule.policy().clone(), schedule: None },
        _ => Asked { learned, schedule: None },
    })
}

fn bytes<'b>(path: Option<&Path>, batch: f32, blob: &'b mut Vec<u8>) -> Result<&'b [u8]> {
    Ok(match path {
        None => Settings { batch, ..Settings::default() }.shipped_policy(),
        Some(path) => {
            *blob = input::read(path, input::POLICY)?;
            blob
        }
    })
}

/// Why a file is not the policy that was asked for; one of the other kind is intact, and is told so.
fn refused(name: &str, reason: PolicyError) -> Error {
    match reason {
        PolicyError::Observations(SCHEDULE_SET) => {
            Error::format(name, "this is a policy of schedules", "name one of gradient steps")
        }
        reason => {
            let remedy = "copy it again, or make it with `tinynmf export`";
            Error::format(name, reason.to_string(), remedy)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule_name;
    use tinynmf_core::policy;

    #[test]
    fn a_file_is_asked_by_the_rule_that_it_is_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("copy.tnmf");
        for (blob, name, other) in
            [(policy::NOISY, "learned", "schedule"), (policy::SCHEDULE, "schedule", "learned")]
        {
            std::fs::write(&path, blob).unwrap();
            let (path, mut bytes) = (Some(&*path), Vec::new());
            let asked = asked(path, 1.0, &mut bytes).unwrap();
            let rules = rule_name::parse_list("all", &asked).unwrap();
            let named = |name: &str| rules.iter().find(|rule| rule.name() == name).unwrap();
            assert_eq!(asked.rule().name(), name);
            assert_eq!(asked.rule().policy_checksum(), policy::checksum(&blob[..blob.len() - 4]));
            assert_eq!(named(name).policy_checksum(), asked.rule().policy_checksum());
            asked.check(path, &rules).unwrap();
            let shipped = if other == "learned" { policy::SHIPPED } else { policy::SCHEDULE };
            let shipped = Rule::asking(shipped).unwrap().policy_checksum();
            assert_eq!(named(other).policy_checksum(), shipped);
            let others = [named(other).clone(), named("hals").clone()];
            let told = asked.check(path, &others).unwrap_err().to_string();
            assert!(told.contains(&format!("which is for '{name}'; name the rule")), "{told}");
            asked.check(None, &others).unwrap();
        }
        let told = read(Some(&path), 1.0, &mut Vec::new()).unwrap_err().to_string();
        assert!(
            told.ends_with("this is a policy of schedules; name one of gradient steps"),
            "{told}"
        );
    }

    #[test]
    fn reads_the_shipped_policy_and_its_copy() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("copy.tnmf");
        std::fs::write(&path, policy::SHIPPED).unwrap();
        let mut blob = Vec::new();
        assert_eq!(read(Some(&path), 1.0, &mut blob).unwrap().blob(), policy::SHIPPED);
        assert_eq!(read(None, 1.0, &mut blob).unwrap().blob(), policy::SHIPPED);
        assert_eq!(read(None, 0.1, &mut blob).unwrap().blob(), policy::BATCHES);
    }

    #[test]
    fn names_the_file_and_what_is_wrong() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("torn.tnmf");
        std::fs::write(&path, &policy::SHIPPED[..100]).unwrap();
        let refusal = read(Some(&path), 1.0, &mut Vec::new()).unwrap_err().to_string();
        assert!(refusal.contains("torn.tnmf") && refusal.contains("truncated"), "{refusal}");
        let missing =
            read(Some(Path::new("no.tnmf")), 1.0, &mut Vec::new()).unwrap_err().to_string();
        assert!(missing.contains("no.tnmf: cannot be read"), "{missing}");
    }
}
