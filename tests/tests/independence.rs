//! Core's promises about itself: no standard library, no heap, no `unsafe`, nothing whose bits depend
//! on the target. The compiler and clippy (`core/clippy.toml`) enforce most of it; here it is shown.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn core_directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../core")
}

/// The lines that `cargo tree` prints of core's dependencies, built alone, for a microcontroller.
fn tree(edges: &str) -> String {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--package", "tinynmf-core", "--edges", edges, "--offline"])
        .args(["--target", "thumbv7em-none-eabihf", "--prefix", "none", "--format", "{p}|{f}"])
        .current_dir(core_directory())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn no_dependency_has_a_feature_that_needs_std_or_a_heap() {
    let tree = tree("normal,no-proc-macro");
    assert!(tree.contains("nalgebra v") && tree.contains("libm v"), "{tree}");
    for line in tree.lines() {
        let (package, features) = line.split_once('|').unwrap();
        for feature in features.trim_end_matches(" (*)").split(',') {
            let refused = ["std", "alloc", "matrixmultiply", "rayon"].contains(&feature);
            assert!(!refused, "{package} has the feature {feature}");
        }
        let refused = ["matrixmultiply v", "rayon v", "getrandom v"];
        assert!(!refused.iter().any(|name| package.starts_with(name)), "core depends on {package}");
    }
}

#[test]
fn the_crate_refuses_std_and_unsafe() {
    let root = fs::read_to_string(core_directory().join("src/lib.rs")).unwrap();
    assert!(root.lines().any(|line| line == "#![no_std]"));
    assert!(root.lines().any(|line| line == "#![forbid(unsafe_code)]"));
}

/// Words that no line of core may contain outside its tests, and why.
const REFUSED: [(&str, &str); 25] = [
    ("std::", "no standard library"),
    ("alloc::", "no heap"),
    ("extern crate", "no standard library, no heap"),
    ("target_", "one code for every target"),
    ("debug_assertions", "one result in every profile"),
    ("f32::max", "signed zeros and NaN depend on the target"),
    ("f32::min(", "signed zeros and NaN depend on the target"),
    ("f32::clamp", "panics on NaN limits"),
    ("mul_add", "fused or not, depending on the target"),
    ("libm::fma", "fused: slow where there is no instruction"),
    ("intrinsics", "algebraic operations reorder sums"),
    ("algebraic", "reorders sums"),
    (".sum()", "begins with -0.0 or 0.0, depending on the compiler's version"),
    (".sum::", "begins with -0.0 or 0.0, depending on the compiler's version"),
    (".product()", "hides the order"),
    (".exp()", "libm's instead"),
    (".ln()", "libm's instead"),
    (".powf(", "libm's instead"),
    (".powi(", "its order of products is unspecified"),
    (".sqrt()", "libm's instead"),
    (".cos()", "libm's instead"),
    (".gemm(", "nalgebra's products may go to matrixmultiply"),
    (".mul_to(", "nalgebra's products may go to matrixmultiply"),
    ("panic!", "steps cannot fail"),
    (".unwrap()", "steps cannot fail"),
];

/// The file that may ask for the target: it chooses between loops that make the same sums.
const OF_TARGETS: &str = "target.rs";

#[test]
fn no_source_line_breaks_bit_identity() {
    let mut files = 0;
    visit(&core_directory().join("src"), &mut |path| {
        files += 1;
        for (number, line) in own_lines(&fs::read_to_string(path).unwrap()) {
            let of_targets = path.file_name().is_some_and(|name| name == OF_TARGETS);
            for (refused, why) in REFUSED {
                if of_targets && refused == "target_" {
                    continue;
                }
                assert!(!line.contains(refused), "{}:{number}: `{refused}`: {why}", path.display());
            }
        }
    });
    assert!(files > 20, "{files} files");
}

fn visit(directory: &Path, look: &mut impl FnMut(&Path)) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { visit(&path, look) } else { look(&path) }
    }
}

/// The numbered lines before the tests, without comments.
fn own_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let code = text.lines().enumerate().map(|(k, line)| (k + 1, line));
    code.take_while(|(_, line)| *line != "#[cfg(test)]")
        .map(|(number, line)| (number, line.split("//").next().unwrap_or_default()))
}

#[test]
fn the_reader_of_sources_sees_code_and_only_code() {
    let text = "//! std::\nlet x = 1; // .exp()\nx.exp()\n#[cfg(test)]\nstd::\n";
    let lines: Vec<_> = own_lines(text).collect();
    assert_eq!(lines, [(1, ""), (2, "let x = 1; "), (3, "x.exp()")]);
}

/// The names after `pub struct` and `pub enum` in a source text.
fn public_types(source: &str) -> Vec<String> {
    let name = |line: &str| {
        let rest = line.strip_prefix("pub struct ").or(line.strip_prefix("pub enum "))?;
        rest.split(|c: char| !c.is_alphanumeric()).next().map(str::to_owned)
    };
    source.lines().filter_map(name).collect()
}

#[test]
fn every_public_type_is_on_the_list_of_types_that_defmt_formats() {
    let list = fs::read_to_string(core_directory().join("src/format.rs")).unwrap();
    let list = list.split("assert_format!(").nth(1).unwrap().split(");").next().unwrap();
    let listed: Vec<&str> = list.split(|c: char| !c.is_alphanumeric()).collect();
    let mut seen = 0;
    visit(&core_directory().join("src"), &mut |path| {
        for name in public_types(&fs::read_to_string(path).unwrap()) {
            assert!(listed.contains(&name.as_str()), "{name} of {} is not", path.display());
            seen += 1;
        }
    });
    assert!(seen > 30, "only {seen} public types were found");
}
