//! Checkpoints: a training run in one file, written at once or not at all.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::config::Config;
use super::trainer::{State, Trainer};
use crate::error::{Error, Result};
use crate::output;

/// The format's version; a file of another one is refused.
const VERSION: u32 = 2;

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
/// If the file cannot be written.
pub fn save(trainer: &Trainer, path: &Path) -> Result<()> {
    let (config, state) = (trainer.config().clone(), trainer.state().clone());
    let checkpoint = Checkpoint { version: VERSION, config, state };
    output::write(path, |file| Ok(serde_json::to_writer(file, &checkpoint)?))
}

/// Reads what [`save`] wrote.
///
/// # Errors
///
/// If the file cannot be read or is no checkpoint of this version.
pub fn load(path: &Path) -> Result<(Config, State)> {
    let text = std::fs::read(path).map_err(|source| Error::read(path, source))?;
    let refuse = |problem: String| {
        Error::format(
            &path.display().to_string(),
            problem,
            "give a checkpoint.json that `tinynmf train` wrote",
        )
    };
    let checkpoint: Checkpoint = serde_json::from_slice(&text)
        .map_err(|error| refuse(format!("not a checkpoint ({error})")))?;
    if checkpoint.version != VERSION {
        return Err(refuse(format!("a checkpoint of version {}", checkpoint.version)));
    }
    if let Some(fault) = checkpoint.config.fault() {
        return Err(refuse(format!("its configuration is wrong: {fault}")));
    }
    Ok((checkpoint.config, checkpoint.state))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::trainer::tests::all;

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
        for text in ["", "{}", "not json", "{\"version\":1}"] {
            std::fs::write(&path, text).unwrap();
            assert!(load(&path).unwrap_err().to_string().contains("not a checkpoint"), "{text}");
        }
    }
}
