//! widening: samples of a few inner indices for each component that widen, sweeps while they are worth their price, and
//! an extrapolation of what they did.

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

/// A factor's share grows by at most this.
const MOST_GROWTH: f32 = 4.0;

/// Relaxations of every sweep.
const RELAXATIONS: [f32; 2] = [0.4, 1.9];

/// Rise of the relaxation with every further sweep of a half-step.
const RISE: f32 = 0.1;

/// A factor's first sample has c·r inner indices, each of its next ones γ times as many; but it is at least 0.01 of them,
/// and at least as many as tell anything ([`least_sample`](crate::Matrix::least_sample), 2r of a dense V). Sweep i = 0, 1, … of
/// a half-step has the relaxation ω + 0.1·i, at most 1.9, and another follows while the last one gained, for its cost, κ times what
/// the half-step did for its own. On all of V, X is then extrapolated by β: X ← max(0, X + β(X − X₀)), where X₀ is what the
/// half-step found.
///
/// Samples of a few indices for each component, not of a share of V, suit matrices of any shape; they come by reshuffled
/// passes; and no half-step spends on F of its sample. Extrapolation is Ang & Gillis's (2019), with a constant β and with a
/// condition on the half-step's own change of F in the place of a look at F. [`Scheduled`](super::Scheduled) is this rule with a
/// policy's corrections.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Widening {
    first: f32,
    growth: f32,
    relaxation: f32,
    worth: f32,
    extrapolation: f32,
}

impl Widening {
    /// c = 2, γ = 1.3, ω = 1.2, κ = 0.7, β = 0.5: chosen on problems that nothing is reported of.
    pub const DEFAULT: Self =
        Self { first: 2.0, growth: 1.3, relaxation: 1.2, worth: 0.7, extrapolation: 0.5 };

    /// From c·r indices on, γ times as many each time; relaxations from ω on; worth κ; extrapolated by β.
    ///
    /// # Errors
    ///
    /// [`Error::Parameter`] unless c > 0 is finite, 1.02 ≤ γ ≤ 4, 0.4 ≤ ω ≤ 1.9, κ > 0 is finite and 0 ≤ β ≤ 1. What lies
    /// beyond would be cut to these limits, as a policy's corrections are.
    pub fn new(
        first: f32,
        growth: f32,
        relaxation: f32,
        worth: f32,
        extrapolation: f32,
    ) -> Result<Self, Error> {
        require("widening", "a finite multiple of the rank above 0", first, 0.0, f32::MAX)?;
        require("widening", "a finite worth above 0", worth, 0.0, f32::MAX)?;
        let wrong = |needs| Err(Error::Parameter { what: "widening", needs });
        if !(SAFE_GROWTH..=MOST_GROWTH).contains(&growth) {
            return wrong("a growth from 1.02 to 4");
        }
        if !(RELAXATIONS[0]..=RELAXATIONS[1]).contains(&relaxation) {
            return wrong("a relaxation from 0.4 to 1.9");
        }
        if !(0.0..=1.0).contains(&extrapolation) {
            return wrong("an extrapolation from 0 to 1");
        }
        Ok(Self { first, growth, relaxation, worth, extrapolation })
    }

    /// c, γ, ω, κ and β.
    #[must_use]
    pub const fn parameters(&self) -> [f32; 5] {
        [self.first, self.growth, self.relaxation, self.worth, self.extrapolation]
    }

    /// Its decision where the share is not asked for.
    pub(super) fn on_all(&self) -> Decision {
        let Self { relaxation, worth, extrapolation, .. } = *self;
        Decision { share: 1.0, relaxation, rise: RISE, worth, extrapolation, guarded: false }
    }
}

impl Schedule for Widening {
    fn share(&mut self, before: &Before<'_>) -> f32 {
        Decision::near(self, [0.0; SCHEDULE_OUTPUTS], before).share
    }

    fn passes(&self) -> bool {
        true
    }

    fn moves<S: Subproblem>(&mut self, open: &mut Open<'_, S>, _: &mut Rng) {
        self.on_all().moves(open);
    }
}

/// Decision before a half-step.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Decision {
    /// The share of the inner indices.
    pub share: f32,
    /// Relaxation ω of the first sweep.
    pub relaxation: f32,
    /// Its rise with every further sweep.
    pub rise: f32,
    /// Gain that another sweep needs, relative to the half-step so far.
    pub worth: f32,
    /// β, on all of V.
    pub extrapolation: f32,
    /// Whether the safeguard let the share grow.
    pub guarded: bool,
}

impl Decision {
    /// Observations of the policy.
    #[must_use]
    pub fn observe(before: &Before<'_>) -> [f32; SCHEDULE_OBSERVATIONS] {
        observe_schedule(before)
    }

    /// Decision that a policy's outputs mean around [`Widening::DEFAULT`], under the safeguard.
    #[must_use]
    pub fn new(outputs: [f32; SCHEDULE_OUTPUTS], before: &Before<'_>) -> Self {
        Self::near(&Widening::DEFAULT, outputs, before)
    }

