//! Latents that are exact, against a solver in f64 that tries every active set; W from a stream against batch NMF.

use nalgebra::{DMatrix, DVector};
use tinynmf::nmf_vec::NmfVec;
use tinynmf_core::online::{Keep, OnlineSettings};
use tinynmf_core::penalty::Penalty;
use tinynmf_core::random::{Rng, Stream, generator, normal, uniform};
use tinynmf_core::rule::Sweeps;
use tinynmf_core::transform::TransformSettings;
use tinynmf_core::{Data, Online, Settings, Transform};

/// The minimum of ½‖v − Wh‖² + λ₁Σh + ½λ₂‖h‖² over h ≥ 0: of all 2ʳ free sets the one that satisfies the conditions.
fn solved(w: &DMatrix<f64>, v: &DVector<f64>, penalty: Penalty) -> DVector<f64> {
    let r = w.ncols();
    let a = w.transpose() * w + DMatrix::identity(r, r) * f64::from(penalty.l2);
    let b = w.transpose() * v - DVector::from_element(r, f64::from(penalty.l1));
    let mut best: Option<(f64, DVector<f64>)> = None;
    for set in 0..1_usize << r {
        let free: Vec<usize> = (0..r).filter(|k| set >> k & 1 == 1).collect();
        let part = DMatrix::from_fn(free.len(), free.len(), |i, j| a[(free[i], free[j])]);
        let right = DVector::from_fn(free.len(), |i, _| b[free[i]]);
        let Some(factors) = part.cholesky() else { continue };
        let found = factors.solve(&right);
        if found.iter().any(|x| *x < 0.0) {
            continue;
        }
        let mut x = DVector::zeros(r);
        free.iter().zip(&found).for_each(|(k, found)| x[*k] = *found);
        let value = 0.5 * x.dot(&(&a * &x)) - b.dot(&x);
        if best.as_ref().is_none_or(|(least, _)| value < *least) {
            best = Some((value, x));
        }
    }
    best.unwrap().1
}

/// A W ≥ 0 (m × r) whose singular values span `condition`: columns as like each other as that takes.
fn conditioned(m: usize, r: usize, condition: f64, rng: &mut Rng) -> DMatrix<f64> {
    let common = DVector::from_fn(m, |_, _| f64::from(uniform(rng)) + 0.2);
    let own = DMatrix::from_fn(m, r, |_, _| f64::from(normal(rng)).abs());
    let at = |share: f64| {
        let mixed = |i: usize, k: usize| (1.0 - share) * common[i] + share * own[(i, k)];
        // As core has it.
        DMatrix::from_fn(m, r, |i, k| f64::from(mixed(i, k) as f32))
    };
    let of = |w: &DMatrix<f64>| {
        let values = w.singular_values();
        values.max() / values.min()
    };
    let (mut low, mut high) = (1e-5, 1.0);
    for _ in 0..40 {
        let middle = 0.5 * (low + high);
        if of(&at(middle)) > condition { low = middle } else { high = middle }
    }
    at(high)
}

/// Relative errors of h and of the residual, of many columns at once.
fn errors(w: &DMatrix<f64>, noise: f64, penalty: Penalty, rng: &mut Rng) -> Vec<[f64; 2]> {
    const COLUMNS: usize = 9;
    let (m, r) = w.shape();
    let h = DMatrix::from_fn(r, COLUMNS, |_, _| {
        if uniform(rng) < 0.6 { f64::from(normal(rng)).abs() } else { 0.0 }
    });
    let exact = w * &h;
    let v = exact.map(|v| f64::from((v * (1.0 + noise * f64::from(normal(rng)))).max(0.0) as f32));
    let flat: Vec<f32> = w.transpose().iter().map(|w| *w as f32).collect();
    let mut memory = vec![f32::NAN; Transform::floats(r)];
    let settings = TransformSettings { penalty, ..TransformSettings::default() };
    let mut transform = Transform::new(&flat, r, settings, &mut memory).unwrap();
    let by_rows: Vec<f32> = v.transpose().iter().map(|v| *v as f32).collect();
    let data = Data::new(&by_rows, m, COLUMNS, 1.0).unwrap();
    let (mut found, mut residuals) = (vec![f32::NAN; COLUMNS * r], [f32::NAN; COLUMNS]);
    transform.exact(&data, &mut found, &mut residuals).unwrap();
    let mut errors = Vec::new();
    for (j, residual) in residuals.into_iter().enumerate() {
        let column = v.column(j).into_owned();
        let expected = solved(w, &column, penalty);
        let got = DVector::from_iterator(r, found[j * r..][..r].iter().map(|x| f64::from(*x)));
        assert!(got.iter().all(|x| *x >= 0.0));
        let true_residual = 0.5 * (&column - w * &got).norm_squared();
        let scale = expected.norm().max(1e-30);
        errors.push([
            (got - expected).norm() / scale,
            (f64::from(residual) - true_residual).abs()
                / true_residual.max(1e-10 * column.norm_squared()),
        ]);
        // Alone, the column has the same bits.
        let alone: Vec<f32> = column.iter().map(|v| *v as f32).collect();
        let (mut h, mut residual_alone) = (vec![f32::NAN; r], [f32::NAN]);
        let alone = Data::column(&alone, 1.0).unwrap();
        transform.exact(&alone, &mut h, &mut residual_alone).unwrap();
        let bits = |x: &[f32]| x.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&h), bits(&found[j * r..][..r]));
        assert_eq!(residual_alone[0].to_bits(), residual.to_bits());
    }
    errors
}

