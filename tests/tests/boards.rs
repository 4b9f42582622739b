//! Every emulated board has the host's bits, and costs what the tables say.

// The images are the same whatever the profile of the tests, and the host's bits are in debug builds those of release
// builds, see golden.rs: once is enough.
#![cfg(not(debug_assertions))]

use std::fs;
use std::time::Duration;

use tinynmf::digits;
use tinynmf::nmf_vec::NmfVec;
use tinynmf_core::rule::table::KINDS;
use tinynmf_core::{Data, Fingerprint, Policy, Rule, Settings, policy};
use tinynmf_lab::device::{BOARDS, Board, COUNTS, Counts, identity, section, wasm_identity};
use tinynmf_stream::Separator;
use tinynmf_stream::mixture::{Mixture, resemblance};
use tinynmf_stream::separator::FLOATS;

const LIMIT: Duration = Duration::from_mins(2);
const README: &str = include_str!("../../README.md");
const FIRMWARE: &str = include_str!("../../firmware/README.md");

/// Every rule of the table, the two that ask a policy, and two on noisy mini-batches.
const RUNS: usize = KINDS.len() + 4;

/// How much a count may grow before somebody has to look at it.
const GROWTH: f64 = 0.02;

#[test]
fn every_board_has_the_hosts_bits_with_every_rule() {
    let mut identities = Vec::new();
    for board in &BOARDS {
        let image = board.build().unwrap_or_else(|error| panic!("{}: {error}", board.core));
        let identity = image.identity(LIMIT).unwrap_or_else(|e| panic!("{}: {e}", board.core));
        assert_eq!(identity.device, identity.host, "{}", board.core);
        assert_eq!(identity.device.len(), RUNS, "{}", board.core);
        identities.push(identity);
    }
    let wasm = wasm_identity(LIMIT).unwrap_or_else(|error| panic!("WebAssembly: {error}"));
    assert_eq!(wasm.device, wasm.host, "WebAssembly");
    assert_eq!(wasm.device.len(), RUNS, "as on boards");
    identities.push(wasm);
    let table = identity::table(&identities);
    assert_eq!(section(README, "identity"), Some(&*table), "run `tinynmf boards --write`");
}

#[test]
fn no_count_grows() {
    let committed = Counts::from_csv(&fs::read_to_string(COUNTS).unwrap());
    assert_eq!(
        section(FIRMWARE, "costs"),
        Some(&*committed.table()),
        "run `tinynmf boards --write`"
    );
    let mut counts = Counts::default();
    for board in BOARDS.iter().filter(|board| board.is_counted()) {
        let image = board.build().unwrap_or_else(|error| panic!("{}: {error}", board.core));
        counts.set(board, &image.costs(LIMIT).unwrap_or_else(|e| panic!("{}: {e}", board.core)));
    }
    assert_eq!(counts.growth(&committed, GROWTH), Vec::<String>::new());
    assert_eq!(counts.pieces(), committed.pieces(), "run `tinynmf boards --write`");
}

/// The log of a board's command.
fn log(board: &Board, word: &str) -> Vec<String> {
    let image = board.build().unwrap_or_else(|error| panic!("{}: {error}", board.core));
    image.command(word, LIMIT).unwrap_or_else(|error| panic!("{} {word}: {error}", board.core))
}

#[test]
fn every_board_separates_a_stream_as_the_host_does() {
    let mut memory = [0.0; FLOATS];
    let mut separator = Separator::new(&mut memory).unwrap();
    for sample in Mixture::default().take(64 * 1201) {
        separator.sample(sample).unwrap();
    }
    let mut w = Fingerprint::new();
    w.floats(separator.w());
    let [first, second] = resemblance(separator.w());
    assert!(first > 0.98 && second > 0.98, "{first} {second}");
    let (first, second, w) = (first.to_string(), second.to_string(), w.value());
    let report =
        format!("separation {{\"columns\":1200,\"first\":{first},\"second\":{second},\"w\":{w}}}");
    for board in &BOARDS {
        let log = log(board, "stream");
        assert_eq!(log.last(), Some(&report), "{}", board.core);
        assert_eq!(log.len(), 121, "a line every ten columns");
    }
}

