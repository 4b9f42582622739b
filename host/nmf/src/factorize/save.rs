//! The files of a factorisation.

use std::io;
use std::str::FromStr;

use super::Factorization;
use crate::error::Result;
use crate::matrix::{write_npy, write_table};
use crate::output::Staged;

/// The columns of the file of losses, which tell it from others of its name.
pub const LOSS_COLUMNS: [&str; 3] = ["epoch", "cost", "objective"];

/// How factors are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OutputFormat {
    /// NumPy arrays of f32.
    #[default]
    Npy,
    /// Tables of text with the names of rows, columns and parts.
    Csv,
}

impl FromStr for OutputFormat {
    type Err = &'static str;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word {
            "npy" => Ok(Self::Npy),
            "csv" => Ok(Self::Csv),
            _ => Err("this is npy or csv"),
        }
    }
}

impl OutputFormat {
    /// The files of a factorisation: W, H, losses.
    #[must_use]
    pub fn files(self) -> [String; 3] {
        let [w, h] = ["w", "h"].map(|name| format!("{name}.{}", self.extension()));
        [w, h, "loss.csv".to_owned()]
    }

    /// The ending of its files' names.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Npy => "npy",
            Self::Csv => "csv",
        }
    }
}

impl Factorization {
    /// Writes W, H and `loss.csv` into a set of results; rows and columns get the names given, or numbers from 1.
    ///
    /// # Errors
    ///
    /// A disk that is full, or a folder that has gone.
    pub fn save(
        &self,
        results: &mut Staged<'_>,
        [row_names, column_names]: [Option<&[String]>; 2],
        format: OutputFormat,
    ) -> Result<()> {
        let [w, h, losses] = format.files();
        match format {
            OutputFormat::Npy => {
                results.save(&w, |path| write_npy(path, self.rows, self.rank, &self.w))?;
                results.save(&h, |path| write_npy(path, self.rank, self.columns, &self.h))?;
            }
            OutputFormat::Csv => {
                let parts = part_names(self.rank);
                let (rows, columns) =
                    (names(row_names, self.rows), names(column_names, self.columns));
                results.save(&w, |path| write_table(path, &rows, &parts, &self.w))?;
                results.save(&h, |path| write_table(path, &parts, &columns, &self.h))?;
            }
        }
        results.write(&losses, |file| self.write_losses(file))
    }

    fn write_losses(&self, file: &mut dyn io::Write) -> io::Result<()> {
        let mut table = csv::Writer::from_writer(file);
        table.write_record(LOSS_COLUMNS)?;
        for point in &self.history {
            let cells = [
                point.epoch.to_string(),
                (point.cost as f32).to_string(),
                point.objective.to_string(),
            ];
            table.write_record(cells)?;
        }
        table.flush()
    }
}

/// Names of the parts in tables.
#[must_use]
pub fn part_names(rank: usize) -> Vec<String> {
    (1..=rank).map(|part| format!("part {part}")).collect()
}

/// The names that the file gave, or numbers from 1.
#[must_use]
pub fn names(given: Option<&[String]>, count: usize) -> Vec<String> {
    given.map_or_else(|| (1..=count).map(|number| number.to_string()).collect(), <[_]>::to_vec)
}
