//! The one multiplication kernel: V·Hᵀ and Vᵀ·W (m·n·r multiply-adds each, nearly all the work), and
//! the small products with r × r matrices.
//!
//! Every entry of a product is one sum over the inner index in its order, whatever the tiling, so that
//! a faster kernel never changes a bit.
//!
//! Kernels are not inlined, so that a loop has all registers to itself; they check lengths before the loop
//! rather than inside, and what is to stay in registers is written out rather than looped over, so that it
//! does at any level of optimisation.

use core::array;

use crate::Factor;
use crate::data::Entry;
use crate::rows::{by_row, by_row_mut, by_tile_mut};
use crate::target::SOFT_FLOATS;

/// Rows of the product that are summed together: 4 × 4 accumulators, and the two times 4 + 4 factors of a
/// loop that takes two terms at a time, take all 32 registers of a Cortex-M4F. (6 × 4 were tried, and spill.)
pub const TILE: usize = 4;

/// [`TILE`] numbers that lie side by side.
type Four = [f32; TILE];

/// Terms of a column that are written out, so that pointers move seldom. Where floats are software, a term takes so long
/// that a loop is nothing beside it, and flash is what matters.
pub(crate) const WRITTEN_OUT: usize = if SOFT_FLOATS { 1 } else { 8 };

/// Before the first term.
const ZEROS: [Four; TILE] = [[0.0; TILE]; TILE];

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
/// `out` is k × r by rows and `y` l × r by rows, where k × l is the shape of V ([`Factor::W`]) or Vᵀ
/// ([`Factor::H`]); the inner index runs over l. What lies beyond V or Y counts as zero.
pub fn product<E: Entry>(
    v: Left<'_, E>,
    factor: Factor,
    batch: Option<&[u32]>,
    y: &[f32],
    scale: f32,
    out: &mut [f32],
    rank: usize,
) {
    let (v, rank) = (Left { columns: v.columns.max(1), ..v }, rank.max(1));
    tiled(v, factor, batch, Left { entries: y, columns: rank }, out);
    scaled(out, scale);
}

/// [`product`] of Vᵀ for all of a V that has one column at times, as those that come one by one do.
pub(crate) fn columns_product<E: Entry>(
    v: Left<'_, E>,
    y: &[f32],
    scale: f32,
    out: &mut [f32],
    rank: usize,
) {
    match (v.columns, rank) {
        (1, 4) => column_of::<E, 4>(v, y, out),
        (1, 5) => column_of::<E, 5>(v, y, out),
        _ => return product(v, Factor::H, None, y, scale, out, rank),
    }
    scaled(out, scale);
}

/// `out` ← scale · YᵀY of rows of `rank` entries, as [`product`] gives it: symmetric, so that half of it is summed where the
/// rank is whole tiles.
pub(crate) fn square(y: &[f32], scale: f32, out: &mut [f32], rank: usize) {
    let y = Left { entries: y, columns: rank };
    if rank == 0 || !rank.is_multiple_of(TILE) {
        return product(y, Factor::H, None, y.entries, scale, out, rank);
    }
    for (i, rows) in by_tile_mut(out, rank).enumerate() {
        triangle(y, TILE * i, rows);
        for first in (TILE * (i + 1)..rank).step_by(TILE) {
            column_tile(y, TILE * i, y, first, rows);
        }
    }
    for i in TILE..rank {
        for j in 0..i {
            let upper = out.get(j * rank + i).copied().unwrap_or_default();
            if let Some(lower) = out.get_mut(i * rank + j) {
                *lower = upper;
            }
        }
    }
    scaled(out, scale);
}

#[inline]
fn scaled(out: &mut [f32], scale: f32) {
    if (scale - 1.0).abs() > 0.0 {
        out.iter_mut().for_each(|x| *x *= scale);
    }
}

