//! Arithmetic in fixed point for a matrix of an element type.

use tinynmf_core::fixed_point::{FixedFlat, FixedRun, Integers};
use tinynmf_core::{Epoch, NmfInner, Rule};

use super::view::{FixedElement, View};
use crate::error::Checked;

/// A factorisation in fixed point on memory of C's, with its state.
pub(crate) type FixedOwner = NmfInner<Integers, FixedFlat<'static>>;

/// The functions of an element type, whose view each of them gets.
pub(crate) struct Fixed {
    pub start: unsafe fn(View, &mut FixedOwner) -> Checked,
    pub epoch: unsafe fn(View, &mut FixedOwner, &mut Rule<'static>) -> Checked<Epoch>,
    pub loss: unsafe fn(View, &mut FixedOwner) -> Checked<f32>,
    pub objective: unsafe fn(View, &mut FixedOwner) -> Checked<f32>,
}

impl Fixed {
    pub(super) const fn of<E: FixedElement>() -> Self {
        Self { start: start::<E>, epoch: epoch::<E>, loss: loss::<E>, objective: objective::<E> }
    }
}

/// # Safety
///
/// The view is of type E; so in all that follows.
unsafe fn run<E: FixedElement>(view: View, nmf: &mut FixedOwner) -> Checked<FixedRun<'_, E>> {
    // SAFETY: the caller's promise.
    Ok(nmf.run(unsafe { E::data(view) })?)
}

unsafe fn start<E: FixedElement>(view: View, nmf: &mut FixedOwner) -> Checked {
    // SAFETY: the caller's promise. The first run draws the start.
    unsafe { run::<E>(view, nmf) }.map(|_| ())
}

unsafe fn epoch<E: FixedElement>(
    view: View,
    nmf: &mut FixedOwner,
    rule: &mut Rule<'static>,
) -> Checked<Epoch> {
    // SAFETY: the caller's promise.
    unsafe { run::<E>(view, nmf) }.map(|mut run| run.epoch(rule))
}

unsafe fn loss<E: FixedElement>(view: View, nmf: &mut FixedOwner) -> Checked<f32> {
    // SAFETY: the caller's promise.
    unsafe { run::<E>(view, nmf) }.map(|run| run.loss())
}

unsafe fn objective<E: FixedElement>(view: View, nmf: &mut FixedOwner) -> Checked<f32> {
    // SAFETY: the caller's promise.
    unsafe { run::<E>(view, nmf) }.map(|run| run.objective())
}