#[test]
fn a_sensor_that_fails_leaves_finite_factors_on_every_board() {
    let expected = [
        ("not a number", "refused", Some(true)),
        ("infinite", "refused", Some(true)),
        ("negative", "refused", Some(true)),
        ("beyond the largest entry", "refused", Some(true)),
        ("zero", "teaches nothing", Some(true)),
        ("one sensor dead", "taken", Some(false)),
        ("all stuck at one value", "taken", Some(false)),
        ("saturated u8", "taken", Some(false)),
        ("saturated u16", "taken", Some(false)),
        ("the smallest float", "teaches nothing", Some(true)),
        // As even as the saturated columns before it, so that W may fit it to the last bit already.
        ("the largest entry", "taken", None),
    ];
    let first = log(&BOARDS[0], "faults");
    for faults in first.chunks(expected.len() + 1) {
        for (line, (what, verdict, unchanged)) in faults.iter().zip(expected) {
            let start = format!("fault {{\"what\":\"{what}\",\"verdict\":\"{verdict}\",");
            assert!(line.starts_with(&start) && line.contains("\"finite\":true,"), "{line}");
            if let Some(unchanged) = unchanged {
                assert!(line.contains(&format!("\"unchanged\":{unchanged},")), "{line}");
            }
        }
        let last = &faults[expected.len()];
        assert!(last.contains("sound again") && last.contains("\"finite\":true"), "{last}");
    }
    assert_eq!(first.len(), 2 * (expected.len() + 1), "two ways to keep the past");
    for board in &BOARDS[1..] {
        assert_eq!(log(board, "faults"), first, "{}", board.core);
    }
}

#[test]
fn a_brown_out_in_the_middle_of_a_step_goes_on_from_the_last_whole_column() {
    for board in &BOARDS {
        let log = log(board, "brownout");
        let lives: Vec<_> = log.iter().filter_map(|line| line.strip_prefix("life from ")).collect();
        assert_eq!(lives, ["column 0", "column 100", "column 199"], "{}", board.core);
        let report = log.last().unwrap();
        let number = |name: &str| -> f32 {
            let (_, tail) = report.split_once(&format!("\"{name}\":")).unwrap();
            tail.split([',', '}']).next().unwrap().parse().unwrap()
        };
        assert!(number("columns") >= 500.0, "{report}");
        assert!(number("first") > 0.95 && number("second") > 0.95, "{}: {report}", board.core);
    }
}

#[test]
fn a_brown_out_in_the_middle_of_an_epoch_changes_no_bit_of_the_factorisation() {
    let (images, rank, epochs) = (12, 3, 20);
    let v = digits::first(images);
    let entries = v.entries();
    let v = Data::new(&entries, v.rows(), v.cols(), 1.0 / 16.0).unwrap();
    let settings = Settings { horizon: epochs, ..Settings::default() };
    let mut nmf = NmfVec::new(v.rows(), v.columns(), rank, settings).unwrap();
    let mut run = nmf.run(v).unwrap();
    let mut rule = Rule::learned(Policy::from_bytes(policy::SHIPPED).unwrap());
    for _ in 0..epochs {
        run.epoch(&mut rule);
    }
    let [w, h] = [run.w(), run.h()].map(|factor| {
        let mut fingerprint = Fingerprint::new();
        fingerprint.floats(factor);
        fingerprint.value()
    });
    // In a half-step, between an epoch and its save, in the save; twice in the same epoch.
    let lives = [0, 0, 0, 3, 3, 8, 8, 13].map(|epoch| format!("life from epoch {epoch}"));
    let report = format!("resumed {{\"lives\":8,\"w\":{w},\"h\":{h}}}");
    let expected: Vec<String> = lives.into_iter().chain([report]).collect();
    for board in &BOARDS {
        assert_eq!(log(board, "resume"), expected, "{}", board.core);
    }
}
