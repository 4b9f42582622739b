//! Products, sums and samples of a [`LargeMatrix`].

use tinynmf_core::product::{self as core, Left};
use tinynmf_core::subproblem::{Change, Dense};
use tinynmf_core::{Factor, Matrix};

use super::block::{GemmBlock, displaced};
use super::few;
use super::gemm::{SMALL, gather, gram, product, view};
use super::matrix::{Gemm, LargeMatrix, Scratch};
use super::sweep;
use crate::source::sum_of;

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
        let LargeMatrix { rows, columns, by_rows, .. } = self.matrix;
        let weight = self.weight(factor, sample);
        let Scratch { slices, rows: memory, .. } = &mut *self.scratch();
        let width = p.len() / rank;
        let v = gather(self.matrix.inner(factor).0, width, sample, slices);
        let of_y = gather(y, rank, sample, memory);
        if few::product(v, of_y, weight, p, rank) {
            return;
        }
        if rows * columns * rank >= SMALL {
            return product(&view(v, width).t(), &view(of_y, rank), weight, p);
        }
        // Of the two ways to read V, core's kernel is faster by rows; a sample is slices of memory.
        if sample.is_none() {
            let v = Left { entries: by_rows, columns: *columns };
            core::product(v, factor, None, y, weight, p, rank);
        } else {
            let v = Left { entries: v, columns: width };
            core::product(v, Factor::H, None, of_y, weight, p, rank);
        }
    }

    fn loss(&self, w: &[f32], h: &[f32], rank: usize) -> f32 {
        self.loss_of(self.matrix.rows, w, h, rank)
    }

    fn gram(&self, y: &[f32], sample: Option<&[u32]>, scale: f32, a: &mut [f32], rank: usize) {
        gram(y, sample, scale, a, rank, &mut self.scratch().rows);
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
}
