//! All that touches V: the trait [`Matrix`], V in memory ([`data`]), its products, grams and loss.
//!
//! Whoever stores V otherwise (sparse, masked, out of memory, with a library's products) implements [`Matrix`];
//! [`Run`](crate::Run) does the rest.

pub mod data;
pub mod gram;
pub mod loss;
pub mod product;

use crate::Factor;
use crate::float::power_of_two;
use crate::slope::Change;
use crate::subproblem::{Dense, Subproblem, pass, sweep};

/// V (m × n) as a run asks for it.
///
/// A *sample* S is a set of inner indices: columns of V while W moves, rows while H does; `None` is all l of them.
/// Sums over a sample are multiplied by l/|S|, so that they estimate the sums over all.
///
/// Every method but [`Matrix::exponent`] and [`Matrix::loss`] speaks of V·4⁻ᵉ, which is of middling size: products of
/// four numbers of V's size then stay within f32 whatever V is measured in.
pub trait Matrix: Sized {
    /// Who makes the moves on a factor of V: [`Dense`] for most; GEMM-backed products bring their own.
    type Subproblem<'a>: Subproblem
    where
        Self: 'a;

    /// A half-step's subproblem, from what the run lends to it.
    fn subproblem(parts: Dense<'_, Self>) -> Self::Subproblem<'_>;

    /// m, the number of rows.
    fn rows(&self) -> usize;

    /// n, the number of columns.
    fn columns(&self) -> usize;

    /// The mean of V·4⁻ᵉ.
    fn mean(&self) -> f32;

    /// e, from [`exponent_of`] the mean of V; 0 for V of middling size.
    fn exponent(&self) -> i32 {
        0
    }

    /// ‖V_S‖²·l/|S|.
    fn norm_squared(&self, factor: Factor, sample: Option<&[u32]>) -> f32;

    /// P ← l/|S|·V_S·Y_S, k × r by rows, for Y (l × r) by rows. An index beyond V adds nothing.
    fn products(
        &self,
        factor: Factor,
        sample: Option<&[u32]>,
        y: &[f32],
        p: &mut [f32],
        rank: usize,
    );

    /// [`Matrix::products`] where V depends on the factors: missing entries of V are those of XYᵀ. `x` is X (k × r).
    ///
    /// [`Matrix::norm_squared`] is then asked after it, for the same sample.
    fn products_at(
        &self,
        factor: Factor,
        sample: Option<&[u32]>,
        [_, y]: [&[f32]; 2],
        p: &mut [f32],
        rank: usize,
    ) {
        self.products(factor, sample, y, p, rank);
    }

    /// F = ½‖V − WH‖² for W (m × r, row by row) and H (r × n, column by column), from the residual itself.
    fn loss(&self, w: &[f32], h: &[f32], rank: usize) -> f32;

    /// A ← `scale`·Y_SᵀY_S, r × r; no entry is negative.
    fn gram(&self, y: &[f32], sample: Option<&[u32]>, scale: f32, a: &mut [f32], rank: usize) {
        gram::gram(y, sample, scale, a, rank);
    }

    /// One sweep over the components of X, see [`sweep::sweep`].
    fn sweep(&self, x: &mut [f32], p: &[f32], a: &[f32], steps: &[f32], rank: usize) -> Change {
        sweep::sweep(x, p, a, steps, rank)
    }

    /// Change of F as X moves by D (k × r), for P and A; ‖DA‖² is not known. X and P stay; `scratch` holds two tiles of rows.
    fn displaced(
        &self,
        [x, p]: [&mut [f32]; 2],
        d: &[f32],
        a: &[f32],
        scratch: [&mut [f32]; 2],
        rank: usize,
    ) -> Change {
        pass::displaced(x, d, p, a, scratch, rank)
    }

    /// The least number of inner indices of which a sample tells anything: 2r for dense V, whose rows of X are then
    /// fitted to twice as many entries as they have components.
    fn least_sample(&self, _factor: Factor, rank: usize) -> usize {
        2 * rank
    }

    /// l, the length of the inner index.
    fn inner(&self, factor: Factor) -> usize {
        match factor {
            Factor::W => self.columns(),
            Factor::H => self.rows(),
        }
    }

    /// l/|S|.
    fn weight(&self, factor: Factor, sample: Option<&[u32]>) -> f32 {
        sample.map_or(1.0, |sample| data::batch_scale(self.inner(factor), sample))
    }
}

/// The exponent e for V of the given mean: V·4⁻ᵉ has a mean in [1, 4), or e = 0 where V's own lies in
/// [2⁻¹⁶, 2¹⁶]. Of a mean below f32's normal numbers it is −63: 4⁶³ is the largest power of 4 that f32 has.
///
/// Multiplication by a power of 2 is exact, so that V·4ᵏ gives the bits of V's decisions.
#[must_use]
pub fn exponent_of(mean: f32) -> i32 {
    const LARGE: f32 = 65_536.0;
    if !(mean > 0.0 && mean < f32::MAX) || (1.0 / LARGE..=LARGE).contains(&mean) {
        return 0;
    }
    // frexp: mean = f·2ᵇ with f in [½, 1).
    let e = (libm::frexpf(mean).1 - 1).div_euclid(2);
    if e < -63 { -63 } else { e }
}

/// x ← x·2ᵇ, exact but for what leaves f32's range.
pub(crate) fn scale_by(x: &mut [f32], exponent: i32) {
    let [a, b] = power_of_two(exponent);
    x.iter_mut().for_each(|x| *x = *x * a * b);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_power_of_four_makes_any_mean_middling() {
        for (mean, e) in [(1.0, 0), (65_536.0, 0), (65_537.0, 8), (262_144.0, 9), (1e-5, -9)] {
            assert_eq!(exponent_of(mean), e, "{mean}");
        }
        for mean in [1.2e-38_f32, 1e-20, 1e-6, 1e6, 1e30] {
            let e = exponent_of(mean);
            let mut x = [mean];
            scale_by(&mut x, -2 * e);
            assert!((1.0..4.0).contains(&x[0]), "{mean} -> {x:?}");
            scale_by(&mut x, 2 * e);
            assert_eq!(x[0].to_bits(), mean.to_bits());
        }
        for mean in [0.0, -1.0, f32::NAN, f32::INFINITY] {
            assert_eq!(exponent_of(mean), 0);
        }
    }
}
