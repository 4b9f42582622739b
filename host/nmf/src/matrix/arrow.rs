//! Arrow tables: files of Arrow's IPC format, which Feather is since its version 2.

mod column;
mod file;
#[cfg(test)]
mod tests;

use self::column::{kind, names, numbers};
use self::file::File;
use super::Input;
use super::options::ReadOptions;
use super::typed::{self, Names, Schema, most, unreadable};
use crate::error::Result;

pub(super) fn parse(name: &str, bytes: &[u8], options: ReadOptions) -> Result<Input> {
    typed::read(name, options, || Table::open(name, bytes))
}

/// A file's columns, and what reads them.
struct Table<'a> {
    file: File<'a>,
    schema: Schema,
}

impl<'a> Table<'a> {
    fn open(name: &'a str, bytes: &[u8]) -> Result<Self> {
        let mut file = File::open(name, bytes)?;
        let fields = file.schema.fields().iter();
        let columns = fields.map(|it| (it.name().clone(), kind(it.data_type()))).collect();
        let schema = Schema { rows: file.rows, columns, pandas: file.pandas.take() };
        Ok(Self { file, schema })
    }
}

impl typed::Table for Table<'_> {
    fn name(&self) -> &str {
        self.file.name
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn numbers(&self, columns: &[usize]) -> Result<Vec<Vec<f64>>> {
        let failed = |error| unreadable(self.file.name, error);
        let mut all = vec![Vec::new(); columns.len()];
        for batch in self.file.batches(columns)? {
            let batch = batch?;
            for (array, values) in batch.columns().iter().zip(&mut all) {
                numbers(array, values).map_err(failed)?;
            }
        }
        Ok(all)
    }

    fn names(&self, column: usize) -> Result<Vec<String>> {
        let failed = |error| unreadable(self.file.name, error);
        let mut all = Names::new(most(self.file.bytes.len()));
        for batch in self.file.batches(&[column])? {
            names(batch?.column(0), &mut all).map_err(failed)?;
        }
        all.finish(self.file.name)
    }
}
