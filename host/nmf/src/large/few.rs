//! Kernels for two to twelve components, each compiled for its rank: a tile of rows is transposed in registers, and stays
//! there.
//!
//! GEMM packs its operands, and pads so few components. Where V fits into the cache, this takes longer than the sums.

use multiversion::multiversion;
use tinynmf_core::float::project;
use tinynmf_core::subproblem::Change;

/// Rows of a tile of a factor.
const ROWS: usize = 32;

/// Rows of a tile of a product: one register of sums a component.
const LANES: usize = 16;

/// Entries of V that the second-level cache of a core holds: 512 KiB.
const CACHED: usize = 1 << 17;

/// What the kernel compiled for this rank returns; nothing if there is none.
macro_rules! by_rank {
    ($rank:expr, $kernel:ident $arguments:tt) => {
        match $rank {
            2 => by_rank!(@ $kernel 2 $arguments),
            3 => by_rank!(@ $kernel 3 $arguments),
            4 => by_rank!(@ $kernel 4 $arguments),
            5 => by_rank!(@ $kernel 5 $arguments),
            6 => by_rank!(@ $kernel 6 $arguments),
            7 => by_rank!(@ $kernel 7 $arguments),
            8 => by_rank!(@ $kernel 8 $arguments),
            9 => by_rank!(@ $kernel 9 $arguments),
            10 => by_rank!(@ $kernel 10 $arguments),
            11 => by_rank!(@ $kernel 11 $arguments),
            12 => by_rank!(@ $kernel 12 $arguments),
            _ => None,
        }
    };
    (@ $kernel:ident $rank:literal ($($argument:expr),*)) => {
        Some($kernel::<$rank>($($argument),*))
    };
}

/// A statement for every component below the rank, without a loop: of a loop over components the compiler makes one with
/// gathers, ten times slower.
macro_rules! each_component {
    ($rank:ident, $j:ident => $statement:expr) => {
        each_component!(@ $rank, $j => $statement; 0 1 2 3 4 5 6 7 8 9 10 11)
    };
    (@ $rank:ident, $j:ident => $statement:expr; $($at:literal)*) => {
        $(if $at < $rank {
            let $j = $at;
            $statement;
        })*
    };
}

/// sum ← sum + v·y.
#[allow(clippy::inline_always)]
#[inline(always)]
fn add(sum: &mut [f32; LANES], v: &[f32; LANES], y: f32) {
    sum.iter_mut().zip(v).for_each(|(sum, v)| *sum += v * y);
}

/// P (k × r) ← scale · VᵀY for the `slices` of V (l × k) and Y (l × r), with the bits of core's product; whether there is a
/// kernel for this rank, and V fits into the cache.
pub fn product(slices: &[f32], y: &[f32], scale: f32, p: &mut [f32], rank: usize) -> bool {
    slices.len() <= CACHED && by_rank!(rank, product_tiles(slices, y, scale, p)).is_some()
}

#[multiversion(targets("x86_64+avx512f+avx512vl", "x86_64+avx2"))]
fn product_tiles<const R: usize>(slices: &[f32], y: &[f32], scale: f32, p: &mut [f32]) {
    let (y, out) = (y.as_chunks::<R>().0, p.as_chunks_mut::<R>().0);
    let width = out.len();
    let (tiles, rest) = out.as_chunks_mut::<LANES>();
    for (tile, out) in tiles.iter_mut().enumerate() {
        let mut sums = [[0.0_f32; LANES]; R];
        for (v, y) in slices.chunks_exact(width.max(1)).zip(y) {
            let Some(v) = v[tile * LANES..].first_chunk::<LANES>() else { return };
            each_component!(R, j => add(&mut sums[j], v, y[j]));
        }
        for i in 0..LANES {
            for j in 0..R {
                out[i][j] = sums[j][i] * scale;
            }
        }
    }
    let first = width - rest.len();
    rest.fill([0.0; R]);
    for (v, y) in slices.chunks_exact(width.max(1)).zip(y) {
        for (out, v) in rest.iter_mut().zip(&v[first..]) {
            out.iter_mut().zip(y).for_each(|(out, y)| *out += v * y);
        }
    }
    rest.as_flattened_mut().iter_mut().for_each(|out| *out *= scale);
}

