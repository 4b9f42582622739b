//! Archives of `firmware/release`: the same bytes from anywhere, only the header's symbols, and packages that build.
//!
//! For one microcontroller and for this machine, so that the packages' programs run here, too.

// An archive of `firmware/release` does not depend on the profile of the tests: once is enough.
#![cfg(not(debug_assertions))]

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

use tinynmf_tests::template::{NAME, generate};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
const STAND_INS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/stand-ins");
const HEADER: &str = include_str!("../../firmware/c/include/tinynmf.h");
const README: &str = include_str!("../../firmware/c/README.md");
const MICROCONTROLLER: &str = "thumbv7em-none-eabihf";

/// This machine's target.
static HOST: LazyLock<String> = LazyLock::new(|| {
    let told = run(Command::new("rustc").arg("-vV"));
    told.lines().find_map(|line| line.strip_prefix("host: ")).unwrap().to_owned()
});

/// A folder of this test's own, which stays: a second run builds only what is new.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("packages").join(name);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// An empty folder.
fn emptied(name: &str) -> PathBuf {
    fs::remove_dir_all(folder(name)).unwrap();
    folder(name)
}

/// Output of a command, once it has succeeded.
fn run(command: &mut Command) -> String {
    let Output { status, stdout, stderr } =
        command.output().unwrap_or_else(|error| panic!("{command:?}: {error}; run tests/all"));
    let stdout = String::from_utf8(stdout).unwrap();
    assert!(status.success(), "{command:?}\n{stdout}\n{}", String::from_utf8_lossy(&stderr));
    stdout
}

/// An archive's name, for a version that the workspace tells.
fn archive(target: &str) -> String {
    format!("tinynmf-{}-{target}", env!("CARGO_PKG_VERSION"))
}

/// Where the release lies, with its archives unpacked.
static RELEASED: LazyLock<PathBuf> = LazyLock::new(|| {
    let out = folder("here");
    run(Command::new(Path::new(ROOT).join("firmware/release")).arg("--out").args([
        out.as_os_str(),
        MICROCONTROLLER.as_ref(),
        HOST.as_ref(),
    ]));
    run(Command::new("sha256sum").args(["--check", "--strict", "SHA256SUMS"]).current_dir(&out));
    for target in [MICROCONTROLLER, &HOST] {
        let name = archive(target);
        run(Command::new("tar").arg("-xzf").arg(format!("{name}.tar.gz")).current_dir(&out));
    }
    out
});

/// An unpacked archive.
fn unpacked(target: &str) -> PathBuf {
    RELEASED.join(archive(target))
}

#[test]
fn another_folder_gives_the_same_bytes() {
    let there = folder("some where/else");
    let from = fs::canonicalize(ROOT).unwrap();
    let copy = |files: &[&str], to: &str| {
        let to = there.join(to);
        fs::create_dir_all(&to).unwrap();
        let files = files.iter().map(|file| from.join(file));
        // With their times, so that a second run finds nothing new.
        run(Command::new("cp").arg("-Rp").args(files).arg(to));
    };
    copy(&["core", "Cargo.toml", "README.md", "LICENSE-MIT", "LICENSE-APACHE"], "");
    let scripts =
        ["firmware/release", "firmware/cargo", "firmware/packages", "firmware/Cargo.toml"];
    copy(&[&scripts[..], &["firmware/Cargo.lock"]].concat(), "firmware");
    copy(&["firmware/c/Cargo.toml", "firmware/c/src", "firmware/c/include"], "firmware/c");
    run(Command::new(there.join("firmware/release")).arg(MICROCONTROLLER));

    let name = format!("{}.tar.gz", archive(MICROCONTROLLER));
    let other = fs::read(there.join("firmware/target/archives").join(&name)).unwrap();
    assert!(
        fs::read(RELEASED.join(&name)).unwrap() == other,
        "{name} differs: compare what it holds"
    );
    let here = folder("");
    let text = String::from_utf8_lossy(&other);
    assert!(!text.contains(here.to_str().unwrap()));
}

/// Names that an object defines for others, and names that it wants of them.
fn global(library: &Path) -> [BTreeSet<String>; 2] {
    ["--defined-only", "--undefined-only"].map(|which| {
        let listed =
            run(Command::new("arm-none-eabi-nm").args(["--extern-only", which]).arg(library));
        let names =
            listed.lines().filter_map(|line| line.split_once(" U ").or(line.rsplit_once(' ')));
        names.map(|(_, name)| name.trim().to_owned()).collect()
    })
}

