//! Options of a run, and its state from epoch to epoch.

use crate::Error;
use crate::penalty::Penalties;
use crate::policy;
use crate::random::{Rng, Stream, generator};
use crate::situation::{Memories, Memory, Progress};

/// Options of a run.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Settings {
    /// T, the epochs planned: rules and observations see t/T. A run may go on beyond it.
    pub horizon: u32,
    /// The share of columns (W half-step) and rows (H half-step) in a mini-batch; 1 is all.
    pub batch: f32,
    /// Of W₀, H₀, the batches and the random rules.
    pub seed: u64,
    /// Penalties on W and H; none by default.
    pub penalties: Penalties,
}

impl Settings {
    /// Whether every number is in its range.
    ///
    /// # Errors
    ///
    /// [`Error::BatchShare`] for a share that is not in (0, 1], [`Error::Parameter`] for a penalty
    /// that is negative or not finite.
    pub fn check(&self) -> Result<(), Error> {
        let Self { batch, penalties, .. } = *self;
        if !(batch > 0.0 && batch <= 1.0) {
            return Err(Error::BatchShare);
        }
        penalties.check()
    }

    /// The blob of the policy that ships for such gradients: [`policy::BATCHES`] for mini-batches, else
    /// [`policy::SHIPPED`]. For gradients with noise [`policy::NOISY`] ships.
    #[must_use]
    pub fn shipped_policy(&self) -> &'static [u8] {
        if self.batch < 1.0 { policy::BATCHES } else { policy::SHIPPED }
    }
}

impl Default for Settings {
    /// 200 epochs, exact gradients without penalties, seed 0.
    fn default() -> Self {
        Self { horizon: 200, batch: 1.0, seed: 0, penalties: Penalties::default() }
    }
}

/// State of a run from epoch to epoch besides the factors; every storage of V has the same.
#[derive(Debug, Clone)]
pub struct State {
    /// Where the run stands.
    pub progress: Progress,
    /// Memories of both factors.
    pub memories: Memories,
    /// The stream that batches are drawn from.
    pub batches: Rng,
    /// The stream of the random rules.
    pub rules: Rng,
    /// How many of the column order's indices, and of the row order's, came in the pass under way.
    pub seen: [u32; 2],
    /// Penalties on the factors.
    pub penalties: Penalties,
}

impl State {
    /// The state before the first epoch.
    ///
    /// # Errors
    ///
    /// The errors of [`Settings::check`].
    pub fn new(settings: Settings) -> Result<Self, Error> {
        settings.check()?;
        Ok(Self::first(settings))
    }

    fn first(Settings { horizon, batch, seed, penalties }: Settings) -> Self {
        Self {
            progress: Progress { epoch: 0, horizon, share: batch, first_loss: 0.0 },
            memories: Memories { w: Memory::default(), h: Memory::default() },
            batches: generator(seed, Stream::Batch),
            rules: generator(seed, Stream::Rule),
            seen: [0; 2],
            penalties,
        }
    }

    /// The state before the first epoch with the same settings, of which `seed` is one.
    pub(crate) fn begin_again(&mut self, seed: u64) {
        let Self { progress: Progress { horizon, share: batch, .. }, penalties, .. } = *self;
        *self = Self::first(Settings { horizon, batch, seed, penalties });
    }
}
