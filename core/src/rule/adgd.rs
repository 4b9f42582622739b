//! adgd: α = min(√(1 + θ)·α₁, 1/(√2·‖DA‖/‖D‖)), θ = α₁/α₀; α₁ and α₀ are this factor's last two steps, D the last move.
//!
//! Malitsky & Mishchenko, Adaptive proximal gradient method for convex optimization (2024). ‖DA‖/‖D‖ is how much the
//! gradient changed along the last move. The gram A is another one at every half-step here, so that α₁ and α₀ are
//! taken in units of their own 1/L. The first step is 1/L, and so is the one before it.

use super::StepRule;
use crate::float::ratio;
use crate::random::Rng;
use crate::situation::Situation;
use crate::subproblem::Subproblem;

/// Adaptive gradient descent, without line search or bound.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Adgd;

impl StepRule for Adgd {
    fn rate<B: Subproblem>(&mut self, at: &Situation<'_>, _: &mut B, _: &mut Rng) -> f32 {
        let own = at.own;
        if own.steps == 0 {
            return at.safe_rate();
        }
        let [last, before] = own.log_rate;
        let grown =
            libm::sqrtf(1.0 + libm::expf(last - before)) * libm::expf(last) * at.safe_rate();
        match ratio(own.change.norm_squared, own.change.image_norm_squared) {
            Some(inverse) => {
                let local = libm::sqrtf(0.5 * inverse);
                if local < grown { local } else { grown }
            }
            None => grown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::tests::{rate_at, rate_of, situation};
    use crate::situation::Memory;
    use crate::subproblem::Change;

    #[test]
    fn grows_until_the_local_curvature_stops_it() {
        let rate = |last: f32, before: f32, curvature: f32| {
            let own = Memory {
                steps: 2,
                log_rate: [libm::logf(last), libm::logf(before)],
                change: Change {
                    norm_squared: 3.0,
                    image_norm_squared: 3.0 * curvature * curvature,
                    ..Change::default()
                },
                ..Memory::default()
            };
            rate_of(&mut Adgd, &Situation { lipschitz: 4.0, ..situation(&own) })
        };
        // θ = 3: twice the last step of 1.5/L, unless 1/(√2·curvature) is less.
        for (curvature, expected) in [(0.1, 0.75), (2.0, 0.353_553_4)] {
            let found = rate(1.5, 0.5, curvature);
            assert!((found - expected).abs() < 1e-6, "{found} for {expected}");
        }
    }

    #[test]
    fn begins_with_one_over_l() {
        assert!((rate_at(Adgd, 0, None) - 0.5).abs() < 1e-6);
        // On a parabola of curvature 2 from 1/L on: 1/(2√2).
        assert!((rate_at(Adgd, 1, Some(0.5)) - 0.353_553_4).abs() < 1e-6);
    }
}
