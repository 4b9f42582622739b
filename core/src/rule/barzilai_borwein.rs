//! bb1, bb2, abb: α from the last step s and the gram A of this factor's last half-step.
//!
//! bb1: ‖s‖²/⟨s, sA⟩, bb2: ⟨s, sA⟩/‖sA‖² (Barzilai & Borwein 1988); abb takes bb1 at even epochs and
//! bb2 at odd ones. The first epoch takes 1/L.

use super::StepRule;
use crate::float::ratio;
use crate::random::Rng;
use crate::situation::Situation;
use crate::subproblem::Subproblem;

/// The long step, ‖s‖²/⟨s, sA⟩.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Bb1;

/// The short step, ⟨s, sA⟩/‖sA‖².
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Bb2;

/// The long step at even epochs, the short one at odd ones.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Abb;

impl StepRule for Bb1 {
    fn rate<B: Subproblem>(&mut self, at: &Situation<'_>, _: &mut B, _: &mut Rng) -> f32 {
        let change = &at.own.change;
        ratio(change.norm_squared, change.curvature).unwrap_or(at.safe_rate())
    }
}

impl StepRule for Bb2 {
    fn rate<B: Subproblem>(&mut self, at: &Situation<'_>, _: &mut B, _: &mut Rng) -> f32 {
        let change = &at.own.change;
        ratio(change.curvature, change.image_norm_squared).unwrap_or(at.safe_rate())
    }
}

impl StepRule for Abb {
    fn rate<B: Subproblem>(&mut self, at: &Situation<'_>, block: &mut B, rng: &mut Rng) -> f32 {
        if at.progress.epoch.is_multiple_of(2) {
            Bb1.rate(at, block, rng)
        } else {
            Bb2.rate(at, block, rng)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::tests::rate_at;

    #[test]
    fn recover_the_curvature_of_a_parabola() {
        for epoch in [1, 2] {
            assert!((rate_at(Bb1, epoch, Some(0.1)) - 0.5).abs() < 1e-6);
            assert!((rate_at(Bb2, epoch, Some(0.1)) - 0.5).abs() < 1e-6);
            assert!((rate_at(Abb, epoch, Some(0.1)) - 0.5).abs() < 1e-6);
        }
    }

    #[test]
    fn begin_with_one_over_l() {
        for rate in [rate_at(Bb1, 0, None), rate_at(Bb2, 0, None), rate_at(Abb, 0, None)] {
            assert!((rate - 0.5).abs() < 1e-6);
        }
    }
}