fn median(x: &mut [f64]) -> f64 {
    x.sort_by(f64::total_cmp);
    x[x.len() / 2]
}

#[test]
fn exact_latents_agree_with_f64() {
    let mut rng = generator(21, Stream::Start);
    for (condition, median_limit, worst_limit) in [(10.0, 1e-6, 1e-5), (100.0, 1e-5, 1e-4)] {
        let mut all = Vec::new();
        for (m, r) in [(64, 4), (64, 8), (40, 6), (12, 1), (30, 10), (20, 3)] {
            let w = conditioned(m, r, condition, &mut rng);
            for noise in [0.0, 0.01, 0.3] {
                all.extend(errors(&w, noise, Penalty::default(), &mut rng));
            }
        }
        let (mut latents, mut residuals): (Vec<f64>, Vec<f64>) =
            all.into_iter().map(|[latents, residual]| (latents, residual)).unzip();
        let medians = [median(&mut latents), median(&mut residuals)];
        let worst = [latents.last().unwrap(), residuals.last().unwrap()];
        println!("condition {condition}: medians {medians:?}, worst {worst:?}");
        assert!(medians[0] <= median_limit && *worst[0] <= worst_limit, "{medians:?} {worst:?}");
        assert!(medians[1] <= 1e-5 && *worst[1] <= 1e-2, "{medians:?} {worst:?}");
    }
}

/// Of W with nothing special, as those that NMF finds.
#[test]
fn exact_latents_of_plain_problems_agree_to_a_millionth() {
    let mut rng = generator(22, Stream::Start);
    let mut latents = Vec::new();
    for penalty in [Penalty::default(), Penalty { l1: 0.1, l2: 0.0 }, Penalty { l1: 0.0, l2: 0.5 }]
    {
        for r in [2, 4, 7, 11] {
            let w = DMatrix::from_fn(64, r, |_, _| {
                if uniform(&mut rng) < 0.7 { f64::from(normal(&mut rng).abs()) } else { 0.0 }
            });
            latents.extend(errors(&w, 0.1, penalty, &mut rng).into_iter().map(|[x, _]| x));
        }
    }
    let median = median(&mut latents);
    println!("median {median}, worst {}", latents.last().unwrap());
    assert!(median <= 1e-6 && *latents.last().unwrap() <= 1e-5);
}

