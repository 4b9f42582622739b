//! Builds an image with `firmware/cargo`, which knows where the target's `core` library comes from.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde::Deserialize;

use super::{Board, DeviceError, Image};

/// Exit code of `firmware/cargo` where nothing can build for the target.
const NO_TOOLCHAIN: i32 = 3;

/// A line of cargo's messages, as far as it matters here.
#[derive(Deserialize)]
struct Message {
    executable: Option<PathBuf>,
}

impl Board {
    /// Builds the image, if it is not up to date.
    ///
    /// # Errors
    ///
    /// [`DeviceError`] for a missing checkout, emulator or toolchain and for a failed build.
    pub fn build(&self) -> Result<Image, DeviceError> {
        let script = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../firmware/cargo"));
        if !script.exists() {
            return Err(DeviceError::NoCheckout(script.to_path_buf()));
        }
        if !self.is_emulated() {
            return Err(self.no_emulator());
        }
        let Output { status, stdout, stderr } = Command::new(script)
            .args([self.target, "build", "--quiet", "--release", "--package", self.name])
            .arg("--message-format=json-render-diagnostics")
            .output()
            .map_err(|source| DeviceError::Io { what: "firmware/cargo did not start", source })?;
        let stderr = String::from_utf8_lossy(&stderr).trim_end().to_owned();
        if status.code() == Some(NO_TOOLCHAIN) {
            return Err(DeviceError::NoToolchain(self.target));
        }
        let elf = String::from_utf8_lossy(&stdout)
            .lines()
            .filter_map(|line| serde_json::from_str::<Message>(line).ok()?.executable)
            .next_back();
        match elf {
            Some(elf) if status.success() => Ok(Image { board: *self, elf }),
            _ => Err(DeviceError::Build(stderr)),
        }
    }
}
