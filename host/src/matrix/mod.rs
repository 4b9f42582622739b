//! Matrices to factorise: read from `.npy` and `.csv` files, checked once, and written as `.npy`.

mod csv;
mod npy;

use std::path::Path;

pub use npy::write_npy;

use crate::error::{Error, Fault, Place, Result};

/// The largest entry that is accepted, 2⁴⁰: squares of larger ones, summed, leave the range of f32.
pub const LARGEST: f64 = (1u64 << 40) as f64;

/// The smallest acceptable largest entry, 2⁻⁴⁰: a matrix with nothing above it has a norm that f32 rounds away.
pub const FAINTEST: f32 = 1.0 / LARGEST as f32;

/// A matrix of which every entry is finite and >= 0 and at least one is well above 0.
#[derive(Debug, Clone, PartialEq)]
pub struct Matrix {
    name: String,
    rows: usize,
    cols: usize,
    entries: Vec<f32>,
}

impl Matrix {
    /// Reads a matrix from a `.npy` or a `.csv` file; the name's ending tells which.
    ///
    /// # Errors
    ///
    /// A file that cannot be read, that is not what its ending says, or that holds what NMF cannot use.
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let parse = match extension(path).as_str() {
            "npy" => npy::parse,
            "csv" => csv::parse,
            _ => {
                let path = path.display().to_string();
                return Err(Error::Extension { path, known: ".npy or .csv" });
            }
        };
        let bytes = std::fs::read(path).map_err(|source| Error::read(path, source))?;
        parse(&path.display().to_string(), &bytes)
    }

    /// A matrix from the bytes of a `.npy` file; `name` stands for the path in errors.
    ///
    /// # Errors
    ///
    /// As [`Matrix::read`].
    pub fn from_npy(name: &str, bytes: &[u8]) -> Result<Self> {
        npy::parse(name, bytes)
    }

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
        assert_eq!(
            Some(entries.len()),
            rows.checked_mul(cols),
            "entries of a {rows} x {cols} matrix"
        );
        for (k, &entry) in entries.iter().enumerate() {
            checked(f64::from(entry)).map_err(|fault| Error::Entry {
                path: name.to_owned(),
                place: Place::Row(k / cols + 1, k % cols + 1),
                fault,
            })?;
        }
        Self::from_checked(name, rows, cols, entries)
    }

    /// The matrix of entries that have all passed [`checked`].
    fn from_checked(name: &str, rows: usize, cols: usize, entries: Vec<f32>) -> Result<Self> {
        let largest = entries.iter().copied().fold(0.0, f32::max);
        let fault =
            |problem: String, remedy| Err(Error::Matrix { path: name.to_owned(), problem, remedy });
        if entries.is_empty() {
            let problem = format!("the matrix is empty ({rows} x {cols})");
            return fault(problem, "NMF needs at least one row and one column");
        }
        if largest == 0.0 {
            let problem = "every entry is zero".to_owned();
            return fault(
                problem,
                "NMF needs at least one entry > 0, so check how the file was made",
            );
        }
        if largest < FAINTEST {
            let problem = format!("the largest entry is {largest:e}");
            return fault(problem, "32-bit arithmetic loses matrices below 2^-40, so rescale it");
        }
        Ok(Self { name: name.to_owned(), rows, cols, entries })
    }

    /// The first `count` rows as a matrix of its own, or all of them if there are fewer.
    ///
    /// # Errors
    ///
    /// If nothing but zeros is left.
    pub fn first_rows(&self, count: usize) -> Result<Self> {
        let rows = count.min(self.rows);
        let entries = self.entries[..rows * self.cols].to_vec();
        Self::from_checked(&self.name, rows, self.cols, entries)
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

    /// The m·n entries, row by row.
    #[must_use]
    pub fn entries(&self) -> &[f32] {
        &self.entries
    }
}

/// The entry as f32, or what is wrong with it.
fn checked(value: f64) -> Result<f32, Fault> {
    if value.is_nan() {
        Err(Fault::NaN)
    } else if value.is_infinite() {
        Err(Fault::Infinite)
    } else if value < 0.0 {
        Err(Fault::Negative(value))
    } else if value > LARGEST {
        Err(Fault::TooLarge(value))
    } else {
        // Adding 0 makes -0 a plain 0.
        Ok(value as f32 + 0.0)
    }
}

/// What follows the last dot of the file's name, in lower case.
#[must_use]
pub fn extension(path: &Path) -> String {
    path.extension().unwrap_or_default().to_string_lossy().to_lowercase()
}

/// The transpose of a matrix with `columns` columns; both are row by row.
#[must_use]
pub fn transposed(matrix: &[f32], columns: usize) -> Vec<f32> {
    (0..columns).flat_map(|j| matrix.iter().skip(j).step_by(columns)).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(entries: Vec<f32>) -> String {
        let cols = entries.len() / 2;
        Matrix::new("v", 2, cols, entries).unwrap_err().to_string()
    }

    #[test]
    fn refuses_what_nmf_cannot_use_and_names_the_place() {
        assert!(
            refusal(vec![1.0, 2.0, 3.0, f32::NAN])
                .contains("row 2, column 2 (counted from 1) is NaN")
        );
        assert!(refusal(vec![1.0, f32::INFINITY, 3.0, 4.0]).contains("row 1, column 2"));
        assert!(refusal(vec![1.0, 2.0, -0.5, 4.0]).contains("negative (-0.5)"));
        assert!(refusal(vec![1.0, 2.0, 3e12, 4.0]).contains("rescale"));
        assert!(refusal(vec![1e-30; 4]).contains("rescale"));
        assert!(refusal(vec![0.0; 4]).contains("every entry is zero"));
        assert!(refusal(Vec::new()).contains("empty (2 x 0)"));
    }

    #[test]
    fn accepts_the_largest_entry_and_turns_minus_zero_into_zero() {
        let matrix = Matrix::new("v", 1, 2, vec![LARGEST as f32, 0.0]).unwrap();
        assert_eq!((matrix.rows(), matrix.cols()), (1, 2));
        assert!(checked(-0.0).unwrap().is_sign_positive());
    }

    #[test]
    fn transposes() {
        assert_eq!(transposed(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 3), [1.0, 4.0, 2.0, 5.0, 3.0, 6.0]);
        assert!(transposed(&[], 2).is_empty());
    }

    #[test]
    fn refuses_an_unknown_ending_and_a_missing_file() {
        let unknown = Matrix::read("v.mat").unwrap_err().to_string();
        assert_eq!(
            unknown,
            "v.mat: the name tells no known format; use one that ends in .npy or .csv"
        );
        let missing = Matrix::read("no/such/v.npy").unwrap_err().to_string();
        assert!(missing.starts_with("no/such/v.npy: cannot be read (no such file"), "{missing}");
    }
}
