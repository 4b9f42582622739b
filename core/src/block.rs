//! One factor's half of the problem: the other factor is fixed, and F is a quadratic in this one.
//!
//! [`Block`] is all that a half-step needs to know of how V and the factors are stored; [`Dense`] is
//! the implementation on slices, for a microcontroller's fixed buffers and a host's vectors alike.

use crate::bound;
use crate::data::{Data, Entry, Side, batch_scale};
use crate::float::{log, project, ratio};
use crate::gram::{self, dot};
use crate::penalty::Penalty;
use crate::product::{Left, product, times};
use crate::random::Noise;
use crate::pass::{Gradient, Step, over_rows};
use crate::rows::by_row;

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

impl Slope {
    /// log(L‖G_F‖² / ⟨G_F, G_F A⟩): 0 where the gradient lies along the steepest curvature, else above.
    #[must_use]
    pub fn log_curvature(&self, lipschitz: f32) -> f32 {
        ratio(lipschitz * self.free_norm_squared, self.free_curvature).map_or(0.0, log)
    }

    /// Adds ‖G‖² and ‖G_F‖² of a row of G; `free` gets its free part.
    #[inline(always)]
    pub(crate) fn add_row(&mut self, x: &[f32], g: &[f32], free: &mut [f32]) {
        let (mut norm, mut free_norm) = (0.0, 0.0);
        for ((x, g), free) in x.iter().zip(g).zip(free) {
            norm += g * g;
            *free = if *x > 0.0 || *g < 0.0 { *g } else { 0.0 };
            free_norm += *free * *free;
        }
        self.norm_squared += norm;
        self.free_norm_squared += free_norm;
    }

    /// Adds ⟨G_F, G_F A⟩ of rows of G_F.
    pub(crate) fn add_curvature(
        &mut self,
        free: &[f32],
        a: &[f32],
        image: &mut [f32],
        rank: usize,
    ) {
        times(free, a, image, rank);
        for (free, image) in by_row(free, rank).zip(by_row(image, rank)) {
            self.free_curvature += dot(free, image);
        }
    }
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
    /// A tile of rows of D, [`TILE`](crate::product::TILE) × r.
    pub rows: &'a mut [f32],
    /// The tile times A, [`TILE`](crate::product::TILE) × r.
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
    /// Noise on G.
    pub noise: &'a mut Noise,
    /// Of X and of Y.
    pub penalties: [Penalty; 2],
    /// The step tried last and what it would change; none at first.
    pub tried: Option<(f32, Change)>,
    /// Scratch memory.
    pub scratch: Scratch<'a>,
    /// r.
    pub rank: usize,
}

impl<E: Entry> Dense<'_, E> {
    /// What a sum over the batch is multiplied by.
    fn scale(&self) -> f32 {
        self.batch.map_or(1.0, |batch| batch_scale(self.data.inner(self.side), batch))
    }

    /// What a step of size `rate` changes; whether it is `taken`.
    fn pass(&mut self, rate: f32, taken: bool) -> Change {
        let Scratch { gram, rows, image, .. } = &mut self.scratch;
        let mut pass = Step { rate, taken, change: Change::default() };
        over_rows(&mut pass, gram, self.x, self.gradient, [rows, image], self.rank);
        pass.change
    }
}

impl<E: Entry> Block for Dense<'_, E> {
    fn lipschitz(&mut self) -> f32 {
        let (y, rank, scale) = (self.y, self.rank, self.scale());
        let terms = self.batch.map_or(self.data.inner(self.side), <[u32]>::len);
        let Scratch { gram: a, direction, image, .. } = &mut self.scratch;
        gram::gram(y, self.batch, scale, a, rank);
        self.penalties[0].add_to_gram(a, rank);
        bound::lipschitz(a, direction, image.get_mut(..rank).unwrap_or_default(), terms)
    }

    fn gradient(&mut self) -> Slope {
        let rank = self.rank;
        let v = Left { entries: self.data.entries(), columns: self.data.columns() };
        let scale = self.scale() * self.data.scale();
        product(v, self.side, self.batch, self.y, scale, self.gradient, rank);
        let Scratch { gram, rows, image, .. } = &mut self.scratch;
        let [Penalty { l1, .. }, of_y] = self.penalties;
        let slope = Slope::default();
        let mut pass = Gradient { l1, noise: self.noise, slope, fit: 0.0 };
        over_rows(&mut pass, gram, self.x, self.gradient, [image, rows], rank);
        let Gradient { mut slope, fit, .. } = pass;
        self.noise.measure(slope.norm_squared, self.gradient.len());
        let norm_squared = self.data.norm_squared_of(self.side, self.batch);
        slope.loss = 0.5 * (norm_squared + fit) + of_y.of(self.y);
        slope
    }

    fn try_step(&mut self, rate: f32) -> Change {
        let change = self.pass(rate, false);
        self.tried = Some((rate, change));
        change
    }

    fn step(&mut self, rate: f32) -> Change {
        match self.tried {
            Some((tried, change)) if tried.to_bits() == rate.to_bits() => {
                let pairs = self.x.iter_mut().zip(&*self.gradient);
                pairs.for_each(|(x, g)| *x = project(*x - rate * g));
                change
            }
            _ => self.pass(rate, true),
        }
    }
}

impl Change {
    /// Adds the part of a tile of rows: `g` of G, the front of `d` of D.
    pub(crate) fn add(
        &mut self,
        g: &[f32],
        d: &[f32],
        gram: &[f32],
        image: &mut [f32],
        rank: usize,
    ) {
        let (Some(d), Some(image)) = (d.get(..g.len()), image.get_mut(..g.len())) else { return };
        times(d, gram, image, rank);
        let rows = by_row(g, rank).zip(by_row(d, rank)).zip(by_row(image, rank));
        for ((g, d), image) in rows {
            self.add_row(g, d, image);
        }
    }

    /// Adds the part of a row: of G, of D, of DA.
    #[inline(always)]
    pub(crate) fn add_row(&mut self, g: &[f32], d: &[f32], image: &[f32]) {
        let (mut inner, mut curvature, mut norm, mut image_norm) = (0.0, 0.0, 0.0, 0.0);
        for ((g, d), image) in g.iter().zip(d).zip(image) {
            inner += g * d;
            curvature += d * image;
            norm += d * d;
            image_norm += image * image;
        }
        self.inner += inner;
        self.curvature += curvature;
        self.norm_squared += norm;
        self.image_norm_squared += image_norm;
    }
}
