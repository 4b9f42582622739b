//! Factors, or parts of them, that the command line names by their files.

use std::path::Path;

use tinynmf::error::{Error, Result};
use tinynmf::matrix::{Matrix, ReadOptions};
use tinynmf::text::shown;
use tinynmf_core::Factor;

use crate::cli::missing::V;
use crate::cli::names::{self, Side};

/// The known parts of a factor from a file: at most r columns of W, or rows of H.
pub(super) fn known_parts(path: &Path, factor: Factor, v: &V, rank: usize) -> Result<Vec<f32>> {
    let [rows, columns] = v.shape;
    match factor {
        Factor::W => entries(
            (path, factor, v),
            |[m, r]| m == rows && r <= rank,
            &format!("{rows} x at most {rank}"),
            "give the known columns of W",
        ),
        Factor::H => entries(
            (path, factor, v),
            |[r, n]| r <= rank && n == columns,
            &format!("at most {rank} x {columns}"),
            "give the known rows of H",
        ),
    }
}

/// A factor from a file, of the shape that is needed.
pub(super) fn factor(path: &Path, factor: Factor, v: &V, rank: usize) -> Result<Vec<f32>> {
    let shape = match factor {
        Factor::W => [v.shape[0], rank],
        Factor::H => [rank, v.shape[1]],
    };
    let needed = format!("{} x {}", shape[0], shape[1]);
    let remedy = "name the factor of this matrix and rank";
    entries((path, factor, v), |it| it == shape, &needed, remedy)
}

/// The entries of a factor of V in a file, whose shape `fits` and whose names are V's.
fn entries(
    (path, factor, v): (&Path, Factor, &V),
    fits: impl Fn([usize; 2]) -> bool,
    needed: &str,
    remedy: &str,
) -> Result<Vec<f32>> {
    let matrix = Matrix::read(path, ReadOptions::default())?;
    let shape = [matrix.rows(), matrix.cols()];
    if !fits(shape) {
        let problem = format!("this is {} x {}, but {needed} fits", shape[0], shape[1]);
        return Err(Error::format(&shown(path), problem, remedy));
    }
    match factor {
        Factor::W => names::agree(&shown(path), matrix.row_names(), v, Side::Rows)?,
        Factor::H => names::agree(&shown(path), matrix.column_names(), v, Side::Columns)?,
    }
    Ok(matrix.entries().into_owned())
}
