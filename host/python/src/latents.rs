//! Latents of rows for components that stay: every row of W on its own, to f64's precision.
//!
//! A row's latents depend on that row alone, not on the rows beside it, nor on the number of threads.

use rayon::prelude::*;

use crate::nnls::Nnls;

/// Rows: a place and a number for every entry that is known, in order.
pub trait Rows: Sync {
    /// The number of rows.
    fn count(&self) -> usize;
    /// Calls `each` with the column and the value of every entry of a row that is stored.
    fn visit(&self, row: usize, each: impl FnMut(usize, f64));
    /// Whether entries that are not visited are zero; they are unknown otherwise.
    fn absent_are_zero(&self, row: usize) -> bool;
}

/// H (r × n), with what all rows share.
pub struct Components {
    rank: usize,
    /// Hᵀ, n × r.
    transposed: Vec<f64>,
    gram: Vec<f64>,
    l1: f64,
    l2: f64,
}

impl Components {
    /// For `h` (r × n, row by row) and the penalty l1·Σw + ½l2·‖w‖² of a row's latents.
    pub fn new(h: &[f64], rank: usize, [l1, l2]: [f64; 2]) -> Self {
        let columns = h.len() / rank.max(1);
        let transposed: Vec<f64> =
            (0..columns).flat_map(|j| (0..rank).map(move |k| h[k * columns + j])).collect();
        let mut gram = vec![0.0; rank * rank];
        transposed.chunks_exact(rank).for_each(|y| add_square(&mut gram, y));
        add_to_diagonal(&mut gram, rank, l2);
        Self { rank, transposed, gram, l1, l2 }
    }

    /// The latents of the rows from `first` on, as many as `w` has room for, r each.
    pub fn latents(&self, rows: &impl Rows, first: usize, w: &mut [f64]) {
        let r = self.rank;
        let memory = || (Nnls::new(r), vec![0.0; r], vec![0.0; r * r]);
        w.par_chunks_mut(r).enumerate().for_each_init(memory, |(nnls, b, gram), (i, w)| {
            b.fill(-self.l1);
            let row = first + i;
            let complete = rows.absent_are_zero(row);
            if !complete {
                gram.fill(0.0);
                add_to_diagonal(gram, r, self.l2);
            }
            rows.visit(row, |column, value| {
                let y = &self.transposed[column * r..][..r];
                b.iter_mut().zip(y).for_each(|(b, y)| *b += value * y);
                if !complete {
                    add_square(gram, y);
                }
            });
            nnls.solve(if complete { &self.gram } else { gram }, b, w);
        });
    }
}

/// A ← A + yyᵀ.
fn add_square(gram: &mut [f64], y: &[f64]) {
    for (a, x) in gram.chunks_exact_mut(y.len()).zip(y) {
        a.iter_mut().zip(y).for_each(|(a, y)| *a += x * y);
    }
}

fn add_to_diagonal(gram: &mut [f64], rank: usize, l2: f64) {
    gram.iter_mut().step_by(rank + 1).for_each(|a| *a += l2);
}
