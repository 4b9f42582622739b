//! One factor's half of the problem: the other factor is fixed, and F is a quadratic in this one.
//!
//! [`Block`] is all that a half-step needs to know of how V and the factors are stored; [`Dense`] is
//! the implementation on slices, for a microcontroller's fixed buffers and a host's vectors alike.

pub use crate::slope::{Change, Slope};

use crate::bound;
use crate::data::{Data, Entry, Side, batch_scale};
use crate::float::project;
use crate::gram;
use crate::pass::{Gradient, Step, over_rows};
use crate::penalty::Penalty;
use crate::product::{Left, product};
use crate::random::Noise;

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
