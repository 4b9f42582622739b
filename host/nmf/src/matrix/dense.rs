//! The dense matrix: every entry stored, as it was or as f32.

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use super::entries::{Entries, FAINTEST, checked};
use crate::error::{Error, Place, Result};
use crate::text::one_line;

/// A matrix of which every entry is finite and >= 0 and at least one is well above 0; entries that are not known are 0.
#[derive(Debug, Clone, PartialEq)]
pub struct Matrix {
    name: String,
    rows: usize,
    cols: usize,
    entries: Entries,
    row_names: Option<Vec<String>>,
    column_names: Option<Vec<String>>,
    missing: Vec<usize>,
    notes: Vec<String>,
}

impl Matrix {
    /// The matrix of `rows` × `cols` with the given `entries`, row by row.
    ///
    /// # Errors
    ///
    /// An entry that NMF cannot use, with its row and column; an empty matrix; one with only zeros.
    ///
    /// # Panics
    ///
    /// If there are not `rows * cols` entries.
    pub fn new(name: &str, rows: usize, cols: usize, entries: Vec<f32>) -> Result<Self> {
        for (k, &entry) in entries.iter().enumerate() {
            checked(f64::from(entry)).map_err(|fault| Error::Entry {
                path: name.to_owned(),
                place: Place::Row(k / cols + 1, k % cols + 1),
                fault,
            })?;
        }
        Self::from_checked(name, rows, cols, entries)
    }

    /// The matrix of entries that have all passed [`checked`], or are bytes.
    pub(super) fn from_checked(
        name: &str,
        rows: usize,
        cols: usize,
        entries: impl Into<Entries>,
    ) -> Result<Self> {
        let entries = entries.into();
        assert_eq!(
            Some(entries.len()),
            rows.checked_mul(cols),
            "entries of a {rows} x {cols} matrix"
        );
        let largest = entries.largest();
        something(name, rows, cols, largest)?;
        Ok(Self {
            name: name.to_owned(),
            rows,
            cols,
            entries,
            row_names: None,
            column_names: None,
            missing: Vec::new(),
            notes: Vec::new(),
        })
    }

    /// The same of entries of which some, by their numbers from 0, are not known, and stand as 0.
    pub(super) fn from_known(
        name: &str,
        rows: usize,
        cols: usize,
        entries: impl Into<Entries>,
        missing: Vec<usize>,
    ) -> Result<Self> {
        if !missing.is_empty() && missing.len() == rows * cols {
            return Err(Error::Matrix {
                path: name.to_owned(),
                problem: "no entry is known".to_owned(),
                remedy: "NMF needs at least one entry > 0, so check how the file was made",
            });
        }
        Ok(Self::from_checked(name, rows, cols, entries)?.with_missing(missing))
    }

    /// With names for its rows and columns; as many as there are of these.
    pub(super) fn with_names(
        self,
        row_names: Option<Vec<String>>,
        column_names: Option<Vec<String>>,
    ) -> Self {
        let row_names = row_names.filter(|names| names.len() == self.rows);
        let column_names = column_names.filter(|names| names.len() == self.cols);
        Self { row_names, column_names, ..self }
    }

    /// With the numbers, ascending from 0, of entries that are not known.
    pub(super) fn with_missing(mut self, missing: Vec<usize>) -> Self {
        match missing.len() {
            0 => {}
            1 => self.notes.push("1 of them missing".to_owned()),
            more => self.notes.push(format!("{more} of them missing")),
        }
        Self { missing, ..self }
    }

    /// With more remarks on how the file was read.
    pub(super) fn with_notes(mut self, notes: impl IntoIterator<Item = String>) -> Self {
        self.notes.extend(notes);
        self
    }

