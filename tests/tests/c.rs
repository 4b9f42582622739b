//! tinynmf from C: the header, the examples' bits, what is refused, and that nothing can panic.

// The images are the same whatever the profile of the tests, and the host's bits are in debug builds those of release
// builds, see golden.rs: once is enough.
#![cfg(not(debug_assertions))]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

use tinynmf::nmf_vec::NmfVec;
use tinynmf_core::fixed_point::View;
use tinynmf_core::online::{Keep, OnlineSettings};
use tinynmf_core::penalty::{Penalties, Penalty};
use tinynmf_core::transform::{Transform, TransformSettings};
use tinynmf_core::{Data, Fingerprint, NmfFixed, Online, Policy, Rule, Settings, policy};

/// The firmware workspace.
const FIRMWARE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../firmware");

/// The header that a user of C sees.
const HEADER: &str = include_str!("../../firmware/c/include/tinynmf.h");

/// Rust's target for each core of the Makefile.
const TARGETS: [(&str, &str); 2] =
    [("cortex-m3", "thumbv7m-none-eabi"), ("cortex-m4", "thumbv7em-none-eabihf")];

/// The libraries for the two cores, and for this machine.
static LIBRARIES: LazyLock<[PathBuf; 3]> = LazyLock::new(|| {
    let build = ["build", "--quiet", "--release", "--package", "tinynmf-c"];
    for (_, target) in TARGETS {
        run(Command::new("./cargo").arg(target).args(build).current_dir(FIRMWARE));
    }
    run(Command::new("cargo").args(build).current_dir(FIRMWARE));
    let folder = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| Path::new(FIRMWARE).join("target"), PathBuf::from);
    [TARGETS[0].1, TARGETS[1].1, ""].map(|target| folder.join(target).join("release/libtinynmf.a"))
});

/// Output of a command, once it has succeeded.
fn run(command: &mut Command) -> String {
    let Output { status, stdout, stderr } =
        command.output().unwrap_or_else(|error| panic!("{command:?}: {error}; run tests/all"));
    let stdout = String::from_utf8(stdout).unwrap();
    assert!(status.success(), "{command:?}\n{stdout}\n{}", String::from_utf8_lossy(&stderr));
    stdout
}

/// Output of each core.
static DEVICES: LazyLock<[String; 2]> = LazyLock::new(|| {
    let [m3, m4, _] = &*LIBRARIES;
    [(TARGETS[0].0, m3), (TARGETS[1].0, m4)].map(|(core, library)| {
        make(&["run", &format!("CORE={core}"), &format!("LIBRARY={}", library.display())])
    })
});

/// Where the examples are built.
fn built(program: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("c").join(program)
}

/// Output of the examples and the checks, in the README's second command.
fn make(arguments: &[&str]) -> String {
    let build = format!("BUILD={}", built("").display());
    let folder = Path::new(FIRMWARE).join("c/example");
    run(Command::new("make").arg("--silent").args(arguments).arg(build).current_dir(folder))
}

const ROWS: usize = 48;
const COLUMNS: usize = 32;
const RANK: usize = 4;
const EPOCHS: u32 = 100;
const SCALE: f32 = 1.0 / 16.0;

/// The examples' readings.
fn entries(columns: std::ops::Range<usize>) -> Vec<u8> {
    let reading = |i: usize, j: usize| {
        let pattern = |k| ((2 * k + 1) * i + k) % 7 * (((k + 2) * j + k) % 5);
        ((31 * i + 17 * j) % 5 + (0..RANK).map(pattern).sum::<usize>()) as u8
    };
    (0..ROWS).flat_map(|i| columns.clone().map(move |j| reading(i, j))).collect()
}

fn learned() -> Rule<'static> {
    Rule::learned(Policy::from_bytes(policy::SHIPPED).unwrap())
}

/// Floats as the examples report them.
fn line(name: &str, floats: &[f32]) -> String {
    let mut fingerprint = Fingerprint::new();
    fingerprint.floats(floats);
    format!("{name} {:#018x}\n", fingerprint.value())
}

