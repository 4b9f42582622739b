//! V·Hᵀ and Vᵀ·W in integers: 16-bit factors, 32-bit sums.
//!
//! A Cortex-M0 has no product of more than 32 bits, so that every term is shifted first where 31 bits are too few for a
//! sum, and its instructions reach eight registers. Of V·Hᵀ it makes one sum at a time, other processors make four. Vᵀ·W
//! goes row by row of V on all of them, and adds to the product in memory: a column's entries lie far apart.
//! Integers have no rounding order, so that any other tiling would give the same.

use super::factor::{BITS, log2_ceil};
use crate::Factor;
use crate::data::Entry;
use crate::product::Left;
use crate::rows::{by_row, by_row_mut};
use crate::target::FEW_REGISTERS;

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

/// Bits that every term of a sum is shifted right by, so that the sum stays within 31 bits.
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

/// V of any element type.
pub(crate) trait Products {
    /// [`product`].
    fn products(
        &self,
        side: Factor,
        sample: Option<&[u32]>,
        y: &[u16],
        range: Range,
        out: &mut [i32],
        rank: usize,
    );

    /// Σ v² over a sample.
    fn squares(&self, side: Factor, sample: &[u32]) -> u64;
}

impl<E: Integer> Products for Left<'_, E> {
    fn products(
        &self,
        side: Factor,
        sample: Option<&[u32]>,
        y: &[u16],
        range: Range,
        out: &mut [i32],
        rank: usize,
    ) {
        product(*self, side, sample, y, range, out, rank);
    }

    #[inline(never)]
    fn squares(&self, side: Factor, sample: &[u32]) -> u64 {
        let rows = self.entries.len() / self.columns.max(1);
        let of_x = if side == Factor::W { rows } else { self.columns };
        let mut sum = 0;
        for i in 0..of_x {
            for j in sample.iter().map(|j| *j as usize) {
                let [row, column] = if side == Factor::W { [i, j] } else { [j, i] };
                if row < rows && column < self.columns {
                    let v = self.entries.get(row * self.columns + column);
                    let v = v.map_or(0, |v| v.integer());
                    sum += u64::from(v.wrapping_mul(v));
                }
            }
        }
        sum
    }
}

/// `out` (k × r) ← (V or Vᵀ)·Y · 2^−shift over all inner indices, or those of `sample`, as
/// [`product`](crate::product::product) does it in floats.
pub fn product<E: Integer>(
    v: Left<'_, E>,
    side: Factor,
    sample: Option<&[u32]>,
    y: &[u16],
    range: Range,
    out: &mut [i32],
    rank: usize,
) {
    let (rank, shift) = (rank.max(1), range.shift & 31);
    if let Some(sample) = sample {
        for (i, out) in by_row_mut(out, rank).enumerate() {
            sampled(v, side, i, sample, y, shift, out);
        }
        return;
    }
    match (side, rank) {
        (Factor::H, 4) => return columns(v, y.as_chunks().0, shift, out.as_chunks_mut::<4>().0),
        (Factor::H, 8) => return columns(v, y.as_chunks().0, shift, out.as_chunks_mut::<8>().0),
        _ => {}
    }
    for (i, out) in by_row_mut(out, rank).enumerate() {
        match (side, rank) {
            (Factor::W, 4) => row::<E, 4>(v, i, y.as_chunks().0, shift, out),
            (Factor::W, 8) => row::<E, 8>(v, i, y.as_chunks().0, shift, out),
            _ => {
                for (c, out) in out.iter_mut().enumerate() {
                    let y = by_row(y, rank).map(|y| y.get(c).copied().unwrap_or_default());
                    *out = match side {
                        Factor::W => sum(row_of(v, i).iter().copied(), y, shift),
                        Factor::H => sum(column_of(v, i), y, shift),
                    };
                }
            }
        }
    }
}

/// Row `i` of V.
fn row_of<E: Copy>(v: Left<'_, E>, i: usize) -> &[E] {
    v.entries.get(i * v.columns..).and_then(|rest| rest.get(..v.columns)).unwrap_or_default()
}

/// Column `i` of V.
fn column_of<E: Integer>(v: Left<'_, E>, i: usize) -> impl Iterator<Item = E> {
    let entry = move |row: &[E]| row.get(i).copied().unwrap_or(E::ZERO);
    v.entries.chunks_exact(v.columns.max(1)).map(entry)
}

