//! The extrapolation after a half-step's sweeps: what it says it changes, and when it is refused.

use tinynmf_core::float::project;
use tinynmf_core::random::{Stream, generator, normal};
use tinynmf_core::{Data, Factor, Nmf, Settings};

const M: usize = 23;
const N: usize = 17;

/// F = ½‖V − WH‖² in f64.
fn loss(v: &[f32], w: &[f32], h: &[f32], rank: usize) -> f64 {
    let entry = |i: usize, j: usize| -> f64 {
        let rows = w[i * rank..][..rank].iter().zip(&h[j * rank..][..rank]);
        let fit: f64 = rows.map(|(w, h)| f64::from(*w) * f64::from(*h)).sum();
        (f64::from(v[i * N + j]) - fit).powi(2)
    };
    0.5 * (0..M).flat_map(|i| (0..N).map(move |j| (i, j))).map(|(i, j)| entry(i, j)).sum::<f64>()
}

/// Extrapolations that were made and refused, over many half-steps of rank R.
fn check<const R: usize>(seed: u64) -> [usize; 2] {
    let mut rng = generator(seed, Stream::Start);
    let v: Vec<f32> = (0..M * N).map(|_| project(normal(&mut rng))).collect();
    let mut nmf = Nmf::<M, N, R>::new(Settings { seed, ..Settings::default() }).unwrap();
    let mut run = nmf.run(Data::new(&v, M, N, 1.0).unwrap()).unwrap();
    let mut counts = [0; 2];
    for step in 0..40 {
        let factor = if step % 2 == 0 { Factor::W } else { Factor::H };
        // Far beyond what a rule may choose, so that some are refused.
        let beta = [0.2, 0.5, 1.0, 8.0][step / 2 % 4];
        let before = loss(&v, run.w(), run.h(), R);
        let mut open = run.begin(factor, 1.0);
        assert!(open.remember());
        open.sweep(1.0);
        let swept = open.record().change.loss();
        let taken = open.extrapolate(beta);
        let record = open.close();
        counts[usize::from(!taken)] += 1;
        assert_eq!(record.extrapolation.to_bits(), if taken { beta } else { 0.0 }.to_bits());
        assert!(record.change.loss() <= 0.5 * swept, "it gives back half at most");
        assert!(taken || record.change.loss().to_bits() == swept.to_bits(), "X stays");
        let after = loss(&v, run.w(), run.h(), R);
        let error = (after - before - f64::from(record.change.loss())).abs();
        assert!(error <= 1e-5 * before, "rank {R}, step {step}: {error:e} of {before}");
        assert!(run.w().iter().chain(run.h()).all(|x| *x >= 0.0 && x.is_finite()));
    }
    counts
}

#[test]
fn an_extrapolation_changes_f_by_what_it_says_and_gives_back_half_at_most() {
    let (mut made, mut refused) = (0, 0);
    for seed in 0..6 {
        for [a, b] in [check::<1>(seed), check::<4>(seed), check::<7>(seed), check::<16>(seed)] {
            made += a;
            refused += b;
        }
    }
    assert!(made > 400 && refused > 50, "{made} made, {refused} refused");
}

#[test]
fn without_a_note_of_x_nothing_is_extrapolated() {
    let v = [1.0_f32; M * N];
    let data = Data::new(&v, M, N, 1.0).unwrap();
    let mut nmf = Nmf::<M, N, 2>::new(Settings::default()).unwrap();
    nmf.set(&[1.0; 2 * M], &[0.0; 2 * N]).unwrap();
    let mut run = nmf.run(data).unwrap();
    let mut open = run.begin(Factor::W, 1.0);
    assert!(!open.remember(), "H is zero, and W has nothing to do");
    open.close();
    let mut open = run.begin(Factor::H, 1.0);
    open.sweep(1.0);
    let cost = open.record().cost;
    assert!(!open.extrapolate(0.5) && open.record().cost == cost);
    assert_eq!(open.close().extrapolation.to_bits(), 0);
}
