//! A matrix to factorise: V in a form that every start of a factorisation can look at from a thread of its own.

use tinynmf_core::Matrix;
use tinynmf_core::matrix::exponent_of;

use crate::error::Result;

/// V (m × n), dense, sparse, with missing entries, or in a file.
pub trait Source: Sync {
    /// V as a run asks for it, with memory of its own.
    type View<'a>: Matrix
    where
        Self: 'a;

    /// A view for one run.
    fn view(&self) -> Self::View<'_>;

    /// ‖V‖²_F, of the entries that are known.
    fn norm_squared(&self) -> f64;

    /// The share of V's entries that products touch: what a sample costs of what it costs for a dense V.
    fn density(&self) -> f64 {
        1.0
    }

    /// Whether moves lower a bound on F instead of F itself, as where entries are missing: F is then known only where
    /// it is summed.
    fn majorized(&self) -> bool {
        false
    }

    /// The rows and the columns of which no entry is known: whatever their latents are, F is the same.
    fn unknown(&self) -> [Vec<usize>; 2] {
        Default::default()
    }

    /// Tells the first error since the last call, where V is read as it is needed.
    ///
    /// # Errors
    ///
    /// V that could not be read; what was made of it counts for nothing.
    fn check(&self) -> Result<()> {
        Ok(())
    }
}

/// The sum of the `norms` of a sample's slices of V, or of all.
pub(crate) fn sum_of(norms: &[f32], sample: Option<&[u32]>) -> f64 {
    match sample {
        None => norms.iter().map(|norm| f64::from(*norm)).sum(),
        Some(sample) => sample.iter().map(|j| f64::from(norms[*j as usize])).sum(),
    }
}

/// The power of 4 that is taken out of V, so that products of four of its entries stay within f32.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Unit {
    /// e: what is stored is V·4⁻ᵉ.
    pub exponent: i32,
    /// The mean of V·4⁻ᵉ.
    pub mean: f32,
}

impl Unit {
    /// The unit for V of this mean.
    #[must_use]
    pub fn of_mean(mean: f32) -> Self {
        let exponent = exponent_of(mean);
        Self { exponent, mean: libm::ldexpf(mean, -2 * exponent) }
    }

    /// An entry of V·4⁻ᵉ.
    #[must_use]
    pub fn to_unit(self, v: f32) -> f32 {
        libm::ldexpf(v, -2 * self.exponent)
    }

    /// F, or another sum of squares, of V from that of V·4⁻ᵉ.
    #[must_use]
    pub fn loss_from_unit(self, loss: f64) -> f64 {
        libm::ldexp(loss, 4 * self.exponent)
    }

    /// F for factors of V from `of_unit`, which wants those of V·4⁻ᵉ.
    #[must_use]
    pub fn loss(self, w: &[f32], h: &[f32], of_unit: impl FnOnce(&[f32], &[f32]) -> f64) -> f32 {
        if self.exponent == 0 {
            return of_unit(w, h) as f32;
        }
        let scaled =
            |x: &[f32]| x.iter().map(|x| libm::ldexpf(*x, -self.exponent)).collect::<Vec<_>>();
        self.loss_from_unit(of_unit(&scaled(w), &scaled(h))) as f32
    }
}
