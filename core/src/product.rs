//! The one multiplication kernel: V·Hᵀ and Vᵀ·W (m·n·r multiply-adds each, nearly all the work), and
//! the small products with r × r matrices.
//!
//! Every entry of a product is one sum over the inner index in its order, whatever the tiling, so that
//! a faster kernel never changes a bit.

use crate::data::{Entry, Side};
use crate::rows::{by_row, by_row_mut};

/// Rows of the product that are summed together: 4 × 4 accumulators, and the two times 4 + 4 factors of a
/// loop that LLVM unrolls once, take all 32 registers of a Cortex-M4F. (6 × 4 were tried, and spill.)
pub const TILE: usize = 4;

/// A row-major matrix that is multiplied from the left.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Left<'a, E> {
    /// Row by row.
    pub entries: &'a [E],
    /// Entries in a row.
    pub columns: usize,
}

/// `out` ← scale · (V or Vᵀ)·Y, over all inner indices or those of `batch`, in their order.
///
/// `out` is k × r by rows and `y` l × r by rows, where k × l is the shape of V ([`Side::Rows`]) or Vᵀ
/// ([`Side::Columns`]); the inner index runs over l. What lies beyond V or Y counts as zero.
pub fn product<E: Entry>(
    v: Left<'_, E>,
    side: Side,
    batch: Option<&[u32]>,
    y: &[f32],
    scale: f32,
    out: &mut [f32],
    rank: usize,
) {
    let y = Right { entries: y, rank: rank.max(1), scale };
    let whole = out.len() / TILE.saturating_mul(y.rank).max(1) * TILE;
    let (tiles, rest) = out.split_at_mut_checked(whole * y.rank).unwrap_or_default();
    if side == Side::Rows && batch.is_none() {
        let (v_tiles, v_rest) = v.entries.split_at_checked(whole * v.columns).unwrap_or_default();
        panels(&Rows::<E, TILE> { v: Left { entries: v_tiles, ..v } }, y, tiles);
        panels(&Rows::<E, 1> { v: Left { entries: v_rest, ..v } }, y, rest);
        return;
    }
    for (i, out) in tiles.chunks_exact_mut(TILE.saturating_mul(y.rank).max(1)).enumerate() {
        tile::<E, TILE>(v, side, batch, y, TILE * i, out);
    }
    for (i, out) in by_row_mut(rest, y.rank).enumerate() {
        tile::<E, 1>(v, side, batch, y, whole + i, out);
    }
}

/// T rows of the product, from row `first` on.
fn tile<E: Entry, const T: usize>(
    v: Left<'_, E>,
    side: Side,
    batch: Option<&[u32]>,
    y: Right<'_>,
    first: usize,
    out: &mut [f32],
) {
    let row = |i: usize| v.entries.get(i * v.columns..).unwrap_or_default();
    match (side, batch) {
        (Side::Rows, Some(batch)) => {
            let lanes: [&[E]; T] = core::array::from_fn(|t| row(first + t));
            let values = |j: usize| lanes.map(|lane| lane.get(j).map_or(0.0, |v| v.value()));
            panels(&Batch { batch, values }, y, out);
        }
        (Side::Columns, Some(batch)) => {
            let values = |i: usize| part::<E, T>(row(i), first).map(Entry::value);
            panels(&Batch { batch, values }, y, out);
        }
        (_, None) => panels(&Columns::<E, T> { v, first }, y, out),
    }
}

/// `out` ← XA for rows x of r entries each and an r × r matrix A.
#[inline]
pub fn times(x: &[f32], a: &[f32], out: &mut [f32], rank: usize) {
    match rank {
        4 => times_fixed::<4>(x, a, out),
        8 => times_fixed::<8>(x, a, out),
        _ => product(Left { entries: x, columns: rank }, Side::Rows, None, a, 1.0, out, rank),
    }
}

/// [`times`] for a rank that the compiler knows: the sums are short, so that what a tile needs before and
/// after its loop would cost as much as the loop.
fn times_fixed<const R: usize>(x: &[f32], a: &[f32], out: &mut [f32]) {
    let Some(a) = a.as_chunks::<R>().0.first_chunk::<R>() else { return };
    for (x, out) in x.as_chunks::<R>().0.iter().zip(out.as_chunks_mut::<R>().0) {
        let mut sums = [0.0; R];
        for (x, a) in x.iter().zip(a) {
            for (sum, a) in sums.iter_mut().zip(a) {
                *sum += x * a;
            }
        }
        *out = sums;
    }
}

