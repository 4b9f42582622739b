//! The anomaly monitor: how well it tells anomalies from normal cycles, and the same bits and its cost on a Cortex-M0.
//!
//! `cargo test --release -p tinynmf-tests --test anomaly -- --nocapture` prints the tables of its page.

// Ten machines and an emulated one: once is enough.
#![cfg(not(debug_assertions))]

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use serde::Deserialize;
use tinynmf_anomaly::machine::ANOMALIES;
use tinynmf_anomaly::monitor::{CALM, COLUMNS, EPOCHS, Learner, Monitor};
use tinynmf_anomaly::session::{Outcome, WATCHED, session};
use tinynmf_anomaly::{Condition, RANK, ROWS};
use tinynmf_core::rule::Sweeps;
use tinynmf_core::transform::{Transform, TransformSettings};
use tinynmf_core::{Data, Nmf, Settings};
use tinynmf_lab::device::{Counted, MICROBIT, Unit, records};

/// Machines: the first is the device's.
const SEEDS: std::ops::Range<u64> = 1..11;

/// A watched cycle, and how far it is from what is normal: by the monitor, by the same in floats, without NMF.
struct Scored {
    condition: Condition,
    scores: [f64; 3],
}

/// Subjects of the scores, in the page's words.
const WHAT: [&str; 3] =
    ["the monitor, in integers", "the same in floats", "distance from the mean cycle"];

fn watch(seed: u64) -> (Outcome, Vec<Scored>) {
    let mut cycles = Vec::new();
    let mut learnt = None;
    let learn = |learner: &Learner| {
        learnt = Some(learner.clone());
        learner.learn()
    };
    let each = |condition, cycle: &[u16; ROWS], score| cycles.push((condition, *cycle, score));
    let outcome = session(seed, learn, Monitor::judge, each).unwrap();
    let learner = learnt.unwrap();

    let data = Data::new(learner.entries(), ROWS, COLUMNS, 1.0).unwrap();
    let settings = Settings { horizon: EPOCHS, ..Settings::default() };
    let mut nmf = Nmf::<ROWS, COLUMNS, RANK>::new(settings).unwrap();
    let mut run = nmf.run(data).unwrap();
    let mut rule = Sweeps::new(1.3, 2).unwrap();
    for _ in 0..EPOCHS {
        run.epoch(&mut rule);
    }
    let mut memory = [0.0; Transform::floats(RANK)];
    let mut transform =
        Transform::new(run.w(), RANK, TransformSettings::default(), &mut memory).unwrap();
    let mean = learner
        .entries()
        .chunks(COLUMNS)
        .map(|row| row.iter().map(|v| f64::from(*v)).sum::<f64>() / COLUMNS as f64);
    let mean: Vec<f64> = mean.collect();
    let scored = cycles.into_iter().map(|(condition, cycle, score)| {
        let (mut h, mut residual) = ([0.0; RANK], [0.0]);
        transform.exact(&Data::column(&cycle, 1.0).unwrap(), &mut h, &mut residual).unwrap();
        let from_mean = cycle.iter().zip(&mean).map(|(v, mean)| (f64::from(*v) - mean).powi(2));
        Scored { condition, scores: [f64::from(score), f64::from(residual[0]), from_mean.sum()] }
    });
    (outcome, scored.collect())
}

/// The chance that an anomaly scores higher than a normal cycle; half of it where they score alike.
fn auc(scored: &[Scored], kind: Option<Condition>, by: usize) -> f64 {
    let of = |wanted: &dyn Fn(Condition) -> bool| -> Vec<f64> {
        scored.iter().filter(|it| wanted(it.condition)).map(|it| it.scores[by]).collect()
    };
    let normal = of(&|it| it == Condition::Normal);
    let anomalous = of(&|it| kind.map_or(it != Condition::Normal, |kind| it == kind));
    let wins = anomalous.iter().flat_map(|a| {
        normal.iter().map(move |b| match a.total_cmp(b) {
            std::cmp::Ordering::Less => 0.0,
            std::cmp::Ordering::Equal => 0.5,
            std::cmp::Ordering::Greater => 1.0,
        })
    });
    wins.sum::<f64>() / (anomalous.len() * normal.len()) as f64
}

