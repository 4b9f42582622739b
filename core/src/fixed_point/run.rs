//! The epochs of a factorisation in fixed point, of any shape, on memory that somebody else owns.

use super::block::{Exponents, FixedBlock, Moving, Scratch, Still};
use super::buffers::{FixedBuffers, Integers, View};
use super::factor::start;
use super::product::{Integer, Products, Range};
use super::sums::penalty_of;
use crate::Error;
use crate::Factor;
use crate::batch::Batch;
use crate::data::{Data, batch_scale};
use crate::float::ldexp;
use crate::matrix::Matrix as _;
use crate::penalty::Penalties;
use crate::product::Left;
use crate::random::{Stream, generator};
use crate::rows::by_row;
use crate::run::{Epoch, State};
use crate::step::{HalfStep, Open, Sample, Schedule, half_step};
use crate::storage::Arithmetic as _;
use crate::subproblem::Held;

/// V in integers, and the bits of its largest entry.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct IntegerData<'a, E> {
    data: Data<'a, E>,
    bits: u32,
}

impl<E: Integer> IntegerData<'_, E> {
    /// m and n.
    #[must_use]
    pub fn shape(&self) -> [usize; 2] {
        [self.data.rows(), self.data.columns()]
    }
}

impl<'a, E: Integer> From<Data<'a, E>> for IntegerData<'a, E> {
    fn from(data: Data<'a, E>) -> Self {
        let max = data.entries().iter().fold(0, |max, v| v.integer().max(max));
        Self { data, bits: u32::BITS - max.leading_zeros() }
    }
}

/// A factorisation of V in progress, in fixed point, of any shape, on borrowed memory.
#[derive(Debug)]
pub struct FixedRun<'b, E> {
    v: IntegerData<'b, E>,
    buffers: FixedBuffers<'b>,
    pub(crate) state: &'b mut State,
    pub(crate) rank: usize,
}

impl<'b, E: Integer> FixedRun<'b, E> {
    /// Joins V, memory and state.
    ///
    /// # Errors
    ///
    /// [`Error::Rank`] for a rank that is not in 1 to min(m, n); [`Error::Shape`] for a buffer whose
    /// length does not fit.
    pub fn new(
        v: impl Into<IntegerData<'b, E>>,
        rank: usize,
        buffers: FixedBuffers<'b>,
        state: &'b mut State,
    ) -> Result<Self, Error> {
        let v = v.into();
        let [m, n] = v.shape();
        Integers::check(&buffers, [m, n, rank], state.progress.share)?;
        Ok(Self { v, buffers, state, rank })
    }

    /// W₀ and H₀ as [`Run::start`](crate::Run::start) draws them, rounded.
    pub fn start(&mut self, seed: u64) {
        let mut rng = generator(seed, Stream::Start);
        let FixedBuffers { w, h, exponents, .. } = &mut self.buffers;
        let (mean, scale) = (self.v.data.mean(), self.v.data.scale());
        let exponent_of_w = start(w, mean, 1.0, self.rank, &mut rng);
        let exponent_of_h = start(h, mean, scale, self.rank, &mut rng);
        **exponents = [exponent_of_w, exponent_of_h];
    }

    /// One epoch: a W half-step, then an H half-step with the new W; mini-batches if so set.
    pub fn epoch(&mut self, schedule: &mut impl Schedule) -> Epoch {
        let w = self.half_step(schedule, Factor::W);
        let h = self.half_step(schedule, Factor::H);
        Epoch { w, h }
    }

    /// One epoch on given batches, as [`Run::epoch_on`](crate::Run::epoch_on).
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

