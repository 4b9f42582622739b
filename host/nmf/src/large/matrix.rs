//! V by rows and by columns.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tinynmf_core::{Data, Error, Factor};

use crate::source::{Source, Unit, sum_of};

use super::gemm::{distance_squared, dot, product, view};
use crate::matrix::transposed;

/// Rows of W whose residual is formed at a time.
const TILE: usize = 256;

/// V by rows and by columns, so that a sample is slices of memory for either half-step.
#[derive(Debug, Clone, PartialEq)]
pub struct LargeMatrix {
    pub(super) rows: usize,
    pub(super) columns: usize,
    pub(super) unit: Unit,
    /// V·4⁻ᵉ.
    pub(super) by_rows: Arc<[f32]>,
    by_columns: Vec<f32>,
    row_norms: Vec<f32>,
    column_norms: Vec<f32>,
}

impl LargeMatrix {
    /// Checks and transposes V, given row by row. Products of fewer than [`SMALL`](super::gemm::SMALL) multiply-adds are core's.
    ///
    /// # Errors
    ///
    /// The errors of [`Data::new`].
    pub fn new(entries: Arc<[f32]>, rows: usize, columns: usize) -> Result<Self, Error> {
        let unit = Unit::of_mean(Data::new(&entries, rows, columns, 1.0)?.mean());
        let entries = if unit.exponent == 0 {
            entries
        } else {
            entries.iter().map(|v| unit.to_unit(*v)).collect()
        };
        let by_columns = transposed(&entries, columns);
        let norms = |entries: &[f32], len| entries.chunks_exact(len).map(|x| dot(x, x)).collect();
        let (row_norms, column_norms) = (norms(&entries, columns), norms(&by_columns, rows));
        Ok(Self { rows, columns, unit, by_rows: entries, by_columns, row_norms, column_norms })
    }

    /// V as it was read.
    ///
    /// # Errors
    ///
    /// Of [`LargeMatrix::new`], for what [`Matrix`](crate::matrix::Matrix) lets pass.
    pub fn of(matrix: &crate::matrix::Matrix) -> Result<Self, Error> {
        Self::new(matrix.entries().into(), matrix.rows(), matrix.cols())
    }

    /// l slices of V, one an inner index, and their ‖·‖²: Vᵀ by rows for W, V by rows for H.
    pub(super) fn inner(&self, factor: Factor) -> (&[f32], &[f32]) {
        match factor {
            Factor::W => (&self.by_columns, &self.column_norms),
            Factor::H => (&self.by_rows, &self.row_norms),
        }
    }
}

/// A [`LargeMatrix`] with the memory that its products take.
///
/// A clone shares that memory.
#[derive(Debug, Clone)]
pub struct Gemm<'a> {
    pub(super) matrix: &'a LargeMatrix,
    pub(super) curvatures: bool,
    scratch: Arc<Mutex<Scratch>>,
}

/// Memory that products may scribble on.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    /// The slices of V that a sample names.
    pub slices: Vec<f32>,
    /// The rows of Y that it names.
    pub rows: Vec<f32>,
    residual: Vec<f32>,
    pub tile: Vec<f32>,
    pub image: Vec<f32>,
}

impl<'a> Gemm<'a> {
    /// Products of `matrix`.
    #[must_use]
    pub fn new(matrix: &'a LargeMatrix) -> Self {
        Self { matrix, curvatures: true, scratch: Arc::default() }
    }

    /// Leaves out ⟨G_F, G_F A⟩, ⟨D, DA⟩ and ‖DA‖² of gradient steps, which are reported as 0.
    ///
    /// Each costs k·r² multiply-adds, as much as the gradient itself at rank 100, and only rules that look
    /// at curvatures need them.
    #[must_use]
    pub fn without_curvatures(mut self) -> Self {
        self.curvatures = false;
        self
    }

    /// The memory, which clones in one thread never ask for at a time.
    pub(super) fn scratch(&self) -> MutexGuard<'_, Scratch> {
        self.scratch.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// ½‖V − WH‖²_F of the first `rows` rows: F for all of them.
    #[must_use]
    pub fn loss_of(&self, rows: usize, w: &[f32], h: &[f32], rank: usize) -> f32 {
        self.matrix.unit.loss(w, h, |w, h| self.unit_loss(rows, w, h, rank))
    }

    fn unit_loss(&self, rows: usize, w: &[f32], h: &[f32], rank: usize) -> f64 {
        let columns = self.matrix.columns;
        let h = view(h, rank);
        let residual = &mut self.scratch().residual;
        let v = self.matrix.by_rows[..rows * columns].chunks(TILE * columns);
        let mut sum = 0.0;
        for (v, w) in v.zip(w.chunks(TILE * rank)) {
            residual.resize(v.len(), 0.0);
            let w = &w[..v.len() / columns * rank];
            product(&view(w, rank), &h.t(), 1.0, residual);
            sum += f64::from(distance_squared(v, residual));
        }
        0.5 * sum
    }
}

impl Source for LargeMatrix {
    type View<'a> = Gemm<'a>;

    fn view(&self) -> Gemm<'_> {
        Gemm::new(self)
    }

    fn norm_squared(&self) -> f64 {
        self.unit.loss_from_unit(sum_of(&self.row_norms, None))
    }
}
