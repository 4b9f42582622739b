//! cauchy: α = ‖G_F‖² / ⟨G_F, G_F A⟩, exact along the free gradient.

use super::StepRule;
use crate::float::ratio;
use crate::random::Rng;
use crate::situation::Situation;
use crate::subproblem::Subproblem;

/// Cauchy's steepest descent step (1847), on the entries that are free to move.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Cauchy;

impl StepRule for Cauchy {
    fn rate<B: Subproblem>(&mut self, at: &Situation<'_>, _: &mut B, _: &mut Rng) -> f32 {
        ratio(at.slope.free_norm_squared, at.slope.free_curvature).unwrap_or(at.safe_rate())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::tests::rate_at;

    #[test]
    fn minimises_a_parabola() {
        assert!((rate_at(Cauchy, 0, None) - 0.5).abs() < 1e-6);
    }
}
