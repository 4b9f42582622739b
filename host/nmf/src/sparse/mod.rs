//! Sparse V: only entries that are stored cost anything, and V is never filled up.
//!
//! Absent entries are zeros ([`SparseMatrix::new`]) or unknown ([`SparseMatrix::observed`]). For unknown ones a
//! half-step on factor X puts the current XYᵀ in their place, so that the residual R is zero there. What is minimised is
//! then Q(X') = F(X') + ½‖(X' − X)Yᵀ on absent entries‖², which is at least F, the loss over what is stored, and equal
//! to it at X: whatever lowers Q lowers F by at least as much (majorisation; Srebro & Jaakkola 2003, Zhang, Wang, Ford &
//! Makedon 2006). Its products are P = RY + XA, so that a sample costs 2·nnz·r + k·r², where zeros cost nnz·r. The fewer
//! entries are known, the shorter are its steps.

mod compressed;
mod products;

pub use compressed::Compressed;

use std::cell::Cell;

use rayon::prelude::*;
use tinynmf_core::data::MAX_ENTRY;
use tinynmf_core::subproblem::{Change, Dense};
use tinynmf_core::{Error, Factor, Matrix};

use crate::large::block::displaced;
use crate::large::gemm::{dot, dot64, product, view};
use crate::large::sweep;
use crate::source::{Source, Unit, sum_of};

/// V (m × n) by rows and by columns, without the entries that are absent.
#[derive(Debug, Clone, PartialEq)]
pub struct SparseMatrix {
    unit: Unit,
    /// V·4⁻ᵉ.
    by_rows: Compressed,
    by_columns: Compressed,
    /// Norms ‖v‖² of the rows and columns of V·4⁻ᵉ.
    row_norms: Vec<f32>,
    column_norms: Vec<f32>,
    /// Whether absent entries are unknown; they are zero otherwise.
    unknown: bool,
}

impl SparseMatrix {
    /// V with zeros where nothing is stored, from its rows.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`], [`Error::NotFinite`], [`Error::Negative`] and [`Error::TooLarge`] with the entry's place,
    /// [`Error::AllZero`].
    pub fn new(by_rows: Compressed) -> Result<Self, Error> {
        Self::checked(by_rows, false)
    }

    /// V of which only the stored entries are known; zeros among them count.
    ///
    /// # Errors
    ///
    /// The errors of [`SparseMatrix::new`].
    pub fn observed(by_rows: Compressed) -> Result<Self, Error> {
        Self::checked(by_rows, true)
    }

    /// V with missing entries from one that has NaN in their place, row by row.
    ///
    /// # Errors
    ///
    /// [`Error::Shape`] unless there are `rows`·`columns` entries; else of [`SparseMatrix::new`].
    pub fn with_missing(entries: &[f32], rows: usize, columns: usize) -> Result<Self, Error> {
        Self::observed(Compressed::from_dense(entries, rows, columns, |v| !v.is_nan())?)
    }

    fn checked(mut by_rows: Compressed, unknown: bool) -> Result<Self, Error> {
        let (rows, columns) = (by_rows.len(), by_rows.width());
        if rows == 0 || columns == 0 {
            return Err(Error::Empty);
        }
        let mut sum = 0.0;
        for row in 0..rows {
            for (column, v) in by_rows.slice(row) {
                if !v.is_finite() {
                    return Err(Error::NotFinite { row, column });
                }
                if v < 0.0 {
                    return Err(Error::Negative { row, column });
                }
                if v > MAX_ENTRY {
                    return Err(Error::TooLarge { row, column });
                }
                sum += f64::from(v);
            }
        }
        if sum <= 0.0 {
            return Err(Error::AllZero);
        }
        // With every entry known there is nothing to fill in.
        let unknown = unknown && by_rows.stored() < rows.saturating_mul(columns);
        let count = if unknown { by_rows.stored() as f64 } else { rows as f64 * columns as f64 };
        let unit = Unit::of_mean((sum / count) as f32);
        if unit.exponent != 0 {
            by_rows.map(|v| unit.to_unit(v));
        }
        let by_columns = by_rows.transposed();
        let (row_norms, column_norms) = (by_rows.norms(), by_columns.norms());
        Ok(Self { unit, by_rows, by_columns, row_norms, column_norms, unknown })
    }

    /// m, the number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.by_rows.len()
    }

    /// n, the number of columns.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.by_columns.len()
    }

    /// The stored entries.
    #[must_use]
    pub fn stored(&self) -> usize {
        self.by_rows.stored()
    }

    /// F from residuals, where only stored entries count.
    fn observed_loss(&self, w: &[f32], h: &[f32], rank: usize) -> f64 {
        let of_row = |row: usize| -> f64 {
            let w = &w[row * rank..][..rank];
            let squares = self.by_rows.slice(row).map(|(column, v)| {
                let residual = f64::from(v - dot(w, &h[column * rank..][..rank]));
                residual * residual
            });
            squares.sum()
        };
        0.5 * (0..self.rows()).into_par_iter().with_min_len(64).map(of_row).sum::<f64>()
    }

    /// F = ½(‖V‖² − 2⟨V, WH⟩ + ⟨WᵀW, HHᵀ⟩), where absent entries are zero; its error is about 2⁻²⁴·‖V‖².
    fn filled_loss(&self, w: &[f32], h: &[f32], rank: usize) -> f64 {
        let of_row = |row: usize| -> f64 {
            let w = &w[row * rank..][..rank];
            let terms = self.by_rows.slice(row).map(|(column, v)| {
                // v² − 2v·wh as (v − wh)² − (wh)², which cancels less where the fit is good.
                let (v, fit) = (f64::from(v), dot64(w, &h[column * rank..][..rank]));
                (v - fit) * (v - fit) - fit * fit
            });
            terms.sum()
        };
        let stored: f64 = (0..self.rows()).into_par_iter().with_min_len(64).map(of_row).sum();
        let gram = |x: &[f32]| products::gram64(x, rank);
        let (of_w, of_h) = rayon::join(|| gram(w), || gram(h));
        let all: f64 = of_w.iter().zip(of_h).map(|(a, b)| a * b).sum();
        0.5 * (stored + all).max(0.0)
    }
}

