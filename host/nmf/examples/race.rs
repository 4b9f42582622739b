//! Times a factorisation for `benches/sklearn/compare.py`.
//!
//! `race V.npy W0.npy H0.npy EPOCHS` prints a line an epoch: seconds since the start, and F after it. Seconds are those
//! of a run of [`Options::fit`](tinynmf::factorize::Options::fit) that nobody watches closely; F comes from the same
//! epochs done once more.

use std::error::Error;
use std::ops::ControlFlow;
use std::sync::Mutex;
use std::time::Instant;

use tinynmf::core::Settings;
use tinynmf::factorize::{Factorization, Init, Seen, default_schedule};
use tinynmf::large::LargeMatrix;
use tinynmf::matrix::{Matrix, ReadOptions, transposed};
use tinynmf::nmf_vec::NmfVec;
use tinynmf::play::play;
use tinynmf::source::Source;

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [v, w, h, epochs] = &words[..] else { return Err("V.npy W0.npy H0.npy EPOCHS".into()) };
    let read = |path: &String| Matrix::read(path, ReadOptions::default());
    let (v, w, h, epochs) = (read(v)?, read(w)?, read(h)?, epochs.parse::<u32>()?);
    let (rank, columns) = (w.cols(), v.cols());
    let (w, h) = (w.entries(), h.entries());
    let start = Instant::now();
    let matrix = LargeMatrix::of(&v)?;
    let prepared = start.elapsed().as_secs_f64();

    let seconds = Mutex::new(Vec::new());
    let start = Instant::now();
    let observer = |_: &Seen<'_>| {
        let now = start.elapsed().as_secs_f64();
        seconds.lock().expect("no observer panics").push(now);
        ControlFlow::Continue(())
    };
    let init = Init::Given { w: &w, h: &h };
    let options = Factorization::options(rank).init(init).max_epochs(epochs).tol(0.0);
    let found = options.observer(&observer).fit(&matrix)?;
    let seconds = seconds.into_inner()?;

    let settings = Settings { horizon: epochs, ..Settings::default() };
    let mut nmf = NmfVec::new(v.rows(), columns, rank, settings)?;
    nmf.set(&w, &transposed(&h, columns))?;
    let mut run = nmf.run(matrix.view())?;
    println!("{prepared} {}", run.loss());
    let mut at = 0;
    play(&mut run, &mut default_schedule(), found.epochs, |run, _| {
        println!("{} {}", prepared + seconds[at], run.loss());
        at += 1;
        ControlFlow::Continue(())
    });
    Ok(())
}
