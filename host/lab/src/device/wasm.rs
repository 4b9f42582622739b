//! WebAssembly beside the boards: the same runs, by node.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::build::{RELEASE, build};
use super::emulate::attend;
use super::error::failed;
use super::{Board, DeviceError, Identity};

/// WebAssembly, in node's engine.
pub const WASM: Board = Board {
    name: "web",
    package: "tinynmf-web",
    target: "wasm32-unknown-unknown",
    emulator: "node",
    debian: "nodejs",
    core: "WebAssembly",
    machine: "",
    images: "",
};

/// As [`Image::identity`](super::Image::identity), in WebAssembly.
///
/// # Errors
///
/// As [`Board::build`] and [`Image::run`](super::Image::run).
pub fn wasm_identity(limit: Duration) -> Result<Identity, DeviceError> {
    if !WASM.is_emulated() {
        return Err(WASM.no_emulator());
    }
    let module = build(WASM.target, RELEASE, &["--package", WASM.package])?;
    let script = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../firmware/web/identity.mjs"));
    let node = Command::new(WASM.emulator)
        .args([script, &module])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(failed("node did not start"))?;
    let ended = attend(node, limit)?;
    let log = String::from_utf8_lossy(&ended.stdout).lines().map(str::to_owned).collect();
    let log = ended.check(log, limit)?;
    Identity::of(WASM, &log)
}
