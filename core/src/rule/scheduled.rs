//! schedule: how much of V, which relaxations and when to stop, as a frozen int8 policy chooses, under a safeguard.
//!
//! # What the outputs mean
//!
//! The policy answers before every half-step, with four numbers y; with all four 0 the rule is a hand-set one, *widening*,
//! and what is learned is the difference. Nothing looks at F: what sweeps gain is known without.
//!
//! | output | what | of *widening* |
//! |---|---|---|
//! | y₀ | a factor's first sample has c·r·exp(y₀/2) inner indices, and 2r at least; each of its next ones γ·exp(y₀/2) times as many as its last, within 1.02 and 4 | c = 2.5, γ = 1.3 |
//! | y₁, y₂ | the relaxation of sweep i = 0, 1, …: ω + 0.2·y₁ + i·(δ + 0.1·y₂), within 0.4 and 1.9 | ω = 1.2, δ = 0.1 |
//! | y₃ | sweeps go on while the last one gains, for its cost, at least κ·exp(y₃) of what the half-step does for its own | κ = 0.6 |
//!
//! # The safeguard: the share reaches 1
//!
//! **A factor's share grows by a factor of at least γ₀ = 1.02 from one of its half-steps to the next**, whatever the policy answers.
//!
//! *Claim.* Every run of at least 234 epochs comes to share 1 in both factors, and stays there. *Proof.* A first share is at least s₀ = 0.01,
//! and after t more half-steps of the factor the share is at least min(1, s₀·γ₀ᵗ), which is 1 from t = ⌈ln 100 / ln 1.02⌉ = 233
//! on. The sample is at least as large as the share that was asked for. ∎
//!
//! At share 1, every move is a sweep with 0 < ω < 2 and lowers F by (1/ω − ½)·A_jj‖d_j‖² at least (an entry's step d
//! satisfies gd ≤ −A_jj·d²/ω, clipped or not). F never rises, and Σ A_jj‖d_j‖² over all sweeps is at most
//! F/(1/1.9 − ½) < ∞: steps tend to 0 in the metric in which the gradient step of every component is measured, and any
//! limit point at which no component of either factor has vanished is stationary (Xu & Yin 2013).

use super::Schedule;
use super::thrifty::sweep_while_worth;
use crate::float::limit;
use crate::observe::{SCHEDULE_OBSERVATIONS, observe_schedule};
use crate::policy::{SCHEDULE_OUTPUTS, SchedulePolicy};
use crate::random::Rng;
use crate::situation::Before;
use crate::step::Open;
use crate::subproblem::Subproblem;

/// c: inner indices of a factor's first sample, for each component.
const FIRST: f32 = 2.5;

/// The least first share.
const LEAST: f32 = 0.01;

/// γ: by how much a factor's sample grows.
const GROWTH: f32 = 1.3;

/// ω of the first sweep.
const RELAXATION: f32 = 1.2;

/// δ: by how much ω rises from sweep to sweep.
const RISE: f32 = 0.1;

/// κ: what another sweep has to be worth.
const WORTH: f32 = 0.6;

/// γ₀: a factor's share grows by at least this.
pub const SAFE_GROWTH: f32 = 1.02;

/// The schedule that a frozen int8 policy chooses from the observations.
#[derive(Debug, Clone)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Scheduled<'p> {
    policy: SchedulePolicy<'p>,
    decision: Decision,
    acted: u32,
}

/// What is decided before a half-step.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Decision {
    /// The share of the inner indices.
    pub share: f32,
    /// Of the first sweep.
    pub relaxation: f32,
    /// What every further sweep adds to it.
    pub rise: f32,
    /// What another sweep has to gain, relative to the half-step so far.
    pub worth: f32,
    /// Whether the safeguard let the share grow.
    pub guarded: bool,
}

impl Decision {
    /// What the policy sees.
    #[must_use]
    pub fn observe(before: &Before<'_>) -> [f32; SCHEDULE_OBSERVATIONS] {
        observe_schedule(before)
    }

