//! What was counted on all boards: the committed file, and tables for people.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::{BOARDS, Board, Cost};

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

    /// The count of a piece of work on a processor.
    #[must_use]
    pub fn get(&self, board: &Board, what: &str) -> Option<u64> {
        self.rows.iter().find(|row| row.what == what)?.by_core.get(board.core).copied()
    }

    /// Reads what [`Counts::to_csv`] wrote; lines that it would not write are left out.
    #[must_use]
    pub fn from_csv(text: &str) -> Self {
        let mut counts = Self::default();
        for line in text.lines() {
            let fields: Vec<_> = line.split(';').collect();
            let [core, what, per, count] = fields[..] else { continue };
            let board = BOARDS.iter().find(|board| board.core == core);
            if let (Some(board), Ok(per), Ok(count)) = (board, per.parse(), count.parse()) {
                counts.set(board, &[Cost { what: what.to_owned(), per, count }]);
            }
        }
        counts
    }

    /// A line a count: `processor;what;per;instructions`.
    #[must_use]
    pub fn to_csv(&self) -> String {
        let mut text = String::from("core;what;per;instructions\n");
        for board in &BOARDS {
            for Row { what, per, by_core } in &self.rows {
                if let Some(count) = by_core.get(board.core) {
                    let _ = writeln!(text, "{};{what};{per};{count}", board.core);
                }
            }
        }
        text
    }

    /// A Markdown table of at most 100 columns: a line a piece of work, a column a processor; instructions per multiply-add
    /// where the work consists of them.
    #[must_use]
    pub fn table(&self) -> String {
        let shown: Vec<_> = BOARDS
            .iter()
            .filter(|board| self.rows.iter().any(|row| row.by_core.contains_key(board.core)))
            .collect();
        let mut text = format!("| {:<24} |", "");
        for board in &shown {
            let _ = write!(text, " {:>7} |", short(board.core));
        }
        text += "\n|--------------------------|";
        text += &"--------:|".repeat(shown.len());
        for Row { what, per, by_core } in &self.rows {
            let _ = write!(text, "\n| {what:<24} |");
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