/// [`product`] before its scale, four latents at a time.
#[inline]
fn tiled<E: Entry>(
    v: Left<'_, E>,
    factor: Factor,
    batch: Option<&[u32]>,
    y: Left<'_, f32>,
    out: &mut [f32],
) {
    let rank = y.columns;
    for first in (0..rank).step_by(TILE) {
        // The last four latents may overlap those before, with the same result.
        let first = first.min(rank.saturating_sub(TILE));
        match (factor, batch) {
            (Factor::W, None) if rank >= TILE => by_rows(v, y, first, out),
            (Factor::H, None) if rank >= TILE => by_columns(v, y, first, out),
            (Factor::H, None) if rank == 1 => by_columns_of_one(v, y, out),
            _ => gathered(v, factor, batch, y, first, out),
        }
    }
}

/// Vᵀ·Y where V has one column, for a rank that the compiler knows.
#[inline(never)]
fn column_of<E: Entry, const R: usize>(v: Left<'_, E>, y: &[f32], out: &mut [f32]) {
    let mut sums = [0.0; R];
    let mut add = |v: &E, y: &[f32; R]| {
        let v = v.value();
        sums.iter_mut().zip(y).for_each(|(sum, y)| *sum += v * y);
    };
    let y = y.as_chunks::<R>().0;
    // Both have as many pieces then.
    let terms = v.entries.len().min(y.len());
    let (v, v_last) = v.entries.get(..terms).unwrap_or_default().as_chunks::<WRITTEN_OUT>();
    let (y, y_last) = y.get(..terms).unwrap_or_default().as_chunks::<WRITTEN_OUT>();
    for (v, y) in v.iter().zip(y) {
        v.iter().zip(y).for_each(|(v, y)| add(v, y));
    }
    v_last.iter().zip(y_last).for_each(|(v, y)| add(v, y));
    if let Some(out) = out.first_chunk_mut() {
        *out = sums;
    }
}

/// Four latents of V·Y, from latent `first` on.
fn by_rows<E: Entry>(v: Left<'_, E>, y: Left<'_, f32>, first: usize, out: &mut [f32]) {
    let rank = y.columns;
    let whole = out.len() / TILE.saturating_mul(rank).max(1) * TILE;
    let (tiles, rest) = out.split_at_mut_checked(whole * rank).unwrap_or_default();
    let (v_tiles, v_rest) = v.entries.split_at_checked(whole * v.columns).unwrap_or_default();
    row_tiles(Left { entries: v_tiles, ..v }, y, first, tiles);
    for (row, out) in by_row(v_rest, v.columns).zip(by_row_mut(rest, rank)) {
        // A row is the only column of a matrix.
        put(out, first, line(Left { entries: row, columns: 1 }, 0, y, first));
    }
}

/// Four latents of Vᵀ·Y, from latent `first` on.
fn by_columns<E: Entry>(v: Left<'_, E>, y: Left<'_, f32>, first: usize, out: &mut [f32]) {
    let rank = y.columns;
    for (i, out) in by_tile_mut(out, rank).enumerate() {
        if out.len() == TILE * rank {
            column_tile(v, TILE * i, y, first, out);
        } else {
            for (t, out) in by_row_mut(out, rank).enumerate() {
                put(out, first, line(v, TILE * i + t, y, first));
            }
        }
    }
}

/// Vᵀ·y where y has one latent.
fn by_columns_of_one<E: Entry>(v: Left<'_, E>, y: Left<'_, f32>, out: &mut [f32]) {
    for (i, out) in out.chunks_mut(TILE).enumerate() {
        // The last four may overlap those before, as above.
        let first = (TILE * i).min(v.columns.saturating_sub(TILE));
        let sums = line(y, 0, v, first);
        out.iter_mut().zip(sums.iter().skip(TILE * i - first)).for_each(|(out, sum)| *out = *sum);
    }
}

/// `out` ← XA for rows x of r entries each and an r × r matrix A.
#[inline]
pub fn times(x: &[f32], a: &[f32], out: &mut [f32], rank: usize) {
    match rank {
        4 => times_four(x, four_rows(a), out),
        5 => times_fixed::<5>(x, a, out),
        6 => times_fixed::<6>(x, a, out),
        8 => times_eight(x, a, out),
        _ => product(Left { entries: x, columns: rank }, Factor::W, None, a, 1.0, out, rank),
    }
}

