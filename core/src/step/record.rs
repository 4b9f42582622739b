//! The record of a half-step.

use crate::float;
use crate::step::moves::Moves;
use crate::subproblem::{Change, Slope};

/// How a half-step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Outcome {
    /// The factor was updated.
    Stepped,
    /// Nothing moved: the free gradient is zero, or the schedule asked for no move.
    Stationary,
    /// The other factor is zero, so is the gradient, and there is no bound; nothing was done.
    OtherFactorZero,
}

/// The record of one half-step.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct HalfStep {
    /// α of the gradient step; 0 where none was taken.
    pub rate: f32,
    /// The certified bound 2/L; 0 where the other factor is zero, or no gradient step was considered.
    pub bound: f32,
    /// The certified Lipschitz constant L ≥ λmax(A); 0 where [`HalfStep::bound`] is.
    pub lipschitz: f32,
    /// F and the gradient before the gradient step; of sweeps, F before them where it was known, else 0.
    pub slope: Slope,
    /// Change of F by all moves together.
    pub change: Change,
    /// The relaxations of the sweeps, in their order.
    pub moves: Moves,
    /// β of the extrapolation after the sweeps; 0 where there was none.
    pub extrapolation: f32,
    /// The share of the inner indices that were sampled.
    pub share: f32,
    /// Components that no sweep could move, since the other factor has nothing of them.
    pub idle: u16,
    /// Multiply-adds: sample, gram, loss, trials and moves (without the power iteration, 5 to 12 r²).
    pub cost: u64,
    /// How it ended.
    pub outcome: Outcome,
}

impl HalfStep {
    /// The record for V·4ᵉ, where it was made for V.
    #[must_use]
    pub(super) fn scaled(mut self, exponent: i32) -> Self {
        if exponent != 0 {
            let of_v = |x: &mut f32, power| of_v(x, power * exponent);
            of_v(&mut self.rate, -1);
            of_v(&mut self.bound, -1);
            of_v(&mut self.lipschitz, 1);
            let (slope, change) = (&mut self.slope, &mut self.change);
            of_v(&mut slope.loss, 2);
            of_v(&mut slope.norm_squared, 3);
            of_v(&mut slope.free_norm_squared, 3);
            of_v(&mut slope.free_curvature, 4);
            of_v(&mut change.inner, 2);
            of_v(&mut change.curvature, 2);
            of_v(&mut change.norm_squared, 1);
            of_v(&mut change.image_norm_squared, 3);
        }
        self
    }
}

/// x·4ᵉ.
#[inline(never)]
fn of_v(x: &mut f32, exponent: i32) {
    let scaled = libm::ldexpf(*x, 2 * exponent);
    // A number beyond V's own units stays finite, and one above 0 stays above.
    let least = if *x > 0.0 { f32::from_bits(1) } else { f32::MIN };
    *x = float::limit(scaled, least, f32::MAX);
}