    /// What a policy's outputs mean, under the safeguard.
    #[must_use]
    pub fn new(
        [growth, relaxation, rise, worth]: [f32; SCHEDULE_OUTPUTS],
        before: &Before<'_>,
    ) -> Self {
        let wanted = libm::expf(0.5 * growth);
        let Before { own, shape: [_, l, rank], .. } = *before;
        let (share, guarded) = if own.share > 0.0 {
            let wanted = GROWTH * wanted;
            // False of a NaN.
            let grows = wanted >= SAFE_GROWTH;
            (own.share * limit(wanted, SAFE_GROWTH, 4.0), !grows && own.share < 1.0)
        } else {
            (FIRST * wanted * rank as f32 / l as f32, false)
        };
        Self {
            share: limit(share, LEAST, 1.0),
            relaxation: RELAXATION + 0.2 * relaxation,
            rise: RISE + 0.1 * rise,
            worth: WORTH * libm::expf(worth),
            guarded,
        }
    }

    /// ω of a sweep, by its number from 0.
    #[must_use]
    pub fn relaxation_of(&self, sweep: usize) -> f32 {
        limit(self.relaxation + self.rise * sweep as f32, 0.4, 1.9)
    }

    /// The sweeps.
    pub fn moves<S: Subproblem>(&self, open: &mut Open<'_, S>) {
        let relaxation = |sweep| self.relaxation_of(sweep);
        sweep_while_worth(open, relaxation, self.worth, 0.0, |from, after| from - after);
    }
}

impl<'p> Scheduled<'p> {
    /// Asks `policy` before every half-step.
    #[must_use]
    pub fn new(policy: SchedulePolicy<'p>) -> Self {
        let decision = Decision {
            share: 1.0,
            relaxation: RELAXATION,
            rise: RISE,
            worth: WORTH,
            guarded: false,
        };
        Self { policy, decision, acted: 0 }
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

    /// Where batches are given, the share is not asked for, and the sweeps are those of outputs 0.
    fn moves<S: Subproblem>(&mut self, open: &mut Open<'_, S>, _: &mut Rng) {
        open.charge(self.policy.network().cost());
        self.decision.moves(open);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Factor;
    use crate::policy::SCHEDULE;
    use crate::situation::{Memory, Progress};

    fn decide(outputs: [f32; 4], share: f32) -> Decision {
        let progress = Progress { epoch: 3, horizon: 9, share: 1.0, first_loss: 8.0 };
        let shape = [300, 200, 4];
        let (own, other) = (Memory { share, ..Memory::default() }, Memory::default());
        Decision::new(
            outputs,
            &Before { factor: Factor::H, progress, own: &own, other: &other, shape },
        )
    }

    #[test]
    fn outputs_of_zero_are_the_hand_set_rule() {
        let it = decide([0.0; 4], 0.0);
        assert_eq!((it.share, it.relaxation_of(0), it.worth), (0.05, 1.2, WORTH));
        assert!((it.relaxation_of(3) - 1.5).abs() < 1e-6);
        let next = decide([0.0; 4], 0.2);
        assert!((next.share - 0.26).abs() < 1e-6 && !next.guarded);
        let last = decide([0.0; 4], 0.9);
        assert!(last.share >= 1.0 && !last.guarded);
    }

    #[test]
    fn no_output_lets_the_share_fall_or_stay() {
        for growth in [-3.0, -1.0, 0.0, 3.0, 1e9, -1e9, f32::NAN] {
            let it = decide([growth, 0.0, 0.0, 0.0], 0.5);
            assert!(it.share >= 0.5 * SAFE_GROWTH && it.share <= 1.0, "{}", it.share);
            let grows = growth >= -0.4;
            assert_eq!(it.guarded, !grows, "{growth}");
            let first = decide([growth, 0.0, 0.0, 0.0], 0.0);
            assert!((LEAST..=1.0).contains(&first.share) && !first.guarded);
        }
        let all = decide([-3.0, 0.0, 0.0, 0.0], 1.0);
        assert!(all.share >= 1.0 && !all.guarded, "nothing is left to grow");
    }

    #[test]
    fn relaxations_stay_where_sweeps_never_lift_f() {
        for y in [-1e9, -3.0, 0.0, 3.0, 1e9, f32::NAN] {
            let it = decide([0.0, y, y, y], 0.0);
            assert!((0..9).all(|sweep| (0.4..=1.9).contains(&it.relaxation_of(sweep))));
        }
        let policy = Scheduled::new(SchedulePolicy::from_bytes(SCHEDULE).unwrap());
        assert_eq!(policy.guarded(), 0);
    }
}
