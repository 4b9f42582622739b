//! A factorisation on fixed buffers: what a device would do with its readings.
//!
//! `cargo run -p tinynmf-core --example factorize`

use tinynmf_core::rule::Sweeps;
use tinynmf_core::{Data, Error, Nmf, Settings};

/// Four sensors at three times, as an 8-bit converter gives them.
static READINGS: [u8; 12] = [9, 0, 3, 8, 0, 3, 0, 7, 7, 9, 7, 9];

fn main() -> Result<(), Error> {
    let data = Data::new(&READINGS, 4, 3, 1.0 / 16.0)?;
    let mut nmf = Nmf::<4, 3, 2>::new(Settings { horizon: 30, ..Settings::default() })?;
    // Two over-relaxed sweeps for every product with V.
    let mut rule = Sweeps::new(1.5, 2)?;
    let mut run = nmf.run(data)?;
    let (before, mut cost) = (run.loss(), 0);
    for _ in 0..30 {
        let epoch = run.epoch(&mut rule);
        cost += epoch.w.cost + epoch.h.cost;
    }
    println!("F fell from {before:.4} to {:.6} with {cost} multiply-adds", run.loss());
    println!("W, by rows of two latents: {:.3?}", run.w());
    assert!(run.loss() < 0.01 * before);
    Ok(())
}
