//! The host's readers.
#![expect(
    clippy::missing_panics_doc,
    reason = "each panics where a promise is broken, as the folder says"
)]

use tinynmf::error::Result;
use tinynmf::matrix::{Choice, Input, ReadOptions};
#[cfg(feature = "once")]
use tinynmf_lab::device::Formats;
use tinynmf_train::quantise::quantise;
use tinynmf_train::{Config, checkpoint as stored, export};

/// Dense matrices from sparse ones have at most so many entries here.
const ENTRIES: usize = 1 << 20;

/// A matrix of any format, whose content tells which: entries, shape and names fit together, or one sentence says why not.
///
/// The first byte chooses how names are told from numbers; the rest is the file.
#[must_use]
pub fn matrix(bytes: &[u8]) -> bool {
    let (choices, content) = bytes.split_first().unwrap_or((&0, &[]));
    let choice = |number: u8| [Choice::Auto, Choice::Yes, Choice::No][usize::from(number % 3)];
    let (header, index) = (choice(choices % 3), choice(choices / 3));
    let options = ReadOptions { header, index, missing: choices / 9 % 2 == 1 };
    sound("v", Input::from_bytes("v", content, options))
}

/// Whether a matrix came out, whose entries, shape and names then fit together; else one sentence says why not.
#[must_use]
pub fn sound(name: &str, input: Result<Input>) -> bool {
    match input {
        Ok(Input::Dense(matrix)) => {
            let entries = matrix.entries();
            assert_eq!(entries.len(), matrix.rows() * matrix.cols());
            assert!(entries.iter().all(|entry| *entry >= 0.0 && entry.is_finite()));
            assert!(matrix.row_names().is_none_or(|names| names.len() == matrix.rows()));
            assert!(matrix.column_names().is_none_or(|names| names.len() == matrix.cols()));
            assert!(matrix.missing().is_sorted_by(|a, b| a < b));
            assert!(matrix.missing().iter().all(|at| entries[*at] == 0.0));
            assert!(matrix.report().starts_with("read "));
            true
        }
        Ok(Input::Sparse(matrix)) => {
            assert!(matrix.entries().values().iter().all(|it| *it > 0.0 && it.is_finite()));
            let _ = matrix.to_dense(ENTRIES);
            true
        }
        Err(error) => refused(name, &error.to_string()),
    }
}

/// A training's configuration in TOML.
#[must_use]
pub fn configuration(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    match Config::parse("v", text) {
        Ok(config) => {
            assert_eq!(config.fault(), None);
            true
        }
        Err(error) => refused("v", &error.to_string()),
    }
}

/// A training's checkpoint in JSON: what is accepted can be exported.
#[must_use]
pub fn checkpoint(bytes: &[u8]) -> bool {
    match stored::parse("v", bytes) {
        Ok((config, state)) => {
            let _ = quantise(&state.policy(&config));
            true
        }
        Err(error) => refused("v", &error.to_string()),
    }
}

/// Float weights: what is accepted can be quantised, and is written as it was read.
#[must_use]
pub fn safetensors(bytes: &[u8]) -> bool {
    match export::from_safetensors(bytes) {
        Ok(policy) => {
            let _ = quantise(&policy);
            let again = export::from_safetensors(&export::safetensors(&policy));
            assert!(again.is_ok(), "what was read is not written");
            true
        }
        Err(reason) => {
            assert!(!reason.is_empty());
            false
        }
    }
}

/// An image with a device's log texts; its own bytes stand for the log.
#[cfg(feature = "once")]
#[must_use]
pub fn elf(bytes: &[u8]) -> bool {
    match Formats::parse(bytes) {
        Ok(formats) => {
            let _ = formats.follow(&mut &*bytes, |_| ());
            true
        }
        Err(error) => {
            assert!(!error.to_string().is_empty());
            false
        }
    }
}

/// One sentence on one line that begins with the file's name.
fn refused(name: &str, sentence: &str) -> bool {
    assert!(sentence.starts_with(name) && !sentence.contains('\n'), "{sentence:?}");
    false
}
