//! Dependencies keep to `deny.toml`: licences, one version of each crate, sources; and how much it is.
//!
//! `cargo deny check` reads the same file and knows advisories, too; this test needs nothing but cargo.

// The trees do not depend on the profile of the tests: once is enough.
#![cfg(not(debug_assertions))]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

use spdx::{Expression, Licensee, ParseMode};
use toml::{Table, Value};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// The folders of the workspaces.
const WORKSPACES: [&str; 3] = ["", "firmware", "tests/fuzz"];

/// A crate as cargo lists it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Package {
    name: String,
    version: String,
    /// A folder, or what is not the usual registry.
    source: Option<String>,
    license: String,
}

impl Package {
    /// Of a line such as `serde v1.0.229 (proc-macro)|MIT OR Apache-2.0`.
    fn read(line: &str) -> Self {
        let (package, license) = line.trim_end_matches(" (*)").split_once('|').expect(line);
        let mut words = package.splitn(3, ' ');
        let name = words.next().expect(line).to_owned();
        let version = words.next().and_then(|it| it.strip_prefix('v')).expect(line).to_owned();
        let source = words.next().map(|it| it.replace("(proc-macro)", "").trim().to_owned());
        let source = source.filter(|it| !it.is_empty());
        Self { name, version, source, license: license.to_owned() }
    }

    /// Whether it is a package of this repository.
    fn is_ours(&self) -> bool {
        self.source.as_ref().is_some_and(|it| it.starts_with("(/") && it.ends_with(')'))
    }
}

/// Packages that `cargo tree` lists in a workspace's folder.
fn tree(workspace: &str, arguments: &[&str]) -> BTreeSet<Package> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--prefix", "none", "--format", "{p}|{l}"])
        .args(arguments)
        .current_dir(Path::new(ROOT).join(workspace))
        .output()
        .unwrap();
    assert!(output.status.success(), "{workspace}: {}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().filter(|line| !line.is_empty()).map(Package::read).collect()
}

/// The crates of a workspace on every target.
fn packages(workspace: &str) -> BTreeSet<Package> {
    tree(workspace, &["--workspace", "--target", "all", "--edges", "normal,build,dev"])
}

static PACKAGES: LazyLock<[BTreeSet<Package>; 3]> = LazyLock::new(|| WORKSPACES.map(packages));

static DENY: LazyLock<Table> = LazyLock::new(|| {
    fs::read_to_string(Path::new(ROOT).join("deny.toml")).unwrap().parse().unwrap()
});

/// A list of strings in a table of the file.
fn strings(value: &Value) -> Vec<&str> {
    value.as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect()
}

/// Whether a licence expression can be satisfied with the licences of a list.
fn satisfies(license: &str, allowed: &[&str]) -> bool {
    let allowed: Vec<_> = allowed.iter().map(|it| Licensee::parse(it).expect(it)).collect();
    let expression = Expression::parse_mode(license, ParseMode::LAX).expect(license);
    expression.evaluate(|wanted| allowed.iter().any(|it| it.satisfies(wanted)))
}

#[test]
fn every_licence_is_allowed() {
    let licenses = &DENY["licenses"];
    let allowed = strings(&licenses["allow"]);
    let mut exceptions: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for exception in licenses["exceptions"].as_array().unwrap() {
        exceptions.insert(exception["crate"].as_str().unwrap(), strings(&exception["allow"]));
    }
    let mut needed = BTreeSet::new();
    for package in PACKAGES.iter().flatten() {
        let Package { name, version, license, .. } = package;
        if !satisfies(license, &allowed) {
            let also = exceptions.get(&**name).map(|also| [&allowed[..], also].concat());
            let excepted = also.is_some_and(|allowed| satisfies(license, &allowed));
            assert!(excepted, "{name} {version} has the licence {license}");
            needed.insert(&**name);
        }
    }
    assert_eq!(needed, exceptions.into_keys().collect(), "exceptions that are needed, and listed");
}

#[test]
fn a_licence_that_is_not_on_the_list_is_seen() {
    let allowed = strings(&DENY["licenses"]["allow"]);
    for (license, fits) in [
        ("MIT/Apache-2.0", true),
        ("GPL-3.0-only OR MIT", true),
        ("GPL-3.0-only", false),
        ("MIT AND GPL-3.0-only", false),
    ] {
        assert_eq!(satisfies(license, &allowed), fits, "{license}");
    }
}

/// Whether a version is one of those that a prefix such as `0.9` means.
fn fits(version: &str, prefix: &str) -> bool {
    version.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

#[test]
fn each_crate_comes_in_one_version_but_for_those_listed() {
    let skip: Vec<(&str, &str)> = DENY["bans"]["skip"]
        .as_array()
        .unwrap()
        .iter()
        .map(|skip| skip["crate"].as_str().unwrap().split_once('@').unwrap())
        .collect();
    let mut needed = BTreeSet::new();
    for (workspace, packages) in WORKSPACES.iter().zip(&*PACKAGES) {
        let mut versions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for package in packages {
            versions.entry(&package.name).or_default().insert(&package.version);
        }
        for (name, versions) in versions.into_iter().filter(|(_, versions)| versions.len() > 1) {
            let skips = |version: &str, (skipped, prefix): &(&str, &str)| {
                *skipped == name && fits(version, prefix)
            };
            let others = versions.iter().filter(|it| !skip.iter().any(|skip| skips(it, skip)));
            assert!(others.count() <= 1, "/{workspace}: {name} comes as {versions:?}");
            needed.extend(skip.iter().filter(|skip| versions.iter().any(|it| skips(it, skip))));
        }
    }
    assert_eq!(needed, skip.into_iter().collect(), "versions that are needed, and listed");
}

#[test]
fn everything_comes_from_here_or_from_the_registry() {
    for package in PACKAGES.iter().flatten() {
        assert!(package.source.is_none() || package.is_ours(), "{package:?}");
    }
    let ours = PACKAGES.iter().flatten().filter(|it| it.is_ours()).count();
    let all = PACKAGES.iter().map(BTreeSet::len).sum::<usize>();
    assert!(ours > 20 && all > 400, "{ours} of {all}");
}

/// Crates of others that a package brings along, with the features that it has by default.
fn third_parties(package: &str) -> usize {
    let tree = tree("", &["--package", package, "--edges", "normal"]);
    tree.iter().filter(|it| !it.is_ours()).count()
}

/// A limit is what it is today: it may fall, and whoever has to lift it says why.
#[test]
fn packages_bring_few_crates_along() {
    for (package, limit) in [("tinynmf-core", CORE), ("tinynmf", LIBRARY)] {
        let count = third_parties(package);
        assert!(count <= limit, "{package} brings {count} crates along; {limit} is the limit");
    }
}

/// Third-party crates of `tinynmf-core`.
const CORE: usize = 23;

/// Of `tinynmf`.
const LIBRARY: usize = 51;
