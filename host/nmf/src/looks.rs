//! Half-steps of gradient rules that are looked at before they are made.
//!
//! Whoever decides from outside needs the gradient first. A half-step is made up to its question: L and the gradient
//! stay in memory, and answer when it is made in earnest.

use std::cell::Cell;
use std::mem::take;

use tinynmf_core::random::Rng;
use tinynmf_core::run::State;
use tinynmf_core::storage::Buffers;
use tinynmf_core::subproblem::{Change, Dense, Scratch, Slope};
use tinynmf_core::{
    Epoch, Error, Factor, HalfStep, Matrix, Run, Schedule, Settings, Subproblem, pass_on,
};

/// A factorisation whose half-steps can be looked at.
#[derive(Debug, Clone)]
pub struct Looks {
    floats: Vec<f32>,
    indices: Vec<u32>,
    shape: [usize; 3],
    state: State,
    /// Draws of the half-step that was looked at: the generator after it, and the orders of indices.
    drawn: Option<(Rng, Vec<u32>)>,
    kept: Kept,
}

/// Knowledge of the next half-step.
#[derive(Debug, Clone, Default)]
struct Kept {
    stage: Cell<Stage>,
    lipschitz: Cell<f32>,
    slope: Cell<Slope>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Stage {
    /// Half-steps are made.
    #[default]
    Made,
    /// One is looked at.
    LookedAt,
    /// The one that was looked at is made.
    Known,
}

impl Looks {
    /// For V of m × n and rank r, at no start yet.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`] for a shape that cannot be counted; of [`State::new`].
    pub fn new(shape: [usize; 3], settings: Settings) -> Result<Self, Error> {
        let [floats, indices] = Buffers::lengths(shape).ok_or(Error::Empty)?;
        let (mut floats, mut indices) = (vec![0.0; floats], vec![0; indices]);
        Buffers::split(&mut floats, &mut indices, shape).reset();
        let (state, kept) = (State::new(settings)?, Kept::default());
        Ok(Self { floats, indices, shape, state, drawn: None, kept })
    }

    /// Draws W₀ and H₀ for `v`, as [`Run::start`] does.
    ///
    /// # Errors
    ///
    /// As [`Looks::run`].
    pub fn start(&mut self, v: impl Matrix, seed: u64) -> Result<(), Error> {
        self.run(v)?.start(seed);
        Ok(())
    }

    /// Sets W₀ (m × r, row by row) and H₀ (r × n, column by column), whose entries are finite and ≥ 0.
    ///
    /// # Panics
    ///
    /// If a length does not fit.
    pub fn set(&mut self, w: &[f32], h: &[f32]) {
        let [m, n, rank] = self.shape;
        self.floats[..m * rank].copy_from_slice(w);
        self.floats[m * rank..(m + n) * rank].copy_from_slice(h);
    }

    /// W, m × r, row by row.
    #[must_use]
    pub fn w(&self) -> &[f32] {
        let [m, _, rank] = self.shape;
        &self.floats[..m * rank]
    }

    /// H, r × n, column by column.
    #[must_use]
    pub fn h(&self) -> &[f32] {
        let [m, n, rank] = self.shape;
        &self.floats[m * rank..(m + n) * rank]
    }

    /// The factorisation of `v`.
    ///
    /// # Errors
    ///
    /// The errors of [`Run::new`].
    pub fn run<M: Matrix>(&mut self, v: M) -> Result<Run<'_, Looked<'_, M>>, Error> {
        let buffers = Buffers::split(&mut self.floats, &mut self.indices, self.shape);
        Run::new(Looked { matrix: v, kept: &self.kept }, self.shape[2], buffers, &mut self.state)
    }

    /// Makes the next half-step, of `factor`, up to the question that it asks `rule`, and undoes what this changed; if it
    /// asks none, as `asked` tells of the rule, it is done, and this is its record.
    ///
    /// # Errors
    ///
    /// As [`Looks::run`].
    pub fn look<M: Matrix, R: Schedule>(
        &mut self,
        v: M,
        factor: Factor,
        rule: &mut R,
        asked: impl Fn(&R) -> bool,
    ) -> Result<Option<HalfStep>, Error> {
        let before = self.state.clone();
        self.kept.stage.set(Stage::LookedAt);
        let half = self.run(v)?.half_step(rule, factor);
        self.kept.stage.set(Stage::Made);
        if !asked(rule) {
            return Ok(Some(half));
        }
        self.kept.stage.set(Stage::Known);
        let after = std::mem::replace(&mut self.state, before);
        self.drawn = (after.progress.share < 1.0).then(|| (after.batches, self.indices.clone()));
        Ok(None)
    }

