//! Sweeps never raise F, in floats and in fixed point, but for what rounding can do.

use proptest::prelude::*;
use tinynmf_core::fixed_point::Integer;
use tinynmf_core::gram::gram;
use tinynmf_core::product::{Left, product};
use tinynmf_core::random::{Stream, generator, normal, uniform};
use tinynmf_core::rule::Sweeps;
use tinynmf_core::subproblem::sweep;
use tinynmf_core::{Data, Factor, Nmf, NmfFixed, Settings};
use tinynmf_tests::problem::config;

/// ½⟨xA, x⟩ − ⟨p, x⟩ of a row, in f64.
fn value(x: &[f32], p: &[f32], a: &[f32]) -> f64 {
    let r = x.len();
    let image =
        |j: usize| -> f64 { (0..r).map(|k| f64::from(a[j * r + k]) * f64::from(x[k])).sum() };
    (0..r).map(|j| f64::from(x[j]) * (0.5 * image(j) - f64::from(p[j]))).sum()
}

/// Bound on a row's rise by a sweep's roundings, as derived in `sweep.rs`: ½A_jj e² / (ω(2 − ω)) an entry, for an
/// entry that is e off where exact arithmetic would put it. Numbers before and after bound those in between.
fn allowance(before: &[f32], after: &[f32], p: &[f32], a: &[f32], relaxation: f64) -> f64 {
    let r = before.len();
    let x = |k: usize| f64::from(before[k]).max(f64::from(after[k]));
    let entry = |j: usize| {
        let a_jj = f64::from(a[j * r + j]);
        if a_jj <= 0.0 {
            return 0.0;
        }
        let terms: f64 = (0..r).map(|k| f64::from(a[j * r + k]) * x(k)).sum();
        let sum = terms + f64::from(p[j]);
        let e = 2_f64.powi(-24) * (r + 4) as f64 * (relaxation * sum / a_jj + x(j));
        0.5 * a_jj * e * e / (relaxation * (2.0 - relaxation)) + 1e-14 * sum * x(j)
    };
    (0..r).map(entry).sum()
}

proptest! {
    #![proptest_config(config(10_000))]

    #[test]
    fn no_sweep_raises_f(
        k in 1_usize..=64,
        l in 1_usize..=64,
        r in 1_usize..=16,
        relaxation in 0.02_f32..1.98,
        density in 0.05_f32..1.0,
        magnitude in -20_i32..20,
        seed: u64,
    ) {
        let mut rng = generator(seed, Stream::Start);
        let scale = 2_f32.powi(magnitude);
        let mut draw = |len: usize, scale: f32| -> Vec<f32> {
            let entry = |_| {
                let x = normal(&mut rng).abs() * scale;
                if uniform(&mut rng) < density { x } else { 0.0 }
            };
            (0..len).map(entry).collect()
        };
        let (v, mut x, y) = (draw(k * l, 1.0), draw(k * r, scale), draw(l * r, 1.0 / scale));
        let (mut p, mut a) = (vec![0.0; k * r], vec![0.0; r * r]);
        product(Left { entries: &v, columns: l }, Factor::W, None, &y, 1.0, &mut p, r);
        gram(&y, None, 1.0, &mut a, r);
        let mut steps = vec![0.0; r];
        sweep::steps(&a, relaxation, &mut steps);
        for _ in 0..4 {
            let before = x.clone();
            let change = sweep::sweep(&mut x, &p, &a, &steps, r);
            let (mut total, mut allowed, mut size) = (0.0, 0.0, 0.0);
            for ((x, before), p) in x.chunks(r).zip(before.chunks(r)).zip(p.chunks(r)) {
                let (old, new) = (value(before, p, &a), value(x, p, &a));
                let allowed_here = allowance(before, x, p, &a, relaxation.into());
                prop_assert!(new <= old + allowed_here, "{old} to {new}, {allowed_here} allowed");
                total += new - old;
                allowed += allowed_here;
                size += old.abs().max(new.abs());
            }
            // The report agrees with the change.
            let reported = f64::from(change.loss());
            prop_assert!(
                (reported - total).abs() <= 1e-3 * total.abs() + allowed + 1e-6 * size,
                "{reported} reported, {total}"
            );
        }
    }
}

