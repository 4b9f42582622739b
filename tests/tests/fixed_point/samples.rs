//! Samples, penalties and extrapolation in fixed point: against floats, and that F of the sample never rises.

use proptest::prelude::*;
use tinynmf_core::fixed_point::Range;
use tinynmf_core::penalty::{Penalties, Penalty};
use tinynmf_core::random::{Stream, batch, generator, uniform};
use tinynmf_core::rule::{Sweeps, Widening};
use tinynmf_core::{Data, Nmf, NmfFixed, Rule, Settings};
use tinynmf_tests::problem::config;
use tinynmf_tests::reference::cases;
use tinynmf_tests::rules;

use super::quantised;

const M: usize = 24;
const N: usize = 17;
const R: usize = 4;

/// Factors as float64, with what their entries count.
struct At {
    w: Vec<f64>,
    h: Vec<f64>,
    units: [f64; 2],
}

impl At {
    fn of(nmf: &mut NmfFixed<M, N, R>, scale: f32) -> Self {
        let buffers = nmf.buffers();
        let (w, h) = (buffers.w(), buffers.h(scale));
        let units = [w.unit, h.unit].map(f64::from);
        let [w, h] = [(w.entries, units[0]), (h.entries, units[1])]
            .map(|(entries, unit)| entries.iter().map(|x| f64::from(*x) * unit).collect());
        Self { w, h, units }
    }

    /// l/|S| · ½‖V_S − WH_S‖² for columns S.
    fn loss(&self, v: &[f64], columns: &[u32]) -> f64 {
        let residual = |i: usize, j: usize| {
            let fit: f64 = (0..R).map(|k| self.w[i * R + k] * self.h[j * R + k]).sum();
            (v[i * N + j] - fit).powi(2)
        };
        let columns = columns.iter().map(|j| *j as usize);
        let sum: f64 = columns.clone().map(|j| (0..M).map(|i| residual(i, j)).sum::<f64>()).sum();
        0.5 * sum * N as f64 / columns.len() as f64
    }

    fn penalty(&self, penalty: Penalty) -> f64 {
        let squares: f64 = self.w.iter().map(|x| x * x).sum();
        f64::from(penalty.l1) * self.w.iter().sum::<f64>() + 0.5 * f64::from(penalty.l2) * squares
    }
}

/// Bound on the rise of F by rounding in a sweep over W of relaxation ω, for H and the units before and after it.
///
/// An entry lands e off: ⅝ of what it counts, and what G is off over A_jj. G is off by a unit for each cut and each term:
/// l of P where those are shifted, 1½·r of XA and its rounded A, and a few more. The unit is the larger of P's and XA's. As
/// in floats, that raises F by ½A_jj·e²/(ω(2 − ω)). Where X is halved for a larger entry, or balanced, all of it moves by at
/// most an entry, which changes F by ‖residual‖·‖δYᵀ‖ + ½‖δYᵀ‖².
fn allowance(before: &At, after: &At, case: &Case, relaxation: f64) -> f64 {
    let Case { scale, bits, columns, penalty, .. } = case;
    let (terms, weight) = (columns.len(), N as f64 / columns.len() as f64);
    let [x, y] = [before.units[0].max(after.units[0]), before.units[1]];
    let balanced = *penalty == Penalty::default();
    let squares = |k: usize, columns: &[u32]| -> f64 {
        columns.iter().map(|j| before.h[*j as usize * R + k].powi(2)).sum()
    };
    let gram: Vec<f64> =
        (0..R).map(|k| weight * squares(k, columns) + f64::from(penalty.l2)).collect();
    // A component that was balanced has the bits of the others.
    let full = 32_768.0 * y;
    let most = |a: f64| if balanced { a.max(weight * terms as f64 * full * full) } else { a };
    let largest = gram.iter().fold(0.0_f64, |max, a| max.max(most(*a)));
    let shift = Range::new(*bits, terms).shift;
    let of_p = weight * 2_f64.powi(shift.cast_signed()) * f64::from(*scale) * y;
    let of_image = 65_536.0 * x * (4.0 * largest * 2_f64.powi(-29)).max(weight * y * y);
    let unit = of_p.max(of_image) * if penalty.l1 > 0.0 { 2.0 } else { 1.0 };
    let cuts = 1.5 * R as f64 + 6.0 + if shift > 0 { terms as f64 } else { 0.0 };
    let damping = relaxation * (2.0 - relaxation);
    let steps: f64 = gram
        .iter()
        .filter(|a| **a > 0.0)
        .map(|a| {
            let off = relaxation * cuts * unit;
            let entry = 0.625 * x;
            // (entry + off/a)² · a without a small a in between.
            let rise = entry * entry * most(*a) + 2.0 * entry * off + off * off / a;
            0.5 * M as f64 * rise / damping
        })
        .sum();
    let moved = if balanced || after.units[0] > before.units[0] { x } else { 0.0 };
    let image = moved * (M as f64).sqrt() * gram.iter().map(|a| most(*a).sqrt()).sum::<f64>();
    let residual = (2.0 * before.loss(&case.v, columns)).sqrt();
    steps + residual * image + 0.5 * image * image
}

