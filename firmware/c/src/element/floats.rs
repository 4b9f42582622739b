//! Arithmetic in floats for a matrix of an element type.

use tinynmf_core::storage::{Flat, Floats};
use tinynmf_core::{Data, Epoch, NmfInner, Rule, Run, Transform};

use super::view::{Element, View};
use crate::error::Checked;

/// A factorisation on memory of C's, with its state.
pub(crate) type Owner = NmfInner<Floats, Flat<&'static mut [f32], &'static mut [u32]>>;

/// The functions of an element type, whose view each of them gets.
pub(crate) struct Float {
    pub start: unsafe fn(View, &mut Owner) -> Checked,
    pub epoch: unsafe fn(View, &mut Owner, &mut Rule<'static>) -> Checked<Epoch>,
    pub loss: unsafe fn(View, &mut Owner) -> Checked<f32>,
    pub objective: unsafe fn(View, &mut Owner) -> Checked<f32>,
    pub columns:
        unsafe fn(&mut Transform<'static>, View, &mut Rule<'static>, &mut [f32]) -> Checked,
}

impl Float {
    pub(super) const fn of<E: Element>() -> Self {
        Self {
            start: start::<E>,
            epoch: epoch::<E>,
            loss: loss::<E>,
            objective: objective::<E>,
            columns: columns::<E>,
        }
    }
}

/// # Safety
///
/// The view is of type E; so in all that follows.
unsafe fn run<E: Element>(view: View, nmf: &mut Owner) -> Checked<Run<'_, Data<'static, E>>> {
    // SAFETY: the caller's promise.
    Ok(nmf.run(unsafe { E::data(view) })?)
}

unsafe fn start<E: Element>(view: View, nmf: &mut Owner) -> Checked {
    // SAFETY: the caller's promise. The first run draws the start.
    unsafe { run::<E>(view, nmf) }.map(|_| ())
}

unsafe fn epoch<E: Element>(
    view: View,
    nmf: &mut Owner,
    rule: &mut Rule<'static>,
) -> Checked<Epoch> {
    // SAFETY: the caller's promise.
    unsafe { run::<E>(view, nmf) }.map(|mut run| run.epoch(rule))
}

unsafe fn loss<E: Element>(view: View, nmf: &mut Owner) -> Checked<f32> {
    // SAFETY: the caller's promise.
    unsafe { run::<E>(view, nmf) }.map(|run| run.loss())
}

unsafe fn objective<E: Element>(view: View, nmf: &mut Owner) -> Checked<f32> {
    // SAFETY: the caller's promise.
    unsafe { run::<E>(view, nmf) }.map(|run| run.objective())
}

unsafe fn columns<E: Element>(
    transform: &mut Transform<'static>,
    view: View,
    rule: &mut Rule<'static>,
    h: &mut [f32],
) -> Checked {
    // SAFETY: the caller's promise.
    Ok(transform.columns(&unsafe { E::data(view) }, rule, h)?)
}
