//! The sweep over components in fixed point: x ← max(0, x − g·κ_j) with κ_j = ω·(what G counts) / (A_jj · what X counts).
//!
//! Component by component over all rows, which do not see each other, so that what belongs to a component stays in
//! registers. All products have 32 bits, as those of a Cortex-M0.
//!
//! | what | rounded to |
//! |---|---|
//! | g | 31 bits of the larger of P and XA |
//! | κ | 14 bits, down: ω is at most 2⁻¹³ smaller than asked |
//! | g·κ | an entry of X, to nearest, from a g that is cut at ⅛ of an entry; in 64 bits where it may be 2¹⁴ entries or more |
//!
//! So a sweep may raise F by what a step that is 5/8 of an entry too long can do, ½A_jj·(5/8)² entries² for every entry
//! that moves; and where X is halved, by what half an entry of all of X can do. With penalties, components may be unlike in
//! size, and a component whose A_jj has few bits lands as far off as G's last bits are worth over its A_jj. The test
//! `no_half_step_raises_f_of_its_sample` says all of it as numbers.

use super::block::{FixedBlock, SEEN};
use super::factor::BITS;
use super::sums::{halve, image};
use crate::float::ldexp;
use crate::rows::{by_row, by_row_mut};
use crate::subproblem::Change;
use crate::subproblem::sweep::FAR;

/// The largest entry that a sweep leaves: X is halved, and counts twice as much, where one would be larger.
pub(super) const MAX: i32 = (1 << BITS) - 1;

/// Bits of κ's mantissa.
const MANTISSA: i32 = 14;

/// The largest |g| that is multiplied in 32 bits: with a mantissa it stays within 31. It moves an entry by half of its range at
/// most, as few steps but the first of a run do.
const LARGEST: i32 = (1 << 17) - 1;

/// κ: a step is ((g · 2^−before) · mantissa) · 2^−after entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Gain {
    mantissa: i32,
    before: u32,
    after: u32,
}

impl Gain {
    fn new(kappa: f32) -> Self {
        if !(kappa > 0.0 && kappa < f32::MAX) {
            return Self { mantissa: 0, before: 0, after: 2 };
        }
        let (fraction, exponent) = libm::frexpf(kappa);
        let shift = MANTISSA - exponent;
        if shift < 2 {
            // Shorter than it might be.
            return Self { mantissa: (1 << MANTISSA) - 1, before: 0, after: 2 };
        }
        let shift = shift.cast_unsigned();
        Self {
            // Of a number in [½, 1), the bits below the leading one.
            mantissa: ((fraction.to_bits() & 0x7f_ffff | 0x80_0000) >> (24 - MANTISSA))
                .cast_signed(),
            before: shift.saturating_sub(16).clamp(0, 31),
            after: shift.min(16),
        }
    }

    /// g · κ, rounded to nearest; `None` where that takes more than 32 bits.
    #[inline]
    fn of(self, g: i32) -> Option<i32> {
        let g = g >> (self.before & 31);
        // One comparison for both sides.
        if (g + LARGEST).cast_unsigned() > 2 * LARGEST as u32 {
            return None;
        }
        Some((g * self.mantissa + (1 << ((self.after - 1) & 31))) >> (self.after & 31))
    }

    /// The same in 64 bits, within ±2¹⁶.
    fn far(self, g: i32) -> i32 {
        let product = i64::from(g >> (self.before & 31)) * i64::from(self.mantissa);
        let step = (product + (1 << ((self.after - 1) & 31))) >> (self.after & 31);
        step.clamp(-0x1_0000, 0x1_0000) as i32
    }
}