#[test]
fn only_the_headers_names_are_global_and_none_is_missing() {
    let words = HEADER
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| line.split(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '('));
    let functions = words.filter_map(|word| word.split_once('(').map(|(name, _)| name));
    let types = HEADER.lines().filter_map(|line| line.strip_prefix("extern const tinynmf_type "));
    let names: BTreeSet<String> = functions
        .filter(|name| name.starts_with("tinynmf_"))
        .chain(types.map(|name| name.trim_end_matches(';')))
        .map(str::to_owned)
        .collect();
    assert!(names.len() > 40, "{names:?}");
    for library in ["libtinynmf.a", "libtinynmf-small.a"] {
        let [defined, wanted] = global(&unpacked(MICROCONTROLLER).join("lib").join(library));
        assert_eq!(defined, names, "{library}");
        assert_eq!(wanted, BTreeSet::new(), "{library}");
    }
}

/// Output of the first example.
static EXAMPLE: LazyLock<String> = LazyLock::new(|| {
    let (package, build) = (unpacked(&HOST), emptied("cmake"));
    cmake(
        "firmware/c/example".as_ref(),
        &build,
        &[format!("-DCMAKE_PREFIX_PATH={}", package.display())],
    );
    let printed =
        ["example-tinynmf", "example-small"].map(|name| run(&mut Command::new(build.join(name))));
    assert_eq!(printed[0], printed[1], "either library has the same bits");
    assert!(printed[0].starts_with("converged\nloss 0x"), "{}", printed[0]);
    printed[0].clone()
});

/// Configures and builds a project of this repository.
fn cmake(source: &Path, build: &Path, definitions: &[String]) {
    let source = Path::new(ROOT).join(source);
    run(Command::new("cmake").arg("-S").args([&source, Path::new("-B"), build]).args(definitions));
    run(Command::new("cmake").arg("--build").arg(build));
}

#[test]
fn cmake_finds_the_package_of_a_version_that_fits() {
    assert_eq!(EXAMPLE.lines().count(), 7);
    let [source, build] = [emptied("versions"), emptied("versions/build")];
    let package = format!("-DCMAKE_PREFIX_PATH={}", unpacked(&HOST).display());
    let version = env!("CARGO_PKG_VERSION");
    let mut lines = String::from("cmake_minimum_required(VERSION 3.16)\nproject(versions C)\n");
    for (wanted, fits) in
        [(version, true), ("0.1", true), ("0.0.9", false), ("0.2", false), ("1", false)]
    {
        let not = if fits { "NOT " } else { "" };
        write!(
            lines,
            "unset(tinynmf_DIR CACHE)\nfind_package(tinynmf {wanted} QUIET)\n\
             if({not}tinynmf_FOUND)\n  message(FATAL_ERROR \"{wanted}\")\nendif()\n"
        )
        .unwrap();
    }
    fs::write(source.join("CMakeLists.txt"), lines).unwrap();
    run(Command::new("cmake").arg("-S").args([&source, Path::new("-B"), &build]).arg(package));
}

#[test]
fn pkg_config_tells_what_a_compiler_needs() {
    let package = unpacked(&HOST);
    let flags = run(Command::new("pkg-config")
        .args(["--cflags", "--libs", "tinynmf >= 0.1"])
        .env("PKG_CONFIG_PATH", package.join("lib/pkgconfig")));
    let program = folder("").join("by-pkg-config");
    let example = Path::new(ROOT).join("firmware/c/example");
    run(Command::new("gcc")
        .args([example.join("main.c"), example.join("native.c")])
        .args(["-std=c11".as_ref(), "-o".as_ref(), program.as_os_str()])
        .args(flags.split_whitespace()));
    assert_eq!(run(&mut Command::new(program)), *EXAMPLE);
}

/// KiB of flash of an example, with the library and with the one for little flash, as the README has them.
fn stated_flash(example: &str) -> [u32; 2] {
    let start = format!("| {example}.c");
    let row =
        README.lines().find(|line| line.starts_with(&start) && line.matches('|').count() == 4);
    let mut cells = row.unwrap_or_else(|| panic!("no row of {example}.c")).split('|').skip(2);
    [(); 2].map(|()| cells.next().unwrap().trim().parse().unwrap())
}

