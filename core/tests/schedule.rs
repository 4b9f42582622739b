//! The policy of schedules under its safeguard, whatever the policy answers.

use tinynmf_core::float::project;
use tinynmf_core::observe::{SCHEDULE_OBSERVATIONS, SCHEDULE_SET};
use tinynmf_core::policy::{Content, LayerContent, SCHEDULE, Scales, SchedulePolicy, write};
use tinynmf_core::random::{Stream, generator, normal, uniform};
use tinynmf_core::rule::Scheduled;
use tinynmf_core::{Data, Nmf, Settings};

const M: usize = 60;
const N: usize = 48;
const R: usize = 3;

/// A matrix of rank 5 with noise: samples of it never agree.
fn matrix(seed: u64) -> Vec<f32> {
    let mut rng = generator(seed, Stream::Start);
    let mut factor = |len: usize| (0..len * 5).map(|_| normal(&mut rng).abs()).collect::<Vec<_>>();
    let (w, h) = (factor(M), factor(N));
    let mut noise = generator(seed, Stream::Noise);
    let mut entries = Vec::with_capacity(M * N);
    for w in w.chunks_exact(5) {
        for h in h.chunks_exact(5) {
            let clean: f32 = w.iter().zip(h).map(|(w, h)| w * h).sum();
            entries.push(project(clean + 0.5 * normal(&mut noise)));
        }
    }
    entries
}

/// A linear policy with random weights around outputs that stay.
fn policy(outputs: [f32; 5], size: i8, seed: u64) -> Vec<u8> {
    let mut rng = generator(seed, Stream::Rule);
    let weights: Vec<i8> = (0..5 * SCHEDULE_OBSERVATIONS)
        .map(|_| ((2.0 * uniform(&mut rng) - 1.0) * f32::from(size)) as i8)
        .collect();
    let bias = outputs.map(|y| (y * 1000.0) as i32);
    let layer = LayerContent { bias: &bias, scales: Scales::Last(&[1e-3; 5]), weights: &weights };
    let content = Content {
        set: SCHEDULE_SET,
        limits: [-3.0, 3.0],
        normaliser: &[[0.0, 10.0]; SCHEDULE_OBSERVATIONS],
        layers: &[layer],
    };
    let mut blob = Vec::new();
    write(&content, &mut blob);
    blob
}

/// Policies that shrink, hesitate, rush or babble, and the one that ships.
fn policies() -> Vec<Vec<u8>> {
    let mut all = vec![SCHEDULE.to_vec()];
    for growth in [-3.0, 0.0, 3.0] {
        for relaxation in [-3.0, 0.0, 3.0] {
            for extrapolation in [-3.0, 3.0] {
                let outputs = [growth, relaxation, -relaxation, 2.0, extrapolation];
                all.push(policy(outputs, 0, 0));
            }
        }
    }
    all.extend((1..12).map(|seed| policy([-1.0, 0.0, 0.0, 0.0, 0.0], 127, seed)));
    all
}

/// ‖projected gradient‖ of both factors, relative to ‖V‖·(‖W‖ + ‖H‖), in f64.
fn stationarity(v: &[f32], w: &[f32], h: &[f32]) -> f64 {
    let square = |x: &[f32]| x.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>();
    let (mut g_w, mut g_h) = (vec![0.0; M * R], vec![0.0; N * R]);
    for i in 0..M {
        for j in 0..N {
            let [w, h] = [&w[i * R..][..R], &h[j * R..][..R]];
            let fit: f64 = w.iter().zip(h).map(|(w, h)| f64::from(*w) * f64::from(*h)).sum();
            let e = fit - f64::from(v[i * N + j]);
            for k in 0..R {
                g_w[i * R + k] += e * f64::from(h[k]);
                g_h[j * R + k] += e * f64::from(w[k]);
            }
        }
    }
    let free = |g: &[f64], x: &[f32]| -> f64 {
        g.iter().zip(x).map(|(g, x)| if *x > 0.0 || *g < 0.0 { g * g } else { 0.0 }).sum()
    };
    ((free(&g_w, w) + free(&g_h, h)) / (square(v) * (square(w) + square(h)))).sqrt()
}

#[test]
fn every_policy_comes_to_all_of_v_and_from_there_f_never_rises_and_tends_to_stationarity() {
    let (mut guarded, mut grown, mut extrapolated) = (0, 0, 0);
    for (index, blob) in policies().iter().enumerate() {
        let policy = SchedulePolicy::from_bytes(blob).unwrap();
        let v = matrix(index as u64);
        let data = Data::new(&v, M, N, 1.0).unwrap();
        let mut rule = Scheduled::new(policy);
        let settings = Settings { seed: index as u64, ..Settings::default() };
        let mut nmf = Nmf::<M, N, R>::new(settings).unwrap();
        let mut run = nmf.run(data).unwrap();
        let mut shares = [0.0_f32; 2];
        let mut whole = None;
        let mut last = run.loss();
        for epoch in 0..600 {
            let it = run.epoch(&mut rule);
            for (share, step) in shares.iter_mut().zip([it.w, it.h]) {
                assert!(step.share >= *share, "policy {index}: {} after {share}", step.share);
                *share = step.share;
                assert!(step.moves.as_slice().iter().all(|omega| *omega > 0.0 && *omega < 2.0));
                assert!(!step.moves.is_empty());
                assert!(step.share >= 1.0 || step.extrapolation <= 0.0);
                extrapolated += u32::from(step.extrapolation > 0.0);
            }
            let loss = run.loss();
            if it.w.share >= 1.0 && whole.is_some() {
                // Rounding alone.
                assert!(loss <= last * (1.0 + 1e-5), "policy {index}: {loss} after {last}");
            }
            if shares.iter().all(|share| *share >= 1.0) && whole.is_none() {
                whole = Some(epoch);
            }
            last = loss;
        }
        let whole = whole.unwrap_or_else(|| panic!("policy {index} stays at {shares:?}"));
        grown += u32::from(whole > 3);
        guarded += rule.guarded();
        let residual = stationarity(&v, run.w(), run.h());
        assert!(residual < 1e-4, "policy {index}: {residual:e} at the end");
    }
    assert!(extrapolated > 1000, "{extrapolated} half-steps were extrapolated");
    assert!(guarded > 20 && grown > 10, "the safeguard acted {guarded} times");
}

#[test]
fn a_policy_is_charged_for_and_decides_the_same_at_every_scale() {
    let v = matrix(3);
    let scaled: Vec<f32> = v.iter().map(|v| v * 16.0).collect();
    let runs = [&v, &scaled].map(|v| {
        let policy = SchedulePolicy::from_bytes(SCHEDULE).unwrap();
        let spent = policy.network().cost();
        let mut rule = Scheduled::new(policy);
        let mut nmf = Nmf::<M, N, R>::new(Settings::default()).unwrap();
        let mut run = nmf.run(Data::new(v, M, N, 1.0).unwrap()).unwrap();
        let epochs: Vec<_> = (0..40).map(|_| run.epoch(&mut rule)).collect();
        assert!(spent >= 60 && epochs.iter().all(|it| it.w.cost > spent));
        epochs.iter().map(|it| (it.w.share, it.h.moves, it.w.cost)).collect::<Vec<_>>()
    });
    assert_eq!(runs[0], runs[1]);
}
