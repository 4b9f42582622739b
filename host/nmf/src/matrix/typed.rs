//! Tables whose columns have names and types, Parquet's and Arrow's: each column of numbers is a column of the matrix.
//!
//! The index that pandas wrote, or a first column of text, is row names. The schema tells the types, so that less is left to
//! guess than in a table of text.

mod names;
mod roles;

use std::thread;

pub(super) use self::names::Names;
use self::roles::Roles;
use super::options::ReadOptions;
use super::{Collected, Input, MOST_FILLED, Matrix};
use crate::error::{Error, Place, Result};

/// Entries that a byte of the file may stand for: a run of equal ones takes a few bytes, and a damaged file claims any number.
const LARGEST_RATIO: usize = 1032;

/// Columns that are read at a time, as far as their entries are no more than [`MOST_FILLED`].
const GROUP: usize = 64;

/// Name of the thread that reads a table: a panic there becomes an error, and a program's panic hook may leave it unsaid.
pub const READER: &str = "tinynmf-table";

pub(super) const AGAIN: &str = "the file is damaged, so copy or save it again";

/// Content of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Numbers of any type.
    Numbers,
    /// Letters.
    Text,
    /// Anything else: what people call it.
    Other(&'static str),
}

/// What a table's columns are, without their values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Schema {
    /// Rows of the table.
    pub rows: usize,
    /// The columns' names and kinds.
    pub columns: Vec<(String, Kind)>,
    /// Description of pandas' index, if pandas wrote the file.
    pub pandas: Option<String>,
}

/// A file of typed columns.
pub(super) trait Table {
    /// The file's name.
    fn name(&self) -> &str;

    /// Its rows and columns.
    fn schema(&self) -> &Schema;

    /// The values of those columns, which ascend, row by row; NaN where there is none.
    fn numbers(&self, columns: &[usize]) -> Result<Vec<Vec<f64>>>;

    /// The values of a column as names; an empty one where there is none.
    fn names(&self, column: usize) -> Result<Vec<String>>;
}

/// Reads the table that `open` opens.
pub(super) fn read<T: Table>(
    name: &str,
    options: ReadOptions,
    open: impl FnOnce() -> Result<T> + Send,
) -> Result<Input> {
    // The crates refuse most damaged files and panic at some, on a thread of its own here.
    let read = thread::scope(|scope| {
        let reader = thread::Builder::new().name(READER.to_owned());
        let reader = reader.spawn_scoped(scope, || input(&open()?, options));
        reader.map(thread::ScopedJoinHandle::join)
    });
    match read {
        Ok(Ok(read)) => read,
        Ok(Err(_)) => Err(Error::format(name, "the table cannot be read", AGAIN)),
        Err(error) => {
            Err(Error::format(name, format!("no thread can read it: {error}"), "free some memory"))
        }
    }
}

fn input(table: &impl Table, options: ReadOptions) -> Result<Input> {
    let roles = Roles::of(table, options)?;
    let matrix = matrix(table, &roles.numbers, options.missing)?;
    let row_names = match &roles.names[..] {
        [] => None,
        columns => Some(row_names(table, columns)?),
    };
    let column_name = |at: &usize| table.schema().columns[*at].0.clone();
    let column_names = roles.numbers.iter().map(column_name).collect();
    Ok(Input::Dense(matrix.with_names(row_names, Some(column_names)).with_notes(roles.notes)))
}

/// The columns of numbers side by side; a null is an entry that is not known.
fn matrix(table: &impl Table, numbers: &[usize], accepts_missing: bool) -> Result<Matrix> {
    let (rows, columns) = (table.schema().rows, numbers.len());
    let mut collected = Collected::new(rows * columns, accepts_missing);
    let group = (MOST_FILLED / rows.max(1)).clamp(1, GROUP);
    for (first, group) in (0..).step_by(group).zip(numbers.chunks(group)) {
        for (column, values) in (first..).zip(table.numbers(group)?) {
            for (row, value) in values.into_iter().enumerate() {
                collected.set(row * columns + column, value).map_err(|fault| {
                    let place = Place::Row(row + 1, column + 1);
                    Error::Entry { path: table.name().to_owned(), place, fault }
                })?;
            }
        }
    }
    let (entries, missing) = collected.finish();
    Matrix::from_known(table.name(), rows, columns, entries, missing)
}

/// The names that `columns` hold, joined where an index has several levels.
fn row_names(table: &impl Table, columns: &[usize]) -> Result<Vec<String>> {
    let mut all: Vec<String> = Vec::new();
    for at in columns {
        let level = table.names(*at)?;
        if all.is_empty() {
            all = level;
        } else {
            all.iter_mut().zip(level).for_each(|(name, more)| *name = format!("{name}, {more}"));
        }
    }
    Ok(all)
}

/// The most entries, or letters of names, that so many bytes of a file may stand for.
pub(super) fn most(bytes: usize) -> usize {
    bytes.saturating_mul(LARGEST_RATIO).max(MOST_FILLED)
}

/// Refuses more rows than so many bytes can hold.
pub(super) fn check_rows(name: &str, bytes: usize, rows: usize, columns: usize) -> Result<()> {
    if rows.saturating_mul(columns) <= most(bytes) {
        return Ok(());
    }
    Err(Error::format(name, format!("{bytes} bytes claim {rows} rows"), AGAIN))
}

/// A file that its library cannot read: of the lines in which that says why, the first.
pub(super) fn unreadable(name: &str, problem: impl std::fmt::Display) -> Error {
    let problem = problem.to_string();
    let problem = problem.lines().next().unwrap_or_default().trim_end_matches('.');
    Error::format(name, format!("the table cannot be read ({problem})"), AGAIN)
}
