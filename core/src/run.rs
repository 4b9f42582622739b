//! The epochs of a factorisation, of any shape, on memory that somebody else owns.

use crate::Error;
use crate::Factor;
use crate::batch::Batch;
use crate::float;
use crate::matrix::{Matrix, scale_by};
use crate::penalty::Penalties;
use crate::product::TILE;
use crate::random::{self, Rng, Stream, generator};
use crate::rows::by_row;
use crate::situation::Before;
use crate::step::{HalfStep, Open, Sample, Schedule, half_step};
use crate::storage::{Arithmetic as _, Floats, Operand, parts};
use crate::subproblem::{Dense, Held, Scratch};

/// The record of one epoch: a W half-step, then an H half-step with the new W.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Epoch {
    /// The W half-step.
    pub w: HalfStep,
    /// The H half-step.
    pub h: HalfStep,
}

pub use crate::state::{Settings, State};
pub use crate::storage::{Buffers, ROWS};

/// A factorisation of V in progress, of any shape, on borrowed memory.
#[derive(Debug)]
pub struct Run<'b, M> {
    matrix: M,
    buffers: Buffers<'b>,
    pub(crate) state: &'b mut State,
    pub(crate) rank: usize,
}

impl<'b, M: Matrix> Run<'b, M> {
    /// Joins V, memory and state. W and H keep their content: begin with [`Run::start`], or with factors of your own.
    ///
    /// Memory of zeros is no start. Both gradients are zero there, so that W and H stay zero and every half-step reports
    /// L = 0. The owners ([`Nmf`](crate::Nmf) and others) start by themselves.
    ///
    /// # Errors
    ///
    /// [`Error::Rank`] for rank 0; [`Error::Shape`] for a buffer whose length does not fit; [`Error::Parameter`] for batches
    /// without memory for their orders.
    pub fn new(
        matrix: M,
        rank: usize,
        buffers: Buffers<'b>,
        state: &'b mut State,
    ) -> Result<Self, Error> {
        let (m, n) = (matrix.rows(), matrix.columns());
        Floats::check(&buffers, [m, n, rank], state.progress.share)?;
        Ok(Self { matrix, buffers, state, rank })
    }

    /// W₀ and H₀ ← |N(0, 1)|·√(mean V / r), drawn from `seed`.
    pub fn start(&mut self, seed: u64) {
        let mut rng = generator(seed, Stream::Start);
        let (mean, exponent) = (self.matrix.mean(), self.matrix.exponent());
        for factor in [&mut *self.buffers.w, &mut *self.buffers.h] {
            random::start(factor, mean, self.rank, &mut rng);
            if exponent != 0 {
                scale_by(factor, exponent);
            }
        }
    }

    /// One epoch: a W half-step, then an H half-step with the new W; mini-batches if so set.
    pub fn epoch(&mut self, schedule: &mut impl Schedule) -> Epoch {
        let w = self.half_step(schedule, Factor::W);
        let h = self.half_step(schedule, Factor::H);
        Epoch { w, h }
    }

    /// One epoch on given batches: `columns` for the W half-step, `rows` for the H half-step.
    ///
    /// An index beyond V adds nothing to any sum.
    pub fn epoch_on(
        &mut self,
        schedule: &mut impl Schedule,
        columns: &[u32],
        rows: &[u32],
    ) -> Epoch {
        let w = self.half_step_on(schedule, Factor::W, Batch::Given(columns));
        let h = self.half_step_on(schedule, Factor::H, Batch::Given(rows));
        Epoch { w, h }
    }

    /// Half of an epoch, for whoever has something else to do in between: W first, then H, which ends the epoch.
    ///
    /// The schedule chooses how much of V it looks at; mini-batches of [`Settings::batch`] are those of [`Run::epoch`].
    pub fn half_step(&mut self, schedule: &mut impl Schedule, factor: Factor) -> HalfStep {
        let batch = self.state.batch(self.buffers.order(factor));
        self.half_step_on(schedule, factor, batch)
    }

