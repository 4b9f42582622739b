//! With penalties the bound is that of the penalised F, and without them no bit changes; parts that are known stay.

use proptest::prelude::*;
use tinynmf_core::penalty::{Penalties, Penalty};
use tinynmf_core::rule::Widening;
use tinynmf_core::transform::{Transform, TransformSettings};
use tinynmf_core::{Data, Error, Factor, KnownParts, Nmf, Settings};
use tinynmf_tests::float64::Matrix;
use tinynmf_tests::problem::{Asked as _, Problem, config, ordinary, plain};
use tinynmf_tests::rules;

/// λ₁·ΣX + ½λ₂‖X‖² in float64.
fn value(penalty: Penalty, x: &Matrix) -> f64 {
    f64::from(penalty.l1) * x.sum() + 0.5 * f64::from(penalty.l2) * x.norm_squared()
}

/// λ₁ and λ₂ as shares of what they are added to: V² and λmax.
fn penalties() -> impl Strategy<Value = [f32; 4]> {
    let share = || prop_oneof![Just(0.0_f32), 1e-4_f32..2.0];
    [share(), share(), share(), share()]
}

fn scaled(problem: &Problem, [w1, w2, h1, h2]: [f32; 4]) -> Penalties {
    let mean = problem.data().mean();
    // λ₁ of W against (VHᵀ), λ₂ against HHᵀ, each of the start.
    let of = |y: &[f32], l1: f32, l2: f32| {
        let sum = y.iter().fold(0.0, |sum, y| sum + y);
        let squares = y.iter().fold(0.0, |sum, y| sum + y * y);
        Penalty { l1: l1 * mean * sum / problem.rank as f32, l2: l2 * squares }
    };
    Penalties { w: of(&problem.h, w1, w2), h: of(&problem.w, h1, h2) }
}

/// Every step of bound(c) on `v`, which is the problem's V, at every half-step: F + penalties in float64.
fn descends(
    problem: &Problem,
    v: impl tinynmf_core::Matrix,
    penalties: Penalties,
    c: f32,
) -> Result<[Vec<f32>; 2], TestCaseError> {
    let mut rule = rules::rule("bound", &[c]);
    let mut nmf = problem.nmf(Settings { penalties, ..Settings::default() });
    let mut run = nmf.run(v).unwrap();
    let mut at = problem.clone();
    for t in 0..12 {
        run.epoch(&mut rule);
        let (w, h) = (run.w().to_vec(), run.h().to_vec());
        for factor in [Factor::W, Factor::H] {
            let (half, x) = (at.half(factor), at.factor(factor));
            match factor {
                Factor::W => at.w.clone_from(&w),
                Factor::H => at.h.clone_from(&h),
            }
            let next = at.factor(factor);
            let [own, _] = penalties.of(factor);
            let change = half.change(&x, &next) + value(own, &next) - value(own, &x);
            let rounding = half.rounding(&x, &next)
                + f64::from(f32::EPSILON) * (value(own, &x) + value(own, &next));
            prop_assert!(
                change <= 8.0 * rounding,
                "epoch {t}, {factor:?}: {change:e} over {rounding:e}"
            );
        }
    }
    let error = at.loss_error(run.loss());
    prop_assert!(error <= 4.0, "loss: {error}");
    let own = value(penalties.w, &at.factor(Factor::W)) + value(penalties.h, &at.factor(Factor::H));
    let objective = f64::from(run.loss()) + own;
    let error = (f64::from(run.objective()) - objective).abs();
    prop_assert!(error <= 1e-5 * objective + 1e-30, "objective: {error:e} of {objective:e}");
    Ok([run.w().to_vec(), run.h().to_vec()])
}

/// The first `kept` of every `rank` numbers, bit by bit.
fn first(x: &[f32], kept: usize, rank: usize) -> Vec<u32> {
    x.chunks(rank).flat_map(|x| &x[..kept.min(rank)]).map(|x| x.to_bits()).collect()
}

