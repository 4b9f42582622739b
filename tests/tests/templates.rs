//! Templates of projects: generated anywhere, they build without this repository's scripts, and run.

// A template is built in its own release profile: once is enough.
#![cfg(not(debug_assertions))]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tinynmf_lab::device::Formats;
use tinynmf_tests::template::{NAME, generate};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// Output of a command, once it has succeeded.
fn run(command: &mut Command) -> Vec<u8> {
    let Output { status, stdout, stderr } =
        command.output().unwrap_or_else(|error| panic!("{command:?}: {error}; run tests/all"));
    assert!(status.success(), "{command:?}\n{}", String::from_utf8_lossy(&stderr));
    stdout
}

/// With core from this repository, in the versions that firmware is built with: those are here already.
#[test]
fn the_template_for_rust_builds_alone_and_learns() {
    let folder = tempfile::tempdir().unwrap();
    let (root, project) = (Path::new(ROOT), folder.path().join("somewhere else"));
    generate(&root.join("firmware/templates/rust"), &project);
    fs::copy(root.join("firmware/Cargo.lock"), project.join("Cargo.lock")).unwrap();
    let core = fs::canonicalize(root.join("core")).unwrap();
    let patch = format!("patch.crates-io.tinynmf-core.path={:?}", core.to_str().unwrap());
    // Dependencies lie where firmware's other tests leave theirs.
    let target = root.join("firmware/target");
    let build = |features: &[&str]| {
        run(Command::new(env!("CARGO"))
            .current_dir(&project)
            .args(["build", "--quiet", "--release", "--config", &patch])
            .args(features)
            .env("CARGO_TARGET_DIR", &target));
        let elf = target.join("thumbv7em-none-eabihf/release").join(NAME);
        fs::read(&elf).map(|bytes| (elf, bytes)).unwrap()
    };
    // For a probe: the log's buffer is where probe-rs looks for it.
    let (_, probed) = build(&[]);
    assert!(probed.windows(12).any(|bytes| bytes == b"_SEGGER_RTT\0"), "no buffer of a log");

    let (elf, bytes) = build(&["--features", "qemu"]);
    let log = run(Command::new("qemu-system-arm")
        .args(["-machine", "mps2-an386", "-display", "none", "-semihosting-config"])
        .args(["enable=on,target=native", "-kernel"])
        .arg(elf));
    let mut residuals = Vec::new();
    let damaged = Formats::parse(&bytes)
        .unwrap()
        .follow(&mut &log[..], |line| {
            let (window, residual) = line.split_once(": residual ").unwrap();
            assert_eq!(window, format!("window {}", residuals.len()));
            residuals.push(residual.parse::<f64>().unwrap());
        })
        .unwrap();
    assert_eq!((damaged, residuals.len()), (0, 100));
    let largest = |part: &[f64]| part.iter().copied().fold(0.0, f64::max);
    let (first, last) = (largest(&residuals[..10]), largest(&residuals[80..]));
    assert!(last < 0.01 * first, "{last} after {first}");
}