/// Row or column `i` of V times Y, over the inner indices of a sample: an entry of V is looked up once for all latents. An
/// index beyond V adds nothing.
#[inline(never)]
fn sampled<E: Integer>(
    v: Left<'_, E>,
    side: Factor,
    i: usize,
    sample: &[u32],
    y: &[u16],
    shift: u32,
    out: &mut [i32],
) {
    let rank = out.len();
    let terms = y.len() / rank.max(1);
    // Where the entries begin, how far apart they are, and how many there are.
    let (first, apart, terms) = match side {
        Factor::W => (i.saturating_mul(v.columns), 1, terms.min(v.columns)),
        Factor::H => (i, v.columns, terms),
    };
    out.fill(0);
    for j in sample {
        let j = *j as usize;
        if j >= terms {
            continue;
        }
        let entry = v.entries.get(first..).and_then(|rest| rest.get(j.wrapping_mul(apart)));
        let y = y.get(j * rank..).and_then(|rest| rest.get(..rank));
        let (Some(entry), Some(y)) = (entry, y) else { continue };
        let entry = entry.integer();
        for (out, y) in out.iter_mut().zip(y) {
            let term = entry.wrapping_mul(u32::from(*y)) >> (shift & 31);
            *out = out.wrapping_add(term.cast_signed());
        }
    }
}

/// Row `i` of V times Y, whose rank the compiler knows.
#[inline(never)]
fn row<E: Integer, const R: usize>(
    v: Left<'_, E>,
    i: usize,
    y: &[[u16; R]],
    shift: u32,
    out: &mut [i32],
) {
    let row = row_of(v, i);
    // Without a shift, a term takes one instruction less.
    if FEW_REGISTERS {
        for (c, out) in out.iter_mut().enumerate() {
            *out = if shift == 0 { dot(row, y, c) } else { shifted_dot(row, y, c, shift) };
        }
    } else {
        for (four, out) in out.as_chunks_mut::<4>().0.iter_mut().enumerate() {
            *out = match shift {
                0 => dots(row, y, 4 * four, |term| term),
                _ => dots(row, y, 4 * four, |term| term >> (shift & 31)),
            };
        }
    }
}

/// Σ of what `term` makes of v·y, for four latents from `first` on.
#[inline]
fn dots<E: Integer, const R: usize>(
    v: &[E],
    y: &[[u16; R]],
    first: usize,
    term: impl Fn(u32) -> u32,
) -> [i32; 4] {
    let mut sums = [0_u32; 4];
    for (v, y) in v.iter().zip(y) {
        let v = v.integer();
        for (k, sum) in sums.iter_mut().enumerate() {
            *sum = sum.wrapping_add(term(v.wrapping_mul(y[(first + k) % R].into())));
        }
    }
    sums.map(u32::cast_signed)
}

/// Σ v·y for latent `c`.
#[inline(never)]
fn dot<E: Integer, const R: usize>(v: &[E], y: &[[u16; R]], c: usize) -> i32 {
    eights(v, y, c, |term| term)
}

/// Σ v·y · 2^−shift for latent `c`, every term shifted.
#[inline(never)]
fn shifted_dot<E: Integer, const R: usize>(v: &[E], y: &[[u16; R]], c: usize, shift: u32) -> i32 {
    eights(v, y, c, |term| term >> (shift & 31))
}

/// Σ of what `term` makes of v·y, for latent `c`: eight terms at a time, whose places in memory are constants then. That two
/// slices end keeps the compiler from unrolling it once more, beyond the constants that an instruction of a Cortex-M0 takes.
#[inline]
fn eights<E: Integer, const R: usize>(
    mut v: &[E],
    mut y: &[[u16; R]],
    c: usize,
    term: impl Fn(u32) -> u32,
) -> i32 {
    let mut sum = 0_u32;
    let mut add = |v: &E, y: &[u16; R]| {
        sum = sum.wrapping_add(term(v.integer().wrapping_mul(u32::from(y[c % R]))));
    };
    while let Some((terms, rest)) = v.split_first_chunk::<8>() {
        let Some((rows, rest_of_y)) = y.split_first_chunk::<8>() else { break };
        terms.iter().zip(rows).for_each(|(v, y)| add(v, y));
        (v, y) = (rest, rest_of_y);
    }
    for k in 0..7 {
        let Some(v) = v.get(k) else { break };
        let Some(y) = y.get(k) else { break };
        add(v, y);
    }
    sum.cast_signed()
}

