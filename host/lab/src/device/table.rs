//! Counts on all boards: the committed file, and tables for people.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::{BOARDS, Board, Cost};

/// The committed counts.
pub const COUNTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../firmware/counts/counts.csv");

/// The boards whose costs are counted.
fn counted() -> impl Iterator<Item = &'static Board> {
    BOARDS.iter().filter(|board| board.is_counted())
}

/// Counts by piece of work and processor.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    rows: Vec<Row>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Row {
    what: String,
    per: u64,
    by_core: BTreeMap<String, u64>,
}

impl Counts {
    /// Takes in what was counted on one board; what was there before gives way.
    pub fn set(&mut self, board: &Board, costs: &[Cost]) {
        let mut next = 0;
        for Cost { what, per, count } in costs {
            let place = self.rows.iter().position(|row| row.what == *what).unwrap_or_else(|| {
                let row = Row { what: what.clone(), per: *per, by_core: BTreeMap::new() };
                self.rows.insert(next, row);
                next
            });
            next = place + 1;
            self.rows[place].per = *per;
            self.rows[place].by_core.insert(board.core.to_owned(), *count);
        }
    }

    /// Names of the counts: processor and piece of work.
    #[must_use]
    pub fn pieces(&self) -> Vec<(&str, &str)> {
        let rows = self.rows.iter();
        rows.flat_map(|row| row.by_core.keys().map(|core| (&**core, &*row.what))).collect()
    }

    /// Counts that grew by more than `share` against `before`: a line a count.
    #[must_use]
    pub fn growth(&self, before: &Self, share: f64) -> Vec<String> {
        let mut grown = Vec::new();
        for Row { what, by_core, .. } in &self.rows {
            for (core, count) in by_core {
                let known = before.rows.iter().find(|row| row.what == *what);
                let Some(was) = known.and_then(|row| row.by_core.get(core)) else { continue };
                if *count as f64 > *was as f64 * (1.0 + share) {
                    grown.push(format!("{core}, {what}: {count}, was {was}"));
                }
            }
        }
        grown
    }

    /// The count of a piece of work on a processor.
    #[must_use]
    pub fn get(&self, board: &Board, what: &str) -> Option<u64> {
        self.rows.iter().find(|row| row.what == what)?.by_core.get(board.core).copied()
    }

    /// Reads what [`Counts::to_csv`] wrote; what it would not write is left out.
    #[must_use]
    pub fn from_csv(text: &str) -> Self {
        let row = |line: &str| {
            let mut fields = line.split(';');
            let (what, per) = (fields.next()?.to_owned(), fields.next()?.parse().ok()?);
            let counts = counted().zip(fields);
            let by_core = counts
                .filter_map(|(board, count)| Some((board.core.to_owned(), count.parse().ok()?)));
            Some(Row { what, per, by_core: by_core.collect() })
        };
        Self { rows: text.lines().filter_map(row).collect() }
    }

    /// A line a piece of work: what, per how much, and a count for every processor.
    #[must_use]
    pub fn to_csv(&self) -> String {
        let mut text = String::from("what;per");
        for board in counted() {
            let _ = write!(text, ";{}", board.core);
        }
        for Row { what, per, by_core } in &self.rows {
            let _ = write!(text, "\n{what};{per}");
            for board in counted() {
                let count = by_core.get(board.core).map_or(String::new(), u64::to_string);
                let _ = write!(text, ";{count}");
            }
        }
        text + "\n"
    }

    /// A Markdown table: a line a piece of work, a column a processor; instructions per multiply-add where
    /// the work consists of them.
    #[must_use]
    pub fn table(&self) -> String {
        let shown: Vec<_> = BOARDS
            .iter()
            .filter(|board| self.rows.iter().any(|row| row.by_core.contains_key(board.core)))
            .collect();
        let mut text = format!("| {:<25} |", "");
        for board in &shown {
            let _ = write!(text, " {:>7} |", short(board.core));
        }
        text += "\n|---------------------------|";
        text += &"--------:|".repeat(shown.len());
        for Row { what, per, by_core } in &self.rows {
            let _ = write!(text, "\n| {what:<25} |");
            for board in &shown {
                let cell = by_core.get(board.core).map_or(String::new(), |count| match per {
                    1 => count.to_string(),
                    _ => format!("{:.2}", *count as f64 / *per as f64),
                });
                let _ = write!(text, " {cell:>7} |");
            }
        }
        text + "\n"
    }
}

fn short(core: &str) -> &str {
    core.strip_prefix("Cortex-").unwrap_or(core)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(count: u64) -> Counts {
        let mut counts = Counts::default();
        counts.set(&BOARDS[2], &[Cost { what: "product".into(), per: 100, count }]);
        counts.set(&BOARDS[0], &[Cost { what: "choice".into(), per: 1, count: 70 }]);
        counts
    }

    #[test]
    fn the_file_is_read_back_and_growth_is_seen() {
        let committed = counts(1000);
        assert_eq!(Counts::from_csv(&committed.to_csv()), committed);
        assert!(counts(1020).growth(&committed, 0.02).is_empty());
        assert_eq!(counts(1021).growth(&committed, 0.02), ["Cortex-M4F, product: 1021, was 1000"]);
        assert_eq!(committed.get(&BOARDS[2], "product"), Some(1000));
        let table = committed.table();
        assert!(table.contains("| product                   |         |   10.00 |"), "{table}");
        assert!(table.contains("| choice                    |      70 |         |"), "{table}");
    }
}
