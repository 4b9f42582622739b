//! random: α uniform in (0, 2/L). around(p): α = 2/L·(1 + uniform(−p, p)). The paper's Figures 3 and 4.

use super::{StepRule, require};
use crate::Error;
use crate::random::{Rng, uniform};
use crate::situation::Situation;
use crate::subproblem::Subproblem;

/// α uniform in (0, 2/L).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Random;

impl StepRule for Random {
    fn rate<B: Subproblem>(&mut self, at: &Situation<'_>, _: &mut B, rng: &mut Rng) -> f32 {
        // The middle of a grid cell: neither 0 nor 2/L is drawn.
        at.bound() * (uniform(rng) + 0.5 / 16_777_216.0)
    }
}

/// α uniform within a share p around the bound; half of the draws lie beyond it.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Around {
    spread: f32,
}

impl Around {
    /// α = 2/L·(1 + uniform(−`spread`, `spread`)).
    ///
    /// # Errors
    ///
    /// [`Error::Parameter`] unless 0 < `spread` < 1.
    pub fn new(spread: f32) -> Result<Self, Error> {
        require("around(p)", "p between 0 and 1", spread, 0.0, 1.0)?;
        Ok(Self { spread })
    }

    /// p.
    #[must_use]
    pub fn spread(&self) -> f32 {
        self.spread
    }
}

impl StepRule for Around {
    fn rate<B: Subproblem>(&mut self, at: &Situation<'_>, _: &mut B, rng: &mut Rng) -> f32 {
        at.bound() * (1.0 + self.spread * (2.0 * uniform(rng) - 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::tests::rate_at;

    #[test]
    #[allow(clippy::disallowed_methods)] // Of positive numbers only.
    fn stay_in_their_ranges_and_fill_them() {
        let draws = |rule: &dyn Fn(u32) -> f32| {
            (0..500).map(rule).fold((f32::MAX, 0.0_f32), |(a, b), x| (a.min(x), b.max(x)))
        };
        let (low, high) = draws(&|epoch| rate_at(Random, epoch, None));
        assert!(low > 0.0 && low < 0.02 && high > 0.98 && high < 1.0);
        let around = Around::new(0.5).unwrap();
        let (low, high) = draws(&|epoch| rate_at(around, epoch, None));
        assert!((0.5..0.52).contains(&low) && (1.48..1.5).contains(&high));
        assert!(Around::new(1.0).is_err());
    }
}
