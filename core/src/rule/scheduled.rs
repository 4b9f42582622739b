//! schedule: how much of V, which relaxations and when to stop, as a frozen int8 policy chooses, under a safeguard.
//!
//! # What the outputs mean
//!
//! The policy answers before every half-step, with four numbers y. With all four 0 the rule is
//! `thrifty(0.1, 1.5, 0.3, 1.3, 0.8)`: what is learned is the difference.
//!
//! | output | what |
//! |---|---|
//! | y₀ | the share is multiplied by exp(y₀/2), and by 1.5 more if the last sample surprised; within 1 and 4 |
//! | y₁, y₂ | the relaxation of the first sweep and of all others: 1.3 + 0.2·y, within 0.4 and 1.9 |
//! | y₃ | sweeps go on while the last one gains, for its cost, at least 0.8·exp(y₃) of what the half-step does for its own |
//!
//! # The safeguard: the share reaches 1 where samples stop telling
//!
//! Let ℓ be log F on a half-step's sample after its moves. A half-step changes ℓ by its surprise minus its decrease; so
//! over an epoch ℓ falls by the *net decrease*, both decreases minus both surprises. **Whenever an epoch's net decrease
//! is below ε = 10⁻³, the share grows by a factor of at least 1.2**, and it never shrinks.
//!
//! *Claim.* Every run of enough epochs comes to share 1. *Proof.* F is a positive f32, so ℓ lies in an interval of length
//! R < 192. Look at the half-steps of one factor. Before each, either the share grows by 1.2, which from s₀ ≥ 0.01 can
//! happen at most N = ⌈ln 100 / ln 1.2⌉ = 26 times before it is 1, or ℓ has fallen by ε over the epoch before. Between
//! two growths ℓ can fall R/ε times at most. So 1 is reached within (N + 1)(1 + R/ε) epochs, whatever the policy
//! answers. If F is 0 or below what f32 can tell, no decrease is seen, and every epoch grows it. ∎
//!
//! At share 1, every move is a sweep with 0 < ω < 2 and lowers F by (1/ω − ½)·A_jj‖d_j‖² at least (an entry's step d
//! satisfies gd ≤ −A_jj·d²/ω, clipped or not). F never rises, and Σ A_jj‖d_j‖² over all sweeps is at most
//! F/(1/1.9 − ½) < ∞: steps tend to 0 in the metric in which the gradient step of every component is measured, and any
//! limit point at which no component of either factor has vanished is stationary (Xu & Yin 2013).

use super::Schedule;
use super::thrifty::{share_so_far, surprised, sweep_while_worth};
use crate::float::limit;
use crate::observe::{SCHEDULE_OBSERVATIONS, observe_schedule};
use crate::policy::{SCHEDULE_OUTPUTS, SchedulePolicy};
use crate::random::Rng;
use crate::situation::Before;
use crate::step::Open;
use crate::subproblem::Subproblem;

/// The first share, before the policy has its say.
const FIRST: f32 = 0.1;

/// The least first share.
const LEAST: f32 = 0.01;

/// What another sweep has to be worth, before the policy has its say.
const WORTH: f32 = 0.8;

/// ε: an epoch that lowers log F by less, from sample to sample, lets the share grow.
pub const STALLED: f32 = 1e-3;

/// The factor by which the safeguard lets the share grow.
pub const SAFE_GROWTH: f32 = 1.2;

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
    /// Of the first sweep and of all others.
    pub relaxations: [f32; 2],
    /// What another sweep has to gain, relative to the half-step so far.
    pub worth: f32,
    /// Whether the safeguard let the share grow.
    pub guarded: bool,
}

impl Decision {
    /// What the observations are of: the situation, and the share that the run has come to.
    #[must_use]
    pub fn observe(before: &Before<'_>) -> [f32; SCHEDULE_OBSERVATIONS] {
        observe_schedule(before, share_so_far(before).unwrap_or(FIRST))
    }

    /// What a policy's outputs mean, under the safeguard.
    #[must_use]
    pub fn new(
        [growth, first, other, worth]: [f32; SCHEDULE_OUTPUTS],
        before: &Before<'_>,
    ) -> Self {
        let wanted = libm::expf(0.5 * growth);
        let (share, guarded) = match share_so_far(before) {
            None => (limit(FIRST * wanted, LEAST, 1.0), false),
            Some(share) => {
                let wanted = if surprised(before, 0.3) { 1.5 * wanted } else { wanted };
                // False of a NaN.
                let grows = wanted >= SAFE_GROWTH;
                let guarded = stalled(before) && !grows && share < 1.0;
                let least = if guarded { SAFE_GROWTH } else { 1.0 };
                (limit(share * limit(wanted, least, 4.0), LEAST, 1.0), guarded)
            }
        };
        let relaxation = |y: f32| limit(1.3 + 0.2 * y, 0.4, 1.9);
        Self {
            share,
            relaxations: [relaxation(first), relaxation(other)],
            worth: WORTH * libm::expf(worth),
            guarded,
        }
    }

