//! Sums over entries in integers, and shifts.

use crate::penalty::Penalty;
use crate::rows::by_row;

/// λ₁·ΣX + ½λ₂‖X‖² for entries that count `unit`.
pub(super) fn penalty_of(penalty: Penalty, entries: &[u16], unit: f32) -> f32 {
    let Penalty { l1, l2 } = penalty;
    if l1 <= 0.0 && l2 <= 0.0 {
        return 0.0;
    }
    let (mut sum, mut squares) = (0_u64, 0_u64);
    for x in entries {
        let x = u32::from(*x);
        (sum, squares) = (sum + u64::from(x), squares + u64::from(x * x));
    }
    l1 * (sum as f32 * unit) + 0.5 * l2 * (squares as f32 * unit * unit)
}

/// Σ y_a·y_b over the rows of Y, or over those of a sample.
pub(super) fn sum_of_products(
    y: &[u16],
    sample: Option<&[u32]>,
    [a, b]: [usize; 2],
    rank: usize,
) -> u64 {
    if let Some(sample) = sample {
        return sum_of_sample(y, sample, [a, b], rank);
    }
    match rank {
        // A length that the compiler knows.
        4 => y
            .as_chunks::<4>()
            .0
            .iter()
            .fold(0, |sum, y| sum + u64::from(u32::from(y[a % 4]) * u32::from(y[b % 4]))),
        _ => by_row(y, rank).fold(0, |sum, y| sum + of_row(y, [a, b])),
    }
}

/// y_a·y_b of a row.
#[inline]
fn of_row(y: &[u16], places: [usize; 2]) -> u64 {
    let [a, b] = places.map(|place| u32::from(y.get(place).copied().unwrap_or_default()));
    u64::from(a * b)
}

/// The sum over a sample; what lies beyond Y adds nothing.
#[inline(never)]
fn sum_of_sample(y: &[u16], sample: &[u32], places: [usize; 2], rank: usize) -> u64 {
    let rows = y.len() / rank.max(1);
    let sample = sample.iter().map(|j| *j as usize).filter(|j| *j < rows);
    sample.fold(0, |sum, j| sum + of_row(y.get(j * rank..).unwrap_or_default(), places))
}

/// ⟨x, a⟩ · 2⁻¹⁶ for a row of X and one of A.
#[inline]
pub(super) fn image(x: &[u16], a: &[u32]) -> i32 {
    let sum = x.iter().zip(a).fold(0_u32, |sum, (x, a)| {
        let x = u32::from(*x);
        sum.wrapping_add(x * (a >> 16)).wrapping_add((x * (a & 0xffff)) >> 16)
    });
    sum.cast_signed()
}

/// [`image`], where speed is no matter.
#[inline(never)]
pub(super) fn seldom_image(x: &[u16], a: &[u32]) -> i32 {
    image(x, a)
}

/// x · 2^−by, for `by` ≥ 0.
#[inline]
pub(super) fn shifted(x: i32, by: i32) -> i32 {
    if by < 32 { x >> by } else { 0 }
}

/// x · 2^−`shift`, rounded up.
#[inline]
pub(super) fn rounded_up(x: u64, shift: u32) -> u32 {
    // Beyond all bits of x there is 1 left of what is above 0.
    if shift > 63 { u32::from(x > 0) } else { ((x + ((1 << shift) - 1)) >> shift) as u32 }
}

/// X ← X/2, cut at its last bit.
#[inline(never)]
pub(super) fn halve(x: &mut [u16]) {
    x.iter_mut().for_each(|x| *x >>= 1);
}
