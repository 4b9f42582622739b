//! Penalties on the factors: λ₁‖X‖₁ for sparse factors, ½λ₂‖X‖² for small ones.
//!
//! In a half-step both vanish into what is there already: λ₂ on the diagonal of A makes the gradient
//! XA − VY + λ₂X and raises the Lipschitz constant to L + λ₂; λ₁ comes off VY. The bound stays certified,
//! and a step below it never increases the penalised F.
//!
//! The losses that rules, policies and records see ([`Slope::loss`](crate::subproblem::Slope::loss)) are of the
//! penalised F, with the penalties of both factors; so is [`Run::objective`](crate::Run::objective).
//! [`Run::loss`](crate::Run::loss) is F alone.

use crate::Error;
use crate::Factor;
use crate::checksum::Checksum;
use crate::float;
use crate::gram::dot;

/// Penalty on a factor X ≥ 0, a term of F: λ₁·ΣX + ½λ₂‖X‖², in units of V².
#[derive(Debug, Clone, Copy, Default, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Penalty {
    /// λ₁: pushes entries to exactly zero.
    pub l1: f32,
    /// λ₂: keeps entries small.
    pub l2: f32,
}

/// The penalties of both factors; none by default.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Penalties {
    /// The penalty on W (m × r).
    pub w: Penalty,
    /// The penalty on H (r × n).
    pub h: Penalty,
}

impl Penalty {
    /// λ₁·ΣX + ½λ₂‖X‖².
    #[must_use]
    pub fn of(self, x: &[f32]) -> f32 {
        if self.l1 <= 0.0 && self.l2 <= 0.0 {
            return 0.0;
        }
        self.l1 * x.iter().fold(0.0, |sum, x| sum + x) + 0.5 * self.l2 * dot(x, x)
    }

    /// The penalty of X·2ᵉ on F·16ᵉ: λ₁·8ᵉ and λ₂·4ᵉ, which weigh the same.
    #[must_use]
    pub fn scaled(self, exponent: i32) -> Self {
        let times = |x: f32, b: i32| {
            let [first, second] = float::power_of_two(b);
            x * first * second
        };
        Self { l1: times(self.l1, 3 * exponent), l2: times(self.l2, 2 * exponent) }
    }

    /// A ← A + λ₂I for an r × r matrix A.
    pub fn add_to_gram(self, gram: &mut [f32], rank: usize) {
        for a in gram.iter_mut().step_by(rank.saturating_add(1)) {
            *a = float::limit(*a + self.l2, 0.0, f32::MAX);
        }
    }

    /// Refuses what is not finite and ≥ 0.
    ///
    /// # Errors
    ///
    /// [`Error::Parameter`].
    pub fn check(&self) -> Result<(), Error> {
        if [self.l1, self.l2].iter().all(|x| (0.0..f32::MAX).contains(x)) {
            return Ok(());
        }
        Err(Error::Parameter { what: "a penalty", needs: "finite numbers of at least 0" })
    }
}

impl Penalties {
    /// The penalty of the factor that moves, and of the one that is fixed.
    #[must_use]
    pub fn of(&self, factor: Factor) -> [Penalty; 2] {
        match factor {
            Factor::W => [self.w, self.h],
            Factor::H => [self.h, self.w],
        }
    }

    /// Refuses what is not finite and ≥ 0.
    ///
    /// # Errors
    ///
    /// [`Error::Parameter`].
    pub fn check(&self) -> Result<(), Error> {
        self.w.check()?;
        self.h.check()
    }

    /// Feeds them to a checksum of settings.
    pub(crate) fn sum(&self, sum: &mut Checksum) {
        let Self { w, h } = self;
        sum.floats(&[w.l1, w.l2, h.l1, h.l2]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_what_it_says() {
        let penalty = Penalty { l1: 2.0, l2: 3.0 };
        assert!((penalty.of(&[1.0, 2.0]) - (2.0 * 3.0 + 1.5 * 5.0)).abs() < 1e-6);
        let mut gram = [1.0, 2.0, 2.0, 4.0];
        penalty.add_to_gram(&mut gram, 2);
        assert_eq!(gram.map(f32::to_bits), [4.0, 2.0, 2.0, 7.0_f32].map(f32::to_bits));
    }

    #[test]
    fn bad_numbers_are_refused() {
        for l in [-1.0, f32::NAN, f32::INFINITY] {
            assert!(Penalty { l1: l, l2: 0.0 }.check().is_err());
            assert!(
                Penalties { h: Penalty { l1: 0.0, l2: l }, ..Penalties::default() }
                    .check()
                    .is_err()
            );
        }
        assert_eq!(Penalties::default().check(), Ok(()));
    }

    #[test]
    fn either_penalty_counts_alone() {
        let x = [1.0, 2.0, 4.0];
        for (l1, l2, expected) in [(2.0, 0.0, 14.0), (0.0, 2.0, 21.0), (0.0, 0.0, 0.0)] {
            assert_eq!(Penalty { l1, l2 }.of(&x).to_bits(), f32::to_bits(expected), "{l1} {l2}");
        }
        let mut gram = [1.0, 0.5, 0.5, f32::MAX];
        Penalty { l1: 0.0, l2: f32::MAX }.add_to_gram(&mut gram, 2);
        assert_eq!(gram.map(f32::to_bits), [f32::MAX, 0.5, 0.5, f32::MAX].map(f32::to_bits));
    }

    #[test]
    fn the_factor_that_moves_comes_first() {
        let [w, h] = [1.0, 2.0].map(|l1| Penalty { l1, l2: 0.0 });
        let both = Penalties { w, h };
        assert_eq!(both.of(Factor::W), [w, h]);
        assert_eq!(both.of(Factor::H), [h, w]);
    }

    #[test]
    fn each_penalty_of_each_factor_is_checked() {
        let bad = |l1, l2| Penalty { l1, l2 };
        for bad in [bad(-1.0, 0.0), bad(0.0, -1.0), bad(f32::MAX, 0.0), bad(0.0, f32::MAX)] {
            assert!(bad.check().is_err(), "{bad:?}");
            assert!(Penalties { w: bad, ..Penalties::default() }.check().is_err());
            assert!(Penalties { h: bad, ..Penalties::default() }.check().is_err());
        }
        assert_eq!(bad(0.0, 1e30).check(), Ok(()));
    }
}
