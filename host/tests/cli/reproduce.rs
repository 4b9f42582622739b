//! `reproduce`: the small scale still makes what was published; the command itself.

use std::fs;
use std::path::{Path, PathBuf};

use tinynmf::seeds::Purpose;
use tinynmf_core::Rule;
use tinynmf_core::rule::{Abb, Bound, Fixed};
use tinynmf_lab::reproduce::agents::{self, Snapshot};
use tinynmf_lab::reproduce::record::{Choice, Record};
use tinynmf_lab::reproduce::setup::{Scale, Setup};
use tinynmf_train::paper::Environment;

use super::Desk;

/// Published epochs that the test runs again.
const EPOCHS: usize = 12;

fn published(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reproduction/small").join(name)
}

/// The first numbers of a column.
fn column(file: &str, name: &str) -> Vec<f32> {
    let mut table = csv::Reader::from_path(published(file)).unwrap();
    let place = table.headers().unwrap().iter().position(|header| header == name);
    let place = place.unwrap_or_else(|| panic!("{file} has no column {name}"));
    let rows = table.records().map(|row| row.unwrap()[place].parse().unwrap());
    rows.take(EPOCHS + 1).collect()
}

#[test]
fn the_small_scale_makes_its_published_curves_bit_by_bit() {
    let setup = Setup { epochs: EPOCHS as u32, ..Setup::new(Scale::Small) };
    let work = setup.instance(Purpose::Training, 0);
    let rules: [(&str, Rule<'static>); 3] = [
        ("α = 0.03", Fixed::new(0.03).unwrap().into()),
        ("bound", Bound::new(0.99).unwrap().into()),
        ("abb", Abb.into()),
    ];
    for (name, rule) in rules {
        let record = Record::play(&setup, &work, Choice::Rule(rule), 0, 0.0);
        assert_eq!(record.loss, column("figure-1a.csv", name), "{name}");
    }
}

#[test]
fn a_published_agent_does_what_was_published() {
    let text = fs::read(published("agent-0.01-seed0-100000.json")).unwrap();
    let agent: Snapshot = serde_json::from_slice(&text).unwrap();
    let setup = Setup::new(Scale::Small);
    let work = setup.instance(Purpose::Training, 0);
    let history = Environment::new(work, agents::paper(1.0)).history(&agent.policy, EPOCHS + 1);
    assert_eq!(history.losses, column("figure-8.csv", "history 0: F"));
    assert_eq!(history.alphas, column("figure-8.csv", "history 0: α"));
}

#[test]
fn what_cannot_be_done_is_refused() {
    let desk = Desk::new();
    let unknown = desk.refusal("reproduce --figure 1a,7b --out out");
    assert!(unknown.contains("there is no figure '7b'; use some of 1a, 1b,"), "{unknown}");
    fs::create_dir(desk.path("out")).unwrap();
    desk.put("out/plan.json", "{}");
    let taken = desk.refusal("reproduce --out out");
    assert!(taken.contains("out holds a reproduction; add --resume"), "{taken}");
    let other = desk.refusal("reproduce --out out --resume");
    assert!(other.contains("another scale or version"), "{other}");
}

#[test]
fn runs_that_are_there_become_figures_and_a_report() {
    let desk = Desk::new();
    let setup = Setup::new(Scale::Small);
    fs::create_dir_all(desk.path("out/runs")).unwrap();
    desk.put("out/plan.json", serde_json::to_string(&setup).unwrap());
    let record = Record {
        loss: vec![1000.0, 100.0, 5.0],
        alpha: [vec![0.02; 2], vec![0.01; 2]],
        bound: [vec![0.1; 2], vec![0.05; 2]],
        seconds: 0.5,
    };
    let mut text = Vec::new();
    record.write(&mut text).unwrap();
    let alphas = ["1e-5", "1e-4", "1e-3", "3e-3", "1e-2", "3e-2", "5e-2", "7e-2"];
    let others = ["1e-1", "1.5e-1", "2e-1", "3e-1", "1e0", "1e1"];
    let rules = ["bound", "bound-one", "decay", "cauchy", "abb", "silver", "shipped-policy"];
    for alpha in alphas.iter().chain(&others) {
        desk.put(&format!("out/runs/fixed-{alpha}.csv"), &text);
    }
    for rule in rules {
        desk.put(&format!("out/runs/{rule}-first0.csv"), &text);
    }
    let printed = desk.print("reproduce --figure 2,1a,1b --out out --resume");
    assert!(printed.lines().all(|line| line.chars().count() <= 80), "{printed}");
    assert!(printed.contains("report.html, claims.csv and the figures are in out"), "{printed}");
    let files = desk.files("out");
    for figure in ["1a", "1b", "2"] {
        for ending in ["png", "svg"] {
            assert!(files.contains(&format!("figure-{figure}.{ending}")), "{files:?}");
        }
    }
    let html = fs::read_to_string(desk.path("out/report.html")).unwrap();
    assert_eq!(html.matches("<svg").count(), 3);
    let claims = fs::read_to_string(desk.path("out/claims.csv")).unwrap();
    assert!(claims.contains("tinynmf reproduce --figure 1a --scale small --out DIR"), "{claims}");
    desk.put("out/runs/bound-first0.csv", "nothing");
    let broken = desk.run("reproduce --figure 1a --out out --resume");
    let words = String::from_utf8(broken.stderr).unwrap();
    assert!(words.contains("bound-first0.csv: not the record of a run; remove it"), "{words}");
}
