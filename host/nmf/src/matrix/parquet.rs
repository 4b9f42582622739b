//! Parquet tables: each column of numbers is a column of the matrix, and keeps its name.
//!
//! The index that pandas wrote, or a first column of text, is row names. The schema tells the types, so that less is left to
//! guess than in a table of text.

mod column;
mod roles;
#[cfg(test)]
mod tests;

use std::thread;

use bytes::Bytes;
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, SerializedFileReader};

use self::column::{Kind, Limit, names, numbers};
use self::roles::Roles;
use super::options::ReadOptions;
use super::{Collected, Input, MOST_FILLED, Matrix};
use crate::error::{Error, Place, Result};

/// Entries that a byte of the file may stand for: a run of equal ones takes a few bytes, and a damaged file claims any number.
const LARGEST_RATIO: usize = 1032;

/// Name of the thread that reads a table: a panic there becomes an error, and a program's panic hook may leave it unsaid.
pub const READER: &str = "tinynmf-parquet";

pub(super) fn parse(name: &str, bytes: &[u8], options: ReadOptions) -> Result<Input> {
    // The crate refuses most damaged pages and panics at some, on a thread of its own here.
    let read = thread::scope(|scope| {
        let reader = thread::Builder::new().name(READER.to_owned());
        let reader = reader.spawn_scoped(scope, || read(name, bytes, options));
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

fn read(name: &str, bytes: &[u8], options: ReadOptions) -> Result<Input> {
    let table = Table::open(name, bytes)?;
    let roles = Roles::of(&table, options)?;
    let matrix = table.matrix(&roles, options.missing)?;
    let row_names = match &roles.names[..] {
        [] => None,
        columns => Some(table.row_names(columns)?),
    };
    let column_names = roles.numbers.iter().map(|at| table.columns[*at].0.clone()).collect();
    Ok(Input::Dense(matrix.with_names(row_names, Some(column_names)).with_notes(roles.notes)))
}

/// A file's columns, by name and kind, and what reads them.
struct Table<'a> {
    name: &'a str,
    reader: SerializedFileReader<Bytes>,
    rows: usize,
    columns: Vec<(String, Kind)>,
}

impl<'a> Table<'a> {
    fn open(name: &'a str, bytes: &[u8]) -> Result<Self> {
        let reader = SerializedFileReader::new(Bytes::copy_from_slice(bytes))
            .map_err(|error| unreadable(name, &error))?;
        let metadata = reader.metadata().file_metadata();
        let schema = metadata.schema_descr();
        let columns: Vec<(String, Kind)> =
            schema.columns().iter().map(|it| (it.path().string(), Kind::of(it))).collect();
        let rows = usize::try_from(metadata.num_rows()).unwrap_or(usize::MAX);
        let most = bytes.len().saturating_mul(LARGEST_RATIO).max(MOST_FILLED);
        if rows.saturating_mul(columns.len()) > most {
            let problem = format!("{} bytes claim {rows} rows", bytes.len());
            return Err(Error::format(name, problem, AGAIN));
        }
        Ok(Self { name, reader, rows, columns })
    }

    /// Description of pandas' index, if pandas wrote the file.
    fn pandas(&self) -> Option<&str> {
        let metadata = self.reader.metadata().file_metadata().key_value_metadata()?;
        metadata.iter().find(|it| it.key == "pandas")?.value.as_deref()
    }

    /// Column `at` of all groups of rows, read by `read`.
    fn column<T>(&self, at: usize, read: column::Read<T>) -> Result<Vec<T>> {
        let failed = |error: ParquetError| unreadable(self.name, &error);
        let schema = self.reader.metadata().file_metadata().schema_descr();
        let mut values = Vec::new();
        for group in 0..self.reader.num_row_groups() {
            let group = self.reader.get_row_group(group).map_err(failed)?;
            let reader = group.get_column_reader(at).map_err(failed)?;
            let limit = Limit { rows: self.rows, levels: schema.column(at).max_def_level() };
            read(reader, self.columns[at].1, limit, &mut values).map_err(failed)?;
        }
        if values.len() == self.rows {
            return Ok(values);
        }
        let problem =
            format!("column {:?} has {} of {} rows", self.columns[at].0, values.len(), self.rows);
        Err(Error::format(self.name, problem, AGAIN))
    }

    /// The columns of numbers side by side; a null is an entry that is not known.
    fn matrix(&self, roles: &Roles, accepts_missing: bool) -> Result<Matrix> {
        let columns = roles.numbers.len();
        let mut collected = Collected::new(self.rows * columns, accepts_missing);
        for (column, at) in roles.numbers.iter().enumerate() {
            for (row, value) in self.column(*at, numbers)?.into_iter().enumerate() {
                collected.set(row * columns + column, value).map_err(|fault| {
                    let place = Place::Row(row + 1, column + 1);
                    Error::Entry { path: self.name.to_owned(), place, fault }
                })?;
            }
        }
        let (entries, mut missing) = collected.finish();
        missing.sort_unstable();
        Ok(Matrix::from_checked(self.name, self.rows, columns, entries)?.with_missing(missing))
    }

    /// The names that `columns` hold, joined where an index has several levels.
    fn row_names(&self, columns: &[usize]) -> Result<Vec<String>> {
        let mut all: Vec<String> = Vec::new();
        for at in columns {
            let level = self.column(*at, names)?;
            if all.is_empty() {
                all = level;
            } else {
                all.iter_mut()
                    .zip(level)
                    .for_each(|(name, more)| *name = format!("{name}, {more}"));
            }
        }
        Ok(all)
    }
}

const AGAIN: &str = "the file is damaged, so copy or save it again";

/// A file that the library cannot read, damaged or in a way that is not built in.
fn unreadable(name: &str, error: &ParquetError) -> Error {
    let text = error.to_string();
    if let Some((_, codec)) = text.split_once("Disabled feature at compile time: ") {
        let problem = format!("its columns are compressed with {codec}, which is not read");
        return Error::format(name, problem, "save it with the compression snappy, gzip or lz4");
    }
    Error::format(name, format!("the table cannot be read ({text})"), AGAIN)
}
