//! schedule: how much of V, which relaxations and when to stop, as a frozen int8 policy chooses, under a safeguard.
//!
//! # Meaning of the outputs
//!
//! The policy answers before every half-step, with five numbers y; with all five 0 the rule is [`Widening::DEFAULT`],
//! and what is learned is the difference. Nothing looks at F: what sweeps gain is known without.
//!
//! | output | what | of `widening` |
//! |---|---|---|
//! | y₀ | a factor's first sample has c·r·exp(y₀/2) inner indices, and 2r at least; each of its next ones γ·exp(y₀/2) times as many as its last, within 1.02 and 4 | c = 2, γ = 1.3 |
//! | y₁, y₂ | the relaxation of sweep i = 0, 1, …: ω + 0.2·y₁ + i·(δ + 0.1·y₂), within 0.4 and 1.9 | ω = 1.2, δ = 0.1 |
//! | y₃ | sweeps go on while the last one gains, for its cost, at least κ·exp(y₃) of what the half-step does for its own | κ = 0.7 |
//! | y₄ | on all of V, X is extrapolated by β + 0.2·y₄, within 0 and 1 | β = 0.5 |
//!
//! # The safeguard: the share reaches 1
//!
//! **A factor's share grows by a factor of at least γ₀ = 1.02 from one of its half-steps to the next**, whatever the policy answers.
//!
//! *Claim.* Every run of at least 234 epochs comes to share 1 in both factors, and stays there. *Proof.* A first share is at least s₀ = 0.01,
//! and after t more half-steps of the factor the share is at least min(1, s₀·γ₀ᵗ), which is 1 from t = ⌈ln 100 / ln 1.02⌉ = 233
//! on. The sample is at least as large as the share that was asked for. ∎
//!
//! At share 1, every sweep has 0 < ω < 2 and lowers F by (1/ω − ½)·A_jj‖d_j‖² at least (an entry's step d
//! satisfies gd ≤ −A_jj·d²/ω, clipped or not). An extrapolation gives back at most half of what the sweeps of its
//! half-step gained, or is not made. So F never rises, and Σ A_jj‖d_j‖² over all sweeps is at most 2F/(1/1.9 − ½) < ∞: steps tend to 0 in the metric in which the gradient step of every component is measured, and any
//! limit point at which no component of either factor has vanished is stationary (Xu & Yin 2013).

use super::Schedule;
use super::widening::{Decision, Widening};
use crate::policy::SchedulePolicy;
use crate::random::Rng;
use crate::situation::Before;
use crate::step::Open;
use crate::subproblem::Subproblem;

/// The schedule that a frozen int8 policy chooses from the observations.
#[derive(Debug, Clone)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Scheduled<'p> {
    policy: SchedulePolicy<'p>,
    decision: Decision,
    acted: u32,
}

impl<'p> Scheduled<'p> {
    /// Asks `policy` before every half-step.
    #[must_use]
    pub fn new(policy: SchedulePolicy<'p>) -> Self {
        Self { policy, decision: Widening::DEFAULT.on_all(), acted: 0 }
    }

    /// The policy.
    #[must_use]
    pub fn policy(&self) -> &SchedulePolicy<'p> {
        &self.policy
    }

    /// How often the safeguard made the share grow where the policy did not.
    #[must_use]
    pub fn guarded(&self) -> u32 {
        self.acted
    }
}

impl Schedule for Scheduled<'_> {
    fn share(&mut self, before: &Before<'_>) -> f32 {
        let outputs = self.policy.outputs(&Decision::observe(before));
        self.decision = Decision::new(outputs, before);
        self.acted = self.acted.saturating_add(u32::from(self.decision.guarded));
        self.decision.share
    }

    fn passes(&self) -> bool {
        true
    }

    /// Where batches are given, the share is not asked for, and the sweeps are those of outputs 0.
    fn moves<S: Subproblem>(&mut self, open: &mut Open<'_, S>, _: &mut Rng) {
        open.charge(self.policy.network().cost());
        self.decision.moves(open);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::SCHEDULE;

    #[test]
    fn nothing_was_guarded_before_a_run() {
        let policy = Scheduled::new(SchedulePolicy::from_bytes(SCHEDULE).unwrap());
        assert_eq!(policy.guarded(), 0);
    }
}
