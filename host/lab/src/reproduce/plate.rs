//! Result of a figure: a picture, its numbers, sentences, and verdicts on the paper's claims.

use std::io::{self, Write};

use serde::Serialize;

use super::record::Record;
use super::setup::{SOLVED, Setup};
use crate::plot::{self, Lines, Series};

/// A figure of the paper, remade.
#[derive(Debug, Clone)]
pub struct Plate {
    /// As the paper numbers it.
    pub id: &'static str,
    /// Its topic.
    pub title: &'static str,
    /// The paper's figure in words.
    pub paper: &'static str,
    /// The measurements, in sentences.
    pub measured: Vec<String>,
    /// The picture.
    pub picture: plot::Figure,
    /// The curves.
    pub curves: Table,
    /// Statistics of the runs, a line each.
    pub summary: Table,
    /// The paper's claims that it bears on.
    pub claims: Vec<Claim>,
}

/// A claim of the paper and what became of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Claim {
    /// The claim, in a sentence.
    pub claim: &'static str,
    /// The verdict.
    pub verdict: Verdict,
    /// The numbers.
    pub evidence: String,
    /// The figure whose command makes the numbers.
    pub figure: &'static str,
}

/// Verdict of measurements on a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// They agree with it.
    Confirmed,
    /// They contradict it.
    Refuted,
    /// They do not decide.
    Unclear,
}

impl Verdict {
    /// `Confirmed` where `yes`, `Refuted` where `no`, `Unclear` otherwise.
    #[must_use]
    pub fn of(yes: bool, no: bool) -> Self {
        match (yes, no) {
            (true, false) => Self::Confirmed,
            (false, true) => Self::Refuted,
            _ => Self::Unclear,
        }
    }

    /// The verdict, in a word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Refuted => "refuted",
            Self::Unclear => "unclear",
        }
    }
}

/// Numbers in columns.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    /// The columns' names.
    pub header: Vec<String>,
    /// The lines.
    pub rows: Vec<Vec<String>>,
}

impl Table {
    /// A table without lines yet.
    #[must_use]
    pub fn new(header: &[&str]) -> Self {
        Self { header: header.iter().map(ToString::to_string).collect(), rows: Vec::new() }
    }

    /// Adds a line.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// The columns of several runs side by side, a line for each epoch at which any loss was measured.
    #[must_use]
    pub fn curves(columns: &[(String, &[f32])], at: impl Fn(usize) -> bool) -> Self {
        let names = columns.iter().map(|(name, _)| name.clone());
        let header = std::iter::once("epoch".to_owned()).chain(names).collect();
        let last = columns.iter().map(|(_, column)| column.len()).max().unwrap_or(0);
        let line = |epoch: usize| {
            let cells = columns.iter().map(|(_, column)| match column.get(epoch) {
                Some(number) if !number.is_nan() => cell(*number),
                _ => String::new(),
            });
            std::iter::once(epoch.to_string()).chain(cells).collect()
        };
        Self { header, rows: (0..last).filter(|epoch| at(*epoch)).map(line).collect() }
    }

    /// A line a run: how it ended, its losses, when it solved the problem, its mean rates, its time.
    #[must_use]
    pub fn of_runs<'r>(runs: impl IntoIterator<Item = (String, &'r Record)>, epochs: u32) -> Self {
        let mut table = Self::new(&[
            "run",
            "it",
            &format!("F after {}", epochs / 100),
            &format!("F after {}", epochs / 10),
            &format!("F after {epochs}"),
            &format!("epochs to F < {SOLVED}"),
            "mean α of W",
            "mean α of H",
            "ms an epoch",
        ]);
        for (name, run) in runs {
            let [w, h] = run.mean_alpha();
            table.row([
                name,
                run.fate().word().to_owned(),
                short(run.loss_at(epochs / 100).into()),
                short(run.loss_at(epochs / 10).into()),
                short(run.last_loss().into()),
                run.solved().map_or("–".to_owned(), |epoch| epoch.to_string()),
                short(w),
                short(h),
                short(run.milliseconds()),
            ]);
        }
        table
    }

    /// Writes the table as CSV.
    ///
    /// # Errors
    ///
    /// An error of the writer.
    pub fn write(&self, file: &mut dyn Write) -> io::Result<()> {
        let mut table = csv::Writer::from_writer(file);
        table.write_record(&self.header)?;
        self.rows.iter().try_for_each(|row| table.write_record(row))?;
        table.flush()
    }
}

/// The losses that pictures show: from a tenth of what counts as solved to thrice the first one.
#[must_use]
pub fn losses(run: &Record) -> std::ops::Range<f64> {
    0.1 * f64::from(SOLVED)..3.0 * f64::from(run.loss[0])
}

/// The epochs that pictures of these runs show: half as many again as the last one took to solve the problem.
#[must_use]
pub fn shown<'r>(runs: impl IntoIterator<Item = &'r Record>, setup: &Setup) -> f64 {
    let last = runs.into_iter().filter_map(Record::solved).max();
    let most = f64::from(setup.epochs);
    last.map_or(most, |last| (1.5 * last as f64).clamp(0.05 * most, most))
}

/// Two panels of single runs, by epoch and by seconds; the first run is drawn as the others.
#[must_use]
pub fn rules(runs: &[(String, &Record)], setup: &Setup) -> [Lines; 2] {
    let end = shown(runs.iter().map(|(_, run)| *run), setup);
    ["epoch", "seconds"].map(|x| {
        let lines = Lines::new(format!("Rules, by {x}"), x, "F").log_y();
        let lines = lines.limits(losses(runs[0].1)).reference(SOLVED.into(), "solved");
        runs.iter().fold(lines, |lines, (name, run)| {
            let scale = if x == "epoch" { 1.0 } else { 1e-3 * run.milliseconds() };
            let points = run.curve().take_while(|(epoch, _)| *epoch <= end);
            lines.series(Series::points(name, points.map(|(t, loss)| (t * scale, loss))))
        })
    })
}

/// A number with all its digits, for a file.
fn cell(number: f32) -> String {
    if (1e-4..1e7).contains(&number.abs()) { number.to_string() } else { format!("{number:e}") }
}

/// A number in three digits, for a sentence.
#[must_use]
pub fn short(number: f64) -> String {
    match number.abs() {
        size if size.is_nan() => "–".to_owned(),
        0.0 => "0".to_owned(),
        0.001..1e6 => {
            let digits = 2 - number.abs().log10().floor() as i32;
            format!("{number:.*}", digits.max(0) as usize)
        }
        _ => format!("{number:.1e}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_have_three_digits_and_files_have_all() {
        let shown = [0.012_345, 1.0, 12.345, 99_999.0, 1.5e7, 1.5e-7, 0.0].map(short);
        assert_eq!(shown, ["0.0123", "1.00", "12.3", "99999", "1.5e7", "1.5e-7", "0"]);
        for number in [0.1_f32 + 0.2, 3.4e38, 1e-30, 1234.5] {
            assert_eq!(cell(number).parse::<f32>().unwrap().to_bits(), number.to_bits());
        }
    }

    #[test]
    fn curves_stand_side_by_side_with_gaps() {
        let table =
            Table::curves(&[("a".into(), &[1.0, f32::NAN, 3.0]), ("b".into(), &[4.0])], |epoch| {
                epoch != 1
            });
        assert_eq!(table.header, ["epoch", "a", "b"]);
        assert_eq!(table.rows, [vec!["0", "1", "4"], vec!["2", "3", ""]]);
    }
}
