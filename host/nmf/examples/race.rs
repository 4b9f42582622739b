//! Times a factorisation for `benches/sklearn/compare.py`.
//!
//! `race V.npy W0.npy H0.npy EPOCHS [REPEATS [RULE [TOL]]]` prints a line an epoch: seconds since the start, F after it, and the
//! cost until then in epochs on all of V. Seconds are those of a run of
//! [`Options::fit`](tinynmf::factorize::Options::fit) that nobody watches closely, what it prepares of V included, the least of
//! so many runs; F comes from the same epochs done once more.

use std::error::Error;
use std::ops::ControlFlow;
use std::sync::Mutex;
use std::time::Instant;

use tinynmf::core::{Policy, Settings, policy};
use tinynmf::factorize::{Factorization, Init, Seen, default_schedule};
use tinynmf::large::LargeMatrix;
use tinynmf::matrix::{Matrix, ReadOptions, transposed};
use tinynmf::nmf_vec::NmfVec;
use tinynmf::play::play;
use tinynmf::rule_name;
use tinynmf::source::Source;

const USAGE: &str = "V.npy W0.npy H0.npy EPOCHS [REPEATS [RULE [TOL]]]";

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let (v, w, h, epochs, rest) = match &words[..] {
        [v, w, h, epochs, rest @ ..] => (v, w, h, epochs.parse::<u32>()?, rest),
        _ => return Err(USAGE.into()),
    };
    let repeats = rest.first().map_or(Ok(1), |count| count.parse::<u32>())?;
    let policy = Policy::from_bytes(policy::SHIPPED)?;
    let rule = match rest.get(1) {
        None => default_schedule(),
        Some(rule) => rule_name::parse(rule, &policy)?,
    };
    let tol = rest.get(2).map_or(Ok(0.0), |tol| tol.parse::<f32>())?;
    let read = |path: &String| Matrix::read(path, ReadOptions::default());
    let (v, w, h) = (read(v)?, read(w)?, read(h)?);
    let (rank, columns) = (w.cols(), v.cols());
    let (w, h) = (w.entries(), h.entries());
    let init = Init::Given { w: &w, h: &h };
    let options = Factorization::options(rank).init(init).max_epochs(epochs).tol(tol);
    let options = options.schedule(rule.clone());

    let mut points: Vec<[f64; 2]> = Vec::new();
    let mut matrix = LargeMatrix::of(&v)?;
    for _ in 0..repeats {
        let seen = Mutex::new(Vec::with_capacity(2 * epochs as usize));
        let start = Instant::now();
        matrix = LargeMatrix::of(&v)?;
        let prepared = start.elapsed().as_secs_f64();
        let observer = |epoch: &Seen<'_>| {
            let point = [start.elapsed().as_secs_f64(), epoch.cost];
            seen.lock().expect("no observer panics").push(point);
            ControlFlow::Continue(())
        };
        options.clone().observer(&observer).fit(&matrix)?;
        let mut seen = seen.into_inner()?;
        seen.insert(0, [prepared, 0.0]);
        points.resize(seen.len(), [f64::INFINITY; 2]);
        for (point, [seconds, cost]) in points.iter_mut().zip(seen) {
            *point = [point[0].min(seconds), cost];
        }
    }

    let settings = Settings { horizon: epochs, ..Settings::default() };
    let mut nmf = NmfVec::new(v.rows(), columns, rank, settings)?;
    nmf.set(&w, &transposed(&h, columns))?;
    let mut run = nmf.run(matrix.view())?;
    let done = points.len() as u32 - 1;
    let mut points = points.into_iter();
    let mut tell = |loss: f32| {
        if let Some([seconds, cost]) = points.next() {
            println!("{seconds} {loss} {cost}");
        }
    };
    tell(run.loss());
    play(&mut run, &mut rule.clone(), done, |run, _| {
        tell(run.loss());
        ControlFlow::Continue(())
    });
    Ok(())
}