/// F of a run in fixed point after every epoch, in f64, relative to ½‖V‖²; and of floats from the same start.
fn losses<E: Integer, const M: usize, const N: usize, const R: usize>(
    v: &[E],
    scale: f32,
    sweeps: Sweeps,
    seed: u64,
) -> Vec<f64> {
    let data = Data::new(v, M, N, scale).unwrap();
    let mut nmf = NmfFixed::<M, N, R>::new(Settings { seed, ..Settings::default() }).unwrap();
    let mut run = nmf.run(data).unwrap();
    let mut rule = sweeps;
    let norm: f64 = v.iter().map(|v| f64::from(v.integer()).powi(2)).sum::<f64>() / 2.0;
    let mut losses = Vec::new();
    for _ in 0..12 {
        run.epoch(&mut rule);
        let [w, h] = [run.w(), run.h()];
        let unit = f64::from(w.unit) * f64::from(h.unit) / f64::from(scale);
        let mut loss = 0.0;
        for i in 0..M {
            for j in 0..N {
                let fit: f64 = (0..R)
                    .map(|k| f64::from(w.entries[i * R + k]) * f64::from(h.entries[j * R + k]))
                    .sum();
                loss += 0.5 * (f64::from(v[i * N + j].integer()) - fit * unit).powi(2);
            }
        }
        losses.push(loss / norm);
    }
    losses
}

proptest! {
    #![proptest_config(config(10_000))]

    /// Rounding to 15 bits is all that may raise F in fixed point: 10⁻⁶ of ½‖V‖² an epoch at most.
    #[test]
    fn no_epoch_in_fixed_point_raises_f(
        relaxation in 0.1_f32..1.7,
        count in 1_u32..=4,
        density in 0.1_f32..1.0,
        bits in 4_u32..=16,
        seed: u64,
    ) {
        const M: usize = 24;
        const N: usize = 17;
        let mut rng = generator(seed, Stream::Start);
        let most = ((1_u32 << bits) - 1) as f32;
        let entry = |_| {
            if uniform(&mut rng) < density { (uniform(&mut rng) * most) as u16 } else { 0 }
        };
        let v: Vec<u16> = (0..M * N - 1).map(entry).chain([1]).collect();
        let sweeps = Sweeps::new(relaxation, count).unwrap();
        for losses in [
            losses::<_, M, N, 4>(&v, 0.01, sweeps, seed),
            losses::<_, M, N, 3>(&v, 0.01, sweeps, seed),
            losses::<_, M, N, 8>(&v, 0.01, sweeps, seed),
        ] {
            for pair in losses.windows(2) {
                prop_assert!(pair[1] <= pair[0] + 1e-6, "{losses:?}");
            }
        }
    }
}

/// In this case W's half-step leaves one component faint, 25 where the others have 8,000 and more. H's was as strong then
/// as W's was faint, the exponent of H followed it, and the others had five bits left: F rose from epoch to epoch.
#[test]
fn a_faint_component_takes_no_bits_from_the_others() {
    const M: usize = 24;
    const N: usize = 17;
    let seed = 100_784_172_789_086_965;
    let mut rng = generator(seed, Stream::Start);
    let entry =
        |_| if uniform(&mut rng) < 0.779_432_65 { (uniform(&mut rng) * 63.0) as u16 } else { 0 };
    let v: Vec<u16> = (0..M * N - 1).map(entry).chain([1]).collect();
    let sweeps = Sweeps::new(1.515_179_3, 3).unwrap();
    let fixed = losses::<_, M, N, 8>(&v, 0.01, sweeps, seed);

    let data = Data::new(&v, M, N, 0.01).unwrap();
    let mut nmf = Nmf::<M, N, 8>::new(Settings { seed, ..Settings::default() }).unwrap();
    let mut run = nmf.run(data).unwrap();
    let mut rule = sweeps;
    for _ in &fixed {
        run.epoch(&mut rule);
    }
    let float = f64::from(run.loss() / (0.5 * data.norm_squared()));
    assert!(fixed[11] < 1.05 * float, "{fixed:?} in fixed point, {float} in floats at the end");
}
