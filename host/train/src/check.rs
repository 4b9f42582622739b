//! Reads a configuration, and says what is wrong with one.

use std::path::Path;

use serde::Serialize;
use tinynmf::error::{Error, Result};
use tinynmf::text::shown;
use tinynmf::{input, rule_name};
use tinynmf_core::Rule;
use tinynmf_core::observe::NAMES;

use super::algorithm::Algorithm;
use super::config::Config;
use super::limits;
use super::mode::Mode;

/// The fields that some modes leave aside, with the modes that do not. Two more would change what other modes train, and
/// are a [`Config::fault`] there: `imitate` and `without`.
const FIELDS_OF_MODES: [(&str, &[Mode]); 8] = [
    ("gap_floor", &[Mode::ScaleFree]),
    ("reward", &[Mode::ScaleFree]),
    ("persistence", &[Mode::ScaleFree]),
    ("mispaid", &[Mode::ScaleFree]),
    ("paper", &[Mode::Paper]),
    ("schedule", &[Mode::Schedule]),
    ("validation", &[Mode::Schedule]),
    ("family", &[Mode::ScaleFree, Mode::Paper]),
];

impl Config {
    /// Reads a TOML file.
    ///
    /// # Errors
    ///
    /// If it cannot be read; of [`Config::parse`].
    pub fn read(path: &Path) -> Result<Self> {
        Self::parse(&shown(path), &input::read_text(path, input::CONFIGURATION)?)
    }

    /// The configuration in the text of a TOML file; `name` is what errors call the file.
    ///
    /// # Errors
    ///
    /// If it is no TOML, has an unknown field, or a value outside its range.
    pub fn parse(name: &str, text: &str) -> Result<Self> {
        let fault = |problem: String| {
            Error::format(name, problem, "`tinynmf train --help` describes the file")
        };
        // A TOML error is several lines of picture; its message alone fits a sentence.
        let config: Self = toml::from_str(text).map_err(|error| {
            let line = error.span().map_or(1, |at| text[..at.start].matches('\n').count() + 1);
            fault(format!("line {line}: {}", error.message().replace('\n', " ")))
        })?;
        config.fault().map_or(Ok(config), |problem| Err(fault(problem)))
    }

    /// The first value that is out of range.
    #[must_use]
    pub fn fault(&self) -> Option<String> {
        limits::fault(self).or_else(|| self.odd_value().map(str::to_owned))
    }

    /// The first field that differs from its default and that trainings in the configuration's mode leave aside, with what
    /// is wrong.
    #[must_use]
    pub fn idle(&self) -> Option<String> {
        let (own, default) = (json(self), json(&Self::default()));
        let (field, modes) = FIELDS_OF_MODES
            .iter()
            .find(|(field, modes)| own[field] != default[field] && !modes.contains(&self.mode))?;
        let name = |mode: &Mode| json(mode).as_str().unwrap_or_default().to_owned();
        let modes: Vec<String> = modes.iter().map(name).collect();
        Some(format!("{field} is for mode {}, not {}", modes.join(" and "), name(&self.mode)))
    }

