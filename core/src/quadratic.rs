//! A factor's half of the problem when V is not there: G row by row, without a buffer for it.

use crate::block::{Block, Change, Slope};
use crate::data::{Data, Entry};
use crate::float::project;
use crate::gram::dot;
use crate::penalty::Penalty;
use crate::product::{TILE, times};
use crate::rows::{by_row, by_row_mut, by_tile, by_tile_mut};

/// What the rows of G are made of.
#[derive(Debug)]
pub(crate) enum Terms<'a, E> {
    /// G = XA − B, where A and B (k × r) hold all there is to know of V.
    Products {
        /// B, penalty included.
        b: &'a [f32],
        /// ‖V‖² of what B was summed over.
        norm_squared: f32,
    },
    /// G = (Xh − v)hᵀ + λ₁ + λ₂X of one column v, while A remembers more columns than that one.
    Column {
        /// v, k × 1.
        v: &'a Data<'a, E>,
        /// Its latents.
        h: &'a [f32],
        /// Of X.
        penalty: Penalty,
    },
}

/// F(X) = ½⟨XA, X⟩ − ⟨B, X⟩ + ½‖V‖² on slices, X by rows of r latents.
#[derive(Debug)]
pub(crate) struct Quadratic<'a, E> {
    /// The linear part.
    pub terms: Terms<'a, E>,
    /// A, r × r, penalty included.
    pub gram: &'a [f32],
    /// The certified L ≥ λmax(A).
    pub lipschitz: f32,
    /// The factor that moves, k × r.
    pub x: &'a mut [f32],
    /// Tiles of rows of G, of D or G_F, and of their products with A: min(k, [`TILE`]) × r each.
    pub tiles: [&'a mut [f32]; 3],
    /// r.
    pub rank: usize,
}

impl<E: Entry> Terms<'_, E> {
    /// The tile of G for the rows `x` of X, which begin at `row`; returns its part of 2F − ‖V‖².
    fn gradient(&self, row: usize, x: &[f32], a: &[f32], g: &mut [f32], rank: usize) -> f32 {
        let mut fit = 0.0;
        match self {
            Self::Products { b, .. } => {
                times(x, a, g, rank);
                let b = b.get(row * rank..).unwrap_or_default();
                let rows = by_row(x, rank).zip(by_row_mut(g, rank));
                for ((x, g), b) in rows.zip(by_row(b, rank)) {
                    let mut row_fit = 0.0;
                    for ((x, g), b) in x.iter().zip(g).zip(b) {
                        *g -= b;
                        row_fit += (*g - b) * x;
                    }
                    fit += row_fit;
                }
            }
            Self::Column { v, h, penalty: Penalty { l1, l2 } } => {
                let entries = v.entries().get(row..).unwrap_or_default();
                let rows = by_row(x, rank).zip(by_row_mut(g, rank));
                for ((x, g), entry) in rows.zip(entries) {
                    let residual = dot(x, h) - v.scale() * entry.value();
                    let mut row_fit = residual * residual;
                    for ((x, g), h) in x.iter().zip(g).zip(*h) {
                        *g = residual * h + (l1 + l2 * x);
                        row_fit += (l1 + l1 + l2 * x) * x;
                    }
                    fit += row_fit;
                }
            }
        }
        fit
    }
}

impl<E: Entry> Block for Quadratic<'_, E> {
    fn lipschitz(&mut self) -> f32 {
        self.lipschitz
    }

    fn gradient(&mut self) -> Slope {
        let Self { terms, gram, x, tiles: [g, free, image], rank, .. } = self;
        let mut slope = Slope::default();
        let mut fit = match terms {
            Terms::Products { norm_squared, .. } => *norm_squared,
            Terms::Column { .. } => 0.0,
        };
        for (tile, x) in by_tile(x, *rank).enumerate() {
            let tiles = (g.get_mut(..x.len()), free.get_mut(..x.len()), image.get_mut(..x.len()));
            let (Some(g), Some(free), Some(image)) = tiles else { continue };
            fit += terms.gradient(tile * TILE, x, gram, g, *rank);
            let rows = by_row(x, *rank).zip(by_row(g, *rank));
            for ((x, g), free) in rows.zip(by_row_mut(free, *rank)) {
                slope.add_row(x, g, free);
            }
            slope.add_curvature(free, gram, image, *rank);
        }
        slope.loss = 0.5 * fit;
        slope
    }

    fn try_step(&mut self, rate: f32) -> Change {
        let Self { terms, gram, x, tiles: [g, d, image], rank, .. } = self;
        let mut change = Change::default();
        for (tile, x) in by_tile(x, *rank).enumerate() {
            let Some(g) = g.get_mut(..x.len()) else { continue };
            terms.gradient(tile * TILE, x, gram, g, *rank);
            for ((d, x), g) in d.iter_mut().zip(x).zip(&*g) {
                *d = project(x - rate * g) - x;
            }
            change.add(g, d, gram, image, *rank);
        }
        change
    }

    fn step(&mut self, rate: f32) -> Change {
        let Self { terms, gram, x, tiles: [g, d, image], rank, .. } = self;
        let mut change = Change::default();
        for (tile, x) in by_tile_mut(x, *rank).enumerate() {
            let Some(g) = g.get_mut(..x.len()) else { continue };
            terms.gradient(tile * TILE, x, gram, g, *rank);
            for ((d, x), g) in d.iter_mut().zip(x).zip(&*g) {
                let next = project(*x - rate * g);
                *d = next - *x;
                *x = next;
            }
            change.add(g, d, gram, image, *rank);
        }
        change
    }
}
