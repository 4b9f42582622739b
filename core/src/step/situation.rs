//! The situation: everything that rules and observations may look at.

use crate::Factor;
use crate::bound;
use crate::float::{log, power_of_two, ratio};
use crate::step::record::HalfStep;
use crate::subproblem::{Change, Slope};

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

impl Progress {
    /// t/T, what has passed of the horizon; below 1, for schedules that fall to zero there.
    ///
    /// Past the horizon the last epoch before it goes on, so that a longer run still moves.
    #[must_use]
    pub fn elapsed(&self) -> f32 {
        let horizon = self.horizon.max(1);
        self.epoch.min(horizon - 1) as f32 / horizon as f32
    }
}

/// Memory of a factor's last half-steps: scalars only, in units where L = 1.
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
    /// Change by the last half-step.
    pub change: Change,
    /// The share of the inner indices that the last half-step sampled; 0 before it.
    pub share: f32,
    /// F after the last half-step, of its sample; `None` where it was not known.
    pub loss: Option<f32>,
    /// log(F on the last half-step's sample before it / F after the half-step before); 0 where not known.
    pub surprise: f32,
    /// The part of what the last half-step gained that its first sweep had gained; 1 where nothing was gained.
    pub first_part: f32,
    /// log(what the last half-step gained / what the one before it had gained); 0 where either is not known.
    pub gain_change: f32,
}

impl Memory {
    /// log(F(X) / F(X⁺)) of the last half-step, on its sample: what it gained.
    #[must_use]
    pub fn decrease(&self) -> f32 {
        -self.log_loss_change
    }

    /// F(X) − F(X⁺) of the last half-step, on its sample: known without a look at F.
    #[must_use]
    pub fn gain(&self) -> f32 {
        -self.change.loss()
    }

    /// Takes in a step of size `rate`.
    pub fn record(&mut self, rate: f32, lipschitz: f32, slope: &Slope, change: &Change) {
        self.steps = self.steps.saturating_add(1);
        self.log_rate = [log(rate * lipschitz), self.log_rate[0]];
        self.log_curvature = slope.log_curvature(lipschitz);
        self.free_norm_squared = slope.free_norm_squared;
        self.log_loss_change = log(1.0 + change.loss() / slope.loss);
        self.change = *change;
        self.gain_change = 0.0;
    }

    /// Takes in the sweeps of a half-step that left F at `loss`, the first of which gained `first_gain`.
    pub fn record_sweeps(&mut self, record: &HalfStep, loss: Option<f32>, first_gain: f32) {
        self.steps = self.steps.saturating_add(1);
        let gain = -record.change.loss();
        self.gain_change = ratio(gain, self.gain()).map_or(0.0, log);
        self.first_part = ratio(first_gain, gain).unwrap_or(1.0);
        self.log_loss_change =
            loss.and_then(|loss| ratio(loss, record.slope.loss)).map_or(0.0, log);
        self.change = record.change;
    }
}

/// Memories of both factors between half-steps.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Memories {
    /// Memory of the half-steps on W.
    pub w: Memory,
    /// Memory of the half-steps on H.
    pub h: Memory,
}

/// Input of a schedule when it chooses the share, before V is touched.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Before<'a> {
    /// The factor that moves.
    pub factor: Factor,
    /// Where the run stands.
    pub progress: Progress,
    /// Memory of this factor.
    pub own: &'a Memory,
    /// Memory of the other factor.
    pub other: &'a Memory,
    /// k, l and r: X is k × r, Y is l × r.
    pub shape: [usize; 3],
}

/// Input of a rule when it chooses α.
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
    /// Memory of this factor.
    pub own: &'a Memory,
    /// Memory of the other factor.
    pub other: &'a Memory,
    /// e, where all this speaks of V·4⁻ᵉ: a rate in V's own units is 4ᵉ times as long here.
    pub exponent: i32,
}

impl Situation<'_> {
    /// The certified bound 2/L.
    #[must_use]
    pub fn bound(&self) -> f32 {
        bound::bound(self.lipschitz)
    }

    /// A rate that is given in V's own units.
    #[must_use]
    pub fn rate_of(&self, alpha: f32) -> f32 {
        if self.exponent == 0 {
            return alpha;
        }
        let [a, b] = power_of_two(2 * self.exponent);
        alpha * a * b
    }

    /// 1/L, the step that every rule falls back to where its own formula has no value.
    #[must_use]
    pub fn safe_rate(&self) -> f32 {
        0.5 * self.bound()
    }
}
