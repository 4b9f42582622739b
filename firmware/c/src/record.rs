//! Record of a step.

use tinynmf_core::{Epoch, HalfStep as CoreHalfStep, Outcome as CoreOutcome};

use crate::error::Checked;
use crate::memory::{check, put};

/// How a half-step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum Outcome {
    /// The factor was updated.
    Stepped = 0,
    /// The gradient is zero: no step changes the factor.
    Stationary = 1,
    /// The other factor is zero: nothing was done.
    OtherFactorZero = 2,
}

/// The record of one half-step.
#[derive(Debug, Clone, Copy, Default)]
#[repr(C)]
pub struct HalfStep {
    /// The step size taken; 0 where none was taken.
    pub rate: f32,
    /// The certified bound 2/L; 0 where the other factor is zero.
    pub bound: f32,
    /// The loss before the step with the penalties, to within rounding; tinynmf_loss is exact.
    pub loss: f32,
    /// How much the step changed the loss.
    pub change: f32,
    /// A tinynmf_outcome.
    pub outcome: u32,
}

/// The record of one epoch.
#[derive(Debug, Clone, Copy, Default)]
#[repr(C)]
pub struct Record {
    /// The W half-step.
    pub w: HalfStep,
    /// The H half-step, with the new W.
    pub h: HalfStep,
}

impl From<CoreHalfStep> for HalfStep {
    fn from(step: CoreHalfStep) -> Self {
        let outcome = match step.outcome {
            CoreOutcome::Stepped => Outcome::Stepped,
            CoreOutcome::Stationary => Outcome::Stationary,
            CoreOutcome::OtherFactorZero => Outcome::OtherFactorZero,
        };
        Self {
            rate: step.rate,
            bound: step.bound,
            loss: step.slope.loss,
            change: step.change.loss(),
            outcome: outcome as u32,
        }
    }
}

impl From<Epoch> for Record {
    fn from(Epoch { w, h }: Epoch) -> Self {
        Self { w: w.into(), h: h.into() }
    }
}

/// Does `work`, and puts its record where `to` points, unless that is null.
///
/// # Safety
///
/// Unless it is refused, which is before anything is done, `to` points at memory for an R.
pub(crate) unsafe fn recorded<T: Into<R>, R>(
    to: *mut R,
    work: impl FnOnce() -> Checked<T>,
) -> Checked {
    if to.is_null() {
        return work().map(|_| ());
    }
    check(to)?;
    let record = work()?.into();
    // SAFETY: the caller's promise.
    unsafe { put(to, record) }
}