    fn half_step_on(
        &mut self,
        schedule: &mut impl Schedule,
        factor: Factor,
        batch: Batch<'_>,
    ) -> HalfStep {
        let (shape, least) = (self.shape(factor), self.matrix.least_sample(factor, self.rank));
        let order = self.buffers.order(factor);
        let batch = self.state.choose(schedule, factor, shape, order, least, batch);
        let (open, rng) = self.open(factor, batch);
        let record = half_step(open, schedule, rng);
        if factor == Factor::H {
            self.end_epoch();
        }
        record
    }

    /// Begins a half-step of `factor` that looks at `share` of the inner indices, at least about 2r of them; whoever
    /// holds it makes the moves.
    ///
    /// After a half-step of H, [`Run::end_epoch`] counts the epoch.
    pub fn begin(&mut self, factor: Factor, share: f32) -> Open<'_, M::Subproblem<'_>> {
        let least = self.matrix.least_sample(factor, self.rank);
        let batch = self.state.draw(factor, self.buffers.order(factor), least, share, false);
        self.open(factor, batch).0
    }

    /// Counts an epoch.
    pub fn end_epoch(&mut self) {
        self.state.progress.epoch = self.state.progress.epoch.saturating_add(1);
    }

    /// The situation before a half-step of `factor` looks at V.
    #[must_use]
    pub fn before(&self, factor: Factor) -> Before<'_> {
        self.state.before(factor, self.shape(factor))
    }

    /// k, l and r.
    fn shape(&self, factor: Factor) -> [usize; 3] {
        let (l, of_x) = (self.matrix.inner(factor), self.matrix.inner(factor.other()));
        [of_x, l, self.rank]
    }

    fn open<'s>(
        &'s mut self,
        factor: Factor,
        batch: Batch<'s>,
    ) -> (Open<'s, M::Subproblem<'s>>, &'s mut Rng) {
        let shape @ [_, _, rank] = self.shape(factor);
        let Buffers { w, h, gradient, before, gram, rows, row_order, column_order } =
            &mut self.buffers;
        let State { progress, memories, rules, penalties, .. } = &mut *self.state;
        let [w_direction, h_direction, rows, image] =
            parts(rows, [1, 1, TILE, TILE].map(|k| k * rank));
        let (x, y, order, direction) = match factor {
            Factor::W => (&mut **w, &mut **h, &**column_order, w_direction),
            Factor::H => (&mut **h, &mut **w, &**row_order, h_direction),
        };
        let [gradient, before] =
            [gradient, before].map(|it| it.get_mut(..x.len()).unwrap_or_default());
        let batch = batch.indices(order);
        let sample = Sample::new(shape, batch.map(<[u32]>::len));
        let dense = Dense {
            matrix: &self.matrix,
            factor,
            batch,
            x,
            y,
            gradient,
            before,
            penalties: penalties.of(factor),
            tried: None,
            images: 0,
            held: Held::Nothing,
            scratch: Scratch { gram, direction, rows, image },
            rank,
        };
        let subproblem = M::subproblem(dense.normalized());
        (Open::begin(subproblem, factor, progress, memories, sample), rules)
    }

    /// F = ½‖V − WH‖²_F over all of V, from the residual itself: another m·n·r multiply-adds. Without the
    /// penalties, so that runs with different ones can be compared. In V's own units: 0 where F is below f32's range, as for entries
    /// around 10⁻²³.
    #[must_use]
    pub fn loss(&self) -> f32 {
        self.matrix.loss(self.buffers.w, self.buffers.h, self.rank)
    }

    /// The objective: F and the penalties on both factors.
    #[must_use]
    pub fn objective(&self) -> f32 {
        let Penalties { w, h } = self.state.penalties;
        self.loss() + w.of(self.buffers.w) + h.of(self.buffers.h)
    }

    /// W, m × r, row by row; every entry is finite and ≥ 0.
    #[must_use]
    pub fn w(&self) -> &[f32] {
        self.buffers.w
    }

    /// H, r × n, column by column; every entry is finite and ≥ 0.
    #[must_use]
    pub fn h(&self) -> &[f32] {
        self.buffers.h
    }
}