    #[inline(never)] // two rules ask
    fn near(
        rule: &Widening,
        [growth, relaxation, rise, worth, extrapolation]: [f32; SCHEDULE_OUTPUTS],
        before: &Before<'_>,
    ) -> Self {
        let wanted = libm::expf(0.5 * growth);
        let Before { own, shape: [_, l, rank], .. } = *before;
        let (share, guarded) = if own.share > 0.0 {
            let wanted = rule.growth * wanted;
            // False of a NaN.
            let grows = wanted >= SAFE_GROWTH;
            (own.share * limit(wanted, SAFE_GROWTH, MOST_GROWTH), !grows && own.share < 1.0)
        } else {
            (rule.first * wanted * rank as f32 / l as f32, false)
        };
        Self {
            share: limit(share, LEAST, 1.0),
            relaxation: rule.relaxation + 0.2 * relaxation,
            rise: RISE + 0.1 * rise,
            worth: rule.worth * libm::expf(worth),
            extrapolation: limit(rule.extrapolation + 0.2 * extrapolation, 0.0, 1.0),
            guarded,
        }
    }

    /// ω of a sweep, by its number from 0.
    #[must_use]
    pub fn relaxation_of(&self, sweep: usize) -> f32 {
        limit(self.relaxation + self.rise * sweep as f32, RELAXATIONS[0], RELAXATIONS[1])
    }

    /// The sweeps, and on all of V an extrapolation from the factor's second half-step on.
    pub fn moves<S: Subproblem>(&self, open: &mut Open<'_, S>) {
        let exact = open.record().share >= 1.0 && open.memories()[0].steps > 0;
        let extrapolates = exact && self.extrapolation > 0.0 && open.remember();
        let relaxation = |sweep| self.relaxation_of(sweep);
        sweep_while_worth(open, relaxation, self.worth, 0.0, |from, after| from - after);
        if extrapolates {
            open.extrapolate(self.extrapolation);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Factor;
    use crate::situation::{Memory, Progress};

    fn decide(outputs: [f32; 5], share: f32) -> Decision {
        decide_near(&Widening::DEFAULT, outputs, share)
    }

    fn decide_near(rule: &Widening, outputs: [f32; 5], share: f32) -> Decision {
        let progress = Progress { epoch: 3, horizon: 9, share: 1.0, first_loss: 8.0 };
        let shape = [300, 200, 4];
        let (own, other) = (Memory { share, ..Memory::default() }, Memory::default());
        let before = Before { factor: Factor::H, progress, own: &own, other: &other, shape };
        Decision::near(rule, outputs, &before)
    }

    #[test]
    fn what_is_accepted_is_what_runs() {
        for [growth, relaxation] in [[1.02, 0.4], [4.0, 1.9], [1.3, 1.2]] {
            let rule = Widening::new(2.0, growth, relaxation, 0.7, 0.5).unwrap();
            let it = decide_near(&rule, [0.0; 5], 0.2);
            assert!((it.share - 0.2 * growth).abs() < 1e-6 && !it.guarded, "{it:?}");
            assert!((it.relaxation_of(0) - relaxation).abs() < 1e-6, "{it:?}");
        }
    }

    #[test]
    fn outputs_of_zero_are_the_hand_set_rule() {
        let it = decide([0.0; 5], 0.0);
        assert_eq!(
            (it.share, it.relaxation_of(0), it.worth, it.extrapolation),
            (0.04, 1.2, 0.7, 0.5)
        );
        assert!((it.relaxation_of(3) - 1.5).abs() < 1e-6);
        let next = decide([0.0; 5], 0.2);
        assert!((next.share - 0.26).abs() < 1e-6 && !next.guarded);
        let last = decide([0.0; 5], 0.9);
        assert!(last.share >= 1.0 && !last.guarded);
    }

    #[test]
    fn no_output_lets_the_share_fall_or_stay() {
        for growth in [-3.0, -1.0, 0.0, 3.0, 1e9, -1e9, f32::NAN] {
            let it = decide([growth, 0.0, 0.0, 0.0, 0.0], 0.5);
            assert!(it.share >= 0.5 * SAFE_GROWTH && it.share <= 1.0, "{}", it.share);
            let grows = growth >= -0.4;
            assert_eq!(it.guarded, !grows, "{growth}");
            let first = decide([growth, 0.0, 0.0, 0.0, 0.0], 0.0);
            assert!((LEAST..=1.0).contains(&first.share) && !first.guarded);
        }
        let all = decide([-3.0, 0.0, 0.0, 0.0, 0.0], 1.0);
        assert!(all.share >= 1.0 && !all.guarded, "nothing is left to grow");
    }

    #[test]
    fn relaxations_stay_where_sweeps_never_lift_f() {
        for y in [-1e9, -3.0, 0.0, 3.0, 1e9, f32::NAN] {
            let it = decide([0.0, y, y, y, y], 0.0);
            assert!((0.0..=1.0).contains(&it.extrapolation));
            assert!((0..9).all(|sweep| (0.4..=1.9).contains(&it.relaxation_of(sweep))));
        }
    }

    #[test]
    fn parameters_out_of_range_are_refused() {
        let [c, g, o, k, b] = Widening::DEFAULT.parameters();
        assert_eq!(Widening::new(c, g, o, k, b).unwrap(), Widening::DEFAULT);
        for [c, g, o, k, b] in [
            [0.0, g, o, k, b],
            [c, 1.01, o, k, b],
            [c, 4.1, o, k, b],
            [c, f32::NAN, o, k, b],
            [c, g, 0.3, k, b],
            [c, g, 1.95, k, b],
            [c, g, o, 0.0, b],
            [c, g, o, k, -0.1],
            [c, g, o, k, 1.1],
            [c, g, o, k, f32::NAN],
        ] {
            assert!(Widening::new(c, g, o, k, b).is_err(), "{c} {g} {o} {k} {b}");
        }
    }
}