impl Source for SparseMatrix {
    type View<'a> = SparseView<'a>;

    fn view(&self) -> SparseView<'_> {
        SparseView { matrix: self, filled_norm: Cell::new(0.0) }
    }

    fn norm_squared(&self) -> f64 {
        self.unit.loss_from_unit(sum_of(&self.row_norms, None))
    }

    fn density(&self) -> f64 {
        let passes = if self.unknown { 2.0 } else { 1.0 };
        passes * self.stored() as f64 / (self.rows() as f64 * self.columns() as f64)
    }

    fn majorized(&self) -> bool {
        self.unknown
    }

    fn unknown(&self) -> [Vec<usize>; 2] {
        if !self.unknown {
            return Default::default();
        }
        [&self.by_rows, &self.by_columns].map(|slices| {
            (0..slices.len()).filter(|at| slices.slice(*at).next().is_none()).collect()
        })
    }
}

/// A [`SparseMatrix`] as a run asks for it.
#[derive(Debug, Clone)]
pub struct SparseView<'a> {
    matrix: &'a SparseMatrix,
    /// ‖V_S‖² with the unknown entries filled in by the last products.
    filled_norm: Cell<f32>,
}

impl SparseView<'_> {
    fn slices(&self, factor: Factor) -> (&Compressed, &[f32]) {
        match factor {
            Factor::W => (&self.matrix.by_columns, &self.matrix.column_norms),
            Factor::H => (&self.matrix.by_rows, &self.matrix.row_norms),
        }
    }
}

impl Matrix for SparseView<'_> {
    type Subproblem<'a>
        = Dense<'a, Self>
    where
        Self: 'a;

    fn subproblem(parts: Dense<'_, Self>) -> Dense<'_, Self> {
        parts
    }

    fn rows(&self) -> usize {
        self.matrix.rows()
    }

    fn columns(&self) -> usize {
        self.matrix.columns()
    }

    fn mean(&self) -> f32 {
        self.matrix.unit.mean
    }

    fn exponent(&self) -> i32 {
        self.matrix.unit.exponent
    }

    /// 2r, and as many as hold an entry for every row of X: a sample with less says that most of X is zero. All of V where
    /// entries are unknown: some row of X would be fitted to fewer of them than it has components.
    fn least_sample(&self, factor: Factor, rank: usize) -> usize {
        if self.matrix.unknown {
            return self.inner(factor);
        }
        let (all, inner) = (self.rows() as f64 * self.columns() as f64, self.inner(factor) as f64);
        let filled = (all / self.matrix.stored().max(1) as f64).min(inner).ceil();
        (2 * rank).max(filled as usize)
    }

    fn norm_squared(&self, factor: Factor, sample: Option<&[u32]>) -> f32 {
        if self.matrix.unknown {
            return self.filled_norm.get();
        }
        let (_, norms) = self.slices(factor);
        self.weight(factor, sample) * sum_of(norms, sample) as f32
    }

    fn products(
        &self,
        factor: Factor,
        sample: Option<&[u32]>,
        y: &[f32],
        p: &mut [f32],
        rank: usize,
    ) {
        let (slices, _) = self.slices(factor);
        let (across, _) = self.slices(factor.other());
        products::products([slices, across], sample, None, y, p, rank);
        products::scale(p, self.weight(factor, sample));
    }

    fn products_at(
        &self,
        factor: Factor,
        sample: Option<&[u32]>,
        [x, y]: [&[f32]; 2],
        p: &mut [f32],
        rank: usize,
    ) {
        if !self.matrix.unknown {
            return self.products(factor, sample, y, p, rank);
        }
        let (slices, _) = self.slices(factor);
        let (across, _) = self.slices(factor.other());
        let weight = self.weight(factor, sample);
        let known = products::products([slices, across], sample, Some(x), y, p, rank);
        products::scale(p, weight);
        let mut a = vec![0.0; rank * rank];
        self.gram(y, sample, weight, &mut a, rank);
        let mut image = vec![0.0; p.len()];
        product(&view(x, rank), &view(&a, rank), 1.0, &mut image);
        let fit = dot64(&image, x);
        self.filled_norm.set((f64::from(weight) * known + fit) as f32);
        p.iter_mut().zip(image).for_each(|(p, image)| *p += image);
    }

    fn sweep(&self, x: &mut [f32], p: &[f32], a: &[f32], steps: &[f32], rank: usize) -> Change {
        sweep::sweep(x, p, a, steps, rank)
    }

    fn displaced(
        &self,
        [x, p]: [&mut [f32]; 2],
        d: &[f32],
        a: &[f32],
        _: [&mut [f32]; 2],
        rank: usize,
    ) -> Change {
        displaced(x, d, p, a, rank)
    }

    fn loss(&self, w: &[f32], h: &[f32], rank: usize) -> f32 {
        self.matrix.unit.loss(w, h, |w, h| {
            if self.matrix.unknown {
                self.matrix.observed_loss(w, h, rank)
            } else {
                self.matrix.filled_loss(w, h, rank)
            }
        })
    }
}

#[cfg(test)]
mod tests;
