//! Schedules of sweeps: constant answers, samples that grow, samples that listen.
//!
//! | rule | share of V | relaxations of a half-step |
//! |---|---|---|
//! | hals | 1 | 1 |
//! | sweeps(ω, k) | 1 | ω, k times |
//! | growing(s₀, γ, ω, k) | min(1, s₀·γᵗ) in epoch t | ω, k times |
//! | adaptive(s₀, γ, c, ω, k) | from s₀, times γ whenever the surprise of the last half-step exceeds c times what the half-step before it had gained | ω, k times |
//!
//! HALS: Cichocki & Phan, Fast local algorithms for large scale NMF (2009). Several sweeps for one product with V:
//! Gillis & Glineur, Accelerated multiplicative updates and HALS (2012). Over-relaxation: ω > 1, see
//! [`sweep`](crate::subproblem::sweep).

use super::{Schedule, require};
use crate::Error;
use crate::random::Rng;
use crate::situation::Before;
use crate::step::Open;
use crate::step::moves::MOVES;
use crate::subproblem::Subproblem;

/// ω in (0, 2), k times.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Sweeps {
    relaxation: f32,
    count: u32,
}

impl Sweeps {
    /// One sweep of relaxation 1: HALS.
    pub const HALS: Self = Self { relaxation: 1.0, count: 1 };

    /// `count` sweeps of `relaxation` a half-step.
    ///
    /// # Errors
    ///
    /// [`Error::Parameter`] unless 0 < ω < 2 and 1 ≤ k ≤ [`MOVES`].
    pub fn new(relaxation: f32, count: u32) -> Result<Self, Error> {
        require("sweeps", "a relaxation between 0 and 2", relaxation, 0.0, 2.0)?;
        if !(1..=MOVES as u32).contains(&count) {
            return Err(Error::Parameter { what: "sweeps", needs: "1 to 8 sweeps" });
        }
        Ok(Self { relaxation, count })
    }

    /// ω and k.
    #[must_use]
    pub fn parameters(&self) -> [f32; 2] {
        [self.relaxation, self.count as f32]
    }
}

impl Schedule for Sweeps {
    fn moves<S: Subproblem>(&mut self, open: &mut Open<'_, S>, _: &mut Rng) {
        for _ in 0..self.count {
            open.sweep(self.relaxation);
        }
    }
}

/// Samples that grow with the epochs.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Growing {
    first: f32,
    growth: f32,
    sweeps: Sweeps,
}

impl Growing {
    /// The share min(1, `first`·`growth`ᵗ) in epoch t, then `sweeps`.
    ///
    /// # Errors
    ///
    /// [`Error::Parameter`] unless 0 < s₀ ≤ 1 and 1 < γ ≤ 16, so that the share reaches 1.
    pub fn new(first: f32, growth: f32, sweeps: Sweeps) -> Result<Self, Error> {
        check_growth("growing", first, growth)?;
        Ok(Self { first, growth, sweeps })
    }

    /// s₀, the share of V in the first sample: above 0, at most 1.
    #[must_use]
    pub fn first(&self) -> f32 {
        self.first
    }

    /// γ, by which a share grows: above 1, at most 16.
    #[must_use]
    pub fn growth(&self) -> f32 {
        self.growth
    }

    /// The sweeps on every sample.
    #[must_use]
    pub fn sweeps(&self) -> Sweeps {
        self.sweeps
    }
}

impl Schedule for Growing {
    fn share(&mut self, before: &Before<'_>) -> f32 {
        let mut share = self.first;
        for _ in 0..before.progress.epoch {
            if share >= 1.0 {
                break;
            }
            share *= self.growth;
        }
        share
    }

    fn moves<S: Subproblem>(&mut self, open: &mut Open<'_, S>, rng: &mut Rng) {
        self.sweeps.moves(open, rng);
    }
}

/// Samples that grow when they disagree by more than a half-step gains.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Adaptive {
    first: f32,
    growth: f32,
    patience: f32,
    sweeps: Sweeps,
}

impl Adaptive {
    /// From the share `first`; times `growth` whenever log(F on a new sample / F on the last one) exceeds `patience`
    /// times the log decrease of the half-step before; then `sweeps`.
    ///
    /// # Errors
    ///
    /// [`Error::Parameter`] unless 0 < s₀ ≤ 1, 1 < γ ≤ 16 and c ≥ 0 is finite.
    pub fn new(first: f32, growth: f32, patience: f32, sweeps: Sweeps) -> Result<Self, Error> {
        check_growth("adaptive", first, growth)?;
        if !(0.0..f32::MAX).contains(&patience) {
            return Err(Error::Parameter {
                what: "adaptive",
                needs: "a finite patience of at least 0",
            });
        }
        Ok(Self { first, growth, patience, sweeps })
    }

