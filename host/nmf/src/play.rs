//! The one loop that plays a run.

use std::ops::ControlFlow;

use tinynmf_core::{Epoch, Matrix, Run, Schedule};

/// Does at most `epochs` epochs of `run` under `schedule`; `observe` sees every one, and may end it all.
///
/// Returns how many were done.
pub fn play<M: Matrix>(
    run: &mut Run<'_, M>,
    schedule: &mut impl Schedule,
    epochs: u32,
    mut observe: impl FnMut(&Run<'_, M>, &Epoch) -> ControlFlow<()>,
) -> u32 {
    for done in 1..=epochs {
        let epoch = run.epoch(schedule);
        if observe(run, &epoch).is_break() {
            return done;
        }
    }
    epochs
}