/// The page with the measurements.
const PAGE: &str = include_str!("../../firmware/examples/anomaly/README.md");

/// The page has these rows.
fn are_on_the_page(rows: &[String]) {
    rows.iter().for_each(|row| println!("{row}"));
    for row in rows {
        assert!(PAGE.lines().any(|line| line == row), "the page lacks: {row}");
    }
}

#[test]
fn anomalies_score_higher_and_the_page_says_how_often() {
    let sessions: Vec<_> = SEEDS.map(watch).collect();
    let mean = |of: &dyn Fn(&[Scored]) -> f64| {
        sessions.iter().map(|(_, scored)| of(scored)).sum::<f64>() / sessions.len() as f64
    };
    let mut rows = Vec::new();
    for (by, what) in WHAT.into_iter().enumerate() {
        let mut row = format!("| {what} | {:.3} |", mean(&|it| auc(it, None, by)));
        for kind in ANOMALIES {
            write!(row, " {:.3} |", mean(&|it| auc(it, Some(kind), by))).unwrap();
        }
        rows.push(row);
    }
    // The threshold was learnt from other cycles.
    let [alarms, found] = [|it: &Outcome| it.false_alarms, |it: &Outcome| it.found]
        .map(|of| sessions.iter().map(|(it, _)| of(it)).sum::<u32>());
    let watched = WATCHED * sessions.len() as u32;
    let shares =
        [f64::from(alarms) / f64::from(watched * 4 / 5), f64::from(found) / f64::from(watched / 5)];
    rows.push(format!("| {:.1} % | {:.1} % |", 100.0 * shares[0], 100.0 * shares[1]));
    are_on_the_page(&rows);

    let [integers, floats, without] = [0, 1, 2].map(|by| mean(&|it| auc(it, None, by)));
    assert!(integers > 0.95 && (integers - floats).abs() < 0.01, "{integers}, floats {floats}");
    assert!(without < 0.6, "{without}: what is simpler would do");
    assert!(shares[0] < 0.02 && shares[1] > 0.25, "{shares:?}");
}

#[derive(Deserialize)]
struct Report {
    threshold: u32,
    false_alarms: u32,
    found: u32,
    scores: u64,
}

#[test]
fn a_cortex_m0_has_the_hosts_bits_and_the_pages_cost() {
    let (expected, _) = watch(SEEDS.start);
    let image = MICROBIT.build_feature("anomaly").unwrap_or_else(|error| panic!("{error}"));
    let Counted { log, counts } = image
        .counted("watch", Path::new("."), Unit::Instructions, Duration::from_mins(5))
        .unwrap_or_else(|error| panic!("{error}"));
    let report: Report = records(&log, "anomaly").unwrap().pop().unwrap();
    let Report { threshold, false_alarms, found, scores } = report;
    assert_eq!(Outcome { threshold, false_alarms, found, scores }, expected);

    let [learning, cycles @ ..] = &counts[..] else { panic!("{counts:?}") };
    assert_eq!(cycles.len(), (CALM + WATCHED) as usize);
    let watched = &cycles[CALM as usize..];
    let measured = [
        ("W from 48 cycles", *learning as f64),
        ("a cycle, mean", watched.iter().sum::<u64>() as f64 / watched.len() as f64),
        ("a cycle, largest", *watched.iter().max().unwrap() as f64),
    ];
    measured.iter().for_each(|(what, measured)| println!("| {what} | {measured:.0} |"));
    for (what, measured) in measured {
        let start = format!("| {what} |");
        let row = PAGE.lines().find(|line| line.starts_with(&start)).unwrap_or_default();
        let written = row.split('|').nth(2).and_then(|cell| cell.trim().parse::<f64>().ok());
        let written = written.unwrap_or_else(|| panic!("the page lacks: {what}"));
        assert!((measured / written - 1.0).abs() < 0.03, "{what}: {measured} for {written}");
    }
}
