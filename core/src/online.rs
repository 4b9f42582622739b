//! Online NMF learns W from a stream of columns. It sees each column once and then forgets it.
//!
//! For every column v, it first computes the latents h for the current W, exactly as [`Transform::exact`](crate::Transform::exact)
//! does or by the rule ([`Latents`]). Then it makes one W half-step of the rule. It holds neither V nor H.
//! [`Online::residual`] is ½‖v − Wh‖² before the step: how far the column was from what W knew.
//!
//! The W half-step minimises the sum over the past, a column that is s columns old weighing βˢ with
//! β = 1 − 1/window (Mairal, Bach, Ponce & Sapiro, Online learning for matrix factorization and sparse coding, 2010:
//! their block coordinate descent is the rule [`Sweeps::HALS`](crate::rule::Sweeps::HALS)). Its curvature A = Σ βˢ hhᵀ takes r² floats; what it needs besides depends on
//! [`Keep`]:
//!
//! | [`Keep`] | G of the W half-step | floats, besides O(r²) |
//! |---|---|---|
//! | [`Gram`](Keep::Gram) | (Wh − v)hᵀ: of the new column, as if W were at the minimum for the past | m·r |
//! | [`Products`](Keep::Products) | WA − B with B = Σ βˢ vhᵀ: of the whole past | 2·m·r |
//!
//! With `Gram`, RAM is the factor W, one column and O(r²): the gradient is a stochastic one, and A,
//! which grows over the first columns, makes its steps shrink as such steps have to; beyond a window of
//! [`LONGEST_OF_GRAM`] columns they would be too short, so that one is refused. With `Products`, B takes
//! the place that H has in a batch factorisation: gradients are exact, a step below 2/L never increases the
//! sum, and W comes closer to the batch result.
//!
//! ```
//! use tinynmf_core::online::{Keep, Online, OnlineSettings};
//! use tinynmf_core::Data;
//! use tinynmf_core::rule::Sweeps;
//!
//! let mut memory = [0.0; Online::floats(4, 2, Keep::Products)];
//! let mut online = Online::new(4, 2, OnlineSettings::default(), &mut memory)?;
//! let mut rule = Sweeps::HALS;
//! for t in 0..300_u32 {
//!     let (a, b) = (t % 7, t % 5);
//!     let reading = [3 * a, 2 * a, b, 4 * b].map(|x| x as u8);
//!     online.column(&Data::column(&reading, 1.0)?, &mut rule)?;
//! }
//! let [w, h] = [online.w(), online.h()];
//! let fit: [f32; 4] = core::array::from_fn(|i| w[2 * i] * h[0] + w[2 * i + 1] * h[1]);
//! for (fit, v) in fit.iter().zip([15.0, 10.0, 4.0, 16.0]) {
//!     assert!((fit - v).abs() < 0.5, "{fit} for {v}");
//! }
//! # Ok::<(), tinynmf_core::Error>(())
//! ```

use crate::Error;
use crate::Factor;
use crate::checksum::Checksum;
use crate::data::{Data, Entry};
use crate::exact::{Exact, Start, residual};
use crate::float;
use crate::penalty::Penalties;
use crate::product::{Left, TILE, columns_product};
use crate::quadratic::{Lipschitz, Quadratic, Terms};
use crate::random::{self, Rng, Stream, generator};
use crate::rows::{by_row_mut, by_tile_mut, copy};
use crate::run::check_factor;
use crate::situation::{Memories, Memory, Progress};
use crate::step::{HalfStep, Open, Sample, Schedule, half_step};
use crate::transform::{Solver, parts, penalized_gram, prepare};

/// Memory of the columns that are gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Keep {
    /// A alone.
    Gram,
    /// A and B.
    Products,
}

/// How the latents of a column are found, for the W that its past has made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Latents {
    /// As [`Transform::exact`](crate::Transform::exact) finds them.
    Exact,
    /// By so many half-steps of the rule.
    Steps(u32),
}

/// Sweeps over the latents of a column where no active set ends.
const SWEEPS: u32 = 30;

/// The longest window that [`Keep::Gram`] takes. Its gradient is that of one column, as if W were at the minimum for
/// the past: beyond about this many columns steps are too short to make up for what that leaves out.
pub const LONGEST_OF_GRAM: f32 = 50.0;

