//! Time of an epoch by the form that V is stored in: `cargo run --release -p tinynmf --example storage`.
//!
//! HALS epochs on all of V, the least time of several; beside the dense one, what its two products take alone.

use std::error::Error;
use std::time::Instant;

use tinynmf::core::random::{Rng, Stream, generator, uniform};
use tinynmf::core::rule::Sweeps;
use tinynmf::core::{Factor, Matrix, Settings};
use tinynmf::large::LargeMatrix;
use tinynmf::nmf_vec::NmfVec;
use tinynmf::source::Source;
use tinynmf::sparse::{Compressed, SparseMatrix};

/// Milliseconds of the fastest of `times` calls.
fn least(times: usize, mut call: impl FnMut()) -> f64 {
    let mut best = f64::INFINITY;
    for _ in 0..times {
        let start = Instant::now();
        call();
        best = best.min(1e3 * start.elapsed().as_secs_f64());
    }
    best
}

/// Milliseconds of an epoch with `sweeps` sweeps a half-step.
fn epoch(v: &impl Source, rank: usize, sweeps: u32) -> Result<f64, Box<dyn Error>> {
    let view = v.view();
    let mut nmf = NmfVec::new(view.rows(), view.columns(), rank, Settings::default())?;
    let mut run = nmf.run(view)?;
    let mut rule = Sweeps::new(1.0, sweeps)?;
    Ok(least(8, || {
        run.epoch(&mut rule);
    }))
}

fn products(v: &LargeMatrix, rank: usize) -> f64 {
    let view = v.view();
    let (m, n) = (view.rows(), view.columns());
    let (w, h) = (vec![0.5; m * rank], vec![0.5; n * rank]);
    let mut p = vec![0.0; m.max(n) * rank];
    least(8, || {
        view.products(Factor::W, None, &h, &mut p[..m * rank], rank);
        view.products(Factor::H, None, &w, &mut p[..n * rank], rank);
    })
}

fn random(rows: usize, columns: usize, density: f32, rng: &mut Rng) -> Vec<f32> {
    let mut entry = |_| if uniform(rng) < density { uniform(rng) + 0.1 } else { 0.0 };
    (0..rows * columns).map(&mut entry).collect()
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut rng = generator(1, Stream::Noise);
    println!("| V | epoch, ms | beside | ratio |\n|---|---|---|---|");
    for (rows, columns, rank) in [(200, 100, 8), (2000, 500, 20), (10_000, 1000, 100)] {
        let entries = random(rows, columns, 1.0, &mut rng);
        let holes: Vec<f32> =
            entries.iter().map(|v| if uniform(&mut rng) < 0.2 { f32::NAN } else { *v }).collect();
        let dense = LargeMatrix::new(entries.into(), rows, columns)?;
        let name = format!("{rows} x {columns}, r {rank}");
        let (one, three, bare) =
            (epoch(&dense, rank, 1)?, epoch(&dense, rank, 3)?, products(&dense, rank));
        println!("| {name} dense | {one:.3} | its products {bare:.3} | {:.2} |", one / bare);
        let sweeps = (three - one) / bare;
        println!("| {name} dense, 3 sweeps | {three:.3} | two sweeps / products | {sweeps:.2} |");
        let known = SparseMatrix::with_missing(&holes, rows, columns)?;
        let masked = epoch(&known, rank, 1)?;
        println!("| {name}, 20 % missing | {masked:.3} | dense {one:.3} | {:.2} |", masked / one);
    }
    let (rows, columns, rank) = (20_000, 5000, 50);
    let entries = random(rows, columns, 0.01, &mut rng);
    let sparse = SparseMatrix::new(Compressed::from_dense(&entries, rows, columns, |v| v > 0.0)?)?;
    let of_sparse = epoch(&sparse, rank, 1)?;
    let terms = 2.0 * sparse.stored() as f64 * rank as f64 / 1e6;
    println!("| {rows} x {columns}, r {rank}, 1 % | {of_sparse:.1} | {terms:.0} million terms | |");
    Ok(())
}
