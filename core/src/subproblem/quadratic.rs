//! A factor's half of the problem when V is not there: G row by row, without a buffer for it.

use crate::data::{Data, Entry};
use crate::float::project;
use crate::gram::dot;
use crate::penalty::Penalty;
use crate::product::{TILE, times};
use crate::rows::{by_row, by_row_mut, by_tile, by_tile_mut};
use crate::subproblem::{Change, Slope, Subproblem};
use crate::subproblem::{bound, sweep};

/// Terms of a row of G.
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
        /// Penalty on X.
        penalty: Penalty,
    },
}

/// L, which sweeps do not need.
#[derive(Debug)]
pub(crate) enum Lipschitz<'a> {
    /// L of an A that many columns share.
    Known(f32),
    /// The warm start of its power iteration, r.
    Unknown(&'a mut [f32]),
}

/// F(X) = ½⟨XA, X⟩ − ⟨B, X⟩ + ½‖V‖² on slices, X by rows of r latents.
#[derive(Debug)]
pub(crate) struct Quadratic<'a, E> {
    /// The linear part.
    pub terms: Terms<'a, E>,
    /// A, r × r, penalty included.
    pub gram: &'a [f32],
    /// The certified L ≥ λmax(A).
    pub lipschitz: Lipschitz<'a>,
    /// Whether A has any entry above zero.
    pub alive: bool,
    /// The factor that moves, k × r.
    pub x: &'a mut [f32],
    /// Tiles of rows of G, of D or G_F, and of their products with A: min(k, [`TILE`]) × r each.
    pub tiles: [&'a mut [f32]; 3],
    /// Products with A that trials and steps took.
    pub images: u32,
    /// The rank r: latents of a factorisation, from 1 to min(m, n).
    pub rank: usize,
}

impl<E: Entry> Terms<'_, E> {
    /// ‖V‖², as far as [`Terms::gradient`] leaves it out.
    fn norm_squared(&self) -> f32 {
        match self {
            Self::Products { norm_squared, .. } => *norm_squared,
            Self::Column { .. } => 0.0,
        }
    }

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

/// A sweep on the column v alone, every entry with the step that A allows its component.
fn column_sweep<E: Entry>(
    x: &mut [f32],
    v: &Data<'_, E>,
    h: &[f32],
    penalty: Penalty,
    a: &[f32],
    steps: &[f32],
) -> Change {
    let (rank, mut change) = (steps.len(), Change::default());
    let diagonal = || a.iter().step_by(rank.saturating_add(1));
    for (x, entry) in by_row_mut(x, rank).zip(v.entries()) {
        let mut residual = dot(x, h) - v.scale() * entry.value();
        for (((x, h), step), a) in x.iter_mut().zip(h).zip(steps).zip(diagonal()) {
            let g = residual * h + (penalty.l1 + penalty.l2 * *x);
            let next = project(*x - step * g);
            let d = next - *x;
            *x = next;
            residual += d * h;
            change.inner += g * d;
            change.curvature += a * (d * d);
            change.norm_squared += d * d;
        }
    }
    change
}

impl<E: Entry> Subproblem for Quadratic<'_, E> {
    fn sample(&mut self) -> bool {
        self.alive
    }

    fn lipschitz(&mut self) -> f32 {
        match &mut self.lipschitz {
            Lipschitz::Known(lipschitz) => *lipschitz,
            Lipschitz::Unknown(direction) => {
                let [image, _, _] = &mut self.tiles;
                let image = image.get_mut(..self.rank).unwrap_or_default();
                // The terms' roundings belong to A itself, which is the A of the sum that W minimises.
                bound::lipschitz(self.gram, direction, image, 1)
            }
        }
    }

    fn loss(&mut self) -> f32 {
        let Self { terms, gram, x, tiles: [g, _, _], rank, .. } = self;
        let mut fit = terms.norm_squared();
        for (tile, x) in by_tile(x, *rank).enumerate() {
            let Some(g) = g.get_mut(..x.len()) else { continue };
            fit += terms.gradient(tile * TILE, x, gram, g, *rank);
        }
        0.5 * fit
    }

    fn sweep(&mut self, relaxation: f32) -> Change {
        let Self { terms, gram, x, tiles: [steps, _, _], rank, .. } = self;
        let steps = steps.get_mut(..*rank).unwrap_or_default();
        sweep::steps(gram, relaxation, steps);
        match terms {
            Terms::Products { b, .. } => sweep::sweep(x, b, gram, steps, *rank),
            Terms::Column { v, h, penalty } => column_sweep(x, v, h, *penalty, gram, steps),
        }
    }

    fn images(&self) -> u32 {
        self.images
    }

    fn idle(&self) -> usize {
        sweep::idle(self.gram, self.rank)
    }

    fn shape(&self) -> [usize; 2] {
        [self.x.len() / self.rank.max(1), self.rank]
    }

    fn gradient(&mut self) -> Slope {
        let Self { terms, gram, x, tiles: [g, free, image], rank, .. } = self;
        let mut slope = Slope::default();
        let mut fit = terms.norm_squared();
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
        self.images = self.images.saturating_add(1);
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
        self.images = self.images.saturating_add(1);
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
