//! [`tinynmf_core::Nmf`] with a shape chosen at run time, over vectors.

use tinynmf_core::run::{Buffers, ROWS, State, check_factor};
use tinynmf_core::{Error, Matrix, Run, Settings};

/// A factorisation of an m × n matrix with r latents; the same code and the same bits as
/// [`tinynmf_core::Nmf`].
#[derive(Debug, Clone)]
pub struct NmfVec {
    rank: usize,
    w: Vec<f32>,
    h: Vec<f32>,
    gradient: Vec<f32>,
    before: Vec<f32>,
    gram: Vec<f32>,
    rows: Vec<f32>,
    row_order: Vec<u32>,
    column_order: Vec<u32>,
    state: State,
    seed: u64,
    started: bool,
}

impl NmfVec {
    /// Zeroed factors; [`NmfVec::run`] draws the start from the seed unless [`NmfVec::set`] gave one.
    ///
    /// # Errors
    ///
    /// [`Error::Rank`] for rank 0; [`Error::BatchShare`]; [`Error::Parameter`] for noise or penalties.
    pub fn new(
        rows: usize,
        columns: usize,
        rank: usize,
        settings: Settings,
    ) -> Result<Self, Error> {
        if rank == 0 {
            return Err(Error::Rank { rank, max: rows.min(columns) });
        }
        Ok(Self {
            rank,
            w: vec![0.0; rows * rank],
            h: vec![0.0; columns * rank],
            gradient: vec![0.0; rows.max(columns) * rank],
            before: vec![0.0; rows.max(columns) * rank],
            gram: vec![0.0; rank * rank],
            rows: vec![1.0; ROWS * rank],
            row_order: (0..rows as u32).collect(),
            column_order: (0..columns as u32).collect(),
            state: State::new(settings)?,
            seed: settings.seed,
            started: false,
        })
    }

    /// Sets W₀ (m × r, row by row) and H₀ (r × n, column by column).
    ///
    /// # Errors
    ///
    /// Of [`check_factor`].
    pub fn set(&mut self, w: &[f32], h: &[f32]) -> Result<(), Error> {
        check_factor(w, self.row_order.len(), self.rank)?;
        check_factor(h, self.column_order.len(), self.rank)?;
        self.w.copy_from_slice(w);
        self.h.copy_from_slice(h);
        self.started = true;
        Ok(())
    }

    /// Takes up the factorisation of `matrix`, where it was left or from the start.
    ///
    /// # Errors
    ///
    /// [`Error::MatrixShape`] unless `matrix` has the shape given to [`NmfVec::new`].
    pub fn run<M: Matrix>(&mut self, matrix: M) -> Result<Run<'_, M>, Error> {
        let expected = [self.row_order.len(), self.column_order.len()];
        Error::unless_equal(expected, [matrix.rows(), matrix.columns()])?;
        let buffers = Buffers {
            w: &mut self.w,
            h: &mut self.h,
            gradient: &mut self.gradient,
            before: &mut self.before,
            gram: &mut self.gram,
            rows: &mut self.rows,
            row_order: &mut self.row_order,
            column_order: &mut self.column_order,
        };
        let mut run = Run::new(matrix, self.rank, buffers, &mut self.state)?;
        if !self.started {
            run.start(self.seed);
            self.started = true;
        }
        Ok(run)
    }

    /// W, m × r, row by row.
    #[must_use]
    pub fn w(&self) -> &[f32] {
        &self.w
    }

    /// H, r × n, column by column.
    #[must_use]
    pub fn h(&self) -> &[f32] {
        &self.h
    }
}
