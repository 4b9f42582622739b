//! Reads a configuration, and says what is wrong with one.

use std::path::Path;

use tinynmf::error::{Error, Result};
use tinynmf::text::shown;
use tinynmf::{input, rule_name};
use tinynmf_core::observe::NAMES;

use super::algorithm::Algorithm;
use super::config::Config;
use super::limits;
use super::mode::Mode;

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
        if self.imitate.as_ref().is_some_and(|name| rule_name::classical(name).is_err()) {
            return Some("imitate takes a classical rule, such as cosine(0.8)");
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
