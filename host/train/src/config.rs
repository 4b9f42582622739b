//! Configuration of a training run, as TOML.

use serde::{Deserialize, Serialize};
use tinynmf::error::Result;
use tinynmf::family::Family;

use super::algorithm::{Algorithm, Learning};
use super::episode::{self, Reward};
use super::es::Es;
use super::mode::{Mode, Networks, Play};
use super::paper::Paper;
use super::ppo::Ppo;
use super::schedule::Schedule;
use super::source::{Given, Source};
use super::validation::Validation;

/// A training run; every field may be left out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Seed of everything random.
    pub seed: u64,
    /// How the policy learns.
    pub algorithm: Algorithm,
    /// The environment it learns in.
    pub mode: Mode,
    /// Rounds of episodes and update.
    pub iterations: u32,
    /// Episodes in an iteration.
    pub episodes: usize,
    /// Decisions in an iteration of PPO at least: as many more episodes are played.
    pub decisions: usize,
    /// Problems that episodes are played on; each is drawn once.
    pub problems: usize,
    /// Hidden units of the policy, layer by layer.
    pub policy: Vec<usize>,
    /// Hidden units of the value network.
    pub value: Vec<usize>,
    /// The log of the actions' first standard deviation.
    pub log_deviation: f32,
    /// Mode scale-free follows the gap down to this; with exact gradients it is solved there.
    pub gap_floor: f32,
    /// Mode scale-free: when a policy is paid.
    pub reward: Reward,
    /// Mode scale-free: the correlation of the exploration's noise from one half-step to the next
    /// (Eberhard et al. 2023). What a schedule does to the end of a run shows only if it is kept up.
    pub persistence: f32,
    /// Mode scale-free, exact gradients: pays H's decision for W's half-step where that had nothing to decide, as trainings
    /// once did by mistake. The policies that ship were trained so, and are remade byte for byte.
    pub mispaid: bool,
    /// A classical rule of gradient steps, such as `cosine(0.8)`, that the first policy imitates; else bound(0.95).
    pub imitate: Option<String>,
    /// Mode scale-free: names of observations that the networks do not get to see.
    pub without: Vec<String>,
    /// The update of PPO; ES shares its discount.
    pub ppo: Ppo,
    /// The search of ES.
    pub es: Es,
    /// The rewards of mode paper.
    pub paper: Paper,
    /// The problems and rewards of mode schedule.
    pub schedule: Schedule,
    /// Mode schedule: what is measured on problems held out.
    pub validation: Validation,
    /// The problems.
    pub family: Family,
    /// A matrix to cut problems out of, instead of the family's.
    pub matrix: Option<Given>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            seed: 0,
            algorithm: Algorithm::default(),
            mode: Mode::default(),
            iterations: 300,
            episodes: 64,
            decisions: 0,
            problems: 1024,
            policy: vec![24, 24],
            value: vec![32, 32],
            log_deviation: -0.5,
            gap_floor: 1e-3,
            reward: Reward::default(),
            persistence: 0.0,
            mispaid: false,
            imitate: None,
            without: Vec::new(),
            ppo: Ppo::default(),
            es: Es::default(),
            paper: Paper::default(),
            schedule: Schedule::default(),
            validation: Validation::default(),
            family: Family::default(),
            matrix: None,
        }
    }
}

impl Config {
    /// Shape and start of the networks.
    #[must_use]
    pub fn networks(&self) -> Networks<'_> {
        let Self { seed, mode, policy, value, log_deviation, .. } = self;
        Networks { seed: *seed, mode: *mode, policy, value, log_deviation: *log_deviation }
    }

    /// Start and options of a learner.
    #[must_use]
    pub fn learning(&self) -> Learning<'_> {
        let Self { algorithm, ppo, es, .. } = self;
        Learning { algorithm: *algorithm, networks: self.networks(), ppo, es }
    }

    /// How problems are played.
    #[must_use]
    pub fn play(&self) -> Play<'_> {
        let Self { mode, family, paper, schedule, .. } = self;
        let Self { gap_floor: floor, reward, persistence, mispaid, .. } = *self;
        let episode = episode::Options { floor, reward, persistence, mispaid };
        Play { mode: *mode, family, episode, paper, schedule }
    }

    /// The problems to draw; reads the matrix, if one is named, and remembers its fingerprint.
    ///
    /// # Errors
    ///
    /// The errors of [`Given::open`].
    pub fn source(&mut self) -> Result<Source> {
        if self.mode == Mode::Schedule {
            return Ok(Source::Structured(self.schedule.problems.clone()));
        }
        match &mut self.matrix {
            None => Ok(Source::Family(self.family.clone())),
            Some(given) => Ok(Source::Matrix(given.open(&self.family)?)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use tinynmf::matrix::ReadOptions;

    /// The first two cells of the page's rows that are about a field: its name and its default.
    fn rows() -> Vec<(String, String)> {
        let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/training.md");
        let page = std::fs::read_to_string(page).unwrap();
        let tables = page.split("\n\n").filter(|it| it.starts_with("| field |"));
        let rows = tables.flat_map(|table| table.lines().skip(2));
        let cells = |row: &str| {
            let mut cells = row.split('|').skip(1).map(|it| it.trim().trim_matches('`').to_owned());
            Some((cells.next()?, cells.next()?))
        };
        rows.filter_map(cells).collect()
    }

    /// The dotted names of what is in a value.
    fn names(prefix: &str, value: &serde_json::Value, found: &mut BTreeSet<String>) {
        match value {
            serde_json::Value::Object(fields) => fields.iter().for_each(|(name, value)| {
                let dot = if prefix.is_empty() { "" } else { "." };
                names(&format!("{prefix}{dot}{name}"), value, found);
            }),
            _ => _ = found.insert(prefix.to_owned()),
        }
    }

    #[test]
    fn the_page_has_every_field() {
        let options = ReadOptions::default();
        let matrix = Given { path: "v.npy".into(), ranks: vec![2], options, fingerprint: Some(1) };
        let config = Config { matrix: Some(matrix), ..Config::default() };
        let mut fields = BTreeSet::new();
        names("", &serde_json::to_value(config).unwrap(), &mut fields);
        let told: BTreeSet<String> = rows().into_iter().map(|(name, _)| name).collect();
        assert_eq!(told.len(), rows().len(), "each once");
        assert_eq!(told, fields);
    }

    #[test]
    fn the_page_has_the_defaults() {
        let told = rows()
            .into_iter()
            .filter(|(name, default)| !default.is_empty() && !name.starts_with("matrix."));
        let text: Vec<String> = told.map(|(name, it)| format!("{name} = {it}")).collect();
        assert!(text.len() > 50, "{text:?}");
        let config: Config = toml::from_str(&text.join("\n")).unwrap();
        assert_eq!(config, Config::default());
        // A missing row would leave a default as it is, but none is missing.
        let without = rows().into_iter().filter(|(_, default)| default.is_empty());
        let without: Vec<_> = without.map(|(name, _)| name).collect();
        assert_eq!(without, ["imitate", "matrix.path", "matrix.ranks", "matrix.fingerprint"]);
    }
}