/// Refuses a rank that is not in 1 to min(m, n).
pub(crate) fn check_rank(rank: usize, m: usize, n: usize) -> Result<(), Error> {
    let max = m.min(n);
    if rank == 0 || rank > max { Err(Error::Rank { rank, max }) } else { Ok(()) }
}

impl<M: Matrix> Operand<Floats> for M {
    type Run<'b>
        = Run<'b, M>
    where
        M: 'b;

    fn shape(&self) -> [usize; 2] {
        [self.rows(), self.columns()]
    }

    fn run<'b>(
        self,
        rank: usize,
        buffers: Buffers<'b>,
        state: &'b mut State,
    ) -> Result<Run<'b, M>, Error>
    where
        M: 'b,
    {
        Run::new(self, rank, buffers, state)
    }

    fn start(run: &mut Run<'_, M>, seed: u64) {
        run.start(seed);
    }
}

/// Refuses a start that is not `len` rows of `rank` finite entries ≥ 0.
///
/// # Errors
///
/// [`Error::Shape`], [`Error::NotFinite`], [`Error::Negative`], [`Error::TooLarge`].
pub fn check_factor(factor: &[f32], len: usize, rank: usize) -> Result<(), Error> {
    if factor.len() != len * rank {
        return Err(Error::Shape { expected: len * rank, found: factor.len() });
    }
    for (row, entries) in by_row(factor, rank).enumerate() {
        for (column, x) in entries.iter().enumerate() {
            if !x.is_finite() {
                return Err(Error::NotFinite { row, column });
            }
            if *x < 0.0 {
                return Err(Error::Negative { row, column });
            }
            if *x > float::CEILING {
                return Err(Error::TooLarge { row, column });
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Data, Nmf};

    #[test]
    fn two_half_steps_are_an_epoch() {
        let entries: [u8; 35] = core::array::from_fn(|k| (k * k % 7) as u8);
        let data = Data::new(&entries, 5, 7, 1.0).unwrap();
        for batch in [1.0, 0.3] {
            let settings = Settings { batch, ..Settings::default() };
            let [mut whole, mut halves] = [(); 2].map(|()| Nmf::<5, 7, 2>::new(settings).unwrap());
            for _ in 0..4 {
                let epoch = whole.run(data).unwrap().epoch(&mut crate::rule::Cauchy);
                let [w, h] = [Factor::W, Factor::H].map(|factor| {
                    halves.run(data).unwrap().half_step(&mut crate::rule::Cauchy, factor)
                });
                assert_eq!(epoch, Epoch { w, h });
            }
        }
    }

    #[test]
    fn split_slices_are_the_memory_of_a_run() {
        let shape @ [m, n, rank] = [3, 5, 2];
        let (mut floats, mut indices) = ([7.0; 60], [7; 8]);
        assert_eq!(Buffers::lengths(shape), Some([floats.len(), indices.len()]));
        assert_eq!(Buffers::lengths([usize::MAX, 1, 1]), None);

        let entries: [u8; 15] = core::array::from_fn(|k| (k * k % 7) as u8);
        let (data, settings) = (Data::new(&entries, m, n, 1.0).unwrap(), Settings::default());
        let mut buffers = Buffers::split(&mut floats, &mut indices, shape);
        buffers.reset();
        let mut state = State::new(settings).unwrap();
        let mut run = Run::new(data, rank, buffers, &mut state).unwrap();
        run.start(settings.seed);
        let mut rule = crate::rule::Growing::new(0.2, 1.5, crate::rule::Sweeps::HALS).unwrap();
        let mut nmf = Nmf::<3, 5, 2>::new(settings).unwrap();
        let mut other = nmf.run(data).unwrap();
        for _ in 0..4 {
            assert_eq!(run.epoch(&mut rule.clone()), other.epoch(&mut rule));
        }
        assert_eq!((run.w(), run.h()), (other.w(), other.h()));

        let short = Buffers::split(&mut floats[..59], &mut indices, shape);
        let mut state = State::new(settings).unwrap();
        let refused = Run::new(data, rank, short, &mut state).err();
        assert_eq!(refused, Some(Error::Shape { expected: 20, found: 0 }));
    }
}
