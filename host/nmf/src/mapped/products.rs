//! Products, sums and samples of a [`MappedMatrix`].

use std::cell::RefCell;

use tinynmf_core::subproblem::{Change, Dense};
use tinynmf_core::{Factor, Matrix};

use super::MappedMatrix;
use super::file::{Lines, MappedFile};
use super::groups::Buffers;
use crate::large::block::displaced;
use crate::large::gemm::{distance_squared, gram, product, product_onto, view};
use crate::large::sweep;
use crate::source::sum_of;

/// A [`MappedMatrix`] as a run asks for it, with room for two groups of lines.
#[derive(Debug)]
pub struct MappedView<'a> {
    matrix: &'a MappedMatrix,
    buffers: RefCell<Buffers>,
}

impl<'a> MappedView<'a> {
    pub(super) fn new(matrix: &'a MappedMatrix) -> Self {
        Self { matrix, buffers: RefCell::default() }
    }

    /// Whether the inner index of the factor's half-step counts lines.
    fn is_by_lines(&self, factor: Factor) -> bool {
        (factor == Factor::H) != self.matrix.file.column_major
    }

    fn scale(&self) -> f32 {
        self.matrix.unit.to_unit(1.0)
    }

    /// P ← weight·Σ vᵀy over the lines v of the sample, with their rows y.
    fn by_lines(&self, sample: Option<&[u32]>, y: &[f32], weight: f32, p: &mut [f32]) {
        let MappedFile { lines, width, .. } = self.matrix.file;
        let rank = p.len() / width;
        p.fill(0.0);
        let sorted = sample.map(|sample| {
            let mut these: Vec<u32> =
                sample.iter().copied().filter(|line| (*line as usize) < lines).collect();
            these.sort_unstable();
            these
        });
        let all = sorted.as_deref().map_or(Lines::run(0, lines), Lines::Some);
        let buffers = &mut *self.buffers.borrow_mut();
        let mut rows = std::mem::take(&mut buffers.rows);
        let result = self.matrix.file.each(all, self.scale(), buffers, |lines, v| {
            rows.clear();
            for at in 0..lines.len() {
                rows.extend_from_slice(&y[lines.get(at) * rank..][..rank]);
            }
            product_onto(&view(v, width).t(), &view(&rows, rank), weight, p);
        });
        buffers.rows = rows;
        self.matrix.note(result);
    }

    /// P ← weight·V_S·Y_S, a row for every line.
    fn across_lines(&self, sample: Option<&[u32]>, y: &[f32], weight: f32, p: &mut [f32]) {
        let MappedFile { lines, width, .. } = self.matrix.file;
        let rank = p.len() / lines;
        let sample: Option<Vec<usize>> = sample
            .map(|sample| sample.iter().map(|j| *j as usize).filter(|j| *j < width).collect());
        let some: Option<Vec<f32>> = sample
            .as_ref()
            .map(|sample| sample.iter().flat_map(|j| &y[*j * rank..][..rank]).copied().collect());
        let y = some.as_deref().unwrap_or(y);
        let buffers = &mut *self.buffers.borrow_mut();
        let mut rows = std::mem::take(&mut buffers.rows);
        let all = Lines::run(0, lines);
        let result = self.matrix.file.each(all, self.scale(), buffers, |lines, v| {
            let p = &mut p[lines.get(0) * rank..][..lines.len() * rank];
            let Some(sample) = &sample else {
                return product(&view(v, width), &view(y, rank), weight, p);
            };
            rows.clear();
            for line in v.chunks_exact(width) {
                rows.extend(sample.iter().map(|j| line[*j]));
            }
            product(&view(&rows, sample.len()), &view(y, rank), weight, p);
        });
        buffers.rows = rows;
        self.matrix.note(result);
    }

    fn unit_loss(&self, w: &[f32], h: &[f32], rank: usize) -> f64 {
        let file = &self.matrix.file;
        let (of_lines, across) = if file.column_major { (h, w) } else { (w, h) };
        let buffers = &mut *self.buffers.borrow_mut();
        let mut fit = std::mem::take(&mut buffers.rows);
        let mut sum = 0.0;
        let result = file.each(Lines::run(0, file.lines), self.scale(), buffers, |lines, v| {
            fit.resize(v.len(), 0.0);
            let x = &of_lines[lines.get(0) * rank..][..lines.len() * rank];
            product(&view(x, rank), &view(across, rank).t(), 1.0, &mut fit);
            let lines = v.chunks_exact(file.width).zip(fit.chunks_exact(file.width));
            sum += lines.map(|(v, fit)| f64::from(distance_squared(v, fit))).sum::<f64>();
        });
        buffers.rows = fit;
        self.matrix.note(result);
        0.5 * sum
    }
}

impl Matrix for MappedView<'_> {
    type Subproblem<'a>
        = Dense<'a, Self>
    where
        Self: 'a;

    fn subproblem(parts: Dense<'_, Self>) -> Dense<'_, Self> {
        parts
    }

    fn rows(&self) -> usize {
        self.matrix.shape()[0]
    }

    fn columns(&self) -> usize {
        self.matrix.shape()[1]
    }

    fn mean(&self) -> f32 {
        self.matrix.unit.mean
    }

    fn exponent(&self) -> i32 {
        self.matrix.unit.exponent
    }

    /// 2r lines; all of what crosses lines, since a part of it is read at the price of all.
    fn least_sample(&self, factor: Factor, rank: usize) -> usize {
        if self.is_by_lines(factor) { 2 * rank } else { self.inner(factor) }
    }

    fn norm_squared(&self, factor: Factor, sample: Option<&[u32]>) -> f32 {
        let MappedMatrix { line_norms, across_norms, .. } = self.matrix;
        let norms = if self.is_by_lines(factor) { line_norms } else { across_norms };
        self.weight(factor, sample) * sum_of(norms, sample) as f32
    }

    fn products(
        &self,
        factor: Factor,
        sample: Option<&[u32]>,
        y: &[f32],
        p: &mut [f32],
        _rank: usize,
    ) {
        let weight = self.weight(factor, sample);
        if self.is_by_lines(factor) {
            self.by_lines(sample, y, weight, p);
        } else {
            self.across_lines(sample, y, weight, p);
        }
    }

    fn gram(&self, y: &[f32], sample: Option<&[u32]>, scale: f32, a: &mut [f32], rank: usize) {
        gram(y, sample, scale, a, rank, &mut self.buffers.borrow_mut().rows);
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
        self.matrix.unit.loss(w, h, |w, h| self.unit_loss(w, h, rank))
    }
}
