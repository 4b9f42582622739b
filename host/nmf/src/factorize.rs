//! One factorisation of one matrix: [`Factorization::options`] says how, [`Options::fit`] does it.
//!
//! ```
//! use tinynmf::factorize::{Factorization, Init};
//! use tinynmf::large::LargeMatrix;
//!
//! let readings = [9.0, 0.0, 3.0, 8.0, 0.0, 3.0, 0.0, 7.0, 7.0, 9.0, 7.0, 9.0];
//! let v = LargeMatrix::new(readings.into(), 4, 3)?;
//! let found = Factorization::options(2).init(Init::Random).starts(4).fit(&v)?;
//! assert!(found.converged && found.relative_error < 0.1);
//! let latents = found.transform(&v)?; // of V, or of new columns
//! assert_eq!(latents.h.len(), 2 * 3);
//! # Ok::<(), tinynmf::error::Error>(())
//! ```
//!
//! | V | is a |
//! |---|---|
//! | dense, any size | [`LargeMatrix`](crate::large::LargeMatrix) |
//! | in a file, larger than memory | `MappedMatrix` (feature `mapped`) |
//! | sparse | [`SparseMatrix::new`](crate::sparse::SparseMatrix::new) |
//! | with missing entries | [`SparseMatrix::observed`](crate::sparse::SparseMatrix::observed), [`SparseMatrix::with_missing`](crate::sparse::SparseMatrix::with_missing) |

mod crossval;
mod fit;
mod init;
mod known;
mod options;
mod result;
#[cfg(feature = "files")]
mod save;
mod seen;
mod transform;
mod watch;

#[cfg(test)]
mod tests;

pub use crossval::{Score, cross_validate};
pub use init::Init;
pub use options::{Options, default_schedule};
pub use result::{Factorization, Point};
#[cfg(feature = "files")]
pub use save::{LOSS_COLUMNS, OutputFormat, names, part_names};
pub use seen::{Observer, Seen};
pub use transform::Latents;

use tinynmf_core::Data;

use crate::error::{Error, Result};
use crate::matrix::{Entries, Matrix};

/// A matrix as core reads it, in the type that it is stored in.
#[derive(Debug, Clone, Copy)]
pub enum View<'a> {
    /// Numbers.
    Float(Data<'a, f32>),
    /// Whole numbers up to 255.
    Byte(Data<'a, u8>),
}

impl<'a> View<'a> {
    /// `matrix` without a copy; core checks every entry once more.
    ///
    /// # Errors
    ///
    /// Those of [`Data::new`], for what [`Matrix`] lets pass.
    pub fn of(matrix: &'a Matrix) -> Result<Self> {
        let (rows, columns) = (matrix.rows(), matrix.cols());
        Ok(match matrix.stored() {
            Entries::Float(entries) => Self::Float(Data::new(entries, rows, columns, 1.0)?),
            Entries::Byte(entries) => Self::Byte(Data::new(entries, rows, columns, 1.0)?),
        })
    }
}

/// Whether a matrix of that name and shape can be factorised with `rank`.
///
/// # Errors
///
/// A rank that is not in 1 to min(m, n).
pub fn check_rank(name: &str, [rows, columns]: [usize; 2], rank: usize) -> Result<()> {
    let max = rows.min(columns);
    if (1..=max).contains(&rank) {
        return Ok(());
    }
    let problem = format!("{rank} does not suit {name}, which is {rows} x {columns}");
    Err(Error::argument("--rank", problem, format!("choose a rank from 1 to {max}")))
}
