//! The half-step: gram, bound, gradient, rate, step, record. Written once, for every storage of V.

use crate::block::{Block, Change, Slope};
use crate::bound;
use crate::float::ratio;
use crate::random::Rng;
use crate::rule::StepRule;
use crate::situation::{Factor, Memories, Progress, Situation};

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
        own.record(record.rate, lipschitz, &record.slope, &record.change);
    }
    record
}
