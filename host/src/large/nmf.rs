//! The epochs of a large factorisation.

use std::sync::Arc;

use tinynmf_core::half_step::half_step;
use tinynmf_core::random::{self, Stream, generator};
use tinynmf_core::run::{State, check_factor};
use tinynmf_core::{Data, Epoch, Error, Factor, HalfStep, Settings, StepRule};

use super::block::{GemmBlock, Inner, Scratch};
use super::gemm::{distance_squared, dot, product, view};
use crate::matrix::transposed;

/// Rows of W whose residual is formed at a time.
const TILE: usize = 256;

/// V by rows and by columns, so that a batch is slices of memory for either half-step.
#[derive(Debug, Clone, PartialEq)]
pub struct LargeMatrix {
    rows: usize,
    columns: usize,
    mean: f32,
    by_rows: Arc<[f32]>,
    by_columns: Vec<f32>,
    row_norms: Vec<f32>,
    column_norms: Vec<f32>,
}

impl LargeMatrix {
    /// Checks and transposes V, given row by row.
    ///
    /// # Errors
    ///
    /// Of [`Data::new`].
    pub fn new(entries: Arc<[f32]>, rows: usize, columns: usize) -> Result<Self, Error> {
        let mean = Data::new(&entries, rows, columns, 1.0)?.mean();
        let by_columns = transposed(&entries, columns);
        let norms = |entries: &[f32], len| entries.chunks_exact(len).map(|x| dot(x, x)).collect();
        let (row_norms, column_norms) = (norms(&entries, columns), norms(&by_columns, rows));
        Ok(Self { rows, columns, mean, by_rows: entries, by_columns, row_norms, column_norms })
    }

    /// V as the W half-step or the H half-step reads it.
    #[must_use]
    pub fn inner(&self, factor: Factor) -> Inner<'_> {
        match factor {
            Factor::W => Inner { entries: &self.by_columns, norms_squared: &self.column_norms },
            Factor::H => Inner { entries: &self.by_rows, norms_squared: &self.row_norms },
        }
    }
}

/// A factorisation of a large matrix: the same epochs as [`tinynmf_core::Run`], up to rounding.
#[derive(Debug)]
pub struct LargeNmf<'a> {
    matrix: &'a LargeMatrix,
    rank: usize,
    w: Vec<f32>,
    h: Vec<f32>,
    gradient: Vec<f32>,
    directions: [Vec<f32>; 2],
    scratch: Scratch,
    row_order: Vec<u32>,
    column_order: Vec<u32>,
    state: State,
    curvatures: bool,
    residual: Vec<f32>,
}

impl<'a> LargeNmf<'a> {
    /// At the start that `settings.seed` gives.
    ///
    /// # Errors
    ///
    /// [`Error::Rank`] unless 1 ≤ r ≤ min(m, n); [`Error::BatchShare`].
    pub fn new(matrix: &'a LargeMatrix, rank: usize, settings: Settings) -> Result<Self, Error> {
        let (rows, columns) = (matrix.rows, matrix.columns);
        let max = rows.min(columns);
        if rank == 0 || rank > max {
            return Err(Error::Rank { rank, max });
        }
        let mut it = Self {
            matrix,
            rank,
            w: vec![0.0; rows * rank],
            h: vec![0.0; columns * rank],
            gradient: vec![0.0; rows.max(columns) * rank],
            directions: [vec![1.0; rank], vec![1.0; rank]],
            scratch: Scratch::default(),
            row_order: (0..rows as u32).collect(),
            column_order: (0..columns as u32).collect(),
            state: State::new(settings)?,
            curvatures: true,
            residual: Vec::new(),
        };
        let mut rng = generator(settings.seed, Stream::Start);
        random::start(&mut it.w, matrix.mean, rank, &mut rng);
        random::start(&mut it.h, matrix.mean, rank, &mut rng);
        Ok(it)
    }

    /// Leaves out the curvatures, see [`GemmBlock::curvatures`]: for rules that do not look at them.
    #[must_use]
    pub fn without_curvatures(mut self) -> Self {
        self.curvatures = false;
        self
    }

    /// Sets W₀ (m × r, row by row) and H₀ (r × n, column by column).
    ///
    /// # Errors
    ///
    /// Of [`check_factor`].
    pub fn set(&mut self, w: &[f32], h: &[f32]) -> Result<(), Error> {
        check_factor(w, self.matrix.rows, self.rank)?;
        check_factor(h, self.matrix.columns, self.rank)?;
        self.w.copy_from_slice(w);
        self.h.copy_from_slice(h);
        Ok(())
    }

    /// One epoch: a W half-step, then an H half-step with the new W; mini-batches if so set.
    pub fn epoch(&mut self, rule: &mut impl StepRule) -> Epoch {
        let share = self.state.progress.share;
        let sizes = if share >= 1.0 {
            [None, None]
        } else {
            let rng = &mut self.state.batches;
            let columns = random::batch(&mut self.column_order, share, rng).len();
            let rows = random::batch(&mut self.row_order, share, rng).len();
            [Some(columns), Some(rows)]
        };
        let w = self.half_step(rule, Factor::W, sizes[0]);
        let h = self.half_step(rule, Factor::H, sizes[1]);
        self.state.progress.epoch = self.state.progress.epoch.saturating_add(1);
        Epoch { w, h }
    }

    fn half_step(
        &mut self,
        rule: &mut impl StepRule,
        factor: Factor,
        batch: Option<usize>,
    ) -> HalfStep {
        let State { progress, memories, rules, noises, penalties, .. } = &mut self.state;
        let [w_noise, h_noise] = noises;
        let [w_direction, h_direction] = &mut self.directions;
        let (x, y, order, direction, noise) = match factor {
            Factor::W => (&mut self.w, &self.h, &self.column_order, w_direction, w_noise),
            Factor::H => (&mut self.h, &self.w, &self.row_order, h_direction, h_noise),
        };
        let gradient = &mut self.gradient[..x.len()];
        let mut block = GemmBlock {
            inner: self.matrix.inner(factor),
            batch: batch.map(|size| &order[..size]),
            x,
            y,
            gradient,
            noise,
            penalties: penalties.of(factor),
            direction,
            scratch: &mut self.scratch,
            curvatures: self.curvatures,
            rank: self.rank,
        };
        half_step(&mut block, rule, factor, progress, memories, rules)
    }

    /// ½‖V − WH‖²_F of the first `rows` rows: F for all of them.
    pub fn loss_of(&mut self, rows: usize) -> f32 {
        let (rank, columns) = (self.rank, self.matrix.columns);
        let h = view(&self.h, rank);
        let v = self.matrix.by_rows[..rows * columns].chunks(TILE * columns);
        let mut sum = 0.0;
        for (v, w) in v.zip(self.w.chunks(TILE * rank)) {
            self.residual.resize(v.len(), 0.0);
            let w = &w[..v.len() / columns * rank];
            product(&view(w, rank), &h.t(), 1.0, &mut self.residual);
            sum += f64::from(distance_squared(v, &self.residual));
        }
        (0.5 * sum) as f32
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
