//! The two products of an epoch on all of V by two libraries, and the sweeps beside them: who is faster decides which
//! one the library uses.
//!
//! `cargo bench -p tinynmf-benches --bench products`; least times of many, in milliseconds, on all threads.

use std::time::Instant;

use ndarray::linalg::general_mat_mul;
use ndarray::{ArrayView2, ArrayViewMut2};
use rayon::prelude::*;
use tinynmf::large::gemm::{product, view};
use tinynmf::large::sweep::sweep;
use tinynmf_core::random::{Stream, generator, uniform};

/// The least time of a few calls, in milliseconds.
fn least(times: usize, mut call: impl FnMut()) -> f64 {
    let time = |()| {
        let start = Instant::now();
        call();
        1e3 * start.elapsed().as_secs_f64()
    };
    std::iter::repeat_n((), times).map(time).fold(f64::INFINITY, f64::min)
}

/// `out` (by rows) ← left·right by `matrixmultiply`, through `ndarray`.
fn other(left: &ArrayView2<'_, f32>, right: &ArrayView2<'_, f32>, out: &mut [f32]) {
    let mut out = ArrayViewMut2::from_shape((left.nrows(), right.ncols()), out).expect("room");
    general_mat_mul(1.0, left, right, 0.0, &mut out);
}

fn main() {
    println!("| m x n, r | | matrixmultiply | in bands | gemm | two sweeps of both |");
    println!("|---|---|---|---|---|---|");
    for [m, n, r] in [[64, 32, 4], [1797, 64, 10], [2000, 500, 20], [10_000, 1000, 100]] {
        let mut rng = generator(1, Stream::Noise);
        let mut draw = |len: usize| (0..len).map(|_| uniform(&mut rng)).collect::<Vec<f32>>();
        let (v, mut w, mut h) = (draw(m * n), draw(m * r), draw(n * r));
        let mut p = vec![0.0; m.max(n) * r];
        let times = (4_000_000_000 / (2 * m * n * r)).clamp(12, 2000);
        let mut a = vec![0.0; r * r];
        tinynmf_core::gram::gram(&h, None, 1.0, &mut a, r);
        let steps: Vec<f32> = a.iter().step_by(r + 1).map(|a| 1.3 / a).collect();
        let p_of_h = p[..n * r].to_vec();
        let p_of_w = vec![0.5; m * r];
        let sweeps = least(times, || {
            for _ in 0..2 {
                let _ = sweep(&mut w, &p_of_w, &a, &steps, r);
                let _ = sweep(&mut h, &p_of_h, &a, &steps, r);
            }
        });
        for (name, k, y) in [("VH^T", m, &h), ("V^TW", n, &w)] {
            let p = &mut p[..k * r];
            let left = view(&v, n);
            let left = if name == "VH^T" { left } else { left.reversed_axes() };
            let plain = least(times, || other(&left, &view(y, r), p));
            let share = k.div_ceil(rayon::current_num_threads());
            let bands = least(times, || {
                p.par_chunks_mut(share * r).enumerate().for_each(|(band, p)| {
                    let from = band * share;
                    let left = left.slice(ndarray::s![from..from + p.len() / r, ..]);
                    other(&left, &view(y, r), p);
                });
            });
            let gemm = least(times, || product(&left, &view(y, r), 1.0, p));
            let sweeps = if name == "VH^T" { format!("{sweeps:.3}") } else { String::new() };
            println!(
                "| {m} x {n}, {r} | {name} | {plain:.3} | {bands:.3} | {gemm:.3} | {sweeps} |"
            );
        }
    }
}