/// A 4 × 4 matrix.
#[inline]
pub(crate) fn four_rows(a: &[f32]) -> [Four; TILE] {
    a.as_chunks().0.first_chunk().copied().unwrap_or(ZEROS)
}

/// [`times`] for rank 4, where A stays in registers.
#[inline]
pub(crate) fn times_four(x: &[f32], [a, b, c, d]: [Four; TILE], out: &mut [f32]) {
    for (x, out) in x.as_chunks::<TILE>().0.iter().zip(out.as_chunks_mut().0) {
        let mut sums = [0.0; TILE];
        add_row(&mut sums, x[0], a);
        add_row(&mut sums, x[1], b);
        add_row(&mut sums, x[2], c);
        add_row(&mut sums, x[3], d);
        *out = sums;
    }
}

/// [`times`] for a rank that the compiler knows.
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

/// [`times`] for rank 8, two rows at a time: the sums are short, so that what a tile needs before and after
/// its loop would cost as much as the loop.
fn times_eight(x: &[f32], a: &[f32], out: &mut [f32]) {
    let Some(a) = a.as_chunks::<8>().0.first_chunk::<8>() else { return };
    let (x, x_last) = x.as_chunks::<8>().0.as_chunks::<2>();
    let (out, out_last) = out.as_chunks_mut::<8>().0.as_chunks_mut::<2>();
    x.iter().zip(out).for_each(|(x, out)| *out = rows_of_eight(x, a));
    x_last.iter().zip(out_last).for_each(|(x, out)| [*out] = rows_of_eight(&[*x], a));
}

#[inline]
fn rows_of_eight<const T: usize>(x: &[[f32; 8]; T], a: &[[f32; 8]; 8]) -> [[f32; 8]; T] {
    let mut sums = [[0.0; 8]; T];
    for (k, a) in a.iter().enumerate() {
        for (sums, x) in sums.iter_mut().zip(x) {
            for (sum, a) in sums.iter_mut().zip(a) {
                *sum += x[k] * a;
            }
        }
    }
    sums
}

/// Four latents of four rows at a time. Terms go in pairs, after the first of an odd number, so that five
/// pointers move half as often.
#[inline(never)]
fn row_tiles<E: Entry>(v: Left<'_, E>, y: Left<'_, f32>, first: usize, out: &mut [f32]) {
    // At least 1, as `by_row` takes them: the checks below are then about the same numbers.
    let (columns, rank) = (v.columns.max(1), y.columns.max(1));
    let all_hold = |rows: usize, len: usize, first: usize, count: usize| {
        (0..rows).all(|t| holds(rows * len, t * len + first, count))
    };
    if !(all_hold(TILE, columns, 0, columns)
        && all_hold(TILE, rank, first, TILE)
        && all_hold(2, rank, first, TILE))
    {
        return;
    }
    let odd = columns.min(y.entries.len() / rank) % 2;
    let (y_odd, y_pairs) = y.entries.split_at_checked(odd * rank).unwrap_or_default();
    let tiles = v.entries.chunks_exact((TILE * columns).max(1));
    for (v, out) in tiles.zip(out.chunks_exact_mut((TILE * rank).max(1))) {
        let row = |t: usize| v.get(t * columns..).and_then(|v| v.get(..columns));
        let (Some(a), Some(b), Some(c), Some(d)) = (row(0), row(1), row(2), row(3)) else { return };
        let mut sums = ZEROS;
        if let (1, [a, ..], [b, ..], [c, ..], [d, ..]) = (odd, a, b, c, d) {
            add(&mut sums, values([*a, *b, *c, *d]), part(y_odd, first));
        }
        let rows = pairs(a, odd).iter().zip(pairs(b, odd)).zip(pairs(c, odd)).zip(pairs(d, odd));
        for ((((a, b), c), d), y) in rows.zip(y_pairs.chunks_exact((2 * rank).max(1))) {
            add(&mut sums, values([a[0], b[0], c[0], d[0]]), part(y, first));
            add(&mut sums, values([a[1], b[1], c[1], d[1]]), part(y, rank + first));
        }
        put_tile(out, rank, first, sums);
    }
}

