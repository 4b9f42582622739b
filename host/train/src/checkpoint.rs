//! Checkpoints: a training run in one file, written at once or not at all.

use std::path::Path;
use tinynmf::input;
use tinynmf::text::shown;

use serde::{Deserialize, Serialize};
use tinynmf::error::{Error, Result};
use tinynmf::output;

use super::config::Config;
use super::trainer::{State, Trainer};

/// The format's version; a file of another one is refused.
const VERSION: u32 = 2;

/// Fields of every version.
#[derive(Deserialize)]
struct Version {
    version: u32,
}

#[derive(Serialize, Deserialize)]
struct Checkpoint {
    version: u32,
    config: Config,
    state: State,
}

/// Writes a run's configuration and state as JSON, in which every float keeps its bits.
///
/// # Errors
///
/// If the file cannot be written; a training that has diverged, whose checkpoint nobody could go on from.
pub fn save(trainer: &Trainer, path: &Path) -> Result<()> {
    let (config, state) = (trainer.config().clone(), trainer.state().clone());
    if let Some(fault) = state.fault(&config) {
        let problem = format!("the training has diverged and is not saved: state.{fault}");
        let remedy = "go on from the last checkpoint with lower learning rates";
        return Err(Error::format(&shown(path), problem, remedy));
    }
    let checkpoint = Checkpoint { version: VERSION, config, state };
    output::write(path, |file| Ok(serde_json::to_writer(file, &checkpoint)?))
}

/// Reads what [`save`] wrote, and checks every field of it.
///
/// # Errors
///
/// If the file cannot be read; of [`parse`].
pub fn load(path: &Path) -> Result<(Config, State)> {
    parse(&shown(path), &input::read(path, input::CHECKPOINT)?)
}

/// The checkpoint in the bytes of a file; `name` is what errors call it.
///
/// # Errors
///
/// Bytes that are no checkpoint of this version, or a field that no training can have led to: the message names it.
pub fn parse(name: &str, bytes: &[u8]) -> Result<(Config, State)> {
    let refuse = |problem: String| {
        let remedy = "give a checkpoint.json that `tinynmf train` wrote";
        Error::format(name, problem, remedy)
    };
    let json = &mut serde_json::Deserializer::from_slice(bytes);
    let Version { version } = serde_json::from_slice(bytes)
        .map_err(|error| refuse(format!("not a checkpoint ({error})")))?;
    if version != VERSION {
        return Err(refuse(format!("a checkpoint of version {version} where {VERSION} is known")));
    }
    let Checkpoint { config, state, .. } = serde_path_to_error::deserialize(json)
        .map_err(|error| refuse(format!("{}: {}", error.path(), error.inner())))?;
    if let Some(fault) = config.fault() {
        return Err(refuse(format!("config: {fault}")));
    }
    match state.fault(&config) {
        Some(fault) => Err(refuse(format!("state.{fault}"))),
        None => Ok((config, state)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trainer::tests::all;

    #[test]
    fn a_resumed_run_ends_with_the_same_bits() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("checkpoint.json");
        for config in all() {
            let mut whole = Trainer::new(config.clone()).unwrap();
            let mut resumed = Trainer::new(config).unwrap();
            save(&resumed, &path).unwrap();
            while !whole.finished() {
                let (config, state) = load(&path).unwrap();
                resumed = Trainer::resume(config, state).unwrap();
                assert_eq!(whole.iterate(), resumed.iterate());
                save(&resumed, &path).unwrap();
            }
            assert_eq!(whole.state(), resumed.state());
        }
    }

    #[test]
    fn what_is_no_checkpoint_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("checkpoint.json");
        for text in ["", "{}", "not json"] {
            std::fs::write(&path, text).unwrap();
            assert!(load(&path).unwrap_err().to_string().contains("not a checkpoint"), "{text}");
        }
    }

    /// A checkpoint of a tiny run by PPO, with one part of its JSON replaced.
    fn refusal(change: impl Fn(&mut serde_json::Value)) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("checkpoint.json");
        let mut trainer = Trainer::new(all()[0].clone()).unwrap();
        trainer.iterate();
        save(&trainer, &path).unwrap();
        load(&path).unwrap();
        let mut json = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        change(&mut json);
        std::fs::write(&path, serde_json::to_vec(&json).unwrap()).unwrap();
        load(&path).unwrap_err().to_string()
    }

    #[test]
    fn every_field_is_checked_and_named() {
        use serde_json::{Value, json};
        let changes: [(&str, Value, &str); 18] = [
            ("/version", json!(1), "version 1"),
            ("/config/problems", json!(1_u64 << 40), "config: problems is 1099511627776"),
            ("/config/problems", json!("x"), "config.problems: invalid type"),
            ("/config/policy", json!([99]), "config: policy"),
            (
                "/config/algorithm",
                json!("es"),
                "state.learner.ppo: the configuration's algorithm is es",
            ),
            ("/state/iteration", json!(2), "state.curve has 1 points after 2 iterations"),
            ("/state/iteration", json!(9999), "state.iteration is 9999"),
            ("/state/curve", json!([]), "state.curve has 0 points"),
            ("/state/normaliser/count", json!(-1.0), "state.normaliser.count"),
            ("/state/normaliser/mean/0", json!(null), "state.normaliser.mean[0]"),
            ("/state/learner/ppo/policy/sizes", json!([]), "state.learner.ppo.policy: sizes []"),
            ("/state/learner/ppo/policy/sizes/0", json!(5), "policy: there are"),
            ("/state/learner/ppo/policy/sizes/0", json!(u64::MAX), "the sizes need more"),
            ("/state/learner/ppo/policy/parameters", json!([]), "policy: there are 0 parameters"),
            ("/state/learner/ppo/value/parameters/3", json!(1e39), "value"),
            (
                "/state/learner/ppo/optimisers/1/first",
                json!([]),
                "optimisers[1]: first has 0 numbers",
            ),
            ("/state/learner/ppo/optimisers/0/second/0", json!(-1.0), "optimisers[0]: second"),
            ("/state/learner/ppo/log_deviation", json!(null), "log_deviation"),
        ];
        for (place, value, words) in changes {
            let told = refusal(|json| *json.pointer_mut(place).unwrap() = value.clone());
            assert!(told.contains("checkpoint.json: ") && told.contains(words), "{place}: {told}");
        }
    }

    #[test]
    fn a_diverged_training_is_told_and_not_saved() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("checkpoint.json");
        let config = all()[0].clone();
        let mut state = State::new(&config);
        state.learner.network_mut().parameters_mut()[3] = f32::NAN;
        state.normaliser.observe(&[0.5; tinynmf_core::observe::OBSERVATIONS]);
        let trainer = Trainer::on(Vec::new(), config, state);
        let told = save(&trainer, &path).unwrap_err().to_string();
        assert!(told.contains("diverged") && told.contains("learner.ppo.policy: param"), "{told}");
        assert!(!path.exists());
    }
}
