//! A factor's half of the problem, which never sees V: f(X) = ½⟨XA, X⟩ − ⟨P, X⟩ + ½‖V_S‖² for X (k × r).
//!
//! [`Subproblem`] is what a half-step asks of it. [`Dense`] is X in floats with V behind a
//! [`Matrix`](crate::matrix::Matrix); fixed point has its own in [`fixed_point`](crate::fixed_point), columns of a
//! stream theirs in [`transform`](crate::transform) and [`online`](crate::online).

pub mod bound;
mod dense;
pub(crate) mod exact;
pub(crate) mod pass;
pub mod penalty;
pub(crate) mod quadratic;
pub(crate) mod slope;
pub mod sweep;

pub use dense::{Dense, Held, Scratch};
pub use slope::{Change, Slope};

/// A factor X (k × r) that moves while the other factor Y (l × r) is fixed.
///
/// [`Subproblem::sample`] comes first. Sweeps may follow each other; a gradient step, or the trial of one, needs
/// [`Subproblem::gradient`] before it, and nothing comes after a step.
pub trait Subproblem {
    /// A ← Y_SᵀY_S, scaled to all of V, penalty included; whether any entry is above zero.
    fn sample(&mut self) -> bool;

    /// The certified L ≥ λmax(A).
    fn lipschitz(&mut self) -> f32;

    /// f(X), the estimate of F from the sample, penalties included.
    fn loss(&mut self) -> f32;

    /// G ← XA − P.
    fn gradient(&mut self) -> Slope;

    /// Change of F that a step of size `rate` would make; X stays.
    fn try_step(&mut self, rate: f32) -> Change;

    /// X ← max(0, X − rate·G).
    fn step(&mut self, rate: f32) -> Change;

    /// X_j ← max(0, X_j − `relaxation`·(XA − P)_j / A_jj) for j = 1..r in turn.
    ///
    /// Of a sample, rows with P ≤ 0 stay: it holds nothing of them, and rows of both factors that are 0 never come back.
    fn sweep(&mut self, relaxation: f32) -> Change;

    /// X₀ ← X, for [`Subproblem::extrapolate`]; whether there is memory for it.
    fn remember(&mut self) -> bool {
        false
    }

    /// X ← max(0, X + `factor`·(X − X₀)), unless f rises by more than `allowed`; what it changed.
    ///
    /// Needs [`Subproblem::remember`] and a sweep before it.
    fn extrapolate(&mut self, _factor: f32, _allowed: f32) -> Option<Change> {
        None
    }

    /// Products with A that trials and steps took, k·r² multiply-adds each.
    fn images(&self) -> u32 {
        0
    }

    /// Components with A_jj = 0, which no sweep can move.
    fn idle(&self) -> usize {
        0
    }

    /// k and r.
    fn shape(&self) -> [usize; 2];

    /// e, where everything here speaks of V·4⁻ᵉ, X·2⁻ᵉ and Y·2⁻ᵉ.
    fn exponent(&self) -> i32 {
        0
    }
}

impl<S: Subproblem + ?Sized> Subproblem for &mut S {
    fn sample(&mut self) -> bool {
        (**self).sample()
    }

    fn lipschitz(&mut self) -> f32 {
        (**self).lipschitz()
    }

    fn loss(&mut self) -> f32 {
        (**self).loss()
    }

    fn gradient(&mut self) -> Slope {
        (**self).gradient()
    }

    fn try_step(&mut self, rate: f32) -> Change {
        (**self).try_step(rate)
    }

    fn step(&mut self, rate: f32) -> Change {
        (**self).step(rate)
    }

    fn sweep(&mut self, relaxation: f32) -> Change {
        (**self).sweep(relaxation)
    }

    fn remember(&mut self) -> bool {
        (**self).remember()
    }

    fn extrapolate(&mut self, factor: f32, allowed: f32) -> Option<Change> {
        (**self).extrapolate(factor, allowed)
    }

    fn images(&self) -> u32 {
        (**self).images()
    }

    fn idle(&self) -> usize {
        (**self).idle()
    }

    fn shape(&self) -> [usize; 2] {
        (**self).shape()
    }

    fn exponent(&self) -> i32 {
        (**self).exponent()
    }
}