    /// s₀, the share of V in the first sample: above 0, at most 1.
    #[must_use]
    pub fn first(&self) -> f32 {
        self.first
    }

    /// γ, by which a share grows: above 1, at most 16.
    #[must_use]
    pub fn growth(&self) -> f32 {
        self.growth
    }

    /// c: how much of the last half-step's log decrease samples may disagree by, at least 0.
    #[must_use]
    pub fn patience(&self) -> f32 {
        self.patience
    }

    /// The sweeps on every sample.
    #[must_use]
    pub fn sweeps(&self) -> Sweeps {
        self.sweeps
    }
}

impl Schedule for Adaptive {
    fn share(&mut self, before: &Before<'_>) -> f32 {
        let Before { own, other, .. } = before;
        // The last half-step was the other factor's, the one before it this factor's.
        if other.share <= 0.0 {
            return self.first;
        }
        let gained = -own.log_loss_change;
        if own.share > 0.0 && other.surprise > self.patience * gained {
            other.share * self.growth
        } else {
            other.share
        }
    }

    fn moves<S: Subproblem>(&mut self, open: &mut Open<'_, S>, rng: &mut Rng) {
        open.loss();
        self.sweeps.moves(open, rng);
    }
}

pub(super) fn check_growth(rule: &'static str, first: f32, growth: f32) -> Result<(), Error> {
    if !(first > 0.0 && first <= 1.0) {
        return Err(Error::Parameter { what: rule, needs: "a first share in (0, 1]" });
    }
    if growth > 1.0 && growth <= 16.0 {
        Ok(())
    } else {
        Err(Error::Parameter { what: rule, needs: "a growth above 1, at most 16" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Factor;
    use crate::situation::{Memory, Progress};

    fn share(schedule: &mut impl Schedule, epoch: u32, own: Memory, other: Memory) -> f32 {
        let progress = Progress { epoch, horizon: 100, share: 1.0, first_loss: 1.0 };
        let shape = [10, 20, 2];
        schedule.share(&Before { factor: Factor::W, progress, own: &own, other: &other, shape })
    }

    #[test]
    fn samples_grow_to_all() {
        let mut rule = Growing::new(0.1, 2.0, Sweeps::HALS).unwrap();
        let shares =
            [0, 1, 2, 9].map(|t| share(&mut rule, t, Memory::default(), Memory::default()));
        assert!((shares[0] - 0.1).abs() < 1e-6 && (shares[2] - 0.4).abs() < 1e-6);
        assert!(shares[3] >= 1.0);
    }

    #[test]
    fn a_surprise_that_exceeds_the_gain_widens_the_sample() {
        let mut rule = Adaptive::new(0.1, 1.5, 0.5, Sweeps::HALS).unwrap();
        assert!((share(&mut rule, 0, Memory::default(), Memory::default()) - 0.1).abs() < 1e-6);
        let own = Memory { share: 0.2, log_loss_change: -0.4, ..Memory::default() };
        let calm = Memory { share: 0.2, surprise: 0.19, ..Memory::default() };
        let surprised = Memory { surprise: 0.21, ..calm };
        assert!((share(&mut rule, 3, own, calm) - 0.2).abs() < 1e-6);
        assert!((share(&mut rule, 3, own, surprised) - 0.3).abs() < 1e-6);
    }

    #[test]
    fn what_cannot_work_is_refused() {
        for relaxation in [0.0, 2.0, f32::NAN] {
            assert!(Sweeps::new(relaxation, 1).is_err());
        }
        assert!(Sweeps::new(1.0, 0).is_err() && Sweeps::new(1.0, 9).is_err());
        assert!(Growing::new(0.0, 1.2, Sweeps::HALS).is_err());
        assert!(Growing::new(0.1, 1.0, Sweeps::HALS).is_err());
        assert!(Adaptive::new(0.1, 1.2, -1.0, Sweeps::HALS).is_err());
        assert!(Adaptive::new(0.1, 1.2, 0.0, Sweeps::HALS).is_ok());
    }
}