/// `main.c`, in Rust.
fn whole() -> String {
    let v = entries(0..COLUMNS);
    let v = Data::new(&v, ROWS, COLUMNS, SCALE).unwrap();
    let mut rule = learned();
    let settings = Settings { horizon: EPOCHS, ..Settings::default() };
    let mut nmf = NmfVec::new(ROWS, COLUMNS, RANK, settings).unwrap();
    let mut run = nmf.run(v).unwrap();
    (0..EPOCHS).for_each(|_| {
        run.epoch(&mut rule);
    });
    let mut lines = String::from("converged\n");
    lines += &[line("loss", &[run.loss()]), line("w", run.w()), line("h", run.h())].concat();

    let fresh = entries(COLUMNS..COLUMNS + 3);
    let fresh = Data::new(&fresh, ROWS, 3, SCALE).unwrap();
    let mut memory = vec![0.0; Transform::floats(RANK)];
    let mut latents = vec![0.0; 3 * RANK];
    let transform = TransformSettings::default();
    let mut transform = Transform::new(run.w(), RANK, transform, &mut memory).unwrap();
    transform.columns(&fresh, &mut rule, &mut latents).unwrap();
    lines += &line("latents", &latents);

    let of = |l1, l2| Penalty { l1, l2 };
    let penalties = Penalties { w: of(2.0, 0.0), h: of(0.0, 0.5) };
    let settings = Settings { penalties, ..settings };
    let mut nmf = NmfVec::new(ROWS, COLUMNS, RANK, settings).unwrap();
    let mut run = nmf.run(v).unwrap();
    (0..EPOCHS).for_each(|_| {
        run.epoch(&mut rule);
    });
    assert!(run.w().contains(&0.0), "the penalty makes W sparse");
    lines + &line("objective", &[run.objective()]) + &line("sparse w", run.w())
}

/// `stream.c`, in Rust.
fn streamed() -> String {
    let length = 300;
    let v = entries(0..length);
    let settings =
        OnlineSettings { keep: Keep::Products, horizon: 300, ..OnlineSettings::default() };
    let mut memory = vec![0.0; Online::floats(ROWS, RANK, Keep::Products)];
    let mut online = Online::new(ROWS, RANK, settings, &mut memory).unwrap();
    let mut rule = learned();
    let mut rate = 0.0;
    for t in 0..length {
        let column: Vec<u8> = v.iter().skip(t).step_by(length).copied().collect();
        rate = online.column(&Data::column(&column, SCALE).unwrap(), &mut rule).unwrap().rate;
    }
    line("rate", &[rate]) + &line("streamed w", online.w()) + &line("last h", online.h())
}

/// `fixed.c`, in Rust.
fn fixed() -> String {
    let v = entries(0..COLUMNS);
    let v = Data::new(&v, ROWS, COLUMNS, SCALE).unwrap();
    let settings = Settings { horizon: EPOCHS, ..Settings::default() };
    let mut nmf = NmfFixed::<ROWS, COLUMNS, RANK>::new(settings).unwrap();
    let mut run = nmf.run(v).unwrap();
    let mut rule = learned();
    (0..EPOCHS).for_each(|_| {
        run.epoch(&mut rule);
    });
    let floats = |view: View<'_>| -> Vec<f32> {
        view.entries.iter().map(|x| f32::from(*x) * view.unit).collect()
    };
    let factors = line("fixed w", &floats(run.w())) + &line("fixed h", &floats(run.h()));
    line("fixed loss", &[run.loss()]) + &factors
}

/// Output of all the programs.
fn expected() -> String {
    whole() + &streamed() + &fixed() + &"every check holds\n".repeat(3)
}

/// Modules that are public for C, in the order of the header.
const HEADER_MODULES: [&str; 14] = [
    "version",
    "error",
    "fingerprint",
    "element",
    "matrix",
    "rule",
    "settings",
    "record",
    "nmf",
    "fixed",
    "transform",
    "exact",
    "online",
    "column",
];

/// `TINYNMF_BLESS=1 cargo test -p tinynmf-tests --test c header` writes it.
#[test]
fn the_header_is_what_cbindgen_makes() {
    let folder = Path::new(FIRMWARE).join("c");
    let config = cbindgen::Config::from_file(folder.join("cbindgen.toml")).unwrap();
    let builder = HEADER_MODULES
        .into_iter()
        .fold(cbindgen::Builder::new().with_config(config), |builder, module| {
            builder.with_src(folder.join(format!("src/{module}.rs")))
        });
    let mut made = Vec::new();
    builder.generate().unwrap().write(&mut made);
    let made = plain(&String::from_utf8(made).unwrap());
    if std::env::var_os("TINYNMF_BLESS").is_some() {
        fs::write(folder.join("include/tinynmf.h"), &made).unwrap();
    }
    assert!(made == HEADER, "tinynmf.h is out of date");
}