    /// The rule that the first policy imitates, if one is named.
    pub(super) fn teacher(&self) -> Option<Result<Rule<'static>>> {
        let teacher = |name: &String| match rule_name::classical(name)? {
            rule if rule.is_of_sweeps() => {
                let problem = "its half-steps sweep, and have no rate to imitate";
                let remedy = "name a rule of gradient steps, such as cosine(0.8)";
                Err(Error::argument(format!("imitate = \"{name}\""), problem, remedy))
            }
            rule => Ok(rule),
        };
        self.imitate.as_ref().map(teacher)
    }

    /// A value that makes no sense, counts apart.
    fn odd_value(&self) -> Option<&'static str> {
        if self.policy.len() >= tinynmf_core::policy::MAX_LAYERS
            || self.policy.iter().any(|u| *u == 0 || *u > tinynmf_core::policy::MAX_WIDTH)
        {
            return Some("policy needs at most 3 hidden layers of 1 to 64 units");
        }
        if !(-20.0..=5.0).contains(&self.log_deviation) {
            return Some("log_deviation must lie within -20 and 5");
        }
        if !(self.gap_floor > 0.0 && self.gap_floor < 1.0) {
            return Some("gap_floor must lie between 0 and 1");
        }
        if !(self.persistence >= 0.0 && self.persistence < 1.0) {
            return Some("persistence must lie within 0 and 1, 1 excluded");
        }
        if self.teacher().is_some_and(|rule| rule.is_err()) {
            return Some("imitate takes a classical rule of gradient steps, such as cosine(0.8)");
        }
        if self.imitate.is_some() && self.mode != Mode::ScaleFree {
            return Some("imitate is for mode scale-free");
        }
        if self.without.iter().any(|name| !NAMES.contains(&name.as_str())) {
            return Some("without takes names of observations, as `tinynmf inspect` lists them");
        }
        if !self.without.is_empty() && self.mode != Mode::ScaleFree {
            return Some("without is for mode scale-free");
        }
        let unit = |x: f32| (0.0..=1.0).contains(&x);
        if !unit(self.ppo.discount) || !unit(self.ppo.lambda) {
            return Some("discount and lambda must lie within 0 and 1");
        }
        let positive = [self.ppo.clip, self.ppo.max_norm, self.ppo.max_kl];
        if positive.iter().chain(&self.ppo.rates).any(|x| !(*x > 0.0 && *x < 1e6)) {
            return Some("clip, rates, max_norm and max_kl must be positive");
        }
        if !(-1e6..1e6).contains(&self.ppo.entropy) {
            return Some("entropy must be a number below 1e6");
        }
        if self.algorithm == Algorithm::Es {
            let (members, positive) = (2 * self.es.pairs, [self.es.deviation, self.es.rate]);
            if members == 0 || !self.episodes.is_multiple_of(members) {
                return Some("es needs episodes to be a multiple of 2 * pairs");
            }
            if positive.iter().any(|x| !(*x > 0.0 && *x < 1e6)) {
                return Some("deviation and rate of es must be positive");
            }
            if !unit(self.es.average) {
                return Some("average of es must lie within 0 and 1");
            }
        }
        if self.matrix.is_some() && self.mode == Mode::Schedule {
            return Some("mode schedule draws its own problems: leave matrix and --input out");
        }
        if self.matrix.as_ref().is_some_and(|given| given.ranks.is_empty()) {
            return Some("matrix needs at least one rank");
        }
        self.paper.fault().or_else(|| self.schedule.fault()).or_else(|| self.family.fault())
    }
}

fn json(value: &impl Serialize) -> serde_json::Value {
    serde_json::to_value(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(text: &str) -> Config {
        Config::parse("c.toml", text).unwrap()
    }

    #[test]
    fn a_field_that_the_mode_leaves_aside_is_found() {
        for (text, told) in [
            (
                "mode = 'schedule'\n[family]\nrows = [10, 20]",
                "family is for mode scale-free and paper",
            ),
            (
                "mode = 'schedule'\ngap_floor = 1e-4",
                "gap_floor is for mode scale-free, not schedule",
            ),
            ("mode = 'schedule'\nreward = 'end'", "reward is for mode scale-free, not schedule"),
            ("mode = 'schedule'\npersistence = 0.5", "persistence is for"),
            ("mode = 'schedule'\nmispaid = true", "mispaid is for"),
            ("mode = 'schedule'\n[paper]\nunit = 0.5", "paper is for mode paper, not schedule"),
            ("mode = 'paper'\nreward = 'end'", "reward is for mode scale-free, not paper"),
            ("[schedule]\nbudget = 5.0", "schedule is for mode schedule, not scale-free"),
            ("[validation]\nevery = 5", "validation is for mode schedule, not scale-free"),
        ] {
            let idle = config(text).idle().unwrap();
            assert!(idle.starts_with(told), "{text}: {idle}");
        }
        let same = "mode = 'schedule'\ngap_floor = 1e-3\n[schedule]\nbudget = 5.0";
        assert_eq!(config(same).idle(), None, "what says the default changes nothing");
    }

    #[test]
    fn no_shipped_configuration_has_an_idle_field() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../policies");
        let files = std::fs::read_dir(folder).unwrap().map(|it| it.unwrap().path());
        let files: Vec<_> =
            files.filter(|it| it.extension().is_some_and(|it| it == "toml")).collect();
        assert!(files.len() >= 6, "{files:?}");
        for path in files {
            assert_eq!(Config::read(&path).unwrap().idle(), None, "{path:?}");
        }
    }

    #[test]
    fn a_rule_of_sweeps_is_not_imitated() {
        for name in ["hals", "sweeps(1.5,2)", "growing", "widening", "schedule", "kosine"] {
            let told = Config::parse("c.toml", &format!("imitate = '{name}'")).unwrap_err();
            assert!(
                told.to_string().contains("imitate takes a classical rule of gradient"),
                "{told}"
            );
        }
        assert!(config("imitate = 'cosine(0.8)'").teacher().is_some_and(|it| it.is_ok()));
    }
}