/// Four entries of a row from `first` on.
fn part<const R: usize>(row: &[u16; R], first: usize) -> [u16; 4] {
    row.get(first..).and_then(<[u16]>::first_chunk).copied().unwrap_or_default()
}

/// Vᵀ·Y, whose rank the compiler knows: two rows of V at a time, whose entries lie side by side, for four latents.
fn columns<E: Integer, const R: usize>(
    v: Left<'_, E>,
    y: &[[u16; R]],
    shift: u32,
    out: &mut [[i32; R]],
) {
    out.fill([0; R]);
    let (mut rows, mut y) = (by_row(v.entries, v.columns), y);
    while let (Some(a), [y_a, rest @ ..]) = (rows.next(), y) {
        // Times 0, a row counts nothing.
        let (b, y_b, rest) = match (rows.next(), rest) {
            (Some(b), [y_b, rest @ ..]) => (b, y_b, rest),
            _ => (a, &[0; R], &[][..]),
        };
        for first in (0..R).step_by(4) {
            let y = [part(y_a, first), part(y_b, first)];
            if shift == 0 {
                two_rows([a, b], y, out, first);
            } else {
                two_shifted_rows([a, b], y, shift, out, first);
            }
        }
        y = rest;
    }
}

/// Adds two rows of V times two of Y, for four latents from `first` on.
#[inline(never)]
fn two_rows<E: Integer, const R: usize>(
    v: [&[E]; 2],
    y: [[u16; 4]; 2],
    out: &mut [[i32; R]],
    first: usize,
) {
    add_rows(v, y, out, first, |term| term);
}

/// The same where every term is shifted.
#[inline(never)]
fn two_shifted_rows<E: Integer, const R: usize>(
    v: [&[E]; 2],
    y: [[u16; 4]; 2],
    shift: u32,
    out: &mut [[i32; R]],
    first: usize,
) {
    add_rows(v, y, out, first, |term| term >> (shift & 31));
}

#[inline]
fn add_rows<E: Integer, const R: usize>(
    [a, b]: [&[E]; 2],
    [y_a, y_b]: [[u16; 4]; 2],
    out: &mut [[i32; R]],
    first: usize,
    term: impl Fn(u32) -> u32,
) {
    for ((a, b), out) in a.iter().zip(b).zip(out) {
        let (a, b) = (a.integer(), b.integer());
        let Some(out) = out.get_mut(first..).and_then(<[i32]>::first_chunk_mut::<4>) else {
            return;
        };
        for ((out, y_a), y_b) in out.iter_mut().zip(y_a).zip(y_b) {
            let [a, b] = [(a, y_a), (b, y_b)].map(|(v, y)| term(v.wrapping_mul(y.into())));
            *out = out.wrapping_add(a.wrapping_add(b).cast_signed());
        }
    }
}

/// Σ v y · 2^−shift, every term shifted.
#[inline]
fn sum<E: Integer>(v: impl Iterator<Item = E>, y: impl Iterator<Item = u16>, shift: u32) -> i32 {
    let product = |(v, y): (E, u16)| v.integer().wrapping_mul(u32::from(y));
    let terms = v.zip(y).map(product);
    // Without a shift, a term takes one instruction less.
    let sum = if shift == 0 {
        terms.fold(0, u32::wrapping_add)
    } else {
        terms.fold(0_u32, |sum, term| sum.wrapping_add(term >> (shift & 31)))
    };
    sum.cast_signed()
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
        for (side, k, l, y) in [(Factor::W, m, n, &h), (Factor::H, n, m, &w)] {
            let range = Range::new(bits, l);
            let mut out = [-1; 64];
            product(left, side, None, &y[..l * rank], range, &mut out[..k * rank], rank);
            // A sample of all of them, and of none that are there, in any order.
            let mut sample: [u32; 8] = core::array::from_fn(|j| 7 - j as u32);
            sample[0] = u32::MAX;
            let mut sampled = [-1; 64];
            let out_of_sample = &mut sampled[..k * rank];
            product(left, side, Some(&sample), &y[..l * rank], range, out_of_sample, rank);
            assert_eq!(out, sampled);
            let squares = v.iter().map(|v| u64::from(v.integer()).pow(2)).sum();
            assert_eq!(left.squares(side, &sample), squares);
            for i in 0..k {
                for c in 0..rank {
                    let entry = |j: usize| {
                        let at = if side == Factor::W { i * n + j } else { j * n + i };
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