/// Options of online NMF.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct OnlineSettings {
    /// How latents are found.
    pub latents: Latents,
    /// The columns that W is fitted to, about: β = 1 − 1/window; infinity forgets nothing.
    pub window: f32,
    /// Memory of the columns that are gone.
    pub keep: Keep,
    /// On both factors; those of W count once for every column.
    pub penalties: Penalties,
    /// T of the W half-steps, in columns, for the rules that have a horizon.
    pub horizon: u32,
    /// Seed of W₀ and the random rules.
    pub seed: u64,
}

impl Default for OnlineSettings {
    /// Exact latents, a window of 50 columns, A and B, no penalties, horizon 1000, seed 0.
    fn default() -> Self {
        Self {
            latents: Latents::Exact,
            window: 50.0,
            keep: Keep::Products,
            penalties: Penalties::default(),
            horizon: 1000,
            seed: 0,
        }
    }
}

/// W (m × r) learnt from a stream.
#[derive(Debug)]
pub struct Online<'b> {
    w: &'b mut [f32],
    products: &'b mut [f32],
    grams: [&'b mut [f32]; 2],
    h: &'b mut [f32],
    directions: [&'b mut [f32]; 2],
    tiles: &'b mut [f32],
    pub(crate) norm_squared: f32,
    residual: f32,
    pub(crate) progress: Progress,
    pub(crate) memories: Memories,
    rng: Rng,
    pub(crate) settings: OnlineSettings,
    rank: usize,
    started: bool,
}

/// Tiles of [`TILE`] rows of r that are scratch.
const TILES: usize = 3;

impl<'b> Online<'b> {
    /// The floats of memory that are borrowed for columns of `rows` entries: W, with
    /// [`Keep::Products`] B, and 2r² + 15r.
    #[must_use]
    pub const fn floats(rows: usize, rank: usize, keep: Keep) -> usize {
        let factors = match keep {
            Keep::Gram => 1,
            Keep::Products => 2,
        };
        factors * rows * rank + 2 * rank * rank + (3 + TILES * TILE) * rank
    }

    /// All the RAM in bytes: the floats, and the value itself, which does not grow with the shape.
    ///
    /// A column is read in place, in its own type, and is not counted.
    #[must_use]
    pub const fn bytes(rows: usize, rank: usize, keep: Keep) -> usize {
        Self::floats(rows, rank, keep) * size_of::<f32>() + size_of::<Self>()
    }

    /// Joins settings and memory, of any content; W is drawn at the first column that is not zero unless
    /// [`Online::set`] gives one.
    ///
    /// # Errors
    ///
    /// [`Error::Rank`] unless 1 ≤ r ≤ m; [`Error::Shape`] unless `memory` has [`Online::floats`];
    /// [`Error::Parameter`] for a window below 1 or NaN, or for a penalty.
    pub fn new(
        rows: usize,
        rank: usize,
        settings: OnlineSettings,
        memory: &'b mut [f32],
    ) -> Result<Self, Error> {
        settings.penalties.check()?;
        if rank == 0 || rank > rows {
            return Err(Error::Rank { rank, max: rows });
        }
        if settings.window.is_nan() || settings.window < 1.0 {
            return Err(Error::Parameter { what: "the window", needs: "a number of at least 1" });
        }
        if settings.keep == Keep::Gram && settings.window > LONGEST_OF_GRAM {
            let needs = "at most 50 columns where A alone is kept";
            return Err(Error::Parameter { what: "the window", needs });
        }
        let (expected, found) = (Self::floats(rows, rank, settings.keep), memory.len());
        if found != expected {
            return Err(Error::Shape { expected, found });
        }
        memory.fill(0.0);
        let mut rest = memory;
        let mut take = |len: usize| {
            let (part, tail) =
                core::mem::take(&mut rest).split_at_mut_checked(len).unwrap_or_default();
            rest = tail;
            part
        };
        let w = take(rows * rank);
        let products = take(if settings.keep == Keep::Products { rows * rank } else { 0 });
        let grams = [rank * rank; 2].map(&mut take);
        let h = take(rank);
        let mut directions = [rank; 2].map(&mut take);
        let tiles = take(TILES * TILE * rank);
        directions.iter_mut().for_each(|x| x.fill(1.0));
        Ok(Self {
            w,
            products,
            grams,
            h,
            directions,
            tiles,
            norm_squared: 0.0,
            residual: 0.0,
            progress: Progress { epoch: 0, horizon: settings.horizon, share: 1.0, first_loss: 0.0 },
            memories: Memories { w: Memory::default(), h: Memory::default() },
            rng: generator(settings.seed, Stream::Rule),
            settings,
            rank,
            started: false,
        })
    }

    /// Sets W (m × r, row by row); what is kept of the past stays.
    ///
    /// # Errors
    ///
    /// [`Error::Shape`]; [`Error::NotFinite`], [`Error::Negative`] and [`Error::TooLarge`] with the place.
    pub fn set(&mut self, w: &[f32]) -> Result<(), Error> {
        check_factor(w, self.rows(), self.rank)?;
        copy(self.w, w);
        self.started = true;
        Ok(())
    }

    /// Takes in a column: its latents, then a W half-step. Returns the record of that.
    ///
    /// A zero column has zero latents and teaches nothing: W and the past stay, and the record says
    /// [`Outcome::OtherFactorZero`](crate::Outcome::OtherFactorZero). A column that is refused (by
    /// [`Data::column`] or here) changes nothing.
    ///
    /// # Errors
    ///
    /// [`Error::MatrixShape`] unless `v` is m × 1.
    pub fn column<E: Entry>(
        &mut self,
        v: &Data<'_, E>,
        rule: &mut impl Schedule,
    ) -> Result<HalfStep, Error> {
        Error::unless_equal([self.rows(), 1], [v.rows(), v.columns()])?;
        if !self.started && v.mean() > 0.0 {
            let mut rng = generator(self.settings.seed, Stream::Start);
            random::start(self.w, v.mean(), self.rank, &mut rng);
            self.started = true;
        }
        self.update_h(v, rule);
        self.remember(v);
        Ok(self.update_w(v, rule))
    }

    fn update_h<E: Entry>(&mut self, v: &Data<'_, E>, rule: &mut impl Schedule) {
        let Self { w, grams: [gram, _], h, directions: [direction, _], tiles, rank, .. } = self;
        let (rank, penalty) = (*rank, self.settings.penalties.h);
        let left = Left { entries: v.entries(), columns: 1 };
        columns_product(left, w, v.scale(), h, rank);
        let steps = match self.settings.latents {
            Latents::Exact => {
                penalized_gram(w, penalty, gram, rank);
                let start = Start::default();
                let exact = Exact { w, gram, penalty, rank, sweeps: SWEEPS, start };
                let [b, scratch, ..] = parts(tiles, rank);
                for (b, h) in b.iter_mut().zip(&**h) {
                    *b = h - penalty.l1;
                }
                self.residual = exact.solve(v, 0, b, h, scratch);
                return;
            }
            Latents::Steps(steps) => steps,
        };
        let lipschitz = prepare(w, penalty, gram, direction, tiles, rank);
        let mut solver = Solver { gram, lipschitz, penalty, steps, rows: tiles, rank };
        self.memories.h = Memory::default();
        // That of W is F of all columns.
        self.memories.w.loss = None;
        solver.solve(v.norm_squared(), h, rule, &mut self.memories, &mut self.rng);
        let scratch = tiles.get_mut(..rank).unwrap_or_default();
        self.residual = 0.5 * residual(w, v, 0, h, scratch, rank);
    }

    /// A ← βA + hhᵀ + λ₂I, B ← βB + vhᵀ − λ₁.
    fn remember<E: Entry>(&mut self, v: &Data<'_, E>) {
        let (h, rank) = (&*self.h, self.rank);
        if h.iter().all(|h| *h <= 0.0) {
            return;
        }
        let (beta, penalty) = (1.0 - 1.0 / self.settings.window, self.settings.penalties.w);
        let gram = &mut *self.grams[1];
        for (a, x) in by_row_mut(gram, rank).zip(h) {
            for (a, y) in a.iter_mut().zip(h) {
                *a = float::limit(beta * *a + x * y, 0.0, f32::MAX);
            }
        }
        penalty.add_to_gram(gram, rank);
        let scale = v.scale();
        if rank == 4 && penalty.l1 <= 0.0 {
            // A length that the compiler knows.
            let h: [f32; 4] = core::array::from_fn(|k| h.get(k).copied().unwrap_or_default());
            for (b, entry) in self.products.as_chunks_mut::<4>().0.iter_mut().zip(v.entries()) {
                add_column(b, beta, scale * entry.value(), &h);
            }
        } else {
            for (b, entry) in by_row_mut(self.products, rank).zip(v.entries()) {
                add_column(b, beta, scale * entry.value(), h);
                if penalty.l1 > 0.0 {
                    b.iter_mut()
                        .for_each(|b| *b = float::limit(*b - penalty.l1, f32::MIN, f32::MAX));
                }
            }
        }
        let sum = beta * self.norm_squared + v.norm_squared();
        self.norm_squared = float::limit(sum, 0.0, f32::MAX);
    }

    fn update_w<E: Entry>(&mut self, v: &Data<'_, E>, rule: &mut impl Schedule) -> HalfStep {
        let rank = self.rank;
        let Self { w, products, grams: [_, gram], h, directions: [_, direction], tiles, .. } = self;
        let alive = h.iter().any(|h| *h > 0.0);
        let terms = match self.settings.keep {
            Keep::Gram => Terms::Column { v, h, penalty: self.settings.penalties.w },
            Keep::Products => Terms::Products { b: products, norm_squared: self.norm_squared },
        };
        let mut tiles = by_tile_mut(tiles, rank);
        let tiles = core::array::from_fn(|_| tiles.next().unwrap_or_default());
        let lipschitz = Lipschitz::Unknown(direction);
        let mut block = Quadratic { terms, gram, lipschitz, alive, x: w, tiles, images: 0, rank };
        let Self { progress, memories, rng, .. } = self;
        // The sum changes with every column: F before this half-step is the one to compare with.
        progress.first_loss = 0.0;
        memories.h.loss = None;
        let sample = Sample::new([0, 0, rank], None);
        let open = Open::begin(&mut block, Factor::W, progress, memories, sample);
        let record = half_step(open, rule, rng);
        progress.epoch = progress.epoch.saturating_add(1);
        record
    }

    /// m, the entries of a column.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.w.len() / self.rank.max(1)
    }

    /// The rank r: latents of a factorisation, from 1 to min(m, n).
    pub(crate) fn rank(&self) -> usize {
        self.rank
    }

    /// Buffers that a restart needs: W, B, A and the warm start of its power iteration.
    pub(crate) fn kept(&self) -> [&[f32]; 4] {
        let Self { w, products, grams: [_, gram], directions: [_, direction], .. } = self;
        [w, products, gram, direction]
    }

    /// [`Online::kept`], to be written; W is then given if it has any entry above zero.
    pub(crate) fn kept_mut(&mut self, started: bool) -> [&mut [f32]; 4] {
        self.started = started;
        let Self { w, products, grams: [_, gram], directions: [_, direction], .. } = self;
        [w, products, gram, direction]
    }

    /// Feeds the settings that a stream depends on.
    pub(crate) fn sum_settings(&self, sum: &mut Checksum) {
        let OnlineSettings { latents, window, keep, penalties, horizon, seed } = self.settings;
        let latents = match latents {
            Latents::Exact => u32::MAX,
            Latents::Steps(steps) => steps,
        };
        for number in [latents, keep as u32, horizon, seed as u32, (seed >> 32) as u32] {
            sum.word(number);
        }
        sum.floats(&[window]);
        penalties.sum(sum);
    }

    /// W, m × r, row by row; every entry is finite and ≥ 0.
    #[must_use]
    pub fn w(&self) -> &[f32] {
        self.w
    }

    /// The latents of the last column, for W as it was before it.
    #[must_use]
    pub fn h(&self) -> &[f32] {
        self.h
    }

    /// ½‖v − Wh‖² of the last column, for W as it was before it: how far it was from all that W knew.
    #[must_use]
    pub fn residual(&self) -> f32 {
        self.residual
    }
}

/// A row of B ← βB + v·h. Entries of V and latents reach 2⁴⁰: no number of columns takes a sum out of f32.
#[inline]
fn add_column(b: &mut [f32], beta: f32, v: f32, h: &[f32]) {
    for (b, h) in b.iter_mut().zip(h) {
        *b = beta * *b + v * h;
    }
}

/// RAM is the factor and O(r²): what is not W (or W and B) is the same for columns of any length.
const _: () = {
    let mut rank = 1;
    while rank <= 16 {
        let mut rows = rank;
        while rows <= 1024 {
            let rest = 2 * rank * rank + 15 * rank;
            assert!(Online::floats(rows, rank, Keep::Gram) == rows * rank + rest);
            assert!(Online::floats(rows, rank, Keep::Products) == 2 * rows * rank + rest);
            assert!(Online::bytes(rows, rank, Keep::Gram) < 4 * (rows * rank + rest) + 512);
            rows *= 4;
        }
        rank += 3;
    }
};
