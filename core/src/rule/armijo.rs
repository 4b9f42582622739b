//! armijo(c, β, α_max): the first α = α_max·βᵏ with F(X⁺) ≤ F(X) − (c/α)‖X⁺ − X‖².
//!
//! The projected form of the paper's (1), to which it reduces where nothing is clipped. It accepts
//! every α ≤ 2(1 − c)/L.

use super::{StepRule, backtrack, require};
use crate::Error;
use crate::random::Rng;
use crate::situation::Situation;
use crate::subproblem::Subproblem;

/// Armijo's rule along the projection arc (Armijo 1966, Bertsekas 1976).
///
/// After [`MOST_TRIALS`](super::MOST_TRIALS) it takes 2(1 − c)/L, which always passes.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Armijo {
    c: f32,
    shrink: f32,
    alpha_max: f32,
}

impl Armijo {
    /// Sufficient decrease `c`, factor β = `shrink`, first trial `alpha_max`.
    ///
    /// # Errors
    ///
    /// [`Error::Parameter`] unless 0 < `c` < 1, 0 < `shrink` < 1 and `alpha_max` is positive and finite.
    pub fn new(c: f32, shrink: f32, alpha_max: f32) -> Result<Self, Error> {
        let rule = "armijo(c, b, a)";
        require(rule, "c between 0 and 1", c, 0.0, 1.0)?;
        require(rule, "b between 0 and 1", shrink, 0.0, 1.0)?;
        require(rule, "a positive, finite a", alpha_max, 0.0, f32::MAX)?;
        Ok(Self { c, shrink, alpha_max })
    }

    /// (c, β, α_max).
    #[must_use]
    pub fn parameters(&self) -> [f32; 3] {
        [self.c, self.shrink, self.alpha_max]
    }
}

impl StepRule for Armijo {
    fn rate<B: Subproblem>(&mut self, at: &Situation<'_>, block: &mut B, _: &mut Rng) -> f32 {
        let c = self.c;
        let sure = (1.0 - c) * at.bound();
        backtrack(block, at.rate_of(self.alpha_max), self.shrink, sure, |alpha, change| {
            change.loss() <= -c / alpha * change.norm_squared
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::tests::{Counted, Parabola, rate_at, rate_on};
    use crate::rule::{Lin, MOST_TRIALS};

    #[test]
    fn takes_the_first_trial_under_its_threshold() {
        // On a parabola without clipping the condition is α ≤ 2(1 − c)/L = 0.9 exactly.
        for (alpha_max, expected) in [(1.0, 0.5), (0.89, 0.89), (7.0, 0.875), (1e-3, 1e-3)] {
            let rate = rate_at(Armijo::new(0.1, 0.5, alpha_max).unwrap(), 0, None);
            assert!((rate - expected).abs() < 1e-6, "{rate} from {alpha_max}");
        }
        assert!(Armijo::new(1.0, 0.5, 1.0).is_err());
        assert!(Armijo::new(0.1, 1.0, 1.0).is_err());
        assert!(Armijo::new(0.1, 0.5, f32::INFINITY).is_err());
    }

    #[test]
    fn tries_a_stated_number_of_times_at_most() {
        fn tries(mut rule: impl StepRule, curvature: f32) -> (f32, u32) {
            let mut block = Counted { parabola: Parabola { curvature }, tries: 0 };
            let rate = rate_on(&mut rule, &mut block, curvature);
            assert!(rate.is_finite() && rate > 0.0);
            (rate, block.tries)
        }
        // Both pass by theory: 2·0.9/L and 2·0.99/L.
        for curvature in [1e-30, 2.0, 1e30] {
            let slow = 0.999_999_9;
            let (rate, armijo) = tries(Armijo::new(0.1, slow, 1e38).unwrap(), curvature);
            assert!((rate * curvature - 1.8).abs() < 1e-5, "{rate:e}");
            let (rate, lin) = tries(Lin::new(0.01, slow, 1e38).unwrap(), curvature);
            assert!((rate * curvature - 1.98).abs() < 1e-5, "{rate:e}");
            assert_eq!([armijo, lin], [MOST_TRIALS; 2]);
        }
        // The halves of 2¹²⁷ pass first at ½, the one after the last trial.
        let (rate, trials) = tries(Armijo::new(0.1, 0.5, libm::ldexpf(1.0, 127)).unwrap(), 2.0);
        assert_eq!((rate.to_bits(), trials), (0.5_f32.to_bits(), MOST_TRIALS));
    }
}
