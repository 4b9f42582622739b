//! The epochs of a factorisation in fixed point, of any shape, on memory that somebody else owns.

use super::block::{Exponents, FixedBlock, Moving, Scratch, Still};
use super::buffers::{FixedBuffers, Integers, View};
use super::factor::start;
use super::product::{Integer, Range};
use crate::Error;
use crate::Factor;
use crate::data::Data;
use crate::float::ldexp;
use crate::matrix::Matrix as _;
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
    /// length does not fit; [`Error::Parameter`] for mini-batches and penalties, which there are
    /// none of in fixed point.
    pub fn new(
        v: impl Into<IntegerData<'b, E>>,
        rank: usize,
        buffers: FixedBuffers<'b>,
        state: &'b mut State,
    ) -> Result<Self, Error> {
        let v = v.into();
        let [m, n] = v.shape();
        Integers::check(&buffers, [m, n, rank], state)?;
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

    /// One epoch: a W half-step, then an H half-step with the new W.
    pub fn epoch(&mut self, rule: &mut impl Schedule) -> Epoch {
        let w = self.half_step(rule, Factor::W);
        let h = self.half_step(rule, Factor::H);
        self.state.progress.epoch = self.state.progress.epoch.saturating_add(1);
        Epoch { w, h }
    }

    fn half_step(&mut self, rule: &mut impl Schedule, factor: Factor) -> HalfStep {
        let IntegerData { data, bits } = self.v;
        let (rank, scale, exponent) = (self.rank, data.unit_scale(), data.exponent());
        // W·2⁻ᵉ and H·2⁻ᵉ, the latter in multiples of the scale of V·4⁻ᵉ.
        let [of_w, of_h] = &mut *self.buffers.exponents;
        (*of_w, *of_h) = (*of_w + exponent, *of_h - exponent);
        let FixedBuffers {
            w,
            h,
            exponents: [w_exponent, h_exponent],
            gradient,
            gram,
            floats,
            directions: [w_direction, h_direction],
            image,
            row,
        } = &mut self.buffers;
        let (x, y, direction) = match factor {
            Factor::W => (
                Moving { entries: w, exponent: w_exponent, unit: 1.0 },
                Still { entries: h, exponent: *h_exponent, unit: scale },
                w_direction,
            ),
            Factor::H => (
                Moving { entries: h, exponent: h_exponent, unit: scale },
                Still { entries: w, exponent: *w_exponent, unit: 1.0 },
                h_direction,
            ),
        };
        let gradient = gradient.get_mut(..x.entries.len()).unwrap_or_default();
        let v = Left { entries: data.entries(), columns: data.columns() };
        let block = FixedBlock {
            v: &v,
            scale,
            norm_squared: data.unit_norm_squared(),
            factor,
            range: Range::new(bits, data.inner(factor)),
            x,
            y,
            gradient,
            scratch: Scratch { gram, floats, direction, image, row },
            rank,
            counts: Exponents::default(),
            held: Held::Nothing,
            tried: None,
            images: 0,
            exponent,
        };
        let State { progress, memories, rules, .. } = &mut *self.state;
        let [l, k] = [factor, factor.other()].map(|factor| data.inner(factor));
        let open = Open::begin(block, factor, progress, memories, Sample::new([k, l, rank], None));
        let record = half_step(open, rule, rules);
        let [of_w, of_h] = &mut *self.buffers.exponents;
        (*of_w, *of_h) = (*of_w - exponent, *of_h + exponent);
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
