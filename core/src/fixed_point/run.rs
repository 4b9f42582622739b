//! The epochs of a factorisation in fixed point, of any shape, on memory that somebody else owns.

use super::block::{Exponents, FixedBlock, Moving, Scratch, Still};
use super::factor::{set, start};
use super::product::{Integer, Range};
use crate::Error;
use crate::Factor;
use crate::data::Data;
use crate::float::ldexp;
use crate::matrix::Matrix as _;
use crate::penalty::Penalties;
use crate::product::Left;
use crate::random::{Stream, generator};
use crate::rows::by_row;
use crate::run::{Epoch, State, check_factor, check_lengths, check_rank};
use crate::step::{HalfStep, Open, Sample, Schedule, half_step};
use crate::subproblem::Held;

/// A factor as it is stored: number = entry · unit.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct View<'a> {
    /// Row by row for W, column by column for H.
    pub entries: &'a [u16],
    /// What an entry counts.
    pub unit: f32,
}

/// V in integers, and the bits of its largest entry.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct IntegerData<'a, E> {
    data: Data<'a, E>,
    bits: u32,
}

impl<'a, E: Integer> From<Data<'a, E>> for IntegerData<'a, E> {
    fn from(data: Data<'a, E>) -> Self {
        let max = data.entries().iter().fold(0, |max, v| v.integer().max(max));
        Self { data, bits: u32::BITS - max.leading_zeros() }
    }
}

/// The memory of a run in fixed point, owned by somebody else: fixed arrays
/// ([`NmfFixed`](crate::NmfFixed)) or a caller's in C.
#[derive(Debug)]
pub struct FixedBuffers<'b> {
    /// W, m × r, row by row.
    pub w: &'b mut [u16],
    /// H, r × n, column by column.
    pub h: &'b mut [u16],
    /// Of W and H: an entry of W counts 2^−exponent, one of H as often the scale of V.
    pub exponents: &'b mut [i32; 2],
    /// G, max(m, n) × r.
    pub gradient: &'b mut [i32],
    /// A as integers, r × r.
    pub gram: &'b mut [u32],
    /// A as floats, r × r.
    pub floats: &'b mut [f32],
    /// Warm starts of the power iterations for W and for H, r each; ones before the first epoch.
    pub directions: [&'b mut [f32]; 2],
    /// Scratch, r.
    pub image: &'b mut [f32],
    /// Scratch, r.
    pub row: &'b mut [i32],
}

impl FixedBuffers<'_> {
    /// Sets W₀ (m × r, row by row) and H₀ (r × n, column by column) from numbers for the given scale of V,
    /// rounded to 15 bits.
    ///
    /// # Errors
    ///
    /// As of [`Nmf::set`](crate::Nmf::set); [`Error::Parameter`] for a scale that is not positive and finite.
    pub fn set(&mut self, w: &[f32], h: &[f32], scale: f32) -> Result<(), Error> {
        let rank = self.row.len();
        check_factor(w, self.w.len() / rank.max(1), rank)?;
        check_factor(h, self.h.len() / rank.max(1), rank)?;
        if !(scale > 0.0 && scale < f32::MAX) {
            return Err(Error::Parameter {
                what: "the scale of V",
                needs: "a positive, finite number",
            });
        }
        *self.exponents = [set(self.w, w, 1.0), set(self.h, h, scale)];
        Ok(())
    }

    /// W, m × r, row by row.
    #[must_use]
    pub fn w(&self) -> View<'_> {
        View { entries: self.w, unit: ldexp(1.0, -self.exponents[0]) }
    }

    /// H, r × n, column by column, for the given scale of V.
    #[must_use]
    pub fn h(&self, scale: f32) -> View<'_> {
        View { entries: self.h, unit: ldexp(scale, -self.exponents[1]) }
    }
}

/// Refuses what there is none of in fixed point.
pub(crate) fn check_plain(state: &State) -> Result<(), Error> {
    let State { progress, noises, penalties, .. } = state;
    let noisy = noises.iter().any(|noise| noise.level() > 0.0);
    if progress.share < 1.0 || noisy || *penalties != Penalties::default() {
        let needs = "exact gradients without penalties";
        return Err(Error::Parameter { what: "fixed point", needs });
    }
    Ok(())
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
    /// length does not fit; [`Error::Parameter`] for mini-batches, noise and penalties, which there are
    /// none of in fixed point.
    pub fn new(
        v: impl Into<IntegerData<'b, E>>,
        rank: usize,
        buffers: FixedBuffers<'b>,
        state: &'b mut State,
    ) -> Result<Self, Error> {
        let v = v.into();
        let (m, n) = (v.data.rows(), v.data.columns());
        check_rank(rank, m, n)?;
        check_lengths([
            (buffers.w.len(), m * rank),
            (buffers.h.len(), n * rank),
            (buffers.gradient.len(), m.max(n) * rank),
            (buffers.gram.len(), rank * rank),
            (buffers.floats.len(), rank * rank),
            (buffers.directions[0].len(), rank),
            (buffers.directions[1].len(), rank),
            (buffers.image.len(), rank),
            (buffers.row.len(), rank),
        ])?;
        check_plain(state)?;
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