/// A square W is often of high condition, and columns nearly alike make any W so. What is asked of latents there is that
/// no others fit better.
#[test]
fn exact_latents_are_the_minimum_whatever_the_condition() {
    let mut rng = generator(23, Stream::Start);
    for (m, r, alike) in [(4, 4, false), (6, 6, false), (8, 8, false), (32, 2, true), (40, 6, true)]
    {
        for trial in 0..300 {
            let l1 = if trial % 3 == 0 { 0.1 } else { 0.0 };
            let power = [1, 3, 8][trial % 3];
            let mut w = DMatrix::from_fn(m, r, |_, _| f64::from(uniform(&mut rng).powi(power)));
            if alike {
                let apart = 10.0_f64.powf(-1.0 - 4.0 * f64::from(uniform(&mut rng)));
                for i in 0..m {
                    w[(i, 1)] =
                        f64::from((w[(i, 0)] + apart * f64::from(uniform(&mut rng))) as f32);
                }
            }
            let v = DVector::from_fn(m, |_, _| f64::from(uniform(&mut rng)));
            let penalty = Penalty { l1, l2: 0.0 };
            let flat: Vec<f32> = w.transpose().iter().map(|w| *w as f32).collect();
            let mut memory = vec![f32::NAN; Transform::floats(r)];
            let settings = TransformSettings { penalty, ..TransformSettings::default() };
            let mut transform = Transform::new(&flat, r, settings, &mut memory).unwrap();
            let column: Vec<f32> = v.iter().map(|v| *v as f32).collect();
            let (mut h, mut residual) = (vec![f32::NAN; r], [f32::NAN]);
            transform.exact(&Data::column(&column, 1.0).unwrap(), &mut h, &mut residual).unwrap();
            let loss = |h: &DVector<f64>| {
                0.5 * (&v - &w * h).norm_squared() + f64::from(penalty.l1) * h.sum()
            };
            let found = loss(&DVector::from_iterator(r, h.iter().map(|h| f64::from(*h))));
            let gap = (found - loss(&solved(&w, &v, penalty))) / (0.5 * v.norm_squared());
            assert!(gap < 2e-6, "{m} x {r}, trial {trial}: {gap:e} above the minimum");
        }
    }
}

/// Columns that NMF cannot tell apart exactly: noisy products of a sparse W.
fn columns(w: &DMatrix<f64>, n: usize, rng: &mut Rng) -> DMatrix<f64> {
    let h = DMatrix::from_fn(w.ncols(), n, |_, _| {
        if uniform(rng) < 0.6 { f64::from(normal(rng)).abs() } else { 0.0 }
    });
    (w * h).map(|v| f64::from((v + 0.1 * f64::from(normal(rng).abs())) as f32))
}

/// F of columns for a W, with the exact latents.
fn held_out(w: &[f32], r: usize, v: &DMatrix<f64>) -> f64 {
    let mut memory = vec![0.0; Transform::floats(r)];
    let mut transform = Transform::new(w, r, TransformSettings::default(), &mut memory).unwrap();
    let by_rows: Vec<f32> = v.transpose().iter().map(|v| *v as f32).collect();
    let data = Data::new(&by_rows, v.nrows(), v.ncols(), 1.0).unwrap();
    let (mut h, mut residuals) = (vec![0.0; v.ncols() * r], vec![0.0; v.ncols()]);
    transform.exact(&data, &mut h, &mut residuals).unwrap();
    residuals.into_iter().map(f64::from).sum()
}

/// One pass over a stream against batch NMF on the same columns, on others.
#[test]
fn a_stream_generalises_as_batch_does() {
    const N: usize = 600;
    let mut ratios = Vec::new();
    for (window, limit) in [(50.0, 1.05)] {
        ratios.clear();
        for seed in 0..9 {
            let (m, r) = [(64, 4), (40, 3), (30, 6)][seed as usize % 3];
            let mut rng = generator(100 + seed, Stream::Start);
            let w = DMatrix::from_fn(m, r, |_, _| {
                if uniform(&mut rng) < 0.5 { f64::from(normal(&mut rng)).abs() } else { 0.0 }
            });
            let (seen, unseen) = (columns(&w, N, &mut rng), columns(&w, 200, &mut rng));
            let by_rows: Vec<f32> = seen.transpose().iter().map(|v| *v as f32).collect();
            let data = Data::new(&by_rows, m, N, 1.0).unwrap();
            let settings = Settings { seed, ..Settings::default() };
            let mut nmf = NmfVec::new(m, N, r, settings).unwrap();
            let mut run = nmf.run(data).unwrap();
            let mut batch = Sweeps::new(1.0, 2).unwrap();
            for _ in 0..200 {
                run.epoch(&mut batch);
            }
            let batch = held_out(run.w(), r, &unseen);
            let settings = OnlineSettings { window, seed, ..OnlineSettings::default() };
            let mut memory = vec![0.0; Online::floats(m, r, Keep::Products)];
            let mut online = Online::new(m, r, settings, &mut memory).unwrap();
            let mut rule = Sweeps::HALS;
            for column in seen.column_iter() {
                let column: Vec<f32> = column.iter().map(|v| *v as f32).collect();
                online.column(&Data::column(&column, 1.0).unwrap(), &mut rule).unwrap();
            }
            ratios.push(held_out(online.w(), r, &unseen) / batch);
        }
        let all = format!("{ratios:.3?}");
        let median = median(&mut ratios);
        println!("window {window}: {all}, median {median:.4}");
        assert!(median <= limit, "window {window}: {all}");
    }
}