/// The matrix that is multiplied from the right, l × r by rows.
#[derive(Clone, Copy)]
struct Right<'a> {
    entries: &'a [f32],
    rank: usize,
    scale: f32,
}

impl<'a> Right<'a> {
    /// Latents `first..first + C` of every row.
    #[inline]
    fn panel<const C: usize>(self, first: usize) -> impl Iterator<Item = [f32; C]> + use<'a, C> {
        by_row(self.entries, self.rank).map(move |row| part(row, first))
    }
}

/// A way through V that gives some rows of the product.
///
/// `panel` is not inlined, so that its loop has all registers to itself, and checks lengths before it
/// rather than inside: 1.8 instructions for a multiply-add, loads included.
trait Walk {
    /// `out` ← C latents of the product, from latent `first` on.
    fn panel<const C: usize>(&self, y: Right<'_>, first: usize, out: &mut [f32]);
}

/// T rows of V at a time, T = [`TILE`] or 1.
struct Rows<'a, E, const T: usize> {
    v: Left<'a, E>,
}

impl<E: Entry, const T: usize> Walk for Rows<'_, E, T> {
    #[inline(never)]
    fn panel<const C: usize>(&self, y: Right<'_>, first: usize, out: &mut [f32]) {
        // At least 1, as `by_row` takes them: the checks below are then about the same numbers.
        let (columns, rank) = (self.v.columns.max(1), y.rank.max(1));
        if !holds(rank, first, C) {
            return;
        }
        let tiles = by_row(self.v.entries, T.saturating_mul(columns));
        for (v, out) in tiles.zip(by_row_mut(out, T.saturating_mul(rank))) {
            let row = |t: usize| v.get(t * columns..).unwrap_or_default().iter();
            let y_rows = y.panel(first);
            let sums: [[f32; C]; T] = if T == 1 {
                accumulate(row(0).map(|v| [v.value(); T]).zip(y_rows))
            } else {
                let values = row(0).zip(row(1)).zip(row(2)).zip(row(3));
                let values = values.map(|(((a, b), c), d)| [a, b, c, d].map(|v| v.value()));
                accumulate(values.map(|v| core::array::from_fn(|t| v[t % TILE])).zip(y_rows))
            };
            store(sums, y.scale, first, out, rank);
        }
    }
}

/// T columns of V, from column `first` on.
struct Columns<'a, E, const T: usize> {
    v: Left<'a, E>,
    first: usize,
}

impl<E: Entry, const T: usize> Walk for Columns<'_, E, T> {
    #[inline(never)]
    fn panel<const C: usize>(&self, y: Right<'_>, first: usize, out: &mut [f32]) {
        let (columns, rank) = (self.v.columns.max(1), y.rank.max(1));
        if !holds(rank, first, C) || !holds(columns, self.first, T) {
            return;
        }
        let rows = by_row(self.v.entries, columns);
        let values = rows.map(|row| part(row, self.first).map(Entry::value));
        let sums: [[f32; C]; T] = accumulate(values.zip(y.panel(first)));
        store(sums, y.scale, first, out, rank);
    }
}

/// The values at the inner indices of a batch.
struct Batch<'a, F, const T: usize> {
    batch: &'a [u32],
    values: F,
}

impl<const T: usize, F: Fn(usize) -> [f32; T]> Walk for Batch<'_, F, T> {
    fn panel<const C: usize>(&self, y: Right<'_>, first: usize, out: &mut [f32]) {
        let Right { entries, rank, scale } = y;
        let sums: [[f32; C]; T] = accumulate(self.batch.iter().map(|j| {
            let j = *j as usize;
            let y = entries.get(j * rank..).unwrap_or_default();
            ((self.values)(j), part(y, first))
        }));
        store(sums, scale, first, out, rank);
    }
}

