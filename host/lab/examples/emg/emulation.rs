//! A session on an emulated board: the device's outcome, and what a window costs it.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;
use tinynmf_emg::session::Outcome;
use tinynmf_lab::device::{Board, Counted, DeviceError, Image, Unit, records};

use crate::recording::Recording;

/// The recording's name in the folder that the device sees.
const FILE: &str = "emg.bin";

/// A session on a device.
#[derive(Debug, Clone)]
pub struct Emulated {
    /// The device's report.
    pub outcome: Outcome,
    /// Instructions for the samples of a hop, each time.
    pub hops: Vec<u64>,
    /// Instructions for a window, each time.
    pub windows: Vec<u64>,
}

/// Report of a device.
#[derive(Deserialize)]
struct Report {
    windows: u32,
    right: u32,
    features: u64,
    w: u64,
}

/// Builds the image for a board.
///
/// # Errors
///
/// As [`Board::build`].
pub fn image(board: &Board) -> Result<Image, DeviceError> {
    board.build_feature("emg")
}

/// Runs a session with the command `word`.
///
/// # Errors
///
/// Of an image that does not run to its end within `limit`, and of a log without a report.
pub fn run(
    image: &Image,
    word: &str,
    recording: &Recording,
    unit: Unit,
    limit: Duration,
) -> Result<Emulated, DeviceError> {
    let failed = |source| DeviceError::Io { what: "the recording cannot be handed over", source };
    let folder = tempfile::tempdir().map_err(failed)?;
    let file: PathBuf = folder.path().join(FILE);
    fs::write(file, recording.bytes()).map_err(failed)?;
    let Counted { log, counts } = image.counted(word, folder.path(), unit, limit)?;
    let report: Option<Report> = records(&log, "emg")?.pop();
    let Report { windows, right, features, w } =
        report.ok_or_else(|| DeviceError::Log("it has no report".into()))?;
    // The samples of the first hop complete no window.
    let (first, rest) = counts.split_at_checked(1).unwrap_or_default();
    let (pairs, _) = rest.as_chunks::<2>();
    if pairs.len() != windows as usize {
        let counts = counts.len();
        return Err(DeviceError::Log(format!("{counts} counts for {windows} windows")));
    }
    Ok(Emulated {
        outcome: Outcome { windows, right, features, w },
        hops: first.iter().copied().chain(pairs.iter().map(|[hop, _]| *hop)).collect(),
        windows: pairs.iter().map(|[_, window]| *window).collect(),
    })
}

/// Mean and largest of counts.
pub fn mean_and_largest(counts: &[u64]) -> [f64; 2] {
    let sum: u64 = counts.iter().sum();
    let largest = counts.iter().copied().max().unwrap_or(0);
    [sum as f64 / counts.len().max(1) as f64, largest as f64]
}
