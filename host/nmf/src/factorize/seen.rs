//! Arguments of an observer of a factorisation.

use std::ops::ControlFlow;

/// A factorisation as an observer sees it after an epoch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Seen<'a> {
    /// Which of the starts, from 0; several run at a time.
    pub start: usize,
    /// Epochs done.
    pub epoch: u32,
    /// Their cost, in epochs on all of V; a run ends at [`Options::max_epochs`](super::Options::max_epochs) of these.
    pub cost: f64,
    /// F and the penalties, if it is known after this epoch.
    pub objective: Option<f32>,
    /// The shares of V's columns and rows that the W and the H half-step looked at.
    pub shares: [f32; 2],
    /// The relaxations of their sweeps; empty for gradient steps.
    pub moves: [&'a [f32]; 2],
}

/// Called after every epoch, from the threads of all starts; [`ControlFlow::Break`] ends them all, which keeps the best so
/// far.
pub type Observer<'a> = dyn Fn(&Seen<'_>) -> ControlFlow<()> + Sync + 'a;
