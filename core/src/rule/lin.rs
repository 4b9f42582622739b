//! lin(σ, β, α_max): the first α = α_max·βᵏ with F(X⁺) − F(X) ≤ σ⟨G, X⁺ − X⟩ (Lin 2007, eq. 13).

use super::{StepRule, backtrack, require};
use crate::Error;
use crate::random::Rng;
use crate::situation::Situation;
use crate::subproblem::Subproblem;

/// Lin's sufficient decrease for projected gradients (Neural Computation 19, 2007); σ = 0.01 there.
///
/// After [`MOST_TRIALS`](super::MOST_TRIALS) it takes 2(1 − σ)/L, which always passes.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Lin {
    sigma: f32,
    shrink: f32,
    alpha_max: f32,
}

impl Lin {
    /// Sufficient decrease `sigma`, factor β = `shrink`, first trial `alpha_max`.
    ///
    /// # Errors
    ///
    /// [`Error::Parameter`] unless 0 < `sigma` < 1, 0 < `shrink` < 1 and `alpha_max` is positive and
    /// finite.
    pub fn new(sigma: f32, shrink: f32, alpha_max: f32) -> Result<Self, Error> {
        let rule = "lin(s, b, a)";
        require(rule, "s between 0 and 1", sigma, 0.0, 1.0)?;
        require(rule, "b between 0 and 1", shrink, 0.0, 1.0)?;
        require(rule, "a positive, finite a", alpha_max, 0.0, f32::MAX)?;
        Ok(Self { sigma, shrink, alpha_max })
    }

    /// (σ, β, α_max).
    #[must_use]
    pub fn parameters(&self) -> [f32; 3] {
        [self.sigma, self.shrink, self.alpha_max]
    }
}

impl StepRule for Lin {
    fn rate<B: Subproblem>(&mut self, at: &Situation<'_>, block: &mut B, _: &mut Rng) -> f32 {
        let sigma = self.sigma;
        // ⟨G, D⟩ ≤ −‖D‖²/α and ⟨D, DA⟩ ≤ L‖D‖² give acceptance for every α ≤ 2(1 − σ)/L.
        let sure = (1.0 - sigma) * at.bound();
        backtrack(block, at.rate_of(self.alpha_max), self.shrink, sure, |_, change| {
            change.loss() <= sigma * change.inner
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::tests::rate_at;

    #[test]
    fn takes_the_first_trial_under_its_threshold() {
        // −α + α² ≤ −σα on the parabola: α ≤ 1 − σ.
        for (alpha_max, expected) in [(1.0, 0.5), (0.98, 0.98), (8.0, 0.5)] {
            let rate = rate_at(Lin::new(0.01, 0.5, alpha_max).unwrap(), 0, None);
            assert!((rate - expected).abs() < 1e-6, "{rate} from {alpha_max}");
        }
        assert!(Lin::new(0.0, 0.5, 1.0).is_err());
    }
}
