//! A factor in fixed point: 15 bits an entry, one exponent for all.

use crate::random::{self, Rng};

/// Bits of an entry; the largest one of a factor has its top bit or the next one set.
pub(crate) const BITS: u32 = 15;

/// The largest sum that a step may reach before it is brought back to [`BITS`].
pub(crate) const LARGEST: i32 = 1 << 30;

/// ⌈log₂ n⌉ for n ≥ 1.
pub(crate) fn log2_ceil(n: usize) -> u32 {
    usize::BITS - n.saturating_sub(1).leading_zeros()
}

/// How far a number has to be shifted right to keep `bits` bits.
pub(crate) fn excess(x: u32, bits: u32) -> u32 {
    (u32::BITS - x.leading_zeros()).saturating_sub(bits)
}

/// x · 2^−`shift`, rounded to nearest, for `shift` < 32.
pub(crate) fn nearest(x: i32, shift: u32) -> i32 {
    if shift == 0 { x } else { ((x >> ((shift - 1) & 31)) + 1) >> 1 }
}

/// x · 2^−`shift`, rounded to nearest, for 0 ≤ x ≤ [`LARGEST`]; a negative shift multiplies.
pub(crate) fn scaled(x: i32, shift: i32) -> i32 {
    match shift {
        1..=30 => nearest(x, shift.cast_unsigned()),
        31.. => 0,
        _ => x << (-shift).min(30),
    }
}

/// The exponent that gives the largest entry [`BITS`] bits: a number is entry · 2^−exponent.
pub(crate) fn exponent_for(max: f32) -> i32 {
    if max > 0.0 { BITS.cast_signed() - libm::frexpf(max).1 } else { 0 }
}

/// The entry that is nearest to x, saturated.
pub(crate) fn quantise(x: f32, exponent: i32) -> u16 {
    // `as` truncates, saturates and sends NaN to 0.
    let entry = (libm::ldexpf(x, exponent) + 0.5) as u16;
    entry.min((1 << BITS) - 1)
}

/// Fills a factor from numbers ≥ 0, in multiples of `unit`; returns its exponent.
pub(crate) fn set(factor: &mut [u16], numbers: &[f32], unit: f32) -> i32 {
    let max = numbers.iter().fold(0.0, |max, x| if *x > max { *x } else { max });
    let exponent = exponent_for(max / unit);
    for (entry, x) in factor.iter_mut().zip(numbers) {
        *entry = quantise(*x / unit, exponent);
    }
    exponent
}

/// The start that [`random::start`] draws, in multiples of `unit`; returns its exponent.
pub(crate) fn start(factor: &mut [u16], mean: f32, unit: f32, rank: usize, rng: &mut Rng) -> i32 {
    let draw = |rng: &mut Rng| {
        let mut x = [0.0];
        random::start(&mut x, mean, rank, rng);
        let [x] = x;
        x / unit
    };
    // The numbers are drawn twice, as there is no room for them.
    let mut ahead = rng.clone();
    let max = factor.iter().fold(0.0, |max, _| {
        let x = draw(&mut ahead);
        if x > max { x } else { max }
    });
    let exponent = exponent_for(max);
    for entry in factor {
        *entry = quantise(draw(rng), exponent);
    }
    exponent
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_to_nearest() {
        for (x, shift, expected) in
            [(5, 1, 3), (4, 1, 2), (7, 2, 2), (5, 0, 5), (5, -2, 20), (1, 31, 0)]
        {
            assert_eq!(scaled(x, shift), expected, "{x} >> {shift}");
        }
        let mut factor = [0; 3];
        assert_eq!(set(&mut factor, &[1.0, 0.25, 0.0], 1.0), 14);
        assert_eq!(factor, [1 << 14, 1 << 12, 0]);
        assert_eq!(set(&mut factor, &[0.999_999_9, 0.0, 0.0], 1.0), 15);
        assert_eq!(factor[0], (1 << 15) - 1);
        assert_eq!((log2_ceil(1), log2_ceil(4), log2_ceil(5)), (0, 2, 3));
        assert_eq!((excess(0xff, 8), excess(0x100, 8), excess(0, 8)), (0, 1, 0));
    }
}
