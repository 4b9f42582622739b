//! fixed(a): α = a.

use super::{StepRule, require};
use crate::Error;
use crate::random::Rng;
use crate::situation::Situation;
use crate::subproblem::Subproblem;

/// The same α at every half-step, in units of V: the one that needs tuning.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Fixed {
    alpha: f32,
}

impl Fixed {
    /// α = `alpha`.
    ///
    /// # Errors
    ///
    /// [`Error::Parameter`] unless `alpha` is positive and finite.
    pub fn new(alpha: f32) -> Result<Self, Error> {
        require("fixed(a)", "a positive, finite a", alpha, 0.0, f32::MAX)?;
        Ok(Self { alpha })
    }

    /// α.
    #[must_use]
    pub fn alpha(&self) -> f32 {
        self.alpha
    }
}

impl StepRule for Fixed {
    fn rate<B: Subproblem>(&mut self, at: &Situation<'_>, _: &mut B, _: &mut Rng) -> f32 {
        at.rate_of(self.alpha)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::tests::rate_at;

    #[test]
    fn is_fixed() {
        assert!((rate_at(Fixed::new(0.3).unwrap(), 7, None) - 0.3).abs() < 1e-9);
        assert!(Fixed::new(0.0).is_err() && Fixed::new(f32::NAN).is_err());
    }
}
