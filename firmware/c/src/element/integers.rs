//! What computes in fixed point with a matrix of an element type.

use tinynmf_core::fixed_point::{FixedBuffers, FixedRun};
use tinynmf_core::run::State;
use tinynmf_core::{Epoch, Rule};

use super::view::{FixedElement, View};
use crate::error::Checked;

/// The functions of an element type, whose view each of them gets.
pub(crate) struct Fixed {
    pub start: unsafe fn(FixedParts<'_>, u64) -> Checked,
    pub epoch: unsafe fn(FixedParts<'_>, &mut Rule<'static>) -> Checked<Epoch>,
    pub loss: unsafe fn(FixedParts<'_>) -> Checked<f32>,
}

/// What a run is made of.
pub(crate) struct FixedParts<'a> {
    pub view: View,
    pub rank: usize,
    pub buffers: FixedBuffers<'a>,
    pub state: &'a mut State,
}

impl Fixed {
    pub(super) const fn of<E: FixedElement>() -> Self {
        Self { start: start::<E>, epoch: epoch::<E>, loss: loss::<E> }
    }
}

/// # Safety
///
/// The view is of type E; so in all that follows.
unsafe fn run<E: FixedElement>(parts: FixedParts<'_>) -> Checked<FixedRun<'_, E>> {
    let FixedParts { view, rank, buffers, state } = parts;
    // SAFETY: the caller's promise.
    Ok(FixedRun::new(unsafe { E::data(view) }, rank, buffers, state)?)
}

unsafe fn start<E: FixedElement>(parts: FixedParts<'_>, seed: u64) -> Checked {
    // SAFETY: the caller's promise.
    unsafe { run::<E>(parts) }.map(|mut run| run.start(seed))
}

unsafe fn epoch<E: FixedElement>(
    parts: FixedParts<'_>,
    rule: &mut Rule<'static>,
) -> Checked<Epoch> {
    // SAFETY: the caller's promise.
    unsafe { run::<E>(parts) }.map(|mut run| run.epoch(rule))
}

unsafe fn loss<E: FixedElement>(parts: FixedParts<'_>) -> Checked<f32> {
    // SAFETY: the caller's promise.
    unsafe { run::<E>(parts) }.map(|run| run.loss())
}