/// One sweep; returns what it changed, as the floating-point one does.
pub(super) fn sweep(block: &mut FixedBlock<'_>, relaxation: f32) -> Change {
    let rank = block.rank.max(1);
    let mut change = Change::default();
    let (mut sums, mut bits) = (Sums::default(), 0);
    let (mut shifts, mut ratio) = (block.shifts(), relaxation * block.unit_ratio());
    // As in floats: where Y has nothing of a component, a penalty takes it to 0.
    let cleared = block.penalties[0].l1 > 0.0 && block.sample.is_none();
    for j in 0..rank {
        let mut first = 0;
        loop {
            let a_jj = block.scratch.gram.get(j * rank + j).copied().unwrap_or_default();
            let gain = Gain::new(match a_jj {
                0 if cleared => FAR,
                0 => 0.0,
                a_jj => ratio / a_jj as f32,
            });
            // P and XA have 31 bits and no sign: what is shifted further is 0.
            let by = shifts.map(|by| by.clamp(0, 31).cast_unsigned());
            let sampled = block.sample.is_some();
            let mut pass =
                Pass { j, gain, shifts: by, bits, squares: 0, inner: sums.inner, sampled };
            let stopped = loop {
                match pass.over(block, first) {
                    Some(row) if pass.far(block, row) => first = row + 1,
                    stopped => break stopped,
                }
            };
            (bits, sums.inner) = (pass.bits, pass.inner);
            sums.norm_squared += pass.squares;
            sums.curvature += curvature(pass.squares, a_jj);
            match stopped {
                None => break,
                Some(row) => {
                    sums.flush(block, &mut change);
                    halve(block.x.entries);
                    *block.x.exponent -= 1;
                    (first, bits) = (row, bits / 2);
                    (shifts, ratio) = (block.shifts(), relaxation * block.unit_ratio());
                }
            }
        }
    }
    sums.flush(block, &mut change);
    // Two bits may be missing before the exponent follows a factor that shrinks.
    let bits = i32::BITS - bits.leading_zeros();
    if (1..=12).contains(&bits) {
        let by = BITS - bits;
        block.x.entries.iter_mut().for_each(|x| *x <<= by);
        *block.x.exponent += by.cast_signed();
    }
    change
}

/// A component over the rows.
struct Pass {
    j: usize,
    gain: Gain,
    /// Bits that P and XA are shifted right by.
    shifts: [u32; 2],
    /// The bits of all entries left.
    bits: i32,
    /// Σ d².
    squares: i64,
    /// Σ g·d.
    inner: i64,
    /// Whether rows may be unseen: those of which the sample holds nothing stay.
    sampled: bool,
}

impl Pass {
    /// From row `first` on; the row where a step takes more than 32 bits or an entry would be too large, which is left
    /// alone.
    fn over(&mut self, block: &mut FixedBlock<'_>, first: usize) -> Option<usize> {
        let rank = block.rank.max(1);
        let a = block.scratch.gram.get(self.j * rank..).and_then(|a| a.get(..rank))?;
        let x = block.x.entries.get_mut(first * rank..)?;
        let p = block.gradient.get(first * rank..)?;
        let mut left = None;
        if let (4, [a, ..], false) = (rank, a.as_chunks::<4>().0, self.sampled) {
            // A length that the compiler knows.
            let rows = x.as_chunks_mut::<4>().0.iter_mut().zip(p.as_chunks::<4>().0);
            for (row, (x, p)) in rows.enumerate() {
                if !self.row(x, p, a, Gain::of) {
                    left = Some(first + row);
                    break;
                }
            }
        } else {
            for (row, (x, p)) in by_row_mut(x, rank).zip(by_row(p, rank)).enumerate() {
                if !self.leaves(x, p) && !self.row(x, p, a, Gain::of) {
                    left = Some(first + row);
                    break;
                }
            }
        }
        left
    }

    /// Whether the row stays.
    #[inline]
    fn leaves(&mut self, x: &[u16], p: &[i32]) -> bool {
        let stays = self.sampled && p.iter().all(|p| *p <= 0);
        if stays {
            self.bits |= x.get(self.j).map_or(0, |x| i32::from(*x));
        }
        stays
    }

