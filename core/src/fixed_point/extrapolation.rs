//! The extrapolation after a half-step's sweeps: X ← max(0, X + β(X − X₀)), unless f rises by more than is allowed.
//!
//! f is quadratic, so that D changes it by ⟨G, D⟩ with the G in the middle of the way, which is as exact as a sweep's and
//! takes one product with A: Q there is ½(X + X⁺)A, and the sum of two entries of 15 bits has 16.

use super::block::FixedBlock;
use super::factor::scaled;
use super::sums::{halve, seldom_image};
use super::sweep::{MAX, product};
use crate::float::{ldexp, limit};
use crate::rows::by_row;
use crate::subproblem::Change;

/// Bits of β.
const BETA: u32 = 14;

/// The largest |X − X₀| that is multiplied: with β it stays within 31 bits.
const LARGEST: i32 = (1 << 17) - 1;

/// Change of F by it; `None` where X stayed, but for its last bit where X⁺ needs room for a larger entry.
pub(super) fn extrapolate(block: &mut FixedBlock<'_>, factor: f32, allowed: f32) -> Option<Change> {
    let rank = block.rank.max(1);
    let max = ahead(block, limit(factor, 0.0, 1.0));
    if max > MAX {
        halve(block.x.entries);
        halve(block.before);
        *block.x.exponent -= 1;
    }
    let pairs = block.before.iter_mut().zip(&*block.x.entries);
    pairs.for_each(|(both, x)| *both = both.saturating_add(*x));
    let [by_p, by_q] =
        block.shifts_at(*block.x.exponent + 1).map(|by| by.clamp(0, 31).cast_unsigned());
    let (mut inner, mut squares) = (0_i64, 0_i64);
    let rows = by_row(block.x.entries, rank).zip(by_row(block.before, rank));
    for ((x, both), p) in rows.zip(by_row(block.gradient, rank)) {
        let entries = x.iter().zip(both).zip(p);
        for (((x, sum), p), a) in entries.zip(by_row(block.scratch.gram, rank)) {
            let g = (seldom_image(both, a) >> (by_q & 31)) - (p >> (by_p & 31));
            let d = i32::from(*sum) - 2 * i32::from(*x);
            inner += product(g, d);
            squares += i64::from(d * d);
        }
    }
    let x_unit = block.x_unit();
    let change = Change {
        // All of the change.
        inner: inner as f32 * (block.whole_g_unit() * x_unit),
        norm_squared: squares as f32 * (x_unit * x_unit),
        ..Change::default()
    };
    // False of a NaN.
    let taken = change.loss() <= allowed;
    if taken {
        for (x, both) in block.x.entries.iter_mut().zip(&*block.before) {
            *x = both.saturating_sub(*x);
        }
    }
    taken.then_some(change)
}

/// X⁺ in the place of X₀, in what X counts; returns its largest entry, below 2¹⁶.
fn ahead(block: &mut FixedBlock<'_>, beta: f32) -> i32 {
    let beta = ldexp(beta, BETA.cast_signed()) as i32;
    let grown = block.remembered - *block.x.exponent;
    let mut max = 0;
    for (x, before) in block.x.entries.iter().zip(&mut *block.before) {
        let x = i32::from(*x);
        // A factor 2¹⁵ times as large as X is as far away as can be told.
        let earlier = scaled((*before).into(), if grown < -15 { -15 } else { grown });
        let step = ((x - earlier).clamp(-LARGEST, LARGEST) * beta + (1 << (BETA - 1))) >> BETA;
        let next = (x + step).max(0);
        *before = next as u16;
        max = max.max(next);
    }
    max
}
