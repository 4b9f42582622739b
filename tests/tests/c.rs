//! tinynmf from C: the header, the example's bits, what is refused, and that nothing can panic.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

use tinynmf_core::transform::{Transform, TransformSettings};
use tinynmf_core::{Data, Fingerprint, Policy, Rule, Settings, policy};
use tinynmf_host::nmf_vec::NmfVec;

/// The firmware workspace.
const FIRMWARE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../firmware");

/// What a user of C sees.
const HEADER: &str = include_str!("../../firmware/c/include/tinynmf.h");

/// The library for the Cortex-M4F and for this machine.
static LIBRARIES: LazyLock<[PathBuf; 2]> = LazyLock::new(|| {
    let target = "thumbv7em-none-eabihf";
    let build = ["build", "--quiet", "--release", "--package", "tinynmf-c"];
    run(Command::new("./cargo").arg(target).args(build).current_dir(FIRMWARE));
    run(Command::new("cargo").args(build).current_dir(FIRMWARE));
    let folder = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| Path::new(FIRMWARE).join("target"), PathBuf::from);
    [target, ""].map(|target| folder.join(target).join("release/libtinynmf.a"))
});

/// What a command prints, once it has succeeded.
fn run(command: &mut Command) -> String {
    let Output { status, stdout, stderr } =
        command.output().unwrap_or_else(|error| panic!("{command:?}: {error}; run tests/all"));
    let stdout = String::from_utf8(stdout).unwrap();
    assert!(status.success(), "{command:?}\n{stdout}\n{}", String::from_utf8_lossy(&stderr));
    stdout
}

/// What the device prints.
static DEVICE: LazyLock<String> = LazyLock::new(|| make("run"));

/// Where the examples are built.
fn built(program: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("c").join(program)
}

/// What the example and the checks print, in the README's second command.
fn make(goal: &str) -> String {
    let [library, native] = LIBRARIES.each_ref().map(|path| path.display());
    run(Command::new("make")
        .args([
            "--silent",
            goal,
            &format!("LIBRARY={library}"),
            &format!("NATIVE_LIBRARY={native}"),
        ])
        .arg(format!("BUILD={}", built("").display()))
        .current_dir(Path::new(FIRMWARE).join("c/example")))
}

fn fingerprint(floats: &[f32]) -> u64 {
    let mut fingerprint = Fingerprint::new();
    fingerprint.floats(floats);
    fingerprint.value()
}

/// The example, in Rust.
fn expected() -> String {
    let (rows, columns, rank, epochs) = (48, 32, 4, 100);
    let reading = |i: usize, j: usize| {
        let pattern = |k| ((2 * k + 1) * i + k) % 7 * (((k + 2) * j + k) % 5);
        ((31 * i + 17 * j) % 5 + (0..rank).map(pattern).sum::<usize>()) as u8
    };
    let entries = |columns: std::ops::Range<usize>| -> Vec<u8> {
        (0..rows).flat_map(|i| columns.clone().map(move |j| reading(i, j))).collect()
    };
    let v = entries(0..columns);
    let v = Data::new(&v, rows, columns, 1.0 / 16.0).unwrap();
    let mut rule = Rule::learned(Policy::from_bytes(policy::SHIPPED).unwrap());
    let settings = Settings { horizon: epochs, ..Settings::default() };
    let mut nmf = NmfVec::new(rows, columns, rank, settings).unwrap();
    let mut run = nmf.run(v).unwrap();
    for _ in 0..epochs {
        run.epoch(&mut rule);
    }
    let fresh = entries(columns..columns + 3);
    let fresh = Data::new(&fresh, rows, 3, 1.0 / 16.0).unwrap();
    let mut memory = vec![0.0; Transform::floats(rank)];
    let mut latents = vec![0.0; 3 * rank];
    let settings = TransformSettings::default();
    let mut transform = Transform::new(run.w(), rank, settings, &mut memory).unwrap();
    transform.columns(&fresh, &mut rule, &mut latents).unwrap();
    let lines =
        [("loss", &[run.loss()][..]), ("w", run.w()), ("h", run.h()), ("latents", &latents)];
    let lines = lines.map(|(name, floats)| format!("{name} {:#018x}\n", fingerprint(floats)));
    format!("converged\n{}every check holds\n", lines.concat())
}

/// `TINYNMF_BLESS=1 cargo test -p tinynmf-tests --test c header` makes it anew.
#[test]
fn the_header_is_what_cbindgen_makes() {
    let folder = Path::new(FIRMWARE).join("c");
    let config = cbindgen::Config::from_file(folder.join("cbindgen.toml")).unwrap();
    let builder = ["error", "element", "matrix", "rule", "nmf", "transform"]
        .into_iter()
        .fold(cbindgen::Builder::new().with_config(config), |builder, module| {
            builder.with_src(folder.join(format!("src/{module}.rs")))
        });
    let mut made = Vec::new();
    builder.generate().unwrap().write(&mut made);
    if std::env::var_os("TINYNMF_BLESS").is_some() {
        fs::write(folder.join("include/tinynmf.h"), &made).unwrap();
    }
    assert!(String::from_utf8(made).unwrap() == HEADER, "tinynmf.h is out of date");
}

#[test]
fn the_header_is_c99_and_cpp() {
    let header = Path::new(FIRMWARE).join("c/include/tinynmf.h");
    let flags = ["-fsyntax-only", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-ffreestanding"];
    for (compiler, standard, language) in [
        ("arm-none-eabi-gcc", "-std=c99", "c-header"),
        ("arm-none-eabi-gcc", "-std=c2x", "c-header"),
        ("arm-none-eabi-g++", "-std=c++11", "c++-header"),
    ] {
        run(Command::new(compiler).args(flags).args([standard, "-x", language]).arg(&header));
    }
}

/// The example has Rust's bits, and every misuse is refused: in QEMU, where a fault ends with an error.
#[test]
fn the_device_has_the_hosts_bits_and_refuses_misuse() {
    assert_eq!(*DEVICE, expected());
}

/// The same under the sanitizers for addresses and undefined behaviour.
#[test]
fn this_machine_has_the_same_bits_and_refuses_misuse() {
    assert_eq!(make("native"), expected());
}

/// The image of the checks calls every function of the header with every element type; the linker has
/// found no way from there to a panic.
#[test]
fn nothing_can_panic() {
    assert!(DEVICE.ends_with("holds\n"));
    let names = |path: &Path| -> Vec<String> {
        let listed = run(Command::new("arm-none-eabi-nm").arg(path));
        listed.lines().filter_map(|line| line.split(' ').next_back()).map(str::to_owned).collect()
    };
    let image = names(&built("checks.elf"));
    let words = HEADER.split(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '(');
    let functions: Vec<_> = words
        .filter_map(|word| word.split_once('(').map(|(name, _)| name))
        .filter(|name| name.starts_with("tinynmf_"))
        .collect();
    assert!(functions.len() > 15, "{functions:?}");
    for name in functions.into_iter().chain(["TINYNMF_U8", "TINYNMF_I16"]) {
        assert!(image.iter().any(|found| found == name), "{name} is not in the image");
    }
    let panics = |name: &&String| name.contains("panic");
    assert!(names(&LIBRARIES[0]).iter().any(|name| panics(&name)), "the handler has another name");
    assert_eq!(image.iter().find(panics), None, "a panic is within reach");
}
