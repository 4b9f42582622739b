//! Builds an image with `firmware/cargo`, which knows where the target's `core` library comes from.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde::Deserialize;

use super::board::NamedImage;
use super::{Board, DeviceError, Image};

/// Exit code of `firmware/cargo` where nothing can build for the target.
const NO_TOOLCHAIN: i32 = 3;

/// A line of cargo's messages, as far as it matters here.
#[derive(Deserialize)]
struct Message {
    executable: Option<PathBuf>,
    #[serde(default)]
    filenames: Vec<PathBuf>,
}

impl Message {
    /// The executable, or the module where it is WebAssembly.
    fn product(self) -> Option<PathBuf> {
        let module = |file: &PathBuf| file.extension().is_some_and(|extension| extension == "wasm");
        self.executable.or_else(|| self.filenames.into_iter().find(module))
    }
}

impl Board {
    /// Builds the image of factorisations, and the one that counts costs where that is another, if they are not up to
    /// date.
    ///
    /// # Errors
    ///
    /// [`DeviceError`] for a missing checkout, emulator or toolchain and for a failed build.
    pub fn build(&self) -> Result<Image, DeviceError> {
        let mut image = self.build_feature("runs")?;
        if self.is_counted() {
            image.costs = self.build_feature("costs")?.elf;
        }
        Ok(image)
    }

    /// Builds the board's image that has a feature of `firmware/app`.
    ///
    /// # Errors
    ///
    /// As [`Board::build`]; [`DeviceError::Image`] where the table of boards has no such image.
    pub fn build_feature(&self, feature: &str) -> Result<Image, DeviceError> {
        if !self.is_emulated() {
            return Err(self.no_emulator());
        }
        let Some(NamedImage { binary, features, profile }) = self.image(feature) else {
            let (name, images) = (self.name, self.images);
            return Err(DeviceError::Image(format!(
                "{name} has no image with `{feature}`, only {images}; firmware/boards/boards.txt says which"
            )));
        };
        let arguments =
            ["--package", self.package, "--bin", &binary, "--no-default-features", "--features"];
        let elf = build(self.target, profile, &[&arguments[..], &[&features]].concat())?;
        Ok(Image { board: *self, costs: elf.clone(), elf })
    }
}

/// The profile that is measured and emulated.
pub const RELEASE: &str = "release";

/// The profile for little flash.
pub const SMALL: &str = "small";

/// Builds what cargo's `arguments` choose of the firmware workspace; the executable.
///
/// # Errors
///
/// [`DeviceError`] for a missing checkout or toolchain and for a failed build.
pub fn build(
    target: &'static str,
    profile: &str,
    arguments: &[&str],
) -> Result<PathBuf, DeviceError> {
    let script = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../firmware/cargo"));
    if !script.exists() {
        return Err(DeviceError::NoCheckout(script.to_path_buf()));
    }
    let Output { status, stdout, stderr } = Command::new(script)
        .args([target, "build", "--quiet", "--profile", profile])
        .args(arguments)
        .arg("--message-format=json-render-diagnostics")
        .output()
        .map_err(|source| DeviceError::Io { what: "firmware/cargo did not start", source })?;
    let stderr = String::from_utf8_lossy(&stderr).trim_end().to_owned();
    if status.code() == Some(NO_TOOLCHAIN) {
        return Err(DeviceError::NoToolchain(target));
    }
    let elf = String::from_utf8_lossy(&stdout)
        .lines()
        .filter_map(|line| serde_json::from_str::<Message>(line).ok()?.product())
        .next_back();
    elf.filter(|_| status.success()).ok_or(DeviceError::Build(stderr))
}