/// Both libraries of the archive on a Cortex-M4F, with the bits of this machine and the README's flash; the checks hold there,
/// too.
#[test]
fn the_archives_libraries_run_on_a_microcontroller() {
    for (column, library) in ["libtinynmf.a", "libtinynmf-small.a"].into_iter().enumerate() {
        let file = unpacked(MICROCONTROLLER).join("lib").join(library);
        let printed = run(Command::new("make")
            .args(["--silent", "run", "CORE=cortex-m4"])
            .arg(format!("LIBRARY={}", file.display()))
            .arg(format!("BUILD={}", folder(library).display()))
            .current_dir(Path::new(ROOT).join("firmware/c/example")));
        assert!(printed.starts_with(&*EXAMPLE), "{library}: {printed}");
        assert!(printed.ends_with(&"every check holds\n".repeat(3)), "{library}: {printed}");
        for example in ["main", "stream", "fixed"] {
            let image = folder(library).join(format!("cortex-m4/{example}.elf"));
            let sizes = run(Command::new("arm-none-eabi-size").arg(image));
            let text = sizes.lines().nth(1).and_then(|line| line.split_whitespace().next());
            let bytes: u32 = text.unwrap().parse().unwrap();
            let stated = stated_flash(example)[column];
            // Another gcc rounds to another KiB at most.
            let near = (1024 * (stated - 1)..1024 * (stated + 1)).contains(&bytes);
            assert!(
                near,
                "{example}.c with {library}: {bytes} bytes, the README says {stated} KiB"
            );
        }
    }
}

/// What the README says of Rust beside the table of its examples is in the counts.
#[test]
fn the_readme_rounds_the_flash_of_a_program_in_rust() {
    let counts = include_str!("../../firmware/counts/counts.csv");
    let kib = |what: &str| {
        let row = counts.lines().find(|line| line.split(';').next() == Some(what)).unwrap();
        let bytes: f64 = row.split(';').skip(2).find_map(|cell| cell.parse().ok()).unwrap();
        (bytes / 1024.0).round()
    };
    let [release, small] = [kib("flash"), kib("flash, profile small")];
    let stated = format!("takes {release} KiB, or {small} KiB in the profile for little flash");
    assert!(README.contains(&stated), "{stated}");
}

/// The template for C builds with the archive alone, which lies beside it, and learns.
#[test]
fn the_template_for_c_builds_with_the_archive_and_learns() {
    let there = tempfile::tempdir().unwrap();
    let project = there.path().join("somewhere else");
    generate(&Path::new(ROOT).join("firmware/templates/c"), &project);
    let beside = there.path().join(archive(MICROCONTROLLER));
    symlink(unpacked(MICROCONTROLLER), beside).unwrap();
    let build = |qemu: &str| {
        let build = project.join(format!("build-{qemu}"));
        let definitions = [format!("-DQEMU={qemu}"), "-DCMAKE_COMPILE_WARNING_AS_ERROR=ON".into()];
        cmake(&project, &build, &definitions);
        build.join(NAME)
    };
    // For a probe: the log's ring is where it looks for it.
    let bytes = fs::read(build("OFF")).unwrap();
    assert!(bytes.windows(12).any(|bytes| bytes == b"SEGGER RTT\0\0"), "no ring of a log");
    let printed = run(Command::new("qemu-system-arm")
        .args("-machine mps2-an386 -display none -serial none -monitor none".split(' '))
        .args(["-chardev", "stdio,id=terminal", "-semihosting-config"])
        .args(["enable=on,target=native,chardev=terminal", "-kernel"])
        .arg(build("ON")));
    let residuals: Vec<u32> = printed
        .lines()
        .enumerate()
        .map(|(k, line)| {
            let start = format!("window {k}: residual in millionths ");
            line.strip_prefix(&start).unwrap_or_else(|| panic!("{line}")).parse().unwrap()
        })
        .collect();
    assert_eq!(residuals.len(), 100);
    let largest = |part: &[u32]| part.iter().copied().max().unwrap();
    let (first, last) = (largest(&residuals[..10]), largest(&residuals[80..]));
    assert!(100 * last < first, "{last} after {first}");
}

/// The package for Arduino, PlatformIO, ESP-IDF and Zephyr, with this machine's library as every processor's.
static LIBRARY: LazyLock<PathBuf> = LazyLock::new(|| {
    let work = folder("library");
    let script = format!(
        "set -euo pipefail; firmware=$PWD/firmware root=$PWD work=$1 version={}\n\
         source firmware/packages/archive.sh\n\
         cp \"$2/THIRD-PARTY.txt\" \"$work\"\n\
         libraries | while read -r _ target; do\n\
             mkdir -p \"$work/built-$target/lib\"; cp \"$2/lib/libtinynmf.a\" \"$work/built-$target/lib\"\n\
         done\n\
         assemble_packages \"$work/tinynmf\" \"$work/built-\"\n\
         cp -R \"$work/tinynmf/src/cortex-m3\" \"$work/tinynmf/src/host\"",
        env!("CARGO_PKG_VERSION")
    );
    let arguments = [&work, &unpacked(&HOST)];
    run(Command::new("bash").args(["-c", &script, "bash"]).args(arguments).current_dir(ROOT));
    work.join("tinynmf")
});

