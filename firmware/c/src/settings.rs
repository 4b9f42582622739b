//! Options of a factorisation.

use tinynmf_core::Settings as CoreSettings;
use tinynmf_core::penalty::{Penalties, Penalty as CorePenalty};

/// Penalty on a factor, a term of the loss: l1 times its sum, and l2 / 2 times its sum of squares.
#[derive(Debug, Clone, Copy)]
#[repr(C)]
pub struct Penalty {
    /// Pushes entries to exactly zero.
    pub l1: f32,
    /// Keeps entries small.
    pub l2: f32,
}

/// No penalty.
pub const NO_PENALTY: Penalty = Penalty { l1: 0.0, l2: 0.0 };

impl From<Penalty> for CorePenalty {
    fn from(Penalty { l1, l2 }: Penalty) -> Self {
        Self { l1, l2 }
    }
}

/// Options of a factorisation.
#[derive(Debug, Clone, Copy)]
#[repr(C)]
pub struct Settings {
    /// Of the start, the batches and the random rules.
    pub seed: u64,
    /// The epochs planned: rules see how far they are. A factorisation may go on beyond them.
    pub horizon: u32,
    /// The share of columns and rows in a mini-batch; 1 is all.
    pub batch: f32,
    /// On W.
    pub penalty_of_w: Penalty,
    /// On H.
    pub penalty_of_h: Penalty,
}

/// 200 epochs, exact gradients without penalties, seed 0.
pub const DEFAULTS: Settings = Settings {
    seed: 0,
    horizon: 200,
    batch: 1.0,
    penalty_of_w: NO_PENALTY,
    penalty_of_h: NO_PENALTY,
};

impl From<Settings> for CoreSettings {
    fn from(settings: Settings) -> Self {
        let Settings { seed, horizon, batch, penalty_of_w, penalty_of_h } = settings;
        let penalties = Penalties { w: penalty_of_w.into(), h: penalty_of_h.into() };
        Self { horizon, batch, seed, penalties }
    }
}
