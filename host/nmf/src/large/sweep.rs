//! The sweep over components, side by side in many rows.
//!
//! A tile of rows is transposed, so that component j of all of them is one run of memory: every row's sums keep the
//! order of core's [`sweep`](tinynmf_core::subproblem::sweep), and X gets the same bits. The change is summed over
//! tiles in the order of rows, too, but for large factors in one part a thread.

use multiversion::multiversion;
use rayon::prelude::*;
use tinynmf_core::float::project;
use tinynmf_core::subproblem::Change;
use tinynmf_core::subproblem::sweep as core;

use super::few;

/// Rows of a tile: four registers of 16, enough to hide the latency of an addition.
const ROWS: usize = 64;

/// Multiply-adds from which threads share the rows.
const SHARED: usize = 1 << 20;

/// One component of a tile's rows.
type Lane = [f32; ROWS];

/// [`core::sweep`] with the same bits in X; the change may differ by rounding.
#[must_use]
pub fn sweep(x: &mut [f32], p: &[f32], a: &[f32], steps: &[f32], rank: usize) -> Change {
    let rows = x.len() / rank;
    if rows < ROWS / 4 {
        return core::sweep(x, p, a, steps, rank);
    }
    if x.len() * rank < SHARED {
        return band(x, p, a, steps, rank);
    }
    let share = rows.div_ceil(rayon::current_num_threads()).next_multiple_of(ROWS) * rank;
    let bands = x.par_chunks_mut(share).zip(p.par_chunks(share));
    let changes: Vec<Change> = bands.map(|(x, p)| band(x, p, a, steps, rank)).collect();
    let mut all = Change::default();
    changes.iter().for_each(|change| all.add_move(change));
    all
}

fn band(x: &mut [f32], p: &[f32], a: &[f32], steps: &[f32], rank: usize) -> Change {
    if let Some(change) = few::sweep(x, p, a, steps, rank) {
        return change;
    }
    let mut tile: [Vec<Lane>; 2] = [vec![[0.0; ROWS]; rank], vec![[0.0; ROWS]; rank]];
    let mut change = Change::default();
    for (x, p) in x.chunks_mut(ROWS * rank).zip(p.chunks(ROWS * rank)) {
        let [lanes, of_p] = &mut tile;
        transpose(x, lanes, rank);
        transpose(p, of_p, rank);
        let sums = sweep_tile(lanes, of_p, a, steps);
        let rows = x.len() / rank;
        for (i, row) in x.chunks_exact_mut(rank).enumerate() {
            row.iter_mut().zip(&*lanes).for_each(|(x, lane)| *x = lane[i]);
        }
        let [inner, curvature, norm] = sums;
        for ((inner, curvature), norm) in inner.iter().zip(&curvature).zip(&norm).take(rows) {
            change.inner += inner;
            change.curvature += curvature;
            change.norm_squared += norm;
        }
    }
    change
}

fn transpose(x: &[f32], lanes: &mut [Lane], rank: usize) {
    for (i, row) in x.chunks_exact(rank).enumerate() {
        lanes.iter_mut().zip(row).for_each(|(lane, x)| lane[i] = *x);
    }
}

/// The sweep, and ⟨g, d⟩, Σ A_jj d² and ‖D‖² of every row.
#[multiversion(targets("x86_64+avx512f+avx512vl", "x86_64+avx2"))]
fn sweep_tile(lanes: &mut [Lane], p: &[Lane], a: &[f32], steps: &[f32]) -> [Lane; 3] {
    let [mut inner, mut curvature, mut norm] = [[0.0; ROWS]; 3];
    let rank = lanes.len();
    for (j, row) in a.chunks_exact(rank).enumerate() {
        let mut descents = p[j];
        for (a, lane) in row.iter().zip(&*lanes) {
            for (descent, x) in descents.iter_mut().zip(lane) {
                *descent -= a * x;
            }
        }
        let (x, a, step) = (&mut lanes[j], row[j], steps[j]);
        for i in 0..ROWS {
            let next = project(x[i] + step * descents[i]);
            let d = next - x[i];
            let square = d * d;
            x[i] = next;
            inner[i] -= descents[i] * d;
            curvature[i] += a * square;
            norm[i] += square;
        }
    }
    [inner, curvature, norm]
}

#[cfg(test)]
mod tests {
    use super::*;
    use tinynmf_core::random::{Stream, generator, normal};

    #[test]
    fn has_the_bits_of_core() {
        let mut rng = generator(1, Stream::Noise);
        for (rows, rank) in
            [(5, 3), (90, 2), (37, 3), (64, 4), (16, 5), (64, 7), (65, 10), (200, 16), (3000, 40)]
        {
            let mut draw = |len: usize| (0..len).map(|_| normal(&mut rng)).collect::<Vec<f32>>();
            let half = draw(2 * rank * rank);
            let mut a = vec![0.0; rank * rank];
            tinynmf_core::gram::gram(&half, None, 1.0, &mut a, rank);
            a[0] = if rank == 7 { 0.0 } else { a[0] };
            let p = draw(rows * rank);
            let mut x: Vec<f32> = draw(rows * rank).into_iter().map(f32::abs).collect();
            let (mut expected, mut steps) = (x.clone(), vec![0.0; rank]);
            core::steps(&a, 1.3, &mut steps);
            for _ in 0..3 {
                let of_core = core::sweep(&mut expected, &p, &a, &steps, rank);
                let change = sweep(&mut x, &p, &a, &steps, rank);
                let bits = |x: &[f32]| x.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
                assert!(bits(&x) == bits(&expected), "{rows} x {rank}");
                let close = |a: f32, b: f32| (a - b).abs() <= 1e-4 * a.abs().max(b.abs());
                assert!(close(change.inner, of_core.inner), "{change:?} {of_core:?}");
                assert!(close(change.curvature, of_core.curvature));
                assert!(close(change.norm_squared, of_core.norm_squared));
            }
        }
    }
}
