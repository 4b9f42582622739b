//! Properties of every half-step, against float64 and the definitions.
//!
//! Tolerances are stated in units of [`Half::rounding`](tinynmf_tests::float64::Half::rounding) or of
//! ε‖V‖², with the worst value measured over 3000 problems, 15 rules and 12 epochs.

use proptest::prelude::*;
use tinynmf_core::rule::{Armijo, Bound, Fixed};
use tinynmf_core::{Factor, Outcome, Settings};
use tinynmf_tests::float64::lambda_max;
use tinynmf_tests::problem::{Asked as _, config, ordinary, plain};
use tinynmf_tests::rules;
use tinynmf_tests::walk::walk;

const EPSILON: f64 = f32::EPSILON as f64;

/// F(X⁺) − F(X) of a step below 2/L; measured 0.02.
const INCREASE: f64 = 0.1;

proptest! {
    #![proptest_config(config(10_000))]

    #[test]
    fn a_share_of_the_bound_never_increases_the_loss(
        problem in ordinary(),
        share in 0.01_f32..0.9999,
    ) {
        walk(&problem, &mut Bound::new(share).unwrap(), 10, |step| {
            let change = step.half.change(&step.x, &step.next);
            let unit = step.half.rounding(&step.x, &step.next);
            assert!(change <= INCREASE * unit, "increase {change:e}, unit {unit:e}");
        });
    }

    /// The true 2/λmax, not the certified one.
    #[test]
    fn any_fixed_rate_below_the_true_bound_never_increases_the_loss(
        problem in ordinary(),
        share in 0.001_f64..0.9999,
    ) {
        let half = problem.half(Factor::W);
        let l = lambda_max(&half.y);
        prop_assume!(l > 0.0);
        let mut rule = Fixed::new((share * 2.0 / l) as f32).unwrap();
        let mut first = true;
        walk(&problem, &mut rule, 1, |step| {
            if std::mem::take(&mut first) {
                let change = step.half.change(&step.x, &step.next);
                let unit = step.half.rounding(&step.x, &step.next);
                assert!(change <= INCREASE * unit, "increase {change:e}, unit {unit:e}");
            }
        });
    }

    /// Every α ≤ 2(1 − c)/L is taken at the first trial, and the condition holds in float64.
    #[test]
    fn armijo_accepts_every_rate_that_the_theory_says(
        problem in ordinary(),
        c in 0.01_f32..0.99,
        share in 0.01_f64..1.0,
    ) {
        let l = lambda_max(&problem.half(Factor::W).y);
        prop_assume!(l > 0.0);
        let alpha = (share * 2.0 * (1.0 - f64::from(c)) / l * (1.0 - 2.0 * EPSILON)) as f32;
        let mut first = true;
        walk(&problem, &mut Armijo::new(c, 0.5, alpha).unwrap(), 1, |step| {
            if std::mem::take(&mut first) && step.record.outcome == Outcome::Stepped && step.is_in_range() {
                assert_eq!(step.record.rate.to_bits(), alpha.to_bits());
                let decrease = f64::from(c / alpha) * (&step.next - &step.x).norm_squared();
                let excess = step.half.change(&step.x, &step.next) + decrease;
                let unit = step.half.rounding(&step.x, &step.next);
                assert!(excess <= INCREASE * unit, "excess {excess:e}, unit {unit:e}");
            }
        });
    }
}

proptest! {
    // Every rule a case.
    #![proptest_config(config(400))]

    #[test]
    fn records_agree_with_float64(problem in ordinary()) {
        for (name, mut rule) in rules::every() {
            walk(&problem, &mut rule, 4, |step| {
                if step.record.outcome != Outcome::Stepped || !step.is_in_range() {
                    return;
                }
                let exact = step.half.change(&step.x, &step.next);
                let error = (f64::from(step.record.change.loss()) - exact).abs();
                let unit = step.half.rounding(&step.x, &step.next);
                // Measured 1.6.
                assert!(error <= 5.0 * unit, "{name}: change {exact:e}, error {error:e}");

                let (loss, fit) = (step.half.loss(&step.x), (&step.x * step.half.y.transpose()).norm());
                let error = (f64::from(step.record.slope.loss) - loss).abs();
                let unit = 0.5 * EPSILON * (step.half.v.norm_squared() + fit * fit);
                // Measured 3: the loss of the slope cancels.
                assert!(error <= 8.0 * unit, "{name}: loss {loss:e}, error {error:e}");
            });
        }
    }
}

proptest! {
    #![proptest_config(config(10_000))]

    /// √F is within a few ε(‖V‖ + √F), however small F gets.
    #[test]
    fn the_reported_loss_does_not_cancel(problem in ordinary()) {
        let mut nmf = problem.nmf(Settings::default());
        let error = problem.loss_error(nmf.run(problem.data()).unwrap().loss());
        // Measured 1.2.
        prop_assert!(error <= 4.0, "{error}");
    }

    /// The mean of G over all batches of a size is G: E[G] = ∇F (Assumption A.1 of the paper).
    #[test]
    fn mini_batch_gradients_are_unbiased(problem in plain(), size in 1_usize..4) {
        for factor in [Factor::W, Factor::H] {
            let (half, x) = (problem.half(factor), problem.factor(factor));
            let inner = half.y.nrows();
            if inner > 8 || size > inner {
                continue;
            }
            let batches: Vec<Vec<u32>> = (0_u32..1 << inner)
                .filter(|bits| bits.count_ones() as usize == size)
                .map(|bits| (0..inner as u32).filter(|j| bits >> j & 1 == 1).collect())
                .collect();
            let sum = batches
                .iter()
                .map(|batch| problem.gradient(factor, Some(batch)))
                .reduce(|sum, g| sum + g)
                .unwrap();
            let mean = sum / batches.len() as f64;
            let terms = (&x * half.y.tr_mul(&half.y)).norm() + (&half.v * &half.y).norm();
            let bias = (mean - half.gradient(&x)).norm();
            prop_assert!(bias <= 4.0 * EPSILON * terms, "bias {bias:e} of terms {terms:e}");
        }
    }
}
