//! What computes in floats with a matrix of an element type.

use tinynmf_core::run::{Buffers, State};
use tinynmf_core::{Data, Epoch, Rule, Run, Transform};

use super::view::{Element, View};
use crate::error::Checked;

/// The functions of an element type, whose view each of them gets.
pub(crate) struct Float {
    pub start: unsafe fn(Parts<'_>, u64) -> Checked,
    pub epoch: unsafe fn(Parts<'_>, &mut Rule<'static>) -> Checked<Epoch>,
    pub loss: unsafe fn(Parts<'_>) -> Checked<f32>,
    pub objective: unsafe fn(Parts<'_>) -> Checked<f32>,
    pub columns:
        unsafe fn(&mut Transform<'static>, View, &mut Rule<'static>, &mut [f32]) -> Checked,
}

/// What a run is made of.
pub(crate) struct Parts<'a> {
    pub view: View,
    pub rank: usize,
    pub buffers: Buffers<'a>,
    pub state: &'a mut State,
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
unsafe fn run<E: Element>(parts: Parts<'_>) -> Checked<Run<'_, Data<'_, E>>> {
    let Parts { view, rank, buffers, state } = parts;
    // SAFETY: the caller's promise.
    Ok(Run::new(unsafe { E::data(view) }, rank, buffers, state)?)
}

unsafe fn start<E: Element>(parts: Parts<'_>, seed: u64) -> Checked {
    // SAFETY: the caller's promise.
    unsafe { run::<E>(parts) }.map(|mut run| run.start(seed))
}

unsafe fn epoch<E: Element>(parts: Parts<'_>, rule: &mut Rule<'static>) -> Checked<Epoch> {
    // SAFETY: the caller's promise.
    unsafe { run::<E>(parts) }.map(|mut run| run.epoch(rule))
}

unsafe fn loss<E: Element>(parts: Parts<'_>) -> Checked<f32> {
    // SAFETY: the caller's promise.
    unsafe { run::<E>(parts) }.map(|run| run.loss())
}

unsafe fn objective<E: Element>(parts: Parts<'_>) -> Checked<f32> {
    // SAFETY: the caller's promise.
    unsafe { run::<E>(parts) }.map(|run| run.objective())
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
