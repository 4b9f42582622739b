//! One factor's half of the problem: the other factor is fixed, and F is a quadratic in this one.
//!
//! [`Block`] is all that a half-step needs to know of how V and the factors are stored; [`Dense`] is
//! the implementation on slices, for a microcontroller's fixed buffers and a host's vectors alike.

use crate::bound;
use crate::data::{Data, Entry, Side, batch_scale};
use crate::float::project;
use crate::gram::{self, dot};
use crate::product::product;

/// What the gradient G = XA − VY tells about F around X; estimates if it came from a batch.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Slope {
    /// F = ½(‖V‖² − 2⟨VY, X⟩ + ⟨XA, X⟩). It cancels: the error is about ε‖V‖². Good for observations;
    /// the loss that is reported comes from [`crate::Run::loss`].
    pub loss: f32,
    /// ‖G‖².
    pub norm_squared: f32,
    /// ‖G_F‖², the free part: G where X > 0 or G < 0.
    pub free_norm_squared: f32,
    /// ⟨G_F, G_F A⟩.
    pub free_curvature: f32,
}

/// What a step D = X⁺ − X changes: F(X⁺) − F(X) = ⟨G, D⟩ + ½⟨D, DA⟩, without another product with V.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Change {
    /// ⟨G, D⟩, never positive.
    pub inner: f32,
    /// ⟨D, DA⟩.
    pub curvature: f32,
    /// ‖D‖².
    pub norm_squared: f32,
    /// ‖DA‖².
    pub image_norm_squared: f32,
}

impl Change {
    /// F(X⁺) − F(X).
    #[must_use]
    pub fn loss(&self) -> f32 {
        self.inner + 0.5 * self.curvature
    }
}

/// What a half-step asks of a factor X (k × r) while the other factor Y (l × r) is fixed.
pub trait Block {
    /// A ← YᵀY (scaled for a batch); returns the certified L ≥ λmax(A), 0 for Y = 0.
    fn lipschitz(&mut self) -> f32;

    /// G ← XA − VY; needs A.
    fn gradient(&mut self) -> Slope;

    /// What a step of size `rate` would change; X stays.
    fn try_step(&mut self, rate: f32) -> Change;

    /// X ← max(0, X − rate·G).
    fn step(&mut self, rate: f32) -> Change;
}

/// Scratch memory of a half-step, of sizes that depend on the rank alone.
#[derive(Debug)]
pub struct Scratch<'a> {
    /// A, r × r.
    pub gram: &'a mut [f32],
    /// The warm start of the power iteration for this factor, r.
    pub direction: &'a mut [f32],
    /// One row of D, r.
    pub row: &'a mut [f32],
    /// One row times A, r.
    pub image: &'a mut [f32],
}

/// A dense V and factors in slices, by rows of r latents.
#[derive(Debug)]
pub struct Dense<'a, E> {
    /// V.
    pub data: Data<'a, E>,
    /// Which factor X is.
    pub side: Side,
    /// The inner indices that this half-step uses; all of them for `None`.
    pub batch: Option<&'a [u32]>,
    /// The factor that moves, k × r.
    pub x: &'a mut [f32],
    /// The fixed factor, l × r.
    pub y: &'a [f32],
    /// G, k × r.
    pub gradient: &'a mut [f32],
    /// Scratch memory.
    pub scratch: Scratch<'a>,
    /// r.
    pub rank: usize,
}

impl<E: Entry> Dense<'_, E> {
    fn scale(&self) -> f32 {
        self.batch.map_or(1.0, |batch| batch_scale(self.data.inner(self.side), batch))
    }
}

impl<E: Entry> Block for Dense<'_, E> {
    fn lipschitz(&mut self) -> f32 {
        let (rank, scale, y) = (self.rank.max(1), self.scale(), self.y);
        let Scratch { gram: a, direction, image, .. } = &mut self.scratch;
        let terms = match self.batch {
            None => {
                gram::gram(y.chunks_exact(rank), scale, a, rank);
                y.len() / rank
            }
            Some(batch) => {
                let row = |j: &u32| y.get(*j as usize * rank..(*j as usize + 1) * rank);
                gram::gram(batch.iter().filter_map(row), scale, a, rank);
                batch.len()
            }
        };
        bound::lipschitz(a, direction, image, terms)
    }

    fn gradient(&mut self) -> Slope {
        let (rank, scale) = (self.rank.max(1), self.scale());
        product(&self.data, self.side, self.batch, self.y, scale, self.gradient, rank);
        let Scratch { gram: a, row, image, .. } = &mut self.scratch;
        let (mut fit, mut slope) = (0.0, Slope::default());
        for (x, g) in self.x.chunks_exact(rank).zip(self.gradient.chunks_exact_mut(rank)) {
            gram::times(x, a, image);
            let (mut row_fit, mut norm, mut free_norm) = (0.0, 0.0, 0.0);
            for (((x, g), xa), free) in x.iter().zip(g).zip(image.iter()).zip(row.iter_mut()) {
                let p = *g;
                *g = xa - p;
                row_fit += (*g - p) * x;
                norm += *g * *g;
                *free = if *x > 0.0 || *g < 0.0 { *g } else { 0.0 };
                free_norm += *free * *free;
            }
            gram::times(row, a, image);
            fit += row_fit;
            slope.norm_squared += norm;
            slope.free_norm_squared += free_norm;
            slope.free_curvature += dot(row, image);
        }
        slope.loss = 0.5 * (self.data.norm_squared_of(self.side, self.batch) + fit);
        slope
    }

    fn try_step(&mut self, rate: f32) -> Change {
        let Scratch { gram: a, row, image, .. } = &mut self.scratch;
        let rank = self.rank.max(1);
        let mut change = Change::default();
        for (x, g) in self.x.chunks_exact(rank).zip(self.gradient.chunks_exact(rank)) {
            for ((d, x), g) in row.iter_mut().zip(x).zip(g) {
                *d = project(x - rate * g) - x;
            }
            change.add(g, row, a, image);
        }
        change
    }

    fn step(&mut self, rate: f32) -> Change {
        let Scratch { gram: a, row, image, .. } = &mut self.scratch;
        let rank = self.rank.max(1);
        let mut change = Change::default();
        for (x, g) in self.x.chunks_exact_mut(rank).zip(self.gradient.chunks_exact(rank)) {
            for ((d, x), g) in row.iter_mut().zip(x).zip(g) {
                let next = project(*x - rate * g);
                *d = next - *x;
                *x = next;
            }
            change.add(g, row, a, image);
        }
        change
    }
}

impl Change {
    /// Adds one row's part: `g` of G, `d` of D.
    #[inline]
    fn add(&mut self, g: &[f32], d: &[f32], gram: &[f32], image: &mut [f32]) {
        gram::times(d, gram, image);
        self.inner += dot(g, d);
        self.curvature += dot(d, image);
        self.norm_squared += dot(d, d);
        self.image_norm_squared += dot(image, image);
    }
}
