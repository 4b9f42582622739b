//! The monitor: W is learnt in fixed point, latents and residuals are found in integers.

use tinynmf_core::rule::Sweeps;
use tinynmf_core::{Data, Error, NmfFixed, Settings};
use tinynmf_latents::Latents;

use crate::machine::ROWS;

/// Parts that are looked for.
pub const RANK: usize = 3;

/// Normal cycles that W is learnt from.
pub const COLUMNS: usize = 48;

/// Epochs that it is learnt in.
pub const EPOCHS: u32 = 60;

/// Normal cycles that the threshold is learnt from.
pub const CALM: u32 = 400;

/// The threshold is the score that so many of them reach: 1 %.
const ABOVE: usize = 4;

/// Gathers normal cycles, then learns W.
#[derive(Debug, Clone)]
pub struct Learner {
    /// Row by row, a cycle a column.
    entries: [[u16; COLUMNS]; ROWS],
}

impl Default for Learner {
    fn default() -> Self {
        Self { entries: [[0; COLUMNS]; ROWS] }
    }
}

impl Learner {
    /// Takes in the cycle `t` of [`COLUMNS`].
    pub fn take(&mut self, t: usize, cycle: &[u16; ROWS]) {
        for (row, reading) in self.entries.iter_mut().zip(cycle) {
            if let Some(entry) = row.get_mut(t) {
                *entry = *reading;
            }
        }
    }

    /// V, row by row.
    #[must_use]
    pub fn entries(&self) -> &[u16] {
        self.entries.as_flattened()
    }

    /// Learns W.
    ///
    /// # Errors
    ///
    /// [`Error`], where the cycles are all zero.
    pub fn learn(&self) -> Result<Monitor, Error> {
        let data = Data::new(self.entries(), ROWS, COLUMNS, 1.0)?;
        let settings = Settings { horizon: EPOCHS, ..Settings::default() };
        let mut nmf = NmfFixed::<ROWS, COLUMNS, RANK>::new(settings)?;
        let mut run = nmf.run(data)?;
        let mut rule = Sweeps::new(1.3, 2)?;
        for _ in 0..EPOCHS {
            run.epoch(&mut rule);
        }
        let mut w = [[0.0; RANK]; ROWS];
        for (to, from) in w.as_flattened_mut().iter_mut().zip(run.w().entries) {
            *to = f32::from(*from);
        }
        Ok(Monitor { latents: Latents::new(w.as_flattened()), largest: [0; ABOVE], calm: 0 })
    }
}

/// A W, and how far normal cycles are from it.
#[derive(Debug, Clone)]
pub struct Monitor {
    latents: Latents<ROWS, RANK>,
    /// The largest scores of calm cycles, ascending.
    largest: [u32; ABOVE],
    calm: u32,
}

impl Monitor {
    /// How far a cycle is from W: ½‖v − Wh‖², in sixteenths of a step squared.
    #[must_use]
    pub fn score(&self, cycle: &[u16; ROWS]) -> u32 {
        self.latents.residual(cycle, &self.latents.of(cycle))
    }

    /// Learns the threshold from a cycle, for the first [`CALM`] of them; then tells whether it is unlike those.
    pub fn judge(&mut self, cycle: &[u16; ROWS]) -> (u32, bool) {
        let score = self.score(cycle);
        if self.calm == CALM {
            return (score, score > self.threshold());
        }
        self.calm += 1;
        // The least of the largest makes way, and the others move up.
        let mut new = score;
        for kept in self.largest.iter_mut().rev() {
            if new > *kept {
                core::mem::swap(&mut new, kept);
            }
        }
        (score, false)
    }

    /// The score beyond which a cycle is told of.
    #[must_use]
    pub fn threshold(&self) -> u32 {
        self.largest[0]
    }
}
