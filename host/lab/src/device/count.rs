//! Instructions counted under QEMU, by the plugin in `firmware/counts`.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde::Deserialize;

use super::elf::flash;
use super::emulate::COSTS;
use super::error::failed;
use super::{Board, DeviceError, Image, MPS2_AN386, log};

const PLUGIN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../firmware/counts/counter.c");

/// Cost of a piece of core's work on a device.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Cost {
    /// The work and its shape.
    pub what: String,
    /// Multiply-adds, or 1.
    pub per: u64,
    /// Instructions executed, or bytes taken.
    #[serde(default)]
    pub count: u64,
}

impl Image {
    /// Cost of each piece of core on the device in instructions: the same on every machine. The
    /// Cortex-M4F also tells the flash that a factorisation takes.
    ///
    /// # Errors
    ///
    /// As [`Image::run`]; [`DeviceError::Build`] where the plugin does not compile.
    pub fn costs(&self, limit: Duration) -> Result<Vec<Cost>, DeviceError> {
        let folder = tempfile::tempdir().map_err(failed("no temporary folder"))?;
        let Counted { log, counts } =
            self.counted(COSTS, folder.path(), Unit::Instructions, limit)?;
        let mut costs: Vec<Cost> = log::records(&log, "cost")?;
        // The first pair of marks has no piece of work.
        if counts.len() + 1 != costs.len() {
            let (marks, names) = (counts.len() + 1, costs.len());
            return Err(DeviceError::Log(format!("{marks} counts for {names} pieces of work")));
        }
        costs.remove(0);
        for (cost, count) in costs.iter_mut().zip(counts) {
            cost.count = count;
        }
        costs.extend(log::records::<Cost>(&log, "bytes")?);
        if self.board == MPS2_AN386 {
            costs.extend(flash(self.board.target)?);
        }
        Ok(costs)
    }

    /// Runs the command `word` in `folder`, whose files it may read, and counts what lies between its marks.
    ///
    /// # Errors
    ///
    /// As [`Image::costs`].
    pub fn counted(
        &self,
        word: &str,
        folder: &Path,
        unit: Unit,
        limit: Duration,
    ) -> Result<Counted, DeviceError> {
        let own = tempfile::tempdir().map_err(failed("no temporary folder"))?;
        let plugin = build_plugin(&self.board, own.path())? + unit.option();
        let counts = own.path().join("counts");
        let options = ["-plugin", &plugin, "-d", "plugin", "-D", &counts.display().to_string()];
        let log = self.execute(word, folder, &options, limit)?;
        let counts = fs::read_to_string(counts).map_err(failed("QEMU wrote no counts"))?;
        let mut counts = counts.lines().filter_map(|line| line.parse::<u64>().ok());
        // The first pair of marks has nothing in between: what it counts is counting itself.
        let marks = counts.next().ok_or_else(|| DeviceError::Log("it has no counts".into()))?;
        Ok(Counted { log, counts: counts.map(|count| count.saturating_sub(marks)).collect() })
    }
}

/// Unit of a count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Instructions, whatever they take.
    Instructions,
    /// Cycles of a Cortex-M4, an upper estimate by Arm's tables.
    Cycles,
}

impl Unit {
    /// How the plugin is told.
    fn option(self) -> &'static str {
        match self {
            Self::Instructions => "",
            Self::Cycles => ",cycles=on",
        }
    }
}

/// A run that was counted.
#[derive(Debug, Clone)]
pub struct Counted {
    /// Its log, line by line.
    pub log: Vec<String>,
    /// Counts between each pair of marks but the first.
    pub counts: Vec<u64>,
}

/// Compiles the plugin into `folder` with the system's C compiler.
fn build_plugin(board: &Board, folder: &Path) -> Result<String, DeviceError> {
    let version = Command::new(board.emulator).arg("--version").output();
    let version = version.map_err(|_| board.no_emulator())?.stdout;
    let version = String::from_utf8_lossy(&version);
    let major = version.split(' ').nth(3).and_then(|word| word.split('.').next()?.parse().ok());
    let api = if major.is_some_and(|major: u32| major < 9) { 1 } else { 2 };
    let plugin = folder.join("counter.so").display().to_string();
    let output = Command::new("cc")
        .args(["-shared", "-fPIC", "-O2", &format!("-DPLUGIN_API={api}"), "-o", &plugin, PLUGIN])
        .output()
        .map_err(failed("no C compiler `cc`; install gcc, or run tests/all"))?;
    if output.status.success() {
        Ok(plugin)
    } else {
        Err(DeviceError::Build(String::from_utf8_lossy(&output.stderr).into_owned()))
    }
}