struct Case {
    v: Vec<f64>,
    scale: f32,
    bits: u32,
    columns: Vec<u32>,
    penalty: Penalty,
}

proptest! {
    #![proptest_config(config(10_000))]

    /// F of the sample and the penalty, in float64, after every half-step of W.
    #[test]
    fn no_half_step_raises_f_of_its_sample(
        relaxation in 0.1_f32..1.9,
        density in 0.1_f32..1.0,
        bits in 4_u32..=16,
        share in 0.1_f32..1.5,
        l1 in prop_oneof![Just(0.0_f32), 1e-4_f32..1.0],
        l2 in prop_oneof![Just(0.0_f32), 1e-4_f32..2.0],
        exponent in -30_i32..24,
        seed: u64,
    ) {
        let mut rng = generator(seed, Stream::Start);
        let most = ((1_u32 << bits) - 1) as f32;
        let entry = |_| {
            if uniform(&mut rng) < density { (uniform(&mut rng) * most) as u16 } else { 0 }
        };
        let entries: Vec<u16> = (0..M * N - 1).map(entry).chain([1]).collect();
        let used = entries.iter().fold(0, |all, v| all | v);
        let scale = 2_f32.powi(exponent);
        let data = Data::new(&entries, M, N, scale).unwrap();
        let v: Vec<f64> = entries.iter().map(|v| f64::from(*v) * f64::from(scale)).collect();
        // As shares of what they are added to, for H of V's size.
        let size = (data.mean() / R as f32).sqrt();
        let penalty = Penalty { l1: l1 * data.mean() * size * N as f32, l2: l2 * size * size * N as f32 };
        let penalties = Penalties { w: penalty, ..Penalties::default() };
        let settings = Settings { penalties, seed, ..Settings::default() };
        let mut nmf = NmfFixed::<M, N, R>::new(settings).unwrap();
        nmf.run(data).unwrap();
        let mut order: Vec<u32> = (0..N as u32).collect();
        for _ in 0..4 {
            let columns = batch(&mut order, share, &mut rng).to_vec();
            let before = At::of(&mut nmf, scale);
            // No row is in the sample of H, which stays.
            let epoch = nmf.run(data).unwrap().epoch_on(
                &mut Sweeps::new(relaxation, 1).unwrap(), &columns, &[],
            );
            let after = At::of(&mut nmf, scale);
            let case = Case { v: v.clone(), scale, bits: 16 - used.leading_zeros(), columns, penalty };
            let [old, new] =
                [&before, &after].map(|at| at.loss(&case.v, &case.columns) + at.penalty(penalty));
            let allowed = allowance(&before, &after, &case, relaxation.into());
            prop_assert!(new <= old + allowed, "{old} to {new}, {allowed} allowed");
            let close = (f64::from(epoch.w.change.loss()) - (new - old)).abs();
            prop_assert!(close <= 1e-3 * (old - new).abs() + 2.0 * allowed, "{close} of {}", old - new);
        }
    }
}

/// A sample of everything, in any order, is no sample.
#[test]
fn all_indices_in_any_order_give_the_bits_of_share_one() {
    let entries: Vec<u16> = (0..M * N).map(|i| (i * i * 31 % 65_521) as u16).collect();
    let data = Data::new(&entries, M, N, 0.5).unwrap();
    let (columns, rows): (Vec<_>, Vec<_>) =
        ((0..N as u32).rev().collect(), (0..M as u32).rev().collect());
    for name in ["bound", "hals"] {
        let [mut whole, mut sampled] =
            [(); 2].map(|()| NmfFixed::<M, N, R>::new(Settings::default()).unwrap());
        let mut rule = rules::rule(name, if name == "bound" { &[0.9] } else { &[] });
        for _ in 0..9 {
            whole.run(data).unwrap().epoch(&mut rule);
            let epoch = sampled.run(data).unwrap().epoch_on(&mut rule, &columns, &rows);
            assert!(epoch.w.share >= 1.0);
        }
        let factors = |nmf: &mut NmfFixed<M, N, R>| {
            let buffers = nmf.buffers();
            (buffers.w.to_vec(), buffers.h.to_vec(), *buffers.exponents)
        };
        assert_eq!(factors(&mut whole), factors(&mut sampled), "{name}");
    }
}