    /// Makes the next half-step, of `factor`.
    ///
    /// # Errors
    ///
    /// As [`Looks::run`].
    pub fn half_step<M: Matrix>(
        &mut self,
        v: M,
        factor: Factor,
        rule: &mut impl Schedule,
    ) -> Result<HalfStep, Error> {
        let half = self.run(v)?.half_step(rule, factor);
        self.kept.stage.set(Stage::Made);
        if let Some((batches, indices)) = self.drawn.take() {
            // The same sample, which was drawn once more from the order that the first draw had left.
            (self.state.batches, self.indices) = (batches, indices);
        }
        Ok(half)
    }

    /// An epoch, of which `w` may be done already.
    ///
    /// # Errors
    ///
    /// As [`Looks::run`].
    pub fn epoch<M: Matrix + Clone>(
        &mut self,
        v: M,
        w: Option<HalfStep>,
        rule: &mut impl Schedule,
    ) -> Result<Epoch, Error> {
        let w = w.map_or_else(|| self.half_step(v.clone(), Factor::W, rule), Ok)?;
        Ok(Epoch { w, h: self.half_step(v, Factor::H, rule)? })
    }
}

/// V as half-steps are looked at.
#[derive(Debug, Clone, Copy)]
pub struct Looked<'k, M> {
    matrix: M,
    kept: &'k Kept,
}

/// A half-step's subproblem, which may be looked at.
#[derive(Debug)]
pub struct LookedAt<'k, S> {
    subproblem: S,
    kept: &'k Kept,
}

impl<'k, M: Matrix> Matrix for Looked<'k, M> {
    type Subproblem<'a>
        = LookedAt<'k, M::Subproblem<'a>>
    where
        Self: 'a;

    fn subproblem<'a>(mut parts: Dense<'a, Self>) -> LookedAt<'k, M::Subproblem<'a>> {
        let Looked { matrix, kept } = parts.matrix;
        let Scratch { gram, direction, rows, image } = &mut parts.scratch;
        let scratch = Scratch {
            gram: take(gram),
            direction: take(direction),
            rows: take(rows),
            image: take(image),
        };
        let subproblem = M::subproblem(Dense {
            matrix,
            factor: parts.factor,
            batch: parts.batch,
            x: take(&mut parts.x),
            y: take(&mut parts.y),
            gradient: take(&mut parts.gradient),
            before: take(&mut parts.before),
            penalties: parts.penalties,
            tried: parts.tried,
            images: parts.images,
            held: parts.held,
            scratch,
            rank: parts.rank,
        });
        LookedAt { subproblem, kept }
    }

    pass_on!(matrix: rows, columns, mean, exponent, norm_squared, products, products_at, loss_of, gram);
    pass_on!(matrix: sweep_with, displaced, least_sample, inner, weight);
}

impl<S: Subproblem> Subproblem for LookedAt<'_, S> {
    fn sample(&mut self) -> bool {
        // A question was asked: there is something to do, and A is in its place.
        self.kept.stage.get() == Stage::Known || self.subproblem.sample()
    }

    fn lipschitz(&mut self) -> f32 {
        if self.kept.stage.get() != Stage::Known {
            self.kept.lipschitz.set(self.subproblem.lipschitz());
        }
        self.kept.lipschitz.get()
    }

    fn gradient(&mut self) -> Slope {
        if self.kept.stage.get() != Stage::Known {
            self.kept.slope.set(self.subproblem.gradient());
        }
        self.kept.slope.get()
    }

    fn step(&mut self, rate: f32) -> Change {
        if self.kept.stage.get() == Stage::LookedAt {
            return Change::default();
        }
        self.subproblem.step(rate)
    }

    pass_on!(subproblem: loss, try_step, sweep, remember, extrapolate, images, idle, shape, exponent);
}
