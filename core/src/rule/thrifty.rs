//! thrifty: sweeps for as long as they are worth their price, on samples that grow when they disagree.

use super::sweeps::check_growth;
use super::{Schedule, require};
use crate::Error;
use crate::float::{log, ratio};
use crate::random::Rng;
use crate::situation::Before;
use crate::step::Open;
use crate::step::moves::MOVES;
use crate::subproblem::Subproblem;

/// Samples as [`Adaptive`](super::Adaptive)'s; sweeps until one gains less for its cost than κ times what the half-step
/// has gained for its own, the sample included (the marginal value theorem, Charnov 1976).
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Thrifty {
    first: f32,
    growth: f32,
    patience: f32,
    relaxation: f32,
    worth: f32,
}

impl Thrifty {
    /// From the share `first`; times `growth` whenever the surprise of the last half-step exceeds `patience` times what
    /// the half-step before it gained; sweeps of `relaxation` for as long as they are `worth` it.
    ///
    /// # Errors
    ///
    /// [`Error::Parameter`] unless 0 < s₀ ≤ 1, 1 < γ ≤ 16, c ≥ 0 is finite, 0 < ω < 2 and κ > 0 is finite.
    pub fn new(
        first: f32,
        growth: f32,
        patience: f32,
        relaxation: f32,
        worth: f32,
    ) -> Result<Self, Error> {
        check_growth("thrifty", first, growth)?;
        require("thrifty", "a relaxation between 0 and 2", relaxation, 0.0, 2.0)?;
        require("thrifty", "a finite worth above 0", worth, 0.0, f32::MAX)?;
        if !(0.0..f32::MAX).contains(&patience) {
            return Err(Error::Parameter {
                what: "thrifty",
                needs: "a finite patience of at least 0",
            });
        }
        Ok(Self { first, growth, patience, relaxation, worth })
    }

    /// s₀, γ, c, ω and κ.
    #[must_use]
    pub fn parameters(&self) -> [f32; 5] {
        [self.first, self.growth, self.patience, self.relaxation, self.worth]
    }
}

impl Schedule for Thrifty {
    fn share(&mut self, before: &Before<'_>) -> f32 {
        match share_so_far(before) {
            None => self.first,
            Some(share) if surprised(before, self.patience) => share * self.growth,
            Some(share) => share,
        }
    }

    fn moves<S: Subproblem>(&mut self, open: &mut Open<'_, S>, _: &mut Rng) {
        let start = open.loss();
        let log_gained = |from: f32, after: f32| ratio(from, after).map_or(0.0, log);
        sweep_while_worth(open, |_| self.relaxation, self.worth, start, log_gained);
    }
}

/// The share that the run has come to; `None` before it has one.
///
/// The larger of the last two half-steps' shares, of those that a schedule chose: 2r indices are looked at in any case,
/// and so few tell nothing.
fn share_so_far(before: &Before<'_>) -> Option<f32> {
    let Before { own, other, shape: [k, l, rank], .. } = *before;
    let least = 2.0 * rank as f32 + 1.5;
    let chosen = |share: f32, inner: usize| share * inner as f32 > least;
    match (chosen(other.share, k), chosen(own.share, l)) {
        (true, _) => Some(other.share),
        (false, true) => Some(own.share),
        (false, false) if own.share > 0.0 && other.share > 0.0 => {
            Some(if own.share < other.share { own.share } else { other.share })
        }
        (false, false) => None,
    }
}

/// Whether the last sample differed from the one before by more than `patience` times a half-step's gain.
fn surprised(before: &Before<'_>, patience: f32) -> bool {
    let Before { own, other, .. } = before;
    own.share > 0.0 && other.surprise > patience * own.decrease()
}

/// Sweeps, at least one: of so large a relaxation each, by their numbers from 0; another follows while what the last one
/// gained for its cost is at least `worth` times what the half-step did for the cost so far.
///
/// `gained` tells what a fall of F from its first argument to its second is worth; `start` is F, or 0 where only
/// differences count.
pub(super) fn sweep_while_worth<S: Subproblem>(
    open: &mut Open<'_, S>,
    relaxation: impl Fn(usize) -> f32,
    worth: f32,
    start: f32,
    gained: impl Fn(f32, f32) -> f32,
) {
    let mut before = start;
    for sweep in 0..MOVES {
        let paid = open.record().cost;
        let change = open.sweep(relaxation(sweep));
        let after = before + change.loss();
        let price = open.record().cost.saturating_sub(paid) as f32;
        let share_of_cost = price / (open.record().cost as f32);
        let worthwhile = gained(before, after) > worth * share_of_cost * gained(start, after);
        if !worthwhile {
            break;
        }
        before = after;
    }
}