/// The same indices as in floats, at the same cost; and none at share 1.
#[test]
fn draws_what_floats_draw() {
    let entries: Vec<u8> = (0..M * N).map(|i| (i * i % 251) as u8).collect();
    let data = Data::new(&entries, M, N, 0.5).unwrap();
    let batch = Settings { batch: 0.4, ..Settings::default() };
    let growing = rules::rule("growing", &[0.3, 1.2, 1.3, 2.0]);
    let cases = [
        (growing, Settings::default()),
        (rules::rule("sweeps", &[1.5, 2.0]), batch),
        (Widening::DEFAULT.into(), Settings::default()),
        (rules::rule("hals", &[]), Settings::default()),
    ];
    for (rule, settings) in cases {
        let mut floats = Nmf::<M, N, R>::new(settings).unwrap();
        let mut fixed = NmfFixed::<M, N, R>::new(settings).unwrap();
        let (mut a, mut b) = (rule.clone(), rule.clone());
        for t in 0..8 {
            let float = floats.run(data).unwrap().epoch(&mut a);
            let integer = fixed.run(data).unwrap().epoch(&mut b);
            for (float, integer) in [(float.w, integer.w), (float.h, integer.h)] {
                assert_eq!(float.share.to_bits(), integer.share.to_bits(), "{} {t}", rule.name());
            }
            let (float, integer) = (floats.buffers(), fixed.buffers());
            let drawn = (&*integer.row_order, &*integer.column_order);
            assert_eq!(drawn, (&*float.row_order, &*float.column_order), "{} {t}", rule.name());
            if rule.name() == "hals" {
                assert!(drawn.0.is_sorted() && drawn.1.is_sorted());
            }
        }
    }
}

/// The stated error with samples and penalties: relative in F with its penalties, along all of 20 epochs.
#[test]
fn follows_f32_with_samples_and_penalties() {
    let cases = cases();
    let problem = &cases.iter().find(|case| case.name == "24x17_r4").unwrap().problem;
    let sparse = Penalty { l1: 0.3, l2: 0.1 };
    let penalties = Penalties { w: Penalty { l1: 0.0, l2: 0.2 }, h: sparse };
    let penalised = Settings { penalties, ..super::settings() };
    let drawn = Settings { batch: 0.5, ..super::settings() };
    let runs: [(Rule<'static>, Settings, f32); 5] = [
        (rules::rule("hals", &[]), penalised, 3e-3),
        (rules::rule("bound", &[0.95]), penalised, 3e-3),
        (rules::rule("sweeps", &[1.3, 2.0]), drawn, 3e-2),
        (rules::rule("growing", &[0.3, 1.2, 1.3, 2.0]), super::settings(), 3e-2),
        (Widening::DEFAULT.into(), super::settings(), 3e-2),
    ];
    for bits in [8, 12, 16] {
        let (entries, scale) = quantised(problem, bits);
        let data = Data::new(&entries, M, N, scale).unwrap();
        for (rule, settings, stated) in &runs {
            let mut floats = Nmf::<M, N, R>::new(*settings).unwrap();
            floats.set(&problem.w, &problem.h).unwrap();
            let mut fixed = NmfFixed::<M, N, R>::new(*settings).unwrap();
            fixed.set(&problem.w, &problem.h, scale).unwrap();
            let (mut a, mut b) = (rule.clone(), rule.clone());
            let (mut floats, mut fixed) = (floats.run(data).unwrap(), fixed.run(data).unwrap());
            let mut extrapolated = 0;
            let worst = (0..super::EPOCHS).fold(0.0_f32, |worst, _| {
                floats.epoch(&mut a);
                let epoch = fixed.epoch(&mut b);
                extrapolated += u32::from(epoch.w.extrapolation > 0.0);
                let expected = floats.objective();
                worst.max((fixed.objective() - expected).abs() / expected)
            });
            println!("{bits} bits, {}: {worst}, {extrapolated} extrapolations", rule.name());
            assert!(worst <= *stated, "{bits} bits, {}: {worst}", rule.name());
            assert_eq!(extrapolated > 0, rule.name() == "widening");
        }
    }
}
