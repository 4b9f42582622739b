//! Matrices to factorise: read from many formats, checked once, and written as `.npy` or `.csv`.

#[cfg(feature = "arrow")]
mod arrow;
mod dense;
mod entries;
mod foreign;
pub mod format;
#[cfg(feature = "images")]
mod images;
#[cfg(feature = "mat")]
mod mat;
mod mtx;
pub(crate) mod npy;
#[cfg(feature = "npz")]
mod npz;
pub mod options;
#[cfg(feature = "parquet")]
mod parquet;
pub(crate) mod source;
mod sparse;
#[cfg(feature = "files")]
mod table;
#[cfg(feature = "files")]
mod text;
#[cfg(any(feature = "arrow", feature = "parquet"))]
mod typed;
#[cfg(feature = "wav")]
mod wav;

use std::path::Path;

use rayon::prelude::*;

pub use self::dense::Matrix;
#[cfg(feature = "mapped")]
pub(crate) use self::dense::something;
use self::entries::Collected;
pub(crate) use self::entries::checked;
pub use self::entries::{Entries, FAINTEST, LARGEST};
#[cfg(feature = "images")]
pub use self::images::Pictures;
#[cfg(feature = "files")]
pub use self::npy::write_npy;
pub use self::options::{Choice, ReadOptions};
pub use self::source::{LARGEST_FILE, LARGEST_STREAM};
pub use self::sparse::Sparse;
#[cfg(feature = "files")]
pub use self::table::write_table;
#[cfg(any(feature = "arrow", feature = "parquet"))]
pub use self::typed::READER as TABLE_READER;
use crate::error::Result;

/// The most entries that a sparse matrix is filled up to where only dense ones are understood: 2²⁴, 64 MiB.
pub const MOST_FILLED: usize = 1 << 24;

/// Content of a file.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// All entries.
    Dense(Matrix),
    /// The entries that are not zero.
    Sparse(Sparse),
}

impl Input {
    /// Reads the file at `path`, or standard input if it is `-`; its content tells the format, else its name.
    ///
    /// # Errors
    ///
    /// A file that cannot be read or is too large, that is not what it seems, that can be read in two ways, or
    /// that holds what NMF cannot use.
    pub fn read(path: impl AsRef<Path>, options: ReadOptions) -> Result<Self> {
        let path = path.as_ref();
        #[cfg(feature = "images")]
        if path.is_dir()
            && let Some(pictures) = images::read(path)?
        {
            return Ok(pictures);
        }
        format::parse(path, &source::bytes(path)?, options)
    }

    /// Reads the `bytes` of a file called `name`.
    ///
    /// # Errors
    ///
    /// As [`Input::read`].
    pub fn from_bytes(name: &str, bytes: &[u8], options: ReadOptions) -> Result<Self> {
        format::parse(Path::new(name), bytes, options)
    }

    /// One line that tells what was read and what was taken for granted.
    #[must_use]
    pub fn report(&self) -> String {
        match self {
            Self::Dense(matrix) => matrix.report(),
            Self::Sparse(matrix) => matrix.report(),
        }
    }

    /// The matrix with all its entries, if it is dense or has at most [`MOST_FILLED`] entries.
    ///
    /// # Errors
    ///
    /// A sparse matrix that is larger.
    pub fn into_dense(self) -> Result<Matrix> {
        match self {
            Self::Dense(matrix) => Ok(matrix),
            Self::Sparse(matrix) => matrix.to_dense(MOST_FILLED),
        }
    }
}

impl Matrix {
    /// Reads a matrix as [`Input::read`] does, with all its entries.
    ///
    /// # Errors
    ///
    /// As [`Input::read`] and [`Input::into_dense`].
    pub fn read(path: impl AsRef<Path>, options: ReadOptions) -> Result<Self> {
        Input::read(path, options)?.into_dense()
    }

    /// A matrix from the bytes of a `.npy` file; `name` stands for the path in errors.
    ///
    /// # Errors
    ///
    /// As [`Matrix::read`].
    pub fn from_npy(name: &str, bytes: &[u8]) -> Result<Self> {
        npy::matrix(name, bytes, false)
    }
}

/// The part after the last dot of the file's name, in lower case.
#[must_use]
pub fn extension(path: &Path) -> String {
    path.extension().unwrap_or_default().to_string_lossy().to_lowercase()
}

/// The transpose of a matrix with `columns` columns; both are row by row.
#[must_use]
pub fn transposed(matrix: &[f32], columns: usize) -> Vec<f32> {
    let rows = matrix.len() / columns.max(1);
    let mut out = vec![0.0; rows * columns];
    let band =
        |(number, out): (usize, &mut [f32])| turn_columns(matrix, number * TURNED, out, rows);
    let length = (rows * TURNED).max(1);
    if matrix.len() < SHARED {
        out.chunks_mut(length).enumerate().for_each(band);
    } else {
        out.par_chunks_mut(length).enumerate().for_each(band);
    }
    out
}

/// Rows and columns that are turned while they are in the cache.
const TURNED: usize = 32;

/// Entries from which threads share the turning.
const SHARED: usize = 1 << 18;

/// The columns of a matrix from `left` on, as many as `out` has rows of so many entries.
fn turn_columns(matrix: &[f32], left: usize, out: &mut [f32], rows: usize) {
    let (columns, width) = (matrix.len() / rows, out.len() / rows);
    for top in (0..rows).step_by(TURNED) {
        for i in top..rows.min(top + TURNED) {
            let row = &matrix[i * columns + left..][..width];
            row.iter().enumerate().for_each(|(j, x)| out[j * rows + i] = *x);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transposes() {
        assert_eq!(transposed(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 3), [1.0, 4.0, 2.0, 5.0, 3.0, 6.0]);
        assert!(transposed(&[], 2).is_empty());
        let wide: Vec<f32> = (0..70 * 33).map(|k| k as f32).collect();
        let turned = transposed(&wide, 33);
        let at = |k: usize| turned[k % 33 * 70 + k / 33].to_bits();
        assert!((0..70 * 33).all(|k| at(k) == wide[k].to_bits()));
        assert_eq!(transposed(&turned, 70), wide);
    }

    #[test]
    fn refuses_a_missing_file_and_a_folder() {
        let refusal = |path| Input::read(path, ReadOptions::default()).unwrap_err().to_string();
        let missing = refusal("no/such/v.npy");
        assert!(missing.starts_with("no/such/v.npy: cannot be read (no such file"), "{missing}");
        assert!(refusal(".").contains("name a file in it"));
    }

    #[test]
    fn a_matrix_of_either_kind_is_reported_and_filled_in() {
        for (text, entries) in [
            ("array real general\n1 2\n1\n2\n", [1.0, 2.0]),
            ("coordinate real general\n1 2 1\n1 1 1\n", [1.0, 0.0]),
        ] {
            let text = format!("%%MatrixMarket matrix {text}");
            let input = Input::from_bytes("v", text.as_bytes(), ReadOptions::default()).unwrap();
            assert!(input.report().starts_with("read 1 x 2 numbers from v"), "{}", input.report());
            assert_eq!(*input.into_dense().unwrap().entries(), entries);
        }
    }
}
