//! V larger than memory: a `.npy` file that is mapped, and read by groups of rows.
//!
//! In memory are the factors, a buffer of a factor's size for every run, and [`GROUP`] entries at a time, twice, so
//! that one group is read while the last one is worked on.
//!
//! | half-step | looks at | reads |
//! |---|---|---|
//! | of H | a sample of rows, in the order of the file | these rows |
//! | of W | all columns | all of the file |
//!
//! A row is one run of the file and a column is spread over all of it, so that a sample of columns would be read at the
//! price of all; [`Matrix::least_sample`](tinynmf_core::Matrix::least_sample) therefore asks for every column. In a file by columns
//! (`fortran_order`), rows and columns change places. F over all of V is summed before the first epoch, at the strides of
//! [`factorize`](mod@crate::factorize), and after the last: each sum reads the file once more.
//!
//! ```no_run
//! use tinynmf::factorize::Factorization;
//! use tinynmf::mapped::MappedMatrix;
//!
//! let v = MappedMatrix::open("large.npy".as_ref())?; // reads it once, and checks every entry
//! let found = Factorization::options(20).max_epochs(10).fit(&v)?;
//! # Ok::<(), tinynmf::error::Error>(())
//! ```

mod file;
mod groups;
mod products;
mod survey;
#[cfg(test)]
mod tests;

pub use products::MappedView;

use std::path::Path;
use std::sync::Mutex;

use crate::error::{Error, Result};
use crate::memory;
use crate::source::{Source, Unit, sum_of};
use file::{Lines, MappedFile};

/// Entries that are read at a time, 16 MiB of floats; at least one row.
pub const GROUP: usize = 1 << 22;

/// Bytes that an entry takes at most while a `.npy` file is read whole: in the file, as it is stored, by rows, by columns.
const WHOLE: u64 = 16;

/// V (m × n) in a `.npy` file, of which only some rows are in memory at a time.
///
/// The file must stay as it is. One that was cut off, or that holds an entry that NMF cannot use by then, ends the run
/// with an error.
#[derive(Debug)]
pub struct MappedMatrix {
    file: MappedFile,
    unit: Unit,
    /// ‖·‖² of every line of the file, and of what crosses all lines; of V·4⁻ᵉ.
    line_norms: Vec<f32>,
    across_norms: Vec<f32>,
    /// The first error since [`Source::check`] was asked last.
    fault: Mutex<Option<Error>>,
}

impl MappedMatrix {
    /// Reads the file once, for its mean and norms, and checks every entry.
    ///
    /// # Errors
    ///
    /// A file that is no `.npy` file of two axes and a numeric type, or that is cut off; an entry that NMF cannot use, with
    /// its place; an empty matrix, or one with only zeros.
    pub fn open(path: &Path) -> Result<Self> {
        let file = MappedFile::open(path)?;
        let survey = survey::survey(&file)?;
        Ok(Self {
            file,
            unit: survey.unit,
            line_norms: survey.line_norms,
            across_norms: survey.across_norms,
            fault: Mutex::default(),
        })
    }

    /// m and n.
    #[must_use]
    pub fn shape(&self) -> [usize; 2] {
        self.file.shape()
    }

    /// The path of the file.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.file.name
    }

    /// One line that tells what was read.
    #[must_use]
    pub fn report(&self) -> String {
        let [rows, columns] = self.shape();
        let size = self.file.bytes() as f64 / f64::from(1 << 30);
        let name = self.name();
        format!("read {rows} x {columns} numbers from {name}: mapped, {size:.1} GiB stay on disk")
    }

    /// Whether the file is by columns, so that a row is spread over all of it.
    #[must_use]
    pub fn is_by_columns(&self) -> bool {
        self.file.column_major
    }

    /// The n entries of a row; in a file by columns, this reads all of it.
    ///
    /// # Errors
    ///
    /// A file that can no longer be read.
    ///
    /// # Panics
    ///
    /// If there is no such row.
    pub fn row(&self, row: usize) -> Result<Vec<f32>> {
        let mut entries = Vec::new();
        if !self.file.column_major {
            self.file.load(Lines::run(row, 1), 1.0, &mut entries)?;
            return Ok(entries);
        }
        let mut line = Vec::new();
        for column in 0..self.file.lines {
            self.file.load(Lines::run(column, 1), 1.0, &mut line)?;
            entries.push(line[row]);
        }
        Ok(entries)
    }

    fn note(&self, result: Result<()>) {
        if let (Err(error), Ok(mut fault)) = (result, self.fault.lock()) {
            fault.get_or_insert(error);
        }
    }
}

/// Whether `path` is a `.npy` file of so many entries that reading it whole would take more than half of the memory that
/// [`memory::of_machine`] tells, at up to 16 bytes an entry.
#[must_use]
pub fn is_too_large_for_memory(path: &Path) -> bool {
    MappedFile::open(path).is_ok_and(|file| {
        let [rows, columns] = file.shape().map(|side| side as u64);
        let whole = rows.saturating_mul(columns).saturating_mul(WHOLE);
        whole > memory::of_machine() / 2
    })
}

impl Source for MappedMatrix {
    type View<'a> = MappedView<'a>;

    fn view(&self) -> MappedView<'_> {
        MappedView::new(self)
    }

    fn norm_squared(&self) -> f64 {
        self.unit.loss_from_unit(sum_of(&self.line_norms, None))
    }

    fn check(&self) -> Result<()> {
        let fault = self.fault.lock().ok().and_then(|mut fault| fault.take());
        fault.map_or(Ok(()), Err)
    }
}