/// Four latents of four columns of V, from column `column` on.
#[inline(never)]
fn column_tile<E: Entry>(
    v: Left<'_, E>,
    column: usize,
    y: Left<'_, f32>,
    first: usize,
    out: &mut [f32],
) {
    let (columns, rank) = (v.columns.max(1), y.columns.max(1));
    if !(holds(columns, column, TILE) && holds(rank, first, TILE)) {
        return;
    }
    let mut sums = ZEROS;
    let v = v.entries.chunks_exact(columns).map(|v| values(part(v, column)));
    let y = y.entries.chunks_exact(rank).map(|y| part(y, first));
    v.zip(y).for_each(|(v, y)| add(&mut sums, v, y));
    put_tile(out, rank, first, sums);
}

/// Four columns of Y, from column `first` on, times themselves.
#[inline(never)]
fn triangle(y: Left<'_, f32>, first: usize, out: &mut [f32]) {
    let rank = y.columns.max(1);
    if !holds(rank, first, TILE) {
        return;
    }
    let (mut a, mut b, mut c, mut d) = ([0.0; 4], [0.0; 3], [0.0; 2], 0.0);
    for y in y.entries.chunks_exact(rank) {
        let y: Four = part(y, first);
        add_row(&mut a, y[0], y);
        b[0] += y[1] * y[1];
        b[1] += y[1] * y[2];
        b[2] += y[1] * y[3];
        c[0] += y[2] * y[2];
        c[1] += y[2] * y[3];
        d += y[3] * y[3];
    }
    let sums = [a, [a[1], b[0], b[1], b[2]], [a[2], b[1], c[0], c[1]], [a[3], b[2], c[1], d]];
    put_tile(out, rank, first, sums);
}

/// Column `i` of A times four columns of B, from column `first` on.
#[inline(never)]
fn line<A: Entry, B: Entry>(a: Left<'_, A>, i: usize, b: Left<'_, B>, first: usize) -> Four {
    let (a_columns, b_columns) = (a.columns.max(1), b.columns.max(1));
    let mut sums = [0.0; TILE];
    if a_columns == 1 && holds(b_columns, first, TILE) {
        // A column of a stream, or a row that is left over: nothing lies between its entries.
        let rows = b.entries.chunks_exact(b_columns);
        a.entries.iter().zip(rows).for_each(|(a, b)| {
            add_row(&mut sums, a.value(), values(part(b, first)));
        });
        return sums;
    }
    for (a, b) in by_row(a.entries, a_columns).zip(by_row(b.entries, b_columns)) {
        add_row(&mut sums, a.get(i).map_or(0.0, |a| a.value()), values(padded(b, first)));
    }
    sums
}

