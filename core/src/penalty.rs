//! Penalties on the factors: λ₁‖X‖₁ for sparse factors, ½λ₂‖X‖² for small ones.
//!
//! In a half-step both vanish into what is there already: λ₂ on the diagonal of A makes the gradient
//! XA − VY + λ₂X and raises the Lipschitz constant to L + λ₂; λ₁ comes off VY. The bound stays certified,
//! and a step below it never increases the penalised F.
//!
//! The losses that rules, policies and records see ([`Slope::loss`](crate::block::Slope::loss)) are of the
//! penalised F, with the penalties of both factors; so is [`Run::objective`](crate::Run::objective).
//! [`Run::loss`](crate::Run::loss) is F alone.

use crate::Error;
use crate::float;
use crate::gram::dot;
use crate::situation::Factor;

/// What F gains from a factor X ≥ 0: λ₁·ΣX + ½λ₂‖X‖², in units of V².
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
    /// Of W.
    pub w: Penalty,
    /// Of H.
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
        Err(Error::Parameter { rule: "a penalty", needs: "finite numbers of at least 0" })
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
}