    /// Half of an epoch, as [`Run::half_step`](crate::Run::half_step): W first, then H, which ends the epoch.
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
        let [l, k] = [factor, factor.other()].map(|factor| self.v.data.inner(factor));
        let shape = [k, l, self.rank];
        let least = self.v.data.least_sample(factor, self.rank);
        let order = self.buffers.order(factor);
        let batch = self.state.choose(schedule, factor, shape, order, least, batch);
        let data = self.v.data;
        let of_v = OfV {
            entries: &Left { entries: data.entries(), columns: data.columns() },
            bits: self.v.bits,
            scale: data.unit_scale(),
            norm_squared: data.unit_norm_squared(),
            exponent: data.exponent(),
        };
        let (buffers, state) = (&mut self.buffers, &mut *self.state);
        let record = moves(of_v, buffers, state, schedule, factor, shape, batch);
        if factor == Factor::H {
            let progress = &mut self.state.progress;
            progress.epoch = progress.epoch.saturating_add(1);
        }
        record
    }

    /// F = ½‖V − WH‖²_F over all of V, from the residual itself, each entry of which is exact but for one
    /// rounding to f32.
    #[must_use]
    pub fn loss(&self) -> f32 {
        let FixedBuffers { w, h, exponents: [of_w, of_h], .. } = &self.buffers;
        let scale = self.v.data.scale();
        let unit = ldexp(scale, -(of_w + of_h));
        let mut loss = 0.0;
        for (v, w) in self.v.data.rows_iter().zip(by_row(w, self.rank)) {
            loss += v.iter().zip(by_row(h, self.rank)).fold(0.0, |sum, (v, h)| {
                let mut fit = 0_u64;
                for (w, h) in w.iter().zip(h) {
                    fit += u64::from(u32::from(*w) * u32::from(*h));
                }
                let residual = scale * v.value() - fit as f32 * unit;
                sum + residual * residual
            });
        }
        0.5 * loss
    }

    /// The objective: F and the penalties on both factors.
    #[must_use]
    pub fn objective(&self) -> f32 {
        let Penalties { w, h } = self.state.penalties;
        let [of_w, of_h] = [(w, self.w()), (h, self.h())]
            .map(|(penalty, factor)| penalty_of(penalty, factor.entries, factor.unit));
        self.loss() + of_w + of_h
    }

    /// W, m × r, row by row.
    #[must_use]
    pub fn w(&self) -> View<'_> {
        self.buffers.w()
    }

    /// H, r × n, column by column.
    #[must_use]
    pub fn h(&self) -> View<'_> {
        self.buffers.h(self.v.data.scale())
    }
}

/// V for a half-step, whatever type its entries have.
#[derive(Clone, Copy)]
struct OfV<'a> {
    entries: &'a dyn Products,
    bits: u32,
    /// Of V·4⁻ᵉ.
    scale: f32,
    norm_squared: f32,
    /// e.
    exponent: i32,
}

/// One half-step on X (k × r), for k, l and r.
#[inline(never)]
fn moves(
    of_v: OfV<'_>,
    buffers: &mut FixedBuffers<'_>,
    state: &mut State,
    schedule: &mut impl Schedule,
    factor: Factor,
    shape: [usize; 3],
    batch: Batch<'_>,
) -> HalfStep {
    let OfV { scale, exponent, .. } = of_v;
    let [_, l, rank] = shape;
    // W·2⁻ᵉ and H·2⁻ᵉ, the latter in multiples of the scale of V·4⁻ᵉ.
    let [of_w, of_h] = &mut *buffers.exponents;
    (*of_w, *of_h) = (*of_w + exponent, *of_h - exponent);
    let FixedBuffers {
        w,
        h,
        exponents: [w_exponent, h_exponent],
        gradient,
        before,
        gram,
        floats,
        directions: [w_direction, h_direction],
        image,
        row,
        row_order,
        column_order,
    } = buffers;
    let (x, y, order, direction) = match factor {
        Factor::W => (
            Moving { entries: w, exponent: w_exponent, unit: 1.0 },
            Still { entries: h, exponent: *h_exponent, unit: scale },
            &**column_order,
            w_direction,
        ),
        Factor::H => (
            Moving { entries: h, exponent: h_exponent, unit: scale },
            Still { entries: w, exponent: *w_exponent, unit: 1.0 },
            &**row_order,
            h_direction,
        ),
    };
    let gradient = gradient.get_mut(..x.entries.len()).unwrap_or_default();
    let before = before.get_mut(..x.entries.len()).unwrap_or_default();
    let indices = batch.indices(order);
    let State { progress, memories, rules, penalties, .. } = state;
    let mut penalties = penalties.of(factor);
    if exponent != 0 {
        penalties = penalties.map(|penalty| penalty.scaled(-exponent));
    }
    let block = FixedBlock {
        v: of_v.entries,
        scale,
        norm_squared: of_v.norm_squared,
        factor,
        sample: indices,
        weight: indices.map_or(1.0, |indices| batch_scale(l, indices)),
        penalties,
        range: Range::new(of_v.bits, indices.map_or(l, <[u32]>::len)),
        x,
        y,
        gradient,
        before,
        remembered: 0,
        scratch: Scratch { gram, floats, direction, image, row },
        rank,
        counts: Exponents::default(),
        held: Held::Nothing,
        tried: None,
        images: 0,
        exponent,
    };
    let sample = Sample::new(shape, indices.map(<[u32]>::len));
    let open = Open::begin(block, factor, progress, memories, sample);
    let record = half_step(open, schedule, rules);
    let [of_w, of_h] = &mut *buffers.exponents;
    (*of_w, *of_h) = (*of_w - exponent, *of_h + exponent);
    record
}
