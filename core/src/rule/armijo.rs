//! armijo(c, β, α_max): the first α = α_max·βᵏ with F(X⁺) ≤ F(X) − (c/α)‖X⁺ − X‖².
//!
//! The projected form of the paper's (1), to which it reduces where nothing is clipped. It accepts
//! every α ≤ 2(1 − c)/L.

use super::{StepRule, backtrack, require};
use crate::Error;
use crate::block::Block;
use crate::random::Rng;
use crate::situation::Situation;

/// Armijo's rule along the projection arc (Armijo 1966, Bertsekas 1976).
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
    fn rate<B: Block>(&mut self, at: &Situation<'_>, block: &mut B, _: &mut Rng) -> f32 {
        let c = self.c;
        let sure = (1.0 - c) * at.bound();
        backtrack(block, self.alpha_max, self.shrink, sure, |alpha, change| {
            change.loss() <= -c / alpha * change.norm_squared
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::tests::rate_at;

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
}
