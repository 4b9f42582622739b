//! Parquet tables.

mod column;
mod footer;
#[cfg(test)]
mod tests;

use bytes::Bytes;
use parquet::column::reader::ColumnReader;
use parquet::errors::{self, ParquetError};
use parquet::file::reader::{FileReader, SerializedFileReader};

use self::column::{Layout, kind, names, numbers};
use super::Input;
use super::options::ReadOptions;
use super::typed::{self, AGAIN, Names, Schema, check_rows, most};
use crate::error::{Error, Result};

pub(super) fn parse(name: &str, bytes: &[u8], options: ReadOptions) -> Result<Input> {
    typed::read(name, options, || Table::open(name, bytes))
}

/// A file's columns, and what reads them.
struct Table<'a> {
    name: &'a str,
    /// The file's length.
    bytes: usize,
    reader: SerializedFileReader<Bytes>,
    schema: Schema,
}

impl<'a> Table<'a> {
    fn open(name: &'a str, bytes: &[u8]) -> Result<Self> {
        if footer::overclaims(bytes) {
            return Err(typed::unreadable(name, "a list claims more than it can hold"));
        }
        let reader = SerializedFileReader::new(Bytes::copy_from_slice(bytes))
            .map_err(|error| unreadable(name, &error))?;
        let metadata = reader.metadata().file_metadata();
        let described = metadata.schema_descr().columns();
        let columns: Vec<_> = described.iter().map(|it| (it.path().string(), kind(it))).collect();
        let rows = usize::try_from(metadata.num_rows()).unwrap_or(usize::MAX);
        check_rows(name, bytes.len(), rows, columns.len())?;
        let mut pairs = metadata.key_value_metadata().into_iter().flatten();
        let pandas = pairs.find(|it| it.key == "pandas").and_then(|it| it.value.clone());
        let schema = Schema { rows, columns, pandas };
        Ok(Self { name, bytes: bytes.len(), reader, schema })
    }

    /// Gives `read` column `at` of every group of rows, with the layout for what is left of it; `read` returns its rows.
    fn column(
        &self,
        at: usize,
        mut read: impl FnMut(ColumnReader, Layout) -> errors::Result<usize>,
    ) -> Result<()> {
        let failed = |error: ParquetError| unreadable(self.name, &error);
        let described = self.reader.metadata().file_metadata().schema_descr().column(at);
        let mut layout = Layout::of(&described, self.schema.rows);
        for group in 0..self.reader.num_row_groups() {
            let group = self.reader.get_row_group(group).map_err(failed)?;
            let reader = group.get_column_reader(at).map_err(failed)?;
            layout.rows -= read(reader, layout).map_err(failed)?;
        }
        if layout.rows == 0 {
            return Ok(());
        }
        let (column, rows) = (&self.schema.columns[at].0, self.schema.rows);
        let problem = format!("column {column:?} has {} of {rows} rows", rows - layout.rows);
        Err(Error::format(self.name, problem, AGAIN))
    }
}

impl typed::Table for Table<'_> {
    fn name(&self) -> &str {
        self.name
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn numbers(&self, columns: &[usize]) -> Result<Vec<Vec<f64>>> {
        let column = |at: &usize| {
            let mut values = Vec::new();
            self.column(*at, |reader, layout| numbers(reader, layout, |it| values.push(it)))?;
            Ok(values)
        };
        columns.iter().map(column).collect()
    }

    fn names(&self, column: usize) -> Result<Vec<String>> {
        let mut all = Names::new(most(self.bytes));
        self.column(column, |reader, layout| names(reader, layout, &mut all))?;
        all.finish(self.name)
    }
}

/// A file that the library cannot read, damaged or in a way that is not built in.
fn unreadable(name: &str, error: &ParquetError) -> Error {
    let text = error.to_string();
    if let Some((_, codec)) = text.split_once("Disabled feature at compile time: ") {
        let problem = format!("its columns are compressed with {codec}, which is not read");
        return Error::format(name, problem, "save it with the compression snappy, gzip or lz4");
    }
    typed::unreadable(name, text)
}
