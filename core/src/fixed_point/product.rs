//! V·Hᵀ and Vᵀ·W in integers: 16-bit factors, 32-bit sums.
//!
//! A Cortex-M0 has no product of more than 32 bits and eight registers that its instructions reach: one
//! row and four latents at a time, and where 31 bits are too few for a sum, every term is shifted first.
//! Integers have no rounding order, so that any other tiling would give the same.

use super::factor::{BITS, log2_ceil};
use crate::data::{Entry, Side};
use crate::product::{Left, holds, part};
use crate::rows::by_row_mut;

/// An element type of V that is an integer.
pub trait Integer: Entry {
    /// The entry, which [`Data`](crate::Data) has checked to be ≥ 0.
    fn integer(self) -> u32;
}

impl Integer for u8 {
    #[inline]
    fn integer(self) -> u32 {
        self.into()
    }
}

impl Integer for u16 {
    #[inline]
    fn integer(self) -> u32 {
        self.into()
    }
}

impl Integer for i16 {
    #[inline]
    fn integer(self) -> u32 {
        self.unsigned_abs().into()
    }
}

/// What every term of a sum is shifted right by, so that the sum stays within 31 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Range {
    /// The product counts in 2^shift; 0 for V of 8 bits and up to 256 terms.
    pub shift: u32,
}

impl Range {
    /// For entries of V of so many bits, and an inner index of so many terms.
    #[must_use]
    pub fn new(bits: u32, terms: usize) -> Self {
        Self { shift: (bits + BITS + log2_ceil(terms)).saturating_sub(31) }
    }
}

/// `out` (k × r) ← (V or Vᵀ)·Y · 2^−shift, as [`product`](crate::product::product) does it in floats.
pub fn product<E: Integer>(
    v: Left<'_, E>,
    side: Side,
    y: &[u16],
    range: Range,
    out: &mut [i32],
    rank: usize,
) {
    let y = Right { entries: y, rank: rank.max(1), range };
    for (i, out) in by_row_mut(out, y.rank).enumerate() {
        match y.rank {
            1 => latents::<E, 1>(v, side, i, y, 0, out),
            2 => latents::<E, 2>(v, side, i, y, 0, out),
            3 => latents::<E, 3>(v, side, i, y, 0, out),
            rank => {
                let (mut first, last) = (0, rank - 4);
                while first < rank {
                    // The last four may overlap those before, with the same result.
                    latents::<E, 4>(v, side, i, y, if first < last { first } else { last }, out);
                    first += 4;
                }
            }
        }
    }
}

/// C latents of row `i` of the product, from latent `first` on.
fn latents<E: Integer, const C: usize>(
    v: Left<'_, E>,
    side: Side,
    i: usize,
    y: Right<'_>,
    first: usize,
    out: &mut [i32],
) {
    let Some(out) = out.get_mut(first..).and_then(<[i32]>::first_chunk_mut::<C>) else { return };
    match side {
        Side::Rows => row(v, i, y, first, out),
        Side::Columns => column(v, i, y, first, out),
    }
}

/// The matrix that is multiplied from the right, l × r by rows.
#[derive(Clone, Copy)]
struct Right<'a> {
    entries: &'a [u16],
    rank: usize,
    range: Range,
}

/// Over row `i` of V.
#[inline(never)]
fn row<E: Integer, const C: usize>(
    v: Left<'_, E>,
    i: usize,
    y: Right<'_>,
    first: usize,
    out: &mut [i32; C],
) {
    let rest = v.entries.get(i * v.columns..).unwrap_or_default();
    let row = rest.get(..v.columns).unwrap_or_default();
    sums(row.iter().copied(), y, first, out);
}

/// Over column `i` of V.
#[inline(never)]
fn column<E: Integer, const C: usize>(
    v: Left<'_, E>,
    i: usize,
    y: Right<'_>,
    first: usize,
    out: &mut [i32; C],
) {
    let columns = v.columns.max(1);
    if !holds(columns, i, 1) {
        return;
    }
    let entry = |row: &[E]| row.get(i).copied().unwrap_or(E::ZERO);
    sums(v.entries.chunks_exact(columns).map(entry), y, first, out);
}

/// Σ v y · 2^−shift for C latents of Y, from latent `first` on.
#[inline]
fn sums<E: Integer, const C: usize>(
    v: impl ExactSizeIterator<Item = E>,
    y: Right<'_>,
    first: usize,
    out: &mut [i32; C],
) {
    let (rank, shift) = (y.rank.max(1), y.range.shift & 31);
    if !holds(rank, first, C) {
        return;
    }
    let terms = v.zip(y.entries.chunks_exact(rank).map(|y| part::<u16, C>(y, first)));
    let mut sums = [0_u32; C];
    let mut add = |v: E, y: [u16; C], shift: u32| {
        for (sum, y) in sums.iter_mut().zip(y) {
            *sum = sum.wrapping_add(v.integer().wrapping_mul(u32::from(y)) >> shift);
        }
    };
    // Without a shift, a term takes one instruction less.
    if shift == 0 {
        terms.for_each(|(v, y)| add(v, y, 0));
    } else {
        terms.for_each(|(v, y)| add(v, y, shift));
    }
    *out = sums.map(u32::cast_signed);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check<E: Integer>(v: &[E], m: usize, n: usize, rank: usize, bits: u32) {
        let y = |len: usize| -> [u16; 64] {
            core::array::from_fn(|i| if i < len { (0x7fff - i * 97 % 30_011) as u16 } else { 0 })
        };
        let (w, h) = (y(m * rank), y(n * rank));
        let left = Left { entries: v, columns: n };
        for (side, k, l, y) in [(Side::Rows, m, n, &h), (Side::Columns, n, m, &w)] {
            let range = Range::new(bits, l);
            let mut out = [-1; 64];
            product(left, side, &y[..l * rank], range, &mut out[..k * rank], rank);
            for i in 0..k {
                for c in 0..rank {
                    let entry = |j: usize| {
                        let at = if side == Side::Rows { i * n + j } else { j * n + i };
                        u64::from(v[at].integer()) * u64::from(y[j * rank + c])
                    };
                    let exact = (0..l).fold(0, |sum, j| sum + entry(j)) >> range.shift;
                    let got = u64::try_from(out[i * rank + c]).unwrap();
                    let lost = if range.shift > 0 { l as u64 } else { 0 };
                    assert!(got <= exact && got + lost >= exact, "{got} for {exact}");
                }
            }
        }
    }

    #[test]
    fn is_exact_but_for_what_is_shifted_out() {
        let bytes: [u8; 35] = core::array::from_fn(|i| (255 - i * 7 % 256) as u8);
        let words: [u16; 35] = core::array::from_fn(|i| (65_535 - i * 1013) as u16);
        for rank in 1..=4 {
            check(&bytes, 7, 5, rank, 8);
            check(&words, 7, 5, rank, 16);
            check(&words[..12], 4, 3, rank, 16);
            check(&bytes[..6], 2, 3, rank, 8);
        }
    }
}
