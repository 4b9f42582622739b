//! The situation: everything that rules and observations may look at.

use crate::block::{Change, Slope};
use crate::bound;
use crate::float::log;

/// Which factor moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Factor {
    /// W, m × r.
    W,
    /// H, r × n.
    H,
}

/// Where a run stands: what rules and observations see besides the slope.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Progress {
    /// The epoch t, from 0.
    pub epoch: u32,
    /// T, the epochs planned.
    pub horizon: u32,
    /// The share of columns and rows in a batch; 1 for exact gradients.
    pub share: f32,
    /// The loss (as in [`Slope::loss`]) before the first half-step; 0 until then.
    pub first_loss: f32,
}

/// What is remembered of a factor's last half-steps: scalars only, in units where L = 1.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Memory {
    /// Half-steps taken.
    pub steps: u32,
    /// log(αL) of the last half-step and of the one before.
    pub log_rate: [f32; 2],
    /// log(L‖G_F‖² / ⟨G_F, G_F A⟩) at the last half-step.
    pub log_curvature: f32,
    /// ‖G_F‖² at the last half-step; seen as a ratio, which stays exact when V is scaled by 2ᵏ.
    pub free_norm_squared: f32,
    /// log(F(X⁺) / F(X)) of the last half-step.
    pub log_loss_change: f32,
    /// What the last half-step changed.
    pub change: Change,
}

impl Memory {
    /// Takes in a step of size `rate`.
    pub fn record(&mut self, rate: f32, lipschitz: f32, slope: &Slope, change: &Change) {
        self.steps = self.steps.saturating_add(1);
        self.log_rate = [log(rate * lipschitz), self.log_rate[0]];
        self.log_curvature = slope.log_curvature(lipschitz);
        self.free_norm_squared = slope.free_norm_squared;
        self.log_loss_change = log(1.0 + change.loss() / slope.loss);
        self.change = *change;
    }
}

/// What a run remembers between half-steps.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Memories {
    /// Of W.
    pub w: Memory,
    /// Of H.
    pub h: Memory,
}

/// What a rule may look at when it chooses α.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Situation<'a> {
    /// The factor that moves.
    pub factor: Factor,
    /// Where the run stands.
    pub progress: Progress,
    /// The certified L of this half-step, positive.
    pub lipschitz: f32,
    /// F and the gradient.
    pub slope: Slope,
    /// What this factor remembers.
    pub own: &'a Memory,
    /// What the other factor remembers.
    pub other: &'a Memory,
}

impl Situation<'_> {
    /// The certified bound 2/L.
    #[must_use]
    pub fn bound(&self) -> f32 {
        bound::bound(self.lipschitz)
    }

    /// 1/L, the step that every rule falls back to where its own formula has no value.
    #[must_use]
    pub fn safe_rate(&self) -> f32 {
        0.5 * self.bound()
    }
}
