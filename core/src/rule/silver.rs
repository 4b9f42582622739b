//! silver: α = (1 + ρ^(ν−1))/L, ρ = 1 + √2, ν the number of trailing zero bits of t + 1.
//!
//! Altschuler & Parrilo, Acceleration by stepsize hedging (2023), for unconstrained convex F.

use super::StepRule;
use crate::random::Rng;
use crate::situation::Situation;
use crate::subproblem::Subproblem;

/// ρ = 1 + √2.
const RHO: f32 = 1.0 + core::f32::consts::SQRT_2;

/// The silver step-size schedule.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Silver;

impl StepRule for Silver {
    fn rate<B: Subproblem>(&mut self, at: &Situation<'_>, _: &mut B, _: &mut Rng) -> f32 {
        let mut power = 1.0 / RHO;
        for _ in 0..at.progress.epoch.wrapping_add(1).trailing_zeros() {
            power *= RHO;
        }
        at.safe_rate() * (1.0 + power)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::tests::rate_at;

    #[test]
    fn follows_the_published_schedule() {
        // In units of 1/L: √2, 2, √2, 2 + √2, ... (Altschuler & Parrilo, eq. 1.2).
        let root = core::f32::consts::SQRT_2;
        for (epoch, expected) in [root, 2.0, root, 2.0 + root, root, 2.0].into_iter().enumerate() {
            let rate = rate_at(Silver, epoch as u32, None) * 2.0;
            assert!((rate - expected).abs() < 1e-5, "{rate} at {epoch}");
        }
    }
}
