//! bound(c): α = c·2/L.

use super::{StepRule, require};
use crate::Error;
use crate::random::Rng;
use crate::situation::Situation;
use crate::subproblem::Subproblem;

/// A share c of the certified bound: F never increases (exact gradients).
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Bound {
    share: f32,
}

impl Bound {
    /// α = `share`·2/L.
    ///
    /// # Errors
    ///
    /// [`Error::Parameter`] unless 0 < `share` < 1.
    pub fn new(share: f32) -> Result<Self, Error> {
        require("bound(c)", "c between 0 and 1", share, 0.0, 1.0)?;
        Ok(Self { share })
    }

    /// c, the step's share of the bound 2/L: above 0 and below 1.
    #[must_use]
    pub fn share(&self) -> f32 {
        self.share
    }
}

impl StepRule for Bound {
    fn rate<B: Subproblem>(&mut self, at: &Situation<'_>, _: &mut B, _: &mut Rng) -> f32 {
        self.share * at.bound()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::tests::rate_at;

    #[test]
    fn is_a_share_of_the_bound() {
        assert!((rate_at(Bound::new(0.95).unwrap(), 0, None) - 0.95).abs() < 1e-6);
        assert!(Bound::new(0.0).is_err() && Bound::new(1.0).is_err());
    }
}