proptest! {
    #![proptest_config(config(10_000))]

    #[test]
    fn bound_never_increases_the_penalised_loss(
        problem in ordinary(),
        shares in penalties(),
        c in 0.01_f32..0.999,
    ) {
        descends(&problem, problem.data(), scaled(&problem, shares), c)?;
    }

    #[test]
    fn known_parts_stay_and_the_loss_falls(
        problem in ordinary(),
        shares in penalties(),
        c in 0.01_f32..0.999,
        kept in [0_usize..8, 0_usize..8],
    ) {
        let v = KnownParts::new(problem.data(), kept);
        let [w, h] = descends(&problem, v, scaled(&problem, shares), c)?;
        let [kept_w, kept_h] = kept;
        prop_assert_eq!(first(&w, kept_w, problem.rank), first(&problem.w, kept_w, problem.rank));
        prop_assert_eq!(first(&h, kept_h, problem.rank), first(&problem.h, kept_h, problem.rank));
        // The same from sweeps over samples, the default's way.
        let mut nmf = problem.nmf(Settings::default());
        let mut run = nmf.run(v).unwrap();
        let mut rule = Widening::DEFAULT;
        for _ in 0..12 {
            run.epoch(&mut rule);
        }
        prop_assert_eq!(first(run.w(), kept_w, problem.rank), first(&problem.w, kept_w, problem.rank));
        prop_assert_eq!(first(run.h(), kept_h, problem.rank), first(&problem.h, kept_h, problem.rank));
    }

    /// A half-step records the penalised F, with the penalties of both factors.
    #[test]
    fn records_are_of_the_penalised_loss(problem in plain(), shares in penalties()) {
        let penalties = scaled(&problem, shares);
        let mut nmf = problem.nmf(Settings { penalties, ..Settings::default() });
        let mut run = nmf.run(problem.data()).unwrap();
        let expected = run.objective();
        let epoch = run.epoch(&mut rules::rule("bound", &[0.9]));
        let close = |x: f32, y: f32| (x - y).abs() <= 1e-4 * (expected + problem.data().norm_squared());
        if epoch.w.lipschitz > 0.0 {
            prop_assert!(close(epoch.w.slope.loss, expected), "{} {expected}", epoch.w.slope.loss);
        }
        let after = epoch.h.slope.loss + epoch.h.change.loss();
        if epoch.h.rate > 0.0 {
            prop_assert!(close(after, run.objective()), "{after} {}", run.objective());
        }
    }
}

#[test]
fn sparsity_grows_with_l1_and_size_falls_with_l2() {
    let problem = &tinynmf_tests::problem::draw(&plain(), 40)
        .into_iter()
        .find(|p| p.rows >= 10 && p.columns >= 10 && p.rank >= 3)
        .unwrap();
    let factors = |h: Penalty| {
        let penalties = Penalties { h, w: Penalty { l1: 0.0, l2: 0.1 } };
        let mut nmf = problem.nmf(Settings { penalties, ..Settings::default() });
        let mut run = nmf.run(problem.data()).unwrap();
        (0..200).for_each(|_| {
            run.epoch(&mut rules::rule("bound", &[0.95]));
        });
        let zeros = run.h().iter().filter(|h| **h <= 0.0).count();
        (zeros, run.h().iter().fold(0.0, |sum, h| sum + h * h))
    };
    let (zeros, squares) = factors(Penalty::default());
    let (sparse, _) = factors(Penalty { l1: 0.5, l2: 0.0 });
    let (_, small) = factors(Penalty { l1: 0.0, l2: 5.0 });
    assert!(sparse > zeros, "{sparse} zeros with λ₁, {zeros} without");
    assert!(small < 0.7 * squares, "‖H‖² is {small} with λ₂, {squares} without");
}

#[test]
fn bad_penalties_are_refused() {
    for bad in [-1.0, f32::NAN, f32::INFINITY] {
        let penalties = Penalties { w: Penalty { l1: 0.0, l2: bad }, ..Penalties::default() };
        let refused = Nmf::<3, 2, 1>::new(Settings { penalties, ..Settings::default() }).err();
        assert!(matches!(refused, Some(Error::Parameter { .. })));
        let settings = TransformSettings {
            penalty: Penalty { l1: bad, l2: 0.0 },
            ..TransformSettings::default()
        };
        let mut memory = [0.0; Transform::floats(1)];
        assert!(Transform::new(&[1.0; 3], 1, settings, &mut memory).is_err());
    }
    assert!(Data::new(&[1_u8; 6], 3, 2, 1.0).is_ok());
}
