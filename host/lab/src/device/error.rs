//! Why a device gave no report.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// Why the device gave no report.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeviceError {
    /// The crate was not built in a checkout: the firmware's sources are not there.
    #[error("the device part needs a checkout of the repository: {0} does not exist")]
    NoCheckout(PathBuf),
    /// QEMU is not installed.
    #[error(
        "{program} was not found: install it (Debian's package is called {package}), or run tests/all"
    )]
    NoEmulator {
        /// QEMU's program.
        program: &'static str,
        /// Debian's package that holds it.
        package: &'static str,
    },
    /// No `core` library for the board's target.
    #[error("no Rust `core` for {0}: run `rustup target add {0}`, or tests/all, which finds one")]
    NoToolchain(&'static str),
    /// The image did not compile or link.
    #[error("the firmware image did not build:\n{0}")]
    Build(String),
    /// The image cannot be used.
    #[error("{0}")]
    Image(String),
    /// A program could not be started, or a file not be written.
    #[error("{what}: {source}")]
    Io {
        /// The attempt.
        what: &'static str,
        /// Why it failed.
        source: io::Error,
    },
    /// The image ran for too long and was stopped.
    #[error("the device did not finish within {}:\n{log}", seconds(.limit))]
    Timeout {
        /// The limit.
        limit: Duration,
        /// Its log until then.
        log: String,
    },
    /// The image refused its input, panicked or faulted.
    #[error("the device stopped ({status}):\n{log}")]
    Stopped {
        /// QEMU's exit status.
        status: std::process::ExitStatus,
        /// Its log until then.
        log: String,
    },
    /// The image's log cannot be read.
    #[error("the device's log cannot be decoded: {0}")]
    Log(String),
}

fn seconds(limit: &Duration) -> String {
    format!("{} s", limit.as_secs_f32())
}

/// Names what was tried.
pub(super) fn failed(what: &'static str) -> impl Fn(io::Error) -> DeviceError {
    move |source| DeviceError::Io { what, source }
}
