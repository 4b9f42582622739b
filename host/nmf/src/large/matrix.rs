//! V by rows and by columns, and what a run asks of it.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use tinynmf_core::gram::gram;
use tinynmf_core::product::{self as core, Left};
use tinynmf_core::subproblem::{Change, Dense};
use tinynmf_core::{Data, Error, Factor, Matrix};

use crate::source::{Source, Unit};

use super::block::GemmBlock;
use super::gemm::{SMALL, distance_squared, dot, product, view};
use super::sweep;
use crate::matrix::transposed;

/// Rows of W whose residual is formed at a time.
const TILE: usize = 256;

/// V by rows and by columns, so that a sample is slices of memory for either half-step.
#[derive(Debug, Clone, PartialEq)]
pub struct LargeMatrix {
    rows: usize,
    columns: usize,
    unit: Unit,
    /// V·4⁻ᵉ.
    by_rows: Arc<[f32]>,
    by_columns: Vec<f32>,
    row_norms: Vec<f32>,
    column_norms: Vec<f32>,
}

impl LargeMatrix {
    /// Checks and transposes V, given row by row. Products of fewer than [`SMALL`] multiply-adds are core's.
    ///
    /// # Errors
    ///
    /// Of [`Data::new`].
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
        Self::new(matrix.entries().into_owned().into(), matrix.rows(), matrix.cols())
    }

    /// l slices of V, one an inner index, and their ‖·‖²: Vᵀ by rows for W, V by rows for H.
    fn inner(&self, factor: Factor) -> (&[f32], &[f32]) {
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
    matrix: &'a LargeMatrix,
    pub(super) curvatures: bool,
    pub(super) scratch: Rc<RefCell<Scratch>>,
}

/// Memory that products may scribble on.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    /// The slices of V that a sample names.
    slices: Vec<f32>,
    /// The rows of Y that it names.
    rows: Vec<f32>,
    residual: Vec<f32>,
    pub tile: Vec<f32>,
    pub image: Vec<f32>,
}

impl<'a> Gemm<'a> {
    /// Products of `matrix`.
    #[must_use]
    pub fn new(matrix: &'a LargeMatrix) -> Self {
        Self { matrix, curvatures: true, scratch: Rc::default() }
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

    /// ½‖V − WH‖²_F of the first `rows` rows: F for all of them.
    #[must_use]
    pub fn loss_of(&self, rows: usize, w: &[f32], h: &[f32], rank: usize) -> f32 {
        self.matrix.unit.loss(w, h, |w, h| self.unit_loss(rows, w, h, rank))
    }

    fn unit_loss(&self, rows: usize, w: &[f32], h: &[f32], rank: usize) -> f64 {
        let columns = self.matrix.columns;
        let h = view(h, rank);
        let residual = &mut self.scratch.borrow_mut().residual;
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
        self.unit.loss_from_unit(self.row_norms.iter().map(|norm| f64::from(*norm)).sum())
    }
}

impl<'m> Matrix for Gemm<'m> {
    type Subproblem<'a>
        = GemmBlock<'a, 'm>
    where
        Self: 'a;

    fn subproblem(parts: Dense<'_, Self>) -> Self::Subproblem<'_> {
        GemmBlock(parts)
    }

    fn rows(&self) -> usize {
        self.matrix.rows
    }

    fn columns(&self) -> usize {
        self.matrix.columns
    }

    fn mean(&self) -> f32 {
        self.matrix.unit.mean
    }

    fn exponent(&self) -> i32 {
        self.matrix.unit.exponent
    }

    fn norm_squared(&self, factor: Factor, sample: Option<&[u32]>) -> f32 {
        let (_, norms) = self.matrix.inner(factor);
        let sum: f64 = match sample {
            None => norms.iter().map(|norm| f64::from(*norm)).sum(),
            Some(sample) => sample.iter().map(|j| f64::from(norms[*j as usize])).sum(),
        };
        self.weight(factor, sample) * sum as f32
    }

    fn products(
        &self,
        factor: Factor,
        sample: Option<&[u32]>,
        y: &[f32],
        p: &mut [f32],
        rank: usize,
    ) {
        let LargeMatrix { rows, columns, by_rows, .. } = self.matrix;
        let weight = self.weight(factor, sample);
        if rows * columns * rank < SMALL {
            let v = Left { entries: by_rows, columns: *columns };
            return core::product(v, factor, sample, y, weight, p, rank);
        }
        let Scratch { slices, rows, .. } = &mut *self.scratch.borrow_mut();
        let width = p.len() / rank;
        let v = gather(self.matrix.inner(factor).0, width, sample, slices);
        let y = gather(y, rank, sample, rows);
        product(&view(v, width).t(), &view(y, rank), weight, p);
    }

    fn loss(&self, w: &[f32], h: &[f32], rank: usize) -> f32 {
        self.loss_of(self.matrix.rows, w, h, rank)
    }

    fn gram(&self, y: &[f32], sample: Option<&[u32]>, scale: f32, a: &mut [f32], rank: usize) {
        if y.len() * rank < SMALL {
            return gram(y, sample, scale, a, rank);
        }
        let rows = &mut self.scratch.borrow_mut().rows;
        let y = view(gather(y, rank, sample, rows), rank);
        product(&y.t(), &y, scale, a);
        a.iter_mut().for_each(|a| *a = a.clamp(0.0, f32::MAX));
    }

    fn sweep(&self, x: &mut [f32], p: &[f32], a: &[f32], steps: &[f32], rank: usize) -> Change {
        sweep::sweep(x, p, a, steps, rank)
    }
}

/// The rows of `entries` that `sample` names, copied one below the other; without a sample, all where they are.
fn gather<'m>(
    entries: &'m [f32],
    width: usize,
    sample: Option<&[u32]>,
    memory: &'m mut Vec<f32>,
) -> &'m [f32] {
    let Some(sample) = sample else { return entries };
    memory.clear();
    for j in sample {
        memory.extend_from_slice(&entries[*j as usize * width..][..width]);
    }
    memory
}
