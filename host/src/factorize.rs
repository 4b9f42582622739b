//! One factorisation of one matrix, and its files.

use std::io;

use tinynmf_core::{Data, Rule, Settings};

use crate::error::{Error, Result};
use crate::interrupt;
use crate::matrix::{Matrix, transposed, write_npy};
use crate::nmf_vec::NmfVec;
use crate::output::{self, OutputFolder};
use crate::trajectory::Trajectory;

/// W (m × r) and H (r × n), both row by row, and how they came about.
#[derive(Debug, Clone)]
pub struct Factorization {
    /// m, the rows of V and of W.
    pub rows: usize,
    /// n, the columns of V and of H.
    pub columns: usize,
    /// r.
    pub rank: usize,
    /// W, m × r, row by row.
    pub w: Vec<f32>,
    /// H, r × n, row by row.
    pub h: Vec<f32>,
    /// Losses, rates and bounds.
    pub trajectory: Trajectory,
    /// ‖V − WH‖_F / ‖V‖_F.
    pub relative_error: f32,
}

/// `matrix` as core reads it, once the rank is known to suit it.
///
/// # Errors
///
/// A rank that is not in 1 to min(m, n).
pub fn view(matrix: &Matrix, rank: usize) -> Result<Data<'_, f32>> {
    let (rows, columns) = (matrix.rows(), matrix.cols());
    let max = rows.min(columns);
    if !(1..=max).contains(&rank) {
        let problem =
            format!("{rank} does not suit {}, which is {rows} x {columns}", matrix.name());
        return Err(Error::argument("--rank", problem, format!("choose a rank from 1 to {max}")));
    }
    Ok(Data::new(matrix.entries(), rows, columns, 1.0)?)
}

/// Factorises `matrix` under `rule` for the epochs of `settings`; `each` is called after every epoch.
///
/// # Errors
///
/// As [`view`]; a batch share that is not in (0, 1].
pub fn factorize(
    matrix: &Matrix,
    rank: usize,
    mut rule: Rule<'_>,
    settings: Settings,
    each: impl FnMut(),
) -> Result<Factorization> {
    let data = view(matrix, rank)?;
    let (rows, columns) = (data.rows(), data.columns());
    let mut nmf = NmfVec::new(rows, columns, rank, settings)?;
    let trajectory = Trajectory::record(&mut nmf.run(data)?, &mut rule, settings.horizon, each);
    let relative_error = (2.0 * trajectory.last_loss() / data.norm_squared()).sqrt();
    let h = transposed(nmf.h(), rank);
    Ok(Factorization { rows, columns, rank, w: nmf.w().to_vec(), h, trajectory, relative_error })
}

impl Factorization {
    /// Writes `w.npy`, `h.npy` and `loss.csv`, undisturbed by Ctrl-C.
    ///
    /// # Errors
    ///
    /// A disk that is full, or a folder that has gone.
    pub fn save(&self, folder: &OutputFolder) -> Result<()> {
        let _together = interrupt::hold();
        write_npy(&folder.file("w.npy"), self.rows, self.rank, &self.w)?;
        write_npy(&folder.file("h.npy"), self.rank, self.columns, &self.h)?;
        output::write(&folder.file("loss.csv"), |file| write_losses(file, &self.trajectory))
    }
}

fn write_losses(file: &mut dyn io::Write, run: &Trajectory) -> io::Result<()> {
    let mut table = csv::Writer::from_writer(file);
    table.write_record(Trajectory::COLUMNS)?;
    run.rows().try_for_each(|row| table.write_record(row))?;
    table.flush()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tinynmf_core::rule::Bound;

    #[test]
    fn the_error_is_that_of_the_factors() {
        let v = [9.0, 0.0, 3.0, 8.0, 0.0, 3.0, 0.0, 7.0, 7.0, 9.0, 7.0, 9.0];
        let matrix = Matrix::new("v", 4, 3, v.to_vec()).unwrap();
        let rule = Bound::new(0.9).unwrap().into();
        let settings = Settings { horizon: 40, ..Settings::default() };
        let it = factorize(&matrix, 2, rule, settings, || ()).unwrap();
        let mut residual = 0.0;
        for (i, v) in v.iter().enumerate() {
            let (row, column) = (i / 3, i % 3);
            let product: f32 = (0..2).map(|k| it.w[2 * row + k] * it.h[3 * k + column]).sum();
            residual += (v - product).powi(2);
        }
        let norm: f32 = v.iter().map(|v| v * v).sum();
        assert!((it.relative_error - (residual / norm).sqrt()).abs() < 1e-4);
        assert!(it.relative_error < 0.2);
    }

    #[test]
    fn a_rank_that_does_not_suit_is_told() {
        let matrix = Matrix::new("v.csv", 2, 3, vec![1.0; 6]).unwrap();
        for rank in [0, 3] {
            assert_eq!(
                view(&matrix, rank).unwrap_err().to_string(),
                format!(
                    "--rank: {rank} does not suit v.csv, which is 2 x 3; choose a rank from 1 to 2"
                )
            );
        }
    }
}
