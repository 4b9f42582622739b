//! How α of a gradient step is chosen.

use crate::random::Rng;
use crate::situation::Situation;
use crate::subproblem::Subproblem;

/// How α of a gradient step is chosen.
pub trait StepRule {
    /// α for this half-step; whatever is not a positive finite number is replaced by 1/L.
    fn rate<B: Subproblem>(&mut self, at: &Situation<'_>, block: &mut B, rng: &mut Rng) -> f32;

    /// Multiply-adds of a decision, besides the steps that it tries.
    fn cost(&self) -> u64 {
        0
    }
}
