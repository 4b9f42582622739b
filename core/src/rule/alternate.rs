//! alternate(τ, ω): α = ω·c if c·L > τ and this factor's last step was at most 2/L, else 1/L; c is the Cauchy step
//! ‖G_F‖²/⟨G_F, G_F A⟩.
//!
//! The policy for exact gradients, distilled to a rule of two lines. A step of 1/L leaves a gradient along the
//! low curvatures, which a long one then takes away. That Cauchy steps gain when they alternate with steps of another
//! kind is known: Raydan & Svaiter, Relaxed steepest descent and Cauchy-Barzilai-Borwein method (2002); Dai & Yuan,
//! Alternate minimization gradient method (2003).

use super::{StepRule, require};
use crate::Error;
use crate::float::ratio;
use crate::random::Rng;
use crate::situation::Situation;
use crate::subproblem::Subproblem;

/// A relaxed Cauchy step after a short one, where it is long enough to be worth it.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Alternate {
    threshold: f32,
    relaxation: f32,
}

impl Alternate {
    /// `relaxation` times the Cauchy step c where c·L is above `threshold`.
    ///
    /// # Errors
    ///
    /// [`Error::Parameter`] unless τ is positive and finite and 0 < ω < 2.
    pub fn new(threshold: f32, relaxation: f32) -> Result<Self, Error> {
        require("alternate(τ, ω)", "a positive, finite τ", threshold, 0.0, f32::MAX)?;
        require("alternate(τ, ω)", "ω between 0 and 2", relaxation, 0.0, 2.0)?;
        Ok(Self { threshold, relaxation })
    }

    /// τ and ω.
    #[must_use]
    pub fn parameters(&self) -> [f32; 2] {
        [self.threshold, self.relaxation]
    }
}

impl StepRule for Alternate {
    fn rate<B: Subproblem>(&mut self, at: &Situation<'_>, _: &mut B, _: &mut Rng) -> f32 {
        let was_short = at.own.log_rate[0] <= core::f32::consts::LN_2;
        match ratio(at.slope.free_norm_squared, at.slope.free_curvature) {
            Some(cauchy) if was_short && cauchy * at.lipschitz > self.threshold => {
                self.relaxation * cauchy
            }
            _ => at.safe_rate(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::tests::{rate_of, situation};
    use crate::situation::Memory;
    use crate::subproblem::Slope;

    #[test]
    fn a_long_step_needs_a_low_curvature_and_a_short_step_before_it() {
        let rate = |cauchy: f32, last: f32| {
            let own = Memory { log_rate: [libm::logf(last), 0.0], ..Memory::default() };
            let slope =
                Slope { free_norm_squared: cauchy, free_curvature: 1.0, ..Slope::default() };
            let at = Situation { lipschitz: 0.5, slope, ..situation(&own) };
            rate_of(&mut Alternate::new(4.0, 1.5).unwrap(), &at)
        };
        // 1/L = 2; c·L is half of c.
        for (cauchy, last, expected) in [
            (9.0, 1.0, 13.5),
            (9.0, 1.99, 13.5),
            (9.0, 2.01, 2.0),
            (9.0, 6.0, 2.0),
            (7.9, 1.0, 2.0),
        ] {
            let found = rate(cauchy, last);
            assert!((found - expected).abs() < 1e-5, "{found} for {expected}");
        }
    }

    #[test]
    fn begins_with_one_over_l_on_a_parabola() {
        let rate = crate::rule::tests::rate_at(Alternate::new(4.0, 1.5).unwrap(), 0, None);
        assert!((rate - 0.5).abs() < 1e-6);
        for [threshold, relaxation] in
            [[0.0, 1.5], [f32::INFINITY, 1.5], [f32::NAN, 1.5], [4.0, 0.0], [4.0, 2.0]]
        {
            assert!(Alternate::new(threshold, relaxation).is_err(), "{threshold} {relaxation}");
        }
    }
}
