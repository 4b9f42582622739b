//! The one multiplication kernel: V·Hᵀ and Vᵀ·W (m·n·r multiply-adds each, nearly all the work), and
//! the small products with r × r matrices.
//!
//! Every entry of a product is one sum over the inner index in its order, whatever the tiling, so that
//! a faster kernel never changes a bit.

use crate::data::{Entry, Side};

/// Rows of the product that are summed together: 4 × 4 accumulators fit a Cortex-M4F's registers.
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
/// ([`Side::Columns`]); the inner index runs over l.
pub fn product<E: Entry>(
    v: Left<'_, E>,
    side: Side,
    batch: Option<&[u32]>,
    y: &[f32],
    scale: f32,
    out: &mut [f32],
    rank: usize,
) {
    let rank = rank.max(1);
    let mut first = 0;
    for out in out.chunks_mut((TILE * rank).max(1)) {
        if out.len() == TILE * rank {
            tile_of::<E, TILE>(v, side, batch, y, first, scale, out, rank);
        } else {
            for (i, out) in out.chunks_exact_mut(rank).enumerate() {
                tile_of::<E, 1>(v, side, batch, y, first + i, scale, out, rank);
            }
        }
        first += TILE;
    }
}

/// `out` ← XA for rows x of r entries each and an r × r matrix A.
#[inline]
pub fn times(x: &[f32], a: &[f32], out: &mut [f32], rank: usize) {
    product(Left { entries: x, columns: rank }, Side::Rows, None, a, 1.0, out, rank);
}

/// One tile of T rows, from row `first` on; picks the way V is walked.
#[allow(clippy::too_many_arguments)]
#[inline]
fn tile_of<E: Entry, const T: usize>(
    v: Left<'_, E>,
    side: Side,
    batch: Option<&[u32]>,
    y: &[f32],
    first: usize,
    scale: f32,
    out: &mut [f32],
    rank: usize,
) {
    let y_row = |j: &u32| y.get(*j as usize * rank..).unwrap_or_default();
    match (side, batch) {
        (Side::Rows, None) => {
            let rows = lanes::<E, T>(v, first);
            let terms = y.chunks_exact(rank).enumerate();
            tile(&terms.map(|(j, y)| (rows.map(|row| value(row, j)), y)), scale, out, rank);
        }
        (Side::Rows, Some(batch)) => {
            let rows = lanes::<E, T>(v, first);
            let term = |j: &u32| (rows.map(|row| value(row, *j as usize)), y_row(j));
            tile(&batch.iter().map(term), scale, out, rank);
        }
        (Side::Columns, None) => {
            let terms = v.entries.chunks_exact(v.columns.max(1)).zip(y.chunks_exact(rank));
            tile(&terms.map(|(row, y)| (entries::<E, T>(row, first), y)), scale, out, rank);
        }
        (Side::Columns, Some(batch)) => {
            let row = |i: &u32| v.entries.get(*i as usize * v.columns..).unwrap_or_default();
            let term = |i: &u32| (entries::<E, T>(row(i), first), y_row(i));
            tile(&batch.iter().map(term), scale, out, rank);
        }
    }
}

/// T consecutive rows of V, from row `first` on.
#[inline]
fn lanes<E: Entry, const T: usize>(v: Left<'_, E>, first: usize) -> [&[E]; T] {
    core::array::from_fn(|t| {
        let start = (first + t) * v.columns;
        v.entries.get(start..start + v.columns).unwrap_or_default()
    })
}

/// T consecutive entries of a row, from column `first` on.
#[inline]
fn entries<E: Entry, const T: usize>(row: &[E], first: usize) -> [f32; T] {
    match row.get(first..).and_then(<[E]>::first_chunk::<T>) {
        Some(entries) => entries.map(Entry::value),
        None => [0.0; T],
    }
}

#[inline]
fn value<E: Entry>(row: &[E], j: usize) -> f32 {
    row.get(j).map_or(0.0, |entry| entry.value())
}

/// `out` (T × r) ← scale · Σ v yᵀ over the terms (v: T entries of V, y: a row of Y).
#[inline]
fn tile<'a, const T: usize>(
    terms: &(impl Iterator<Item = ([f32; T], &'a [f32])> + Clone),
    scale: f32,
    out: &mut [f32],
    rank: usize,
) {
    let mut first = 0;
    while first < rank {
        match rank - first {
            1 => latents::<T, 1>(terms.clone(), first, scale, out, rank),
            2 => latents::<T, 2>(terms.clone(), first, scale, out, rank),
            3 => latents::<T, 3>(terms.clone(), first, scale, out, rank),
            _ => latents::<T, 4>(terms.clone(), first, scale, out, rank),
        }
        first += 4;
    }
}

/// C latents of a tile, from latent `first` on, in T × C registers.
#[inline]
fn latents<'a, const T: usize, const C: usize>(
    terms: impl Iterator<Item = ([f32; T], &'a [f32])>,
    first: usize,
    scale: f32,
    out: &mut [f32],
    rank: usize,
) {
    let mut sums = [[0.0; C]; T];
    for (v, y) in terms {
        let Some(y) = y.get(first..).and_then(<[f32]>::first_chunk::<C>) else { continue };
        for (sums, v) in sums.iter_mut().zip(v) {
            for (sum, y) in sums.iter_mut().zip(y) {
                *sum += v * y;
            }
        }
    }
    for (out, sums) in out.chunks_exact_mut(rank).zip(sums) {
        for (out, sum) in out.iter_mut().skip(first).zip(sums) {
            *out = sum * scale;
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