    /// One row whose step takes more than 32 bits; whether its entry is not too large then.
    #[inline(never)]
    fn far(&mut self, block: &mut FixedBlock<'_>, row: usize) -> bool {
        let rank = block.rank.max(1);
        let [row, j] = [row, self.j].map(|at| at * rank);
        let x = block.x.entries.get_mut(row..).and_then(|x| x.get_mut(..rank));
        let p = block.gradient.get(row..).and_then(|p| p.get(..rank));
        let a = block.scratch.gram.get(j..).and_then(|a| a.get(..rank));
        let (Some(x), Some(p), Some(a)) = (x, p, a) else { return false };
        self.row(x, p, a, |gain, g| Some(gain.far(g)))
    }

    /// Moves the entry of a row by `step`, unless that has no value or the entry would be too large.
    #[inline]
    fn row(
        &mut self,
        x: &mut [u16],
        p: &[i32],
        a: &[u32],
        step: impl Fn(Gain, i32) -> Option<i32>,
    ) -> bool {
        let [by_p, by_q] = self.shifts;
        let image = image(x, a);
        let (Some(x), Some(p)) = (x.get_mut(self.j), p.get(self.j)) else { return true };
        let g = (image >> (by_q & 31)) - (*p >> (by_p & 31));
        let before = i32::from(*x);
        let Some(step) = step(self.gain, g) else { return false };
        let next = (before - step).max(0);
        if next > MAX {
            return false;
        }
        let d = next - before;
        *x = next as u16;
        self.bits |= next;
        if d != 0 {
            self.squares += i64::from(d * d);
            self.inner += product(g, d);
        }
        true
    }
}

/// Σ A_jj d², counted in 2^[`SEEN`], to 17 bits at least.
#[inline]
fn curvature(squares: i64, a_jj: u32) -> i64 {
    if squares < 1 << 31 {
        (squares * i64::from(a_jj)) >> SEEN
    } else {
        (squares >> SEEN) * i64::from(a_jj)
    }
}

/// g·d in two halves of 32 bits, for |d| < 2¹⁵.
#[inline]
pub(super) fn product(g: i32, d: i32) -> i64 {
    (i64::from((g >> 16) * d) << 16) + i64::from((g & 0xffff).wrapping_mul(d))
}

/// ⟨g, d⟩, Σ A_jj d² and ‖D‖² in entries.
#[derive(Default)]
struct Sums {
    inner: i64,
    curvature: i64,
    norm_squared: i64,
}

impl Sums {
    /// Adds the sums to `change` in V's units, and begins again.
    fn flush(&mut self, block: &FixedBlock<'_>, change: &mut Change) {
        let (x, y) = (block.x_unit(), block.y_unit());
        change.inner += self.inner as f32 * (block.whole_g_unit() * x);
        let curvature = self.curvature as f32
            * (x * y)
            * (x * ldexp(y, block.counts.gram + SEEN.cast_signed()));
        change.curvature += block.weighted(curvature);
        change.norm_squared += self.norm_squared as f32 * (x * x);
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gain_is_a_product_to_nearest() {
        for kappa in [3.1e-7, 1e-5, 0.002, 0.24, 0.7, 3.3, 700.0] {
            let gain = Gain::new(kappa);
            for g in [0, 1, -1, 77, -1234, 65_537, -300_007, -1_000_003, 1 << 29, -(1 << 29)] {
                let exact = f64::from(g) * f64::from(kappa);
                let got = f64::from(gain.of(g).unwrap_or_else(|| gain.far(g)));
                if exact.abs() < 32_000.0 {
                    let error = (got - exact).abs();
                    assert!(error <= 0.625 + exact.abs() / 8192.0, "{g} · {kappa}: {got}");
                } else {
                    // Beyond the range of an entry anyway.
                    assert!(got.abs() >= 32_000.0 && (got > 0.0) == (exact > 0.0));
                }
            }
        }
        for kappa in [0.0, -1.0, f32::NAN, f32::INFINITY] {
            assert_eq!(Gain::new(kappa).far(1 << 20), 0);
        }
        assert!(Gain::new(1e9).of(5) > Some(1000) && Gain::new(1e-30).of(1 << 30) == Some(0));
    }
}