/// All latents, four at a time; the last four may overlap those before, with the same result.
#[inline]
fn panels(walk: &impl Walk, y: Right<'_>, out: &mut [f32]) {
    match y.rank {
        1 => walk.panel::<1>(y, 0, out),
        2 => walk.panel::<2>(y, 0, out),
        3 => walk.panel::<3>(y, 0, out),
        rank => {
            let mut first = 0;
            while first < rank {
                let last = rank - 4;
                walk.panel::<4>(y, if first < last { first } else { last }, out);
                first += 4;
            }
        }
    }
}

/// Whether `count` entries from `first` on lie within `len`: known before a loop, it leaves no check inside.
#[inline]
pub(crate) fn holds(len: usize, first: usize, count: usize) -> bool {
    first <= len && len - first >= count
}

/// C consecutive entries of a row, from `first` on; zeros where there are none.
#[inline]
pub(crate) fn part<E: Entry, const C: usize>(row: &[E], first: usize) -> [E; C] {
    row.get(first..).and_then(<[E]>::first_chunk).copied().unwrap_or([E::ZERO; C])
}

/// Σ v yᵀ in T × C registers.
#[inline]
fn accumulate<const T: usize, const C: usize>(
    terms: impl Iterator<Item = ([f32; T], [f32; C])>,
) -> [[f32; C]; T] {
    let mut sums = [[0.0; C]; T];
    for (v, y) in terms {
        for (sums, v) in sums.iter_mut().zip(v) {
            for (sum, y) in sums.iter_mut().zip(y) {
                *sum += v * y;
            }
        }
    }
    sums
}

/// `out`, T rows of r, gets C latents.
#[inline]
fn store<const T: usize, const C: usize>(
    sums: [[f32; C]; T],
    scale: f32,
    first: usize,
    out: &mut [f32],
    rank: usize,
) {
    for (out, sums) in by_row_mut(out, rank).zip(sums) {
        if let Some(out) = out.get_mut(first..).and_then(<[f32]>::first_chunk_mut::<C>) {
            *out = sums.map(|sum| sum * scale);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Stream, generator, uniform};
    use nalgebra::SMatrix;

    /// A plain sum in index order, the definition of every entry.
    fn plain<const M: usize, const N: usize, const R: usize>(
        v: &SMatrix<f32, N, M>,
        y: &SMatrix<f32, R, N>,
        batch: &[u32],
    ) -> SMatrix<f32, R, M> {
        SMatrix::from_fn(|c, i| {
            batch.iter().fold(0.0, |sum, j| sum + v[(*j as usize, i)] * y[(c, *j as usize)])
        })
    }

    fn check<const M: usize, const N: usize, const R: usize>() {
        let mut rng = generator(M as u64 * 100 + R as u64, Stream::Start);
        let v = SMatrix::<f32, N, M>::from_fn(|_, _| uniform(&mut rng));
        let w = SMatrix::<f32, R, M>::from_fn(|_, _| uniform(&mut rng));
        let h = SMatrix::<f32, R, N>::from_fn(|_, _| uniform(&mut rng));
        let data = Left { entries: v.as_slice(), columns: N };
        let all: [u32; 64] = core::array::from_fn(|i| i as u32);
        for (batch_n, batch_m) in [(&all[..N], &all[..M]), (&[2, 0][..], &[1, 2][..])] {
            let full = batch_n.len() == N;
            let (mut p, mut q) = ([f32::NAN; 512], [f32::NAN; 512]);
            let (p, q) = (&mut p[..M * R], &mut q[..N * R]);
            let pick = |batch| if full { None } else { Some(batch) };
            product(data, Side::Rows, pick(batch_n), h.as_slice(), 1.0, p, R);
            product(data, Side::Columns, pick(batch_m), w.as_slice(), 1.0, q, R);
            assert_eq!(p, plain(&v, &h, batch_n).as_slice());
            assert_eq!(q, plain(&v.transpose(), &w, batch_m).as_slice());
        }
    }

    #[test]
    fn every_tiling_gives_the_bits_of_a_plain_sum() {
        check::<9, 7, 1>();
        check::<4, 8, 2>();
        check::<5, 3, 3>();
        check::<11, 13, 5>();
        check::<12, 6, 8>();
        check::<13, 17, 11>();
    }
}