/// XA for rows of X and a symmetric A (r × r); whether there is a kernel for this rank.
pub fn times(x: &[f32], a: &[f32], out: &mut [f32], rank: usize) -> bool {
    by_rank!(rank, times_tiles(x, a, out)).is_some()
}

#[multiversion(targets("x86_64+avx512f+avx512vl", "x86_64+avx2"))]
fn times_tiles<const R: usize>(x: &[f32], a: &[f32], out: &mut [f32]) {
    let Some(a) = a.as_chunks::<R>().0.first_chunk::<R>() else { return };
    let (x, x_rest) = x.as_chunks::<R>().0.as_chunks::<ROWS>();
    let (out, out_rest) = out.as_chunks_mut::<R>().0.as_chunks_mut::<ROWS>();
    x.iter().zip(out).for_each(|(x, out)| times_tile(x, a, out));
    if !out_rest.is_empty() {
        let mut tile = [[0.0; R]; ROWS];
        times_tile(&filled_up(x_rest), a, &mut tile);
        out_rest.copy_from_slice(&tile[..out_rest.len()]);
    }
}

// Compiled for every target that asks for it.
#[allow(clippy::inline_always)]
#[inline(always)]
fn times_tile<const R: usize>(x: &[[f32; R]; ROWS], a: &[[f32; R]; R], out: &mut [[f32; R]; ROWS]) {
    let lanes = transposed(x);
    let mut images = [[0.0; ROWS]; R];
    for j in 0..R {
        for k in 0..R {
            for i in 0..ROWS {
                images[j][i] += a[j][k] * lanes[k][i];
            }
        }
    }
    for i in 0..ROWS {
        for j in 0..R {
            out[i][j] = images[j][i];
        }
    }
}

/// A tile of rows, zeros after the last.
#[allow(clippy::inline_always)]
#[inline(always)]
fn filled_up<const R: usize>(rows: &[[f32; R]]) -> [[f32; R]; ROWS] {
    let mut tile = [[0.0; R]; ROWS];
    tile[..rows.len()].copy_from_slice(rows);
    tile
}

#[allow(clippy::inline_always)]
#[inline(always)]
fn transposed<const R: usize>(x: &[[f32; R]; ROWS]) -> [[f32; ROWS]; R] {
    let mut lanes = [[0.0; ROWS]; R];
    for i in 0..ROWS {
        for j in 0..R {
            lanes[j][i] = x[i][j];
        }
    }
    lanes
}

/// Core's [`sweep`](tinynmf_core::subproblem::sweep::sweep) with the same bits in X, if there is a kernel for this rank.
pub fn sweep(x: &mut [f32], p: &[f32], a: &[f32], steps: &[f32], rank: usize) -> Option<Change> {
    let sums = by_rank!(rank, sweep_tiles(x, p, a, steps))?;
    let [inner, curvature, norm_squared] = sums.map(|lane| lane.iter().sum());
    Some(Change { inner, curvature, norm_squared, ..Change::default() })
}

/// ⟨g, d⟩, Σ A_jj d² and ‖D‖² by their rows' places in the tile.
#[multiversion(targets("x86_64+avx512f+avx512vl", "x86_64+avx2"))]
fn sweep_tiles<const R: usize>(
    x: &mut [f32],
    p: &[f32],
    a: &[f32],
    steps: &[f32],
) -> [[f32; ROWS]; 3] {
    let mut sums = [[0.0; ROWS]; 3];
    let whole = (a.as_chunks::<R>().0.first_chunk::<R>(), steps.first_chunk::<R>());
    let (Some(a), Some(steps)) = whole else { return sums };
    let (x, x_rest) = x.as_chunks_mut::<R>().0.as_chunks_mut::<ROWS>();
    let (p, p_rest) = p.as_chunks::<R>().0.as_chunks::<ROWS>();
    for (x, p) in x.iter_mut().zip(p) {
        sweep_tile(x, p, a, steps, &mut sums);
    }
    if !x_rest.is_empty() {
        let mut tile = filled_up(x_rest);
        sweep_tile(&mut tile, &filled_up(p_rest), a, steps, &mut sums);
        x_rest.copy_from_slice(&tile[..x_rest.len()]);
    }
    sums
}

