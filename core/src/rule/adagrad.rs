//! adagrad_norm(c): α = (c/L)·‖G₀‖/√Σ‖G‖², the sum over this factor's gradients up to now, ‖G₀‖ the first.
//!
//! Ward, Wu & Bottou, AdaGrad stepsizes: sharp convergence over nonconvex landscapes (2019); McMahan & Streeter, Adaptive
//! bound optimization for online convex optimization (2010).

use super::kept::Kept;
use super::{StepRule, require};
use crate::Error;
use crate::float::ratio;
use crate::random::Rng;
use crate::situation::Situation;
use crate::subproblem::Subproblem;

/// Steps that shrink as gradients add up. Serves one run at a time.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct AdagradNorm {
    factor: f32,
    seen: Kept<Gradients>,
}

/// Sums over the gradients so far.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
struct Gradients {
    /// ‖G₀‖².
    first: f32,
    /// Σ‖G‖²/‖G₀‖².
    sum: f32,
}

impl AdagradNorm {
    /// `factor`/L at first.
    ///
    /// # Errors
    ///
    /// [`Error::Parameter`] unless c is positive and finite.
    pub fn new(factor: f32) -> Result<Self, Error> {
        require("adagrad_norm(c)", "a positive, finite c", factor, 0.0, f32::MAX)?;
        Ok(Self { factor, seen: Kept::default() })
    }

    /// c, the first step in units of 1/L: positive.
    #[must_use]
    pub fn factor(&self) -> f32 {
        self.factor
    }
}

impl StepRule for AdagradNorm {
    fn rate<B: Subproblem>(&mut self, at: &Situation<'_>, _: &mut B, _: &mut Rng) -> f32 {
        let seen = self.seen.at(at);
        let norm_squared = at.slope.norm_squared;
        if seen.sum <= 0.0 {
            seen.first = norm_squared;
        }
        seen.sum += ratio(norm_squared, seen.first).unwrap_or(0.0);
        self.factor * at.safe_rate() / libm::sqrtf(seen.sum)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::tests::{rate_of, situation};
    use crate::situation::Memory;
    use crate::subproblem::Slope;

    #[test]
    fn shrinks_as_gradients_add_up() {
        let mut rule = AdagradNorm::new(3.0).unwrap();
        let mut rate = |steps, norm_squared| {
            let own = Memory { steps, ..Memory::default() };
            let slope = Slope { norm_squared, ..Slope::default() };
            rate_of(&mut rule, &Situation { lipschitz: 2.0, slope, ..situation(&own) })
        };
        // Sums of 4, 9, 16; then of another run.
        for (steps, norm_squared, expected) in
            [(0, 4.0, 1.5), (1, 5.0, 1.0), (2, 7.0, 0.75), (0, 9.0, 1.5), (1, 27.0, 0.75)]
        {
            let found = rate(steps, norm_squared);
            assert!((found - expected).abs() < 1e-6, "{found} for {expected}");
        }
        for factor in [0.0, -1.0, f32::INFINITY, f32::NAN] {
            assert!(AdagradNorm::new(factor).is_err(), "{factor}");
        }
    }
}
