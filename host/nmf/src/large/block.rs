//! A factor's half of a large problem: [`Dense`] with gradient passes that are GEMM's.

use tinynmf_core::float::project;
use tinynmf_core::pass_on;
use tinynmf_core::subproblem::{Change, Dense, Slope, Subproblem};

use super::few;
use super::gemm::{self, SMALL, descend, displacement, dot, view};
use super::matrix::{Gemm, Scratch};

/// Entries of a factor that are worked on while they are in the cache: so many rows that their product with A is worth GEMM.
fn tile(rank: usize) -> usize {
    SMALL.div_ceil(rank * rank).max(256) * rank
}

/// XA for rows of X.
fn times(x: &[f32], a: &[f32], out: &mut [f32], rank: usize) {
    if !few::times(x, a, out, rank) {
        gemm::product(&view(x, rank), &view(a, rank), 1.0, out);
    }
}

/// Core's [`Matrix::displaced`](tinynmf_core::Matrix::displaced), but for rounding.
#[must_use]
pub fn displaced(x: &[f32], d: &[f32], p: &[f32], a: &[f32], rank: usize) -> Change {
    let mut image = Vec::new();
    let mut sums = [0.0_f64; 3];
    let tiles = x.chunks(tile(rank)).zip(p.chunks(tile(rank)));
    for ((x, p), d) in tiles.zip(d.chunks(tile(rank))) {
        image.resize(d.len(), 0.0);
        times(d, a, &mut image, rank);
        // ⟨XA − P, D⟩, for A is symmetric.
        sums[0] += f64::from(dot(x, &image)) - f64::from(dot(p, d));
        sums[1] += f64::from(dot(d, &image));
        sums[2] += f64::from(dot(d, d));
    }
    let [inner, curvature, norm_squared] = sums.map(|sum| sum as f32);
    Change { inner, curvature, norm_squared, ..Change::default() }
}

/// A factor X (k × r) with the other factor Y (l × r) fixed.
#[derive(Debug)]
pub struct GemmBlock<'a, 'm>(pub Dense<'a, Gemm<'m>>);

impl GemmBlock<'_, '_> {
    /// The change that D = max(0, X − rate·G) − X makes; X moves by it if `moves`.
    fn change(&mut self, rate: f32, curvatures: bool, moves: bool) -> Change {
        let Dense { matrix, x, gradient, scratch, rank, images, .. } = &mut self.0;
        let rank = *rank;
        let Scratch { tile: d, image, .. } = &mut *matrix.scratch();
        *images += u32::from(curvatures);
        let mut sums = [0.0_f64; 4];
        for (x, g) in x.chunks_mut(tile(rank)).zip(gradient.chunks(tile(rank))) {
            d.resize(x.len(), 0.0);
            displacement(x, g, rate, d);
            if moves {
                descend(x, g, rate);
            }
            sums[0] += f64::from(dot(g, d));
            sums[2] += f64::from(dot(d, d));
            if curvatures {
                image.resize(d.len(), 0.0);
                times(d, scratch.gram, image, rank);
                sums[1] += f64::from(dot(d, image));
                sums[3] += f64::from(dot(image, image));
            }
        }
        let [inner, curvature, norm_squared, image_norm_squared] = sums.map(|sum| sum as f32);
        Change { inner, curvature, norm_squared, image_norm_squared }
    }
}

impl Subproblem for GemmBlock<'_, '_> {
    pass_on!(0: sample, lipschitz, loss, sweep, remember, extrapolate, images, idle, shape, exponent);

    fn gradient(&mut self) -> Slope {
        self.0.hold_gradient_products();
        let Dense { matrix, x, gradient, scratch, rank, .. } = &mut self.0;
        let rank = *rank;
        let mut sums = [0.0_f64; 4];
        {
            let Scratch { tile: free, image, .. } = &mut *matrix.scratch();
            for (x, g) in x.chunks(tile(rank)).zip(gradient.chunks_mut(tile(rank))) {
                image.resize(x.len(), 0.0);
                free.resize(x.len(), 0.0);
                times(x, scratch.gram, image, rank);
                // Here `g` is still VY: F = ½(‖V‖² + ⟨XA − 2VY, X⟩).
                sums[0] += f64::from(dot(image, x)) - 2.0 * f64::from(dot(g, x));
                for (g, xa) in g.iter_mut().zip(&*image) {
                    *g = xa - *g;
                }
                for ((free, x), g) in free.iter_mut().zip(x).zip(&*g) {
                    *free = if *x > 0.0 || *g < 0.0 { *g } else { 0.0 };
                }
                sums[1] += f64::from(dot(g, g));
                sums[2] += f64::from(dot(free, free));
                if matrix.curvatures {
                    times(free, scratch.gram, image, rank);
                    sums[3] += f64::from(dot(free, image));
                }
            }
        }
        let [fit, norm, free_norm, free_curvature] = sums;
        Slope {
            loss: self.0.value(fit as f32),
            norm_squared: norm as f32,
            free_norm_squared: free_norm as f32,
            free_curvature: free_curvature as f32,
        }
    }

    fn try_step(&mut self, rate: f32) -> Change {
        let change = self.change(rate, true, false);
        self.0.tried = Some((rate, change));
        change
    }

    fn step(&mut self, rate: f32) -> Change {
        match self.0.tried {
            Some((tried, change)) if tried.to_bits() == rate.to_bits() => {
                let pairs = self.0.x.iter_mut().zip(&*self.0.gradient);
                pairs.for_each(|(x, g)| *x = project(*x - rate * g));
                change
            }
            _ => self.change(rate, self.0.matrix.curvatures, true),
        }
    }
}
