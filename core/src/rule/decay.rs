//! decay(c, t₀): α = (c·2/L)/(1 + t/t₀). cosine(c): α = (c·2/L)·½(1 + cos(πt/T)).

use super::{StepRule, require};
use crate::Error;
use crate::float;
use crate::random::Rng;
use crate::situation::Situation;
use crate::subproblem::Subproblem;

/// A share of the bound that decays like 1/t (Robbins & Monro 1951).
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Decay {
    share: f32,
    half_life: f32,
}

impl Decay {
    /// Starts at `share`·2/L and has half of it after `half_life` epochs.
    ///
    /// # Errors
    ///
    /// [`Error::Parameter`] unless 0 < `share` < 1 and `half_life` is positive and finite.
    pub fn new(share: f32, half_life: f32) -> Result<Self, Error> {
        require("decay(c, t)", "c between 0 and 1", share, 0.0, 1.0)?;
        require("decay(c, t)", "a positive, finite t", half_life, 0.0, f32::MAX)?;
        Ok(Self { share, half_life })
    }

    /// c, the first step's share of the bound 2/L, and t₀, the epochs after which half of it is left.
    #[must_use]
    pub fn parameters(&self) -> [f32; 2] {
        [self.share, self.half_life]
    }
}

impl StepRule for Decay {
    fn rate<B: Subproblem>(&mut self, at: &Situation<'_>, _: &mut B, _: &mut Rng) -> f32 {
        self.share * at.bound() / (1.0 + at.progress.epoch as f32 / self.half_life)
    }
}

/// A share of the bound that falls to zero at the horizon along half a cosine (Loshchilov & Hutter
/// 2017).
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Cosine {
    share: f32,
}

impl Cosine {
    /// Starts at `share`·2/L.
    ///
    /// # Errors
    ///
    /// [`Error::Parameter`] unless 0 < `share` < 1.
    pub fn new(share: f32) -> Result<Self, Error> {
        require("cosine(c)", "c between 0 and 1", share, 0.0, 1.0)?;
        Ok(Self { share })
    }

    /// c, the first step's share of the bound 2/L: above 0 and below 1.
    #[must_use]
    pub fn share(&self) -> f32 {
        self.share
    }
}

impl StepRule for Cosine {
    fn rate<B: Subproblem>(&mut self, at: &Situation<'_>, _: &mut B, _: &mut Rng) -> f32 {
        let t = at.progress.elapsed();
        self.share * at.bound() * 0.5 * (1.0 + float::cosine(core::f32::consts::PI * t))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::tests::rate_at;

    #[test]
    fn decay_halves_at_its_half_life() {
        let rule = Decay::new(0.5, 4.0).unwrap();
        assert!((rate_at(rule, 0, None) - 0.5).abs() < 1e-6);
        assert!((rate_at(rule, 4, None) - 0.25).abs() < 1e-6);
        assert!(Decay::new(0.5, 0.0).is_err());
    }

    #[test]
    fn cosine_falls_to_the_horizon_and_stays_positive() {
        let rule = Cosine::new(0.8).unwrap();
        assert!((rate_at(rule, 0, None) - 0.8).abs() < 1e-6);
        assert!((rate_at(rule, 5, None) - 0.4).abs() < 1e-6);
        assert!(rate_at(rule, 9, None) > 0.0);
        assert!((rate_at(rule, 10, None) - rate_at(rule, 9, None)).abs() < 1e-9);
    }
}
