//! Every emulated board has the host's bits, and costs what the tables say.

use std::fs;
use std::time::Duration;

use tinynmf_host::device::{BOARDS, COUNTS, Counts, identity, section};

const LIMIT: Duration = Duration::from_mins(2);
const README: &str = include_str!("../../README.md");
const FIRMWARE: &str = include_str!("../../firmware/README.md");

/// How much a count may grow before somebody has to look at it.
const GROWTH: f64 = 0.02;

#[test]
fn every_board_has_the_hosts_bits_with_every_rule() {
    let mut identities = Vec::new();
    for board in &BOARDS {
        let image = board.build().unwrap_or_else(|error| panic!("{}: {error}", board.core));
        let identity = image.identity(LIMIT).unwrap_or_else(|e| panic!("{}: {e}", board.core));
        assert_eq!(identity.device, identity.host, "{}", board.core);
        assert_eq!(identity.device.len(), 16, "14 rules, two of them on noisy batches as well");
        identities.push(identity);
    }
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
    for board in &BOARDS {
        let image = board.build().unwrap_or_else(|error| panic!("{}: {error}", board.core));
        counts.set(board, &image.costs(LIMIT).unwrap_or_else(|e| panic!("{}: {e}", board.core)));
    }
    assert_eq!(counts.growth(&committed, GROWTH), Vec::<String>::new());
    assert_eq!(counts.pieces(), committed.pieces(), "run `tinynmf boards --write`");
}