/// Four latents of the product over a batch (all for `None`), from latent `first` on, or as many as there
/// are; what is gathered from beyond V or Y is zero.
#[inline(never)]
fn gathered<E: Entry>(
    v: Left<'_, E>,
    factor: Factor,
    batch: Option<&[u32]>,
    y: Left<'_, f32>,
    first: usize,
    out: &mut [f32],
) {
    let rank = y.columns;
    let terms = batch.map_or(y.entries.len() / rank.max(1), <[u32]>::len);
    let row = |i: usize| v.entries.get(i.saturating_mul(v.columns)..).unwrap_or_default();
    for (i, out) in by_tile_mut(out, rank).enumerate() {
        let i = TILE * i;
        let [a, b, c, d] = [row(i), row(i + 1), row(i + 2), row(i + 3)];
        let mut sums = ZEROS;
        for k in 0..terms {
            let j = batch.map_or(k, |batch| batch.get(k).map_or(usize::MAX, |j| *j as usize));
            let entry = |v: &[E]| v.get(j).copied().unwrap_or(E::ZERO);
            let v = match factor {
                Factor::W => [entry(a), entry(b), entry(c), entry(d)],
                Factor::H => padded(row(j), i),
            };
            let y = y.entries.get(j.saturating_mul(rank)..).unwrap_or_default();
            add(&mut sums, values(v), padded(y, first));
        }
        for (out, sums) in by_row_mut(out, rank).zip(sums) {
            out.iter_mut().skip(first).zip(sums).for_each(|(out, sum)| *out = sum);
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

/// [`part`] of a row that may end in the middle of it.
#[inline]
fn padded<E: Entry>(row: &[E], first: usize) -> [E; TILE] {
    let rest = row.get(first..).unwrap_or_default();
    match rest.first_chunk() {
        Some(part) => *part,
        None => array::from_fn(|k| rest.get(k).copied().unwrap_or(E::ZERO)),
    }
}

/// The entries of a row two by two, from `first` on.
#[inline]
fn pairs<E>(row: &[E], first: usize) -> &[[E; 2]] {
    row.get(first..).unwrap_or_default().as_chunks().0
}

#[inline]
fn values<E: Entry>([a, b, c, d]: [E; TILE]) -> Four {
    [a.value(), b.value(), c.value(), d.value()]
}

/// Adds v yᵀ to 4 × 4 registers.
#[inline]
fn add(sums: &mut [Four; TILE], v: Four, y: Four) {
    let ([a, b, c, d], [va, vb, vc, vd]) = (sums, v);
    add_row(a, va, y);
    add_row(b, vb, y);
    add_row(c, vc, y);
    add_row(d, vd, y);
}

/// Adds v y to four registers.
#[inline]
fn add_row([a, b, c, d]: &mut Four, v: f32, [ya, yb, yc, yd]: Four) {
    *a += v * ya;
    *b += v * yb;
    *c += v * yc;
    *d += v * yd;
}

/// Four rows of `out` get four latents each, from latent `first` on.
#[inline]
fn put_tile(out: &mut [f32], rank: usize, first: usize, [a, b, c, d]: [Four; TILE]) {
    put(out, first, a);
    put(out, rank + first, b);
    put(out, 2 * rank + first, c);
    put(out, 3 * rank + first, d);
}

/// Four entries of `out` from `first` on get a value.
#[inline]
fn put(out: &mut [f32], first: usize, value: Four) {
    if let Some(out) = out.get_mut(first..).and_then(<[f32]>::first_chunk_mut) {
        *out = value;
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
        let all: [u32; 64] = array::from_fn(|i| i as u32);
        for (batch_n, batch_m) in [(&all[..N], &all[..M]), (&[2, 0][..], &[1, 2][..])] {
            let full = batch_n.len() == N;
            let (mut p, mut q) = ([f32::NAN; 512], [f32::NAN; 512]);
            let (p, q) = (&mut p[..M * R], &mut q[..N * R]);
            let pick = |batch| if full { None } else { Some(batch) };
            product(data, Factor::W, pick(batch_n), h.as_slice(), 1.0, p, R);
            product(data, Factor::H, pick(batch_m), w.as_slice(), 1.0, q, R);
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
    #[test]
    fn a_column_has_the_bits_of_a_plain_sum() {
        let mut rng = generator(5, Stream::Start);
        let v: [f32; 9] = array::from_fn(|_| uniform(&mut rng));
        let w: [f32; 45] = array::from_fn(|_| uniform(&mut rng));
        let mut out = [f32::NAN; 5];
        columns_product(Left { entries: &v, columns: 1 }, &w, 1.0, &mut out, 5);
        let sum = |k: usize| v.iter().zip(w.chunks(5)).fold(0.0, |sum, (v, w)| sum + v * w[k]);
        assert_eq!(out.map(f32::to_bits), array::from_fn(|k| sum(k).to_bits()));
    }
}