    /// The first `count` rows as a matrix of its own, or all of them if there are fewer.
    ///
    /// # Errors
    ///
    /// If nothing but zeros is left.
    pub fn first_rows(&self, count: usize) -> Result<Self> {
        let rows = count.min(self.rows);
        let entries: Entries = match &self.entries {
            Entries::Float(entries) => entries[..rows * self.cols].to_vec().into(),
            Entries::Byte(entries) => entries[..rows * self.cols].to_vec().into(),
        };
        let first = |names: &Vec<String>| names[..rows].to_vec();
        let missing = self.missing.iter().copied().take_while(|at| *at < rows * self.cols);
        Ok(Self::from_checked(&self.name, rows, self.cols, entries)?
            .with_names(self.row_names.as_ref().map(first), self.column_names.clone())
            .with_missing(missing.collect()))
    }

    /// The path that the matrix was read from, or the name that it was given.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Number of rows, m.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Number of columns, n.
    #[must_use]
    pub fn cols(&self) -> usize {
        self.cols
    }

    /// The m·n entries, row by row, as they are stored.
    #[must_use]
    pub fn stored(&self) -> &Entries {
        &self.entries
    }

    /// The m·n entries as floats, row by row; a copy where bytes are stored.
    #[must_use]
    pub fn entries(&self) -> Cow<'_, [f32]> {
        match &self.entries {
            Entries::Float(entries) => Cow::Borrowed(entries),
            Entries::Byte(entries) => entries.iter().map(|byte| f32::from(*byte)).collect(),
        }
    }

    /// The numbers, row by row and ascending from 0, of entries that are not known; none unless
    /// [`ReadOptions::missing`](super::ReadOptions::missing) let them in.
    #[must_use]
    pub fn missing(&self) -> &[usize] {
        &self.missing
    }

    /// The n entries of a row.
    ///
    /// # Panics
    ///
    /// If there is no such row.
    pub fn row(&self, row: usize) -> impl Iterator<Item = f32> + '_ {
        let range = row * self.cols..(row + 1) * self.cols;
        let (floats, bytes) = match &self.entries {
            Entries::Float(entries) => (&entries[range], &[][..]),
            Entries::Byte(entries) => (&[][..], &entries[range]),
        };
        floats.iter().copied().chain(bytes.iter().map(|byte| f32::from(*byte)))
    }

    /// The names of the m rows, if the file has them.
    #[must_use]
    pub fn row_names(&self) -> Option<&[String]> {
        self.row_names.as_deref()
    }

    /// The names of the n columns, if the file has them.
    #[must_use]
    pub fn column_names(&self) -> Option<&[String]> {
        self.column_names.as_deref()
    }

    /// One line that tells what was read and what was taken for granted.
    #[must_use]
    pub fn report(&self) -> String {
        report(&self.name, [self.rows, self.cols], &self.notes)
    }
}

/// "read 87 x 61 numbers from volcano.csv: first line taken as column names"
pub(super) fn report(name: &str, [rows, cols]: [usize; 2], notes: &[String]) -> String {
    let what = format!("read {rows} x {cols} numbers from {}", one_line(name));
    if notes.is_empty() { what } else { format!("{what}: {}", notes.join(", ")) }
}

/// Refuses a matrix in which there is nothing to factorise.
pub(crate) fn something(name: &str, rows: usize, cols: usize, largest: f32) -> Result<()> {
    let fault =
        |problem: String, remedy| Err(Error::Matrix { path: name.to_owned(), problem, remedy });
    if rows == 0 || cols == 0 {
        let problem = format!("the matrix is empty ({rows} x {cols})");
        return fault(problem, "NMF needs at least one row and one column");
    }
    if largest == 0.0 {
        let problem = "every entry is zero".to_owned();
        return fault(problem, "NMF needs at least one entry > 0, so check how the file was made");
    }
    if largest < FAINTEST {
        let problem = format!("the largest entry is {largest:e}");
        return fault(problem, "32-bit arithmetic loses matrices below 2^-40, so rescale it");
    }
    Ok(())
}
