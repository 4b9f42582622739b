//! widening: samples of a few inner indices for each component that widen, sweeps while they are worth their price.

use super::sweeps::check_growth;
use super::thrifty::sweep_while_worth;
use super::{Schedule, require};
use crate::Error;
use crate::float::limit;
use crate::observe::{SCHEDULE_OBSERVATIONS, observe_schedule};
use crate::policy::SCHEDULE_OUTPUTS;
use crate::random::Rng;
use crate::situation::Before;
use crate::step::Open;
use crate::subproblem::Subproblem;

/// The least first share.
pub(super) const LEAST: f32 = 0.01;

/// γ₀: a factor's share grows by at least this.
pub const SAFE_GROWTH: f32 = 1.02;

/// A factor's first sample has c·r inner indices, each of its next ones γ times as many; sweep i = 0, 1, … of a half-step
/// has the relaxation ω + δ·i, at most 1.9, and another follows while the last one gained, for its cost, κ times what the
/// half-step did for its own.
///
/// Samples of a few indices for each component, not of a share of V, suit matrices of any shape; and no half-step spends
/// on F of its sample. [`Scheduled`](super::Scheduled) is this rule with a policy's corrections.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Widening {
    first: f32,
    growth: f32,
    relaxation: f32,
    rise: f32,
    worth: f32,
}

impl Widening {
    /// c = 2.5, γ = 1.3, ω = 1.2, δ = 0.1, κ = 0.6: chosen on problems drawn as training draws them.
    pub const DEFAULT: Self =
        Self { first: 2.5, growth: 1.3, relaxation: 1.2, rise: 0.1, worth: 0.6 };

    /// From c·r indices on, γ times as many each time; relaxations from ω on, rising by δ; worth κ.
    ///
    /// # Errors
    ///
    /// [`Error::Parameter`] unless c > 0 is finite, 1.02 ≤ γ ≤ 16, 0 < ω < 2, 0 ≤ δ ≤ 1 and κ > 0 is finite.
    pub fn new(
        first: f32,
        growth: f32,
        relaxation: f32,
        rise: f32,
        worth: f32,
    ) -> Result<Self, Error> {
        require("widening", "a finite multiple of the rank above 0", first, 0.0, f32::MAX)?;
        check_growth("widening", 1.0, growth)?;
        require("widening", "a relaxation between 0 and 2", relaxation, 0.0, 2.0)?;
        require("widening", "a finite worth above 0", worth, 0.0, f32::MAX)?;
        let wrong = |needs| Err(Error::Parameter { what: "widening", needs });
        if growth < SAFE_GROWTH {
            return wrong("a growth of at least 1.02");
        }
        if !(0.0..=1.0).contains(&rise) {
            return wrong("a rise from 0 to 1");
        }
        Ok(Self { first, growth, relaxation, rise, worth })
    }

    /// c, γ, ω, δ and κ.
    #[must_use]
    pub fn parameters(&self) -> [f32; 5] {
        [self.first, self.growth, self.relaxation, self.rise, self.worth]
    }

    /// Its decision where the share is not asked for.
    pub(super) fn on_all(&self) -> Decision {
        let Self { relaxation, rise, worth, .. } = *self;
        Decision { share: 1.0, relaxation, rise, worth, guarded: false }
    }
}

impl Schedule for Widening {
    fn share(&mut self, before: &Before<'_>) -> f32 {
        Decision::near(self, [0.0; SCHEDULE_OUTPUTS], before).share
    }

    fn moves<S: Subproblem>(&mut self, open: &mut Open<'_, S>, _: &mut Rng) {
        self.on_all().moves(open);
    }
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

    /// What a policy's outputs mean around [`Widening::DEFAULT`], under the safeguard.
    #[must_use]
    pub fn new(outputs: [f32; SCHEDULE_OUTPUTS], before: &Before<'_>) -> Self {
        Self::near(&Widening::DEFAULT, outputs, before)
    }

    fn near(
        rule: &Widening,
        [growth, relaxation, rise, worth]: [f32; SCHEDULE_OUTPUTS],
        before: &Before<'_>,
    ) -> Self {
        let wanted = libm::expf(0.5 * growth);
        let Before { own, shape: [_, l, rank], .. } = *before;
        let (share, guarded) = if own.share > 0.0 {
            let wanted = rule.growth * wanted;
            // False of a NaN.
            let grows = wanted >= SAFE_GROWTH;
            (own.share * limit(wanted, SAFE_GROWTH, 4.0), !grows && own.share < 1.0)
        } else {
            (rule.first * wanted * rank as f32 / l as f32, false)
        };
        Self {
            share: limit(share, LEAST, 1.0),
            relaxation: rule.relaxation + 0.2 * relaxation,
            rise: rule.rise + 0.1 * rise,
            worth: rule.worth * libm::expf(worth),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Factor;
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
        assert_eq!((it.share, it.relaxation_of(0), it.worth), (0.05, 1.2, 0.6));
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
    }

    #[test]
    fn parameters_out_of_range_are_refused() {
        let [c, g, o, d, k] = Widening::DEFAULT.parameters();
        assert_eq!(Widening::new(c, g, o, d, k).unwrap(), Widening::DEFAULT);
        for [c, g, o, d, k] in [
            [0.0, g, o, d, k],
            [c, 1.01, o, d, k],
            [c, 17.0, o, d, k],
            [c, g, 2.0, d, k],
            [c, g, o, -0.1, k],
            [c, g, o, f32::NAN, k],
            [c, g, o, d, 0.0],
        ] {
            assert!(Widening::new(c, g, o, d, k).is_err(), "{c} {g} {o} {d} {k}");
        }
    }
}