    /// The sweeps.
    pub fn moves<S: Subproblem>(&self, open: &mut Open<'_, S>) {
        sweep_while_worth(open, self.relaxations, self.worth);
    }
}

/// Whether the last epoch has lowered log F, from sample to sample, by less than [`STALLED`].
fn stalled(before: &Before<'_>) -> bool {
    let Before { own, other, .. } = before;
    let net = own.decrease() + other.decrease() - own.surprise - other.surprise;
    let telling = net >= STALLED;
    own.share > 0.0 && !telling
}

impl<'p> Scheduled<'p> {
    /// Asks `policy` before every half-step.
    #[must_use]
    pub fn new(policy: SchedulePolicy<'p>) -> Self {
        let relaxations = [1.3; 2];
        let decision = Decision { share: 1.0, relaxations, worth: WORTH, guarded: false };
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

    fn decide(outputs: [f32; 4], own: &Memory, other: &Memory) -> Decision {
        let progress = Progress { epoch: 3, horizon: 9, share: 1.0, first_loss: 8.0 };
        let shape = [300, 200, 4];
        Decision::new(outputs, &Before { factor: Factor::H, progress, own, other, shape })
    }

    fn memory(share: f32, decrease: f32, surprise: f32) -> Memory {
        Memory { steps: 1, share, log_loss_change: -decrease, surprise, ..Memory::default() }
    }

    #[test]
    fn outputs_of_zero_are_thrifty() {
        let it = decide([0.0; 4], &Memory::default(), &Memory::default());
        assert_eq!((it.share, it.relaxations, it.worth), (0.1, [1.3; 2], 0.8));
        let calm = decide([0.0; 4], &memory(0.2, 0.1, 0.0), &memory(0.2, 0.1, 0.02));
        assert!((calm.share - 0.2).abs() < 1e-6 && !calm.guarded);
        let surprised = decide([0.0; 4], &memory(0.2, 0.1, 0.0), &memory(0.2, 0.1, 0.04));
        assert!((surprised.share - 0.3).abs() < 1e-6 && !surprised.guarded);
    }

    #[test]
    fn no_output_lets_the_share_fall_or_stay_where_samples_stop_telling() {
        for growth in [-3.0, 0.0, 3.0, f32::NAN] {
            let outputs = [growth, 0.0, 0.0, 0.0];
            let telling = decide(outputs, &memory(0.5, 0.1, 0.0), &memory(0.5, 0.1, 0.0));
            assert!(telling.share >= 0.5 && telling.share <= 1.0);
            let stalled = decide(outputs, &memory(0.5, 0.1, 0.1), &memory(0.5, 0.1, 0.0999));
            assert!(stalled.share >= 0.599, "{}", stalled.share);
        }
        let refused =
            decide([-3.0, 0.0, 0.0, 0.0], &memory(0.5, 0.01, 0.02), &memory(0.5, 0.0, 0.0));
        assert!(refused.guarded);
        let all = decide([-3.0, 0.0, 0.0, 0.0], &memory(1.0, 0.0, 0.0), &memory(1.0, 0.0, 0.0));
        assert!(all.share >= 1.0 && !all.guarded, "nothing is left to grow");
    }

    #[test]
    fn relaxations_stay_where_sweeps_never_lift_f() {
        for y in [-1e9, -3.0, 0.0, 3.0, 1e9, f32::NAN] {
            let it = decide([0.0, y, y, y], &Memory::default(), &Memory::default());
            assert!(it.relaxations.iter().all(|x| (0.4..=1.9).contains(x)));
        }
    }

    #[test]
    fn shares_that_were_too_small_to_choose_tell_nothing() {
        // 2r = 8 of 300 and of 200 indices are looked at in any case.
        let few = decide([0.0; 4], &memory(8.0 / 200.0, 1.0, 0.0), &memory(0.3, 1.0, 0.0));
        assert!((few.share - 0.3).abs() < 1e-6);
        let few = decide([0.0; 4], &memory(0.3, 1.0, 0.0), &memory(8.0 / 300.0, 1.0, 0.0));
        assert!((few.share - 0.3).abs() < 1e-6);
        let policy = Scheduled::new(SchedulePolicy::from_bytes(SCHEDULE).unwrap());
        assert_eq!(policy.guarded(), 0);
    }
}
