//! The half-step: gram, bound, gradient, rate, step, record. Written once, for every storage of V.

use crate::block::{Block, Change, Slope};
use crate::bound;
use crate::float::{log, ratio};
use crate::random::Rng;
use crate::rule::StepRule;

/// Which factor moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Factor {
    /// W, m × r.
    W,
    /// H, r × n.
    H,
}

/// How a half-step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Outcome {
    /// The factor was updated.
    Stepped,
    /// The free gradient is zero: no step of any size changes the factor.
    Stationary,
    /// The other factor is zero, so is the gradient, and there is no bound; nothing was done.
    OtherFactorZero,
}

/// The record of one half-step.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct HalfStep {
    /// α, the step size taken; 0 where none was taken.
    pub rate: f32,
    /// The certified bound 2/L; 0 where the other factor is zero.
    pub bound: f32,
    /// The certified Lipschitz constant L ≥ λmax(A).
    pub lipschitz: f32,
    /// F and the gradient before the step.
    pub slope: Slope,
    /// What the step changed.
    pub change: Change,
    /// How it ended.
    pub outcome: Outcome,
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
    fn record(&mut self, half_step: &HalfStep) {
        let HalfStep { rate, lipschitz, slope, change, .. } = *half_step;
        self.steps = self.steps.saturating_add(1);
        self.log_rate = [log(rate * lipschitz), self.log_rate[0]];
        self.log_curvature = log_curvature(lipschitz, &slope);
        self.free_norm_squared = slope.free_norm_squared;
        self.log_loss_change = log(1.0 + change.loss() / slope.loss);
        self.change = change;
    }
}

/// log(L‖G_F‖² / ⟨G_F, G_F A⟩): 0 where the gradient lies along the steepest curvature, else above.
pub(crate) fn log_curvature(lipschitz: f32, slope: &Slope) -> f32 {
    ratio(lipschitz * slope.free_norm_squared, slope.free_curvature).map_or(0.0, log)
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

/// What a run remembers between half-steps.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Memories {
    /// Of W.
    pub w: Memory,
    /// Of H.
    pub h: Memory,
}

/// One half-step of `factor` on `block`: gram, bound, gradient, rate, step, record.
pub fn half_step<B: Block>(
    block: &mut B,
    rule: &mut impl StepRule,
    factor: Factor,
    progress: &mut Progress,
    memories: &mut Memories,
    rng: &mut Rng,
) -> HalfStep {
    let lipschitz = block.lipschitz();
    let mut record = HalfStep {
        rate: 0.0,
        bound: bound::bound(lipschitz),
        lipschitz,
        slope: Slope::default(),
        change: Change::default(),
        outcome: Outcome::OtherFactorZero,
    };
    let (own, other) = match factor {
        Factor::W => (&mut memories.w, &memories.h),
        Factor::H => (&mut memories.h, &memories.w),
    };
    if lipschitz > 0.0 {
        record.slope = block.gradient();
        if progress.first_loss <= 0.0 {
            progress.first_loss = record.slope.loss;
        }
        if record.slope.free_norm_squared <= 0.0 {
            record.outcome = Outcome::Stationary;
            return record;
        }
        let situation =
            Situation { factor, progress: *progress, lipschitz, slope: record.slope, own, other };
        let rate = rule.rate(&situation, block, rng);
        record.rate = ratio(rate, 1.0).unwrap_or(situation.safe_rate());
        record.change = block.step(record.rate);
        record.outcome = Outcome::Stepped;
        own.record(&record);
    }
    record
}