#[allow(clippy::inline_always)]
#[inline(always)]
fn sweep_tile<const R: usize>(
    x: &mut [[f32; R]; ROWS],
    p: &[[f32; R]; ROWS],
    a: &[[f32; R]; R],
    steps: &[f32; R],
    [inner, curvature, norm]: &mut [[f32; ROWS]; 3],
) {
    let (mut lanes, mut descents) = (transposed(x), transposed(p));
    for j in 0..R {
        for k in 0..R {
            for i in 0..ROWS {
                descents[j][i] -= a[j][k] * lanes[k][i];
            }
        }
        for i in 0..ROWS {
            let next = project(lanes[j][i] + steps[j] * descents[j][i]);
            let d = next - lanes[j][i];
            lanes[j][i] = next;
            inner[i] -= descents[j][i] * d;
            curvature[i] += a[j][j] * (d * d);
            norm[i] += d * d;
        }
    }
    for i in 0..ROWS {
        for j in 0..R {
            x[i][j] = lanes[j][i];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tinynmf_core::Factor;
    use tinynmf_core::product::{Left, product as of_core};
    use tinynmf_core::random::{Stream, generator, uniform};

    fn numbers(len: usize) -> Vec<f32> {
        let mut rng = generator(len as u64, Stream::Noise);
        (0..len).map(|_| uniform(&mut rng)).collect()
    }

    fn bits(x: &[f32]) -> Vec<u32> {
        x.iter().map(|x| x.to_bits()).collect()
    }

    #[test]
    fn products_have_the_bits_of_core() {
        for (width, l) in [(1, 1), (16, 5), (37, 12), (64, 32), (31, 64)] {
            for rank in 2..=12 {
                let (v, y) = (numbers(width * l), numbers(l * rank));
                let (mut p, mut expected) = (numbers(width * rank), vec![0.0; width * rank]);
                assert!(product(&v, &y, 1.7, &mut p, rank));
                let v = Left { entries: &v, columns: width };
                of_core(v, Factor::H, None, &y, 1.7, &mut expected, rank);
                assert!(bits(&p) == bits(&expected), "{width} x {l}, {rank}");
            }
        }
    }

    #[test]
    fn images_have_the_bits_of_core() {
        for (rows, rank) in [(1, 2), (31, 3), (32, 7), (65, 12)] {
            let x = numbers(rows * rank);
            let mut a = vec![0.0; rank * rank];
            tinynmf_core::gram::gram(&numbers(3 * rank), None, 1.0, &mut a, rank);
            let (mut image, mut expected) = (x.clone(), x.clone());
            assert!(times(&x, &a, &mut image, rank));
            tinynmf_core::product::times(&x, &a, &mut expected, rank);
            assert!(bits(&image) == bits(&expected), "{rows} x {rank}");
        }
    }

    #[test]
    fn other_ranks_and_large_matrices_have_no_kernel() {
        assert!(!product(&[1.0; 13], &[1.0; 13], 1.0, &mut [0.0; 13], 13));
        assert!(!times(&[1.0], &[1.0], &mut [0.0], 1));
        assert_eq!(sweep(&mut [1.0], &[1.0], &[1.0], &[1.0], 1), None);
        let large = vec![1.0; CACHED + 1];
        assert!(!product(&large, &vec![1.0; 2 * large.len()], 1.0, &mut [0.0; 2], 2));
    }
}
