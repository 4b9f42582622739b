//! The epochs of a factorisation in fixed point.

use super::block::{Exponents, FixedBlock, Moving, Scratch, Still};
use super::factor::start;
use super::product::{Integer, Range};
use crate::data::{Data, Side};
use crate::half_step::{HalfStep, half_step};
use crate::product::Left;
use crate::random::{Stream, generator};
use crate::rows::by_row;
use crate::rule::StepRule;
use crate::run::{Epoch, State};
use crate::situation::Factor;
use libm::ldexpf;

/// A factor as it is stored: number = entry · unit.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct View<'a> {
    /// Row by row for W, column by column for H.
    pub entries: &'a [u16],
    /// What an entry counts.
    pub unit: f32,
}

/// The memory of a run in fixed point.
#[derive(Debug)]
pub(crate) struct Memory<'b> {
    /// W, m × r, and H, n × r.
    pub factors: [&'b mut [u16]; 2],
    /// Of W and H.
    pub exponents: &'b mut [i32; 2],
    /// G, max(m, n) × r.
    pub gradient: &'b mut [i32],
    /// r × r.
    pub gram: &'b mut [u32],
    /// r × r.
    pub floats: &'b mut [f32],
    /// r, for W and for H.
    pub directions: [&'b mut [f32]; 2],
    /// r.
    pub image: &'b mut [f32],
    /// r.
    pub row: &'b mut [i32],
}

/// A factorisation of V in progress, in fixed point.
#[derive(Debug)]
pub struct FixedRun<'b, E> {
    pub(crate) data: Data<'b, E>,
    pub(crate) memory: Memory<'b>,
    pub(crate) state: &'b mut State,
    pub(crate) bits: u32,
    pub(crate) rank: usize,
}

impl<E: Integer> FixedRun<'_, E> {
    /// W₀ and H₀ as [`Run::start`](crate::Run::start) draws them, rounded.
    pub fn start(&mut self, seed: u64) {
        let mut rng = generator(seed, Stream::Start);
        let [w, h] = &mut self.memory.factors;
        let exponent_of_w = start(w, self.data.mean(), 1.0, self.rank, &mut rng);
        let exponent_of_h = start(h, self.data.mean(), self.data.scale(), self.rank, &mut rng);
        *self.memory.exponents = [exponent_of_w, exponent_of_h];
    }

    /// One epoch: a W half-step, then an H half-step with the new W.
    pub fn epoch(&mut self, rule: &mut impl StepRule) -> Epoch {
        let w = self.half_step(rule, Factor::W);
        let h = self.half_step(rule, Factor::H);
        self.state.progress.epoch = self.state.progress.epoch.saturating_add(1);
        Epoch { w, h }
    }

    fn half_step(&mut self, rule: &mut impl StepRule, factor: Factor) -> HalfStep {
        let (rank, scale) = (self.rank, self.data.scale());
        let Memory {
            factors: [w, h],
            exponents: [w_exponent, h_exponent],
            gradient,
            gram,
            floats,
            directions: [w_direction, h_direction],
            image,
            row,
        } = &mut self.memory;
        let (side, x, y, direction) = match factor {
            Factor::W => (
                Side::Rows,
                Moving { entries: w, exponent: w_exponent, unit: 1.0 },
                Still { entries: h, exponent: *h_exponent, unit: scale },
                w_direction,
            ),
            Factor::H => (
                Side::Columns,
                Moving { entries: h, exponent: h_exponent, unit: scale },
                Still { entries: w, exponent: *w_exponent, unit: 1.0 },
                h_direction,
            ),
        };
        let gradient = gradient.get_mut(..x.entries.len()).unwrap_or_default();
        let mut block = FixedBlock {
            v: Left { entries: self.data.entries(), columns: self.data.columns() },
            scale,
            norm_squared: self.data.norm_squared(),
            side,
            range: Range::new(self.bits, self.data.inner(side)),
            x,
            y,
            gradient,
            scratch: Scratch { gram, floats, direction, image, row },
            rank,
            counts: Exponents::default(),
        };
        let State { progress, memories, rules, .. } = &mut *self.state;
        half_step(&mut block, rule, factor, progress, memories, rules)
    }

    /// F = ½‖V − WH‖²_F over all of V, from the residual itself, each entry of which is exact but for one
    /// rounding to f32.
    #[must_use]
    pub fn loss(&self) -> f32 {
        let [w, h] = &self.memory.factors;
        let scale = self.data.scale();
        let unit = ldexpf(scale, -(self.memory.exponents[0] + self.memory.exponents[1]));
        let mut loss = 0.0;
        for (v, w) in self.data.rows_iter().zip(by_row(w, self.rank)) {
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
        let [entries, _] = &self.memory.factors;
        View { entries, unit: ldexpf(1.0, -self.memory.exponents[0]) }
    }

    /// H, r × n, column by column.
    #[must_use]
    pub fn h(&self) -> View<'_> {
        let [_, entries] = &self.memory.factors;
        View { entries, unit: ldexpf(self.data.scale(), -self.memory.exponents[1]) }
    }
}