#[test]
fn manifests_and_kconfig_satisfy_those_who_read_them() {
    let printed = run(Command::new("target/linters/bin/python")
        .arg("firmware/packages/lint.py")
        .arg(&*LIBRARY)
        .current_dir(ROOT));
    let names =
        ["library.json", "library.properties", "idf_component.yml", "zephyr", "pio_library.py"];
    for name in names {
        assert!(printed.lines().any(|line| line.starts_with(&format!("{name}: "))), "{printed}");
    }
}

/// Fields that Arduino demands or knows, and an example where its IDE looks for it.
#[test]
fn arduino_has_its_fields_and_its_sketch_learns() {
    let text = fs::read_to_string(LIBRARY.join("library.properties")).unwrap();
    let fields: Vec<_> = text.lines().map(|line| line.split_once('=').unwrap()).collect();
    let names: Vec<_> = fields.iter().map(|(name, _)| *name).collect();
    let expected = "name version author maintainer sentence paragraph category url architectures includes \
                    precompiled ldflags";
    assert_eq!(names.join(" "), expected);
    assert!(fields.iter().all(|(_, value)| !value.trim().is_empty()), "{text}");
    assert!(fields.contains(&("version", env!("CARGO_PKG_VERSION"))), "{text}");

    let sketch = LIBRARY.join("examples/Factorise/Factorise.ino");
    let program = folder("").join("sketch");
    run(Command::new("g++")
        .args(["-std=c++11", "-Wall", "-Wextra", "-Werror", "-I", STAND_INS, "-I"])
        .arg(LIBRARY.join("src"))
        .arg(format!("-DSKETCH=\"{}\"", sketch.display()))
        .arg(Path::new(STAND_INS).join("arduino/main.cpp"))
        .arg(LIBRARY.join("src/host/libtinynmf.a"))
        .args(["-o".as_ref(), program.as_os_str()]));
    let printed = run(&mut Command::new(program));
    let weights: Vec<[f32; 2]> = printed
        .lines()
        .map(|line| {
            let (first, second) = line.split_once(' ').unwrap();
            [first.parse().unwrap(), second.parse().unwrap()]
        })
        .collect();
    assert_eq!(weights.len(), 300);
    // The last three: one pattern, the other, both.
    let [first, second, both] = weights.last_chunk().unwrap();
    let part = usize::from(first[1] > first[0]);
    assert!(first[part] > 4.0 * first[1 - part], "{first:?}");
    assert!(second[1 - part] > 4.0 * second[part], "{second:?}");
    for k in 0..2 {
        let sum = first[k] + second[k];
        assert!((both[k] - sum).abs() < 0.1 * sum, "{first:?} {second:?} {both:?}");
    }
}

/// Checks the output of Zephyr's sample.
fn check_sample(printed: &str) {
    let (loss, _) = printed.split_once("/1000 after 100 epochs").expect(printed);
    let loss: u32 = loss.strip_prefix("loss ").and_then(|loss| loss.parse().ok()).expect(printed);
    assert!(loss < 1000, "{printed}");
}

#[test]
fn esp_idf_builds_the_component_and_refuses_a_chip_without_a_library() {
    let stand_in = Path::new(STAND_INS).join("esp-idf");
    let build = emptied("esp-idf");
    let program = LIBRARY.join("zephyr/samples/factorise/src/main.c");
    let definitions =
        [format!("-DCOMPONENT={}", LIBRARY.display()), format!("-DPROGRAM={}", program.display())];
    cmake(&stand_in, &build, &definitions);
    check_sample(&run(&mut Command::new(build.join("program"))));

    let refused = Command::new("cmake")
        .arg("-S")
        .args([&stand_in, Path::new("-B"), &emptied("esp-idf-xtensa")])
        .args(definitions)
        .arg("-DIDF_TARGET=esp32s3")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(!refused.status.success() && said.contains("has no library for esp32s3"), "{said}");
}

#[test]
fn zephyr_builds_the_module_and_its_sample() {
    let build = emptied("zephyr");
    let sample = LIBRARY.join("zephyr/samples/factorise");
    let definitions = [
        format!("-DZephyr_DIR={STAND_INS}/zephyr"),
        format!("-DEXTRA_ZEPHYR_MODULES={}", LIBRARY.display()),
    ];
    let library = |folder: &str| format!("-DCONFIG_TINYNMF_LIBRARY={folder}");
    cmake(&sample, &build, &[&definitions[..], &[library("host")]].concat());
    check_sample(&run(&mut Command::new(build.join("app"))));

    let refused = Command::new("cmake")
        .arg("-S")
        .args([&sample, Path::new("-B"), &emptied("zephyr-none")])
        .args(definitions)
        .arg(library("cortex-a53"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(!refused.status.success() && said.contains("set CONFIG_TINYNMF_LIBRARY"), "{said}");
}