/// Default settings as plain braces: cbindgen's compound literals with names are no constants in C99, and no C++11.
fn plain(header: &str) -> String {
    let line = |line: &str| {
        let Some((name, literal)) =
            line.split_once("(tinynmf_").filter(|_| line.starts_with("#define TINYNMF_"))
        else {
            return format!("{line}\n");
        };
        let (_, fields) = literal.split_once('{').expect("a struct");
        let values = fields.split(',').map(|field| {
            let (_, value) = field.rsplit_once("= ").expect("a field with its name");
            let value = value.trim_end_matches([' ', '}']);
            if value.contains('.') { format!("{value}f") } else { value.to_owned() }
        });
        format!("{name}{{{}}}\n", values.collect::<Vec<_>>().join(", "))
    };
    header.lines().map(line).collect()
}

#[test]
fn the_header_has_the_librarys_version() {
    for manifest in ["Cargo.toml", "../Cargo.toml"] {
        let manifest = fs::read_to_string(Path::new(FIRMWARE).join(manifest)).unwrap();
        let (_, version) = manifest.split_once("\nversion = ").unwrap();
        let version = version.lines().next().unwrap();
        assert!(HEADER.contains(&format!("#define TINYNMF_VERSION {version}\n")), "{version}");
    }
}

/// Settings as constants, memory for every object, and every function that makes one.
#[test]
fn the_header_is_every_c_from_c99_and_every_cpp_from_cpp11() {
    let example = Path::new(FIRMWARE).join("c/example/standards.c");
    let include = Path::new(FIRMWARE).join("c/include");
    let flags = ["-fsyntax-only", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Werror"];
    let compilers: [(&str, &str, &[&str]); 4] = [
        ("arm-none-eabi-gcc", "c", &["c99", "c11", "c17", "c2x"]),
        ("arm-none-eabi-g++", "c++", &["c++11", "c++14", "c++17", "c++20", "c++23"]),
        ("gcc", "c", &["c99", "c11", "c17", "c2x"]),
        ("g++", "c++", &["c++11", "c++14", "c++17", "c++20", "c++23"]),
    ];
    for (compiler, language, standards) in compilers {
        for standard in standards {
            run(Command::new(compiler)
                .args(flags)
                .args(["-ffreestanding", &format!("-std={standard}"), "-x", language, "-I"])
                .args([&include, &example]));
        }
    }
}

/// The examples have Rust's bits, and every misuse is refused: in QEMU, where a fault ends with an error.
#[test]
fn the_devices_have_the_hosts_bits_and_refuse_misuse() {
    for ((core, _), printed) in TARGETS.into_iter().zip(&*DEVICES) {
        assert_eq!(*printed, expected(), "{core}");
    }
}

/// The same under the sanitizers for addresses and undefined behaviour.
#[test]
fn this_machine_has_the_same_bits_and_refuses_misuse() {
    let library = format!("NATIVE_LIBRARY={}", LIBRARIES[2].display());
    assert_eq!(make(&["native", &library]), expected());
}

/// The images of the checks call every function of the header with every element type; the linker has
/// found no way from there to a panic.
#[test]
fn nothing_can_panic() {
    let names = |path: &Path| -> Vec<String> {
        let listed = run(Command::new("arm-none-eabi-nm").arg(path));
        listed.lines().filter_map(|line| line.split(' ').next_back()).map(str::to_owned).collect()
    };
    let words = HEADER.split(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '(');
    let functions: Vec<_> = words
        .filter_map(|word| word.split_once('(').map(|(name, _)| name))
        .filter(|name| name.starts_with("tinynmf_"))
        .collect();
    assert!(functions.len() > 30, "{functions:?}");
    let panics = |name: &&String| name.contains("panic");
    assert!(DEVICES.iter().all(|printed| printed.ends_with("holds\n")));
    for ((core, _), library) in TARGETS.into_iter().zip(&*LIBRARIES) {
        let images = ["checks", "checks_online", "checks_fixed"]
            .map(|program| names(&built(&format!("{core}/{program}.elf"))))
            .concat();
        for name in functions.iter().chain(&["TINYNMF_U8", "TINYNMF_FIXED_I16"]) {
            assert!(images.iter().any(|found| found == name), "{core}: {name} is in no image");
        }
        let library = names(library);
        assert!(library.iter().any(|name| panics(&name)), "the handler has another name");
        assert_eq!(images.iter().find(panics), None, "{core}: a panic is within reach");
    }
}
