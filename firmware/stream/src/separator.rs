//! Spectra of sources from a stream of samples.

use tinynmf_core::online::{Keep, Latents, Online, OnlineSettings};
use tinynmf_core::{Data, Error, HalfStep, Policy, Rule, Schedule, policy};

use crate::spectrogram::{BINS, Spectrogram};

/// Sources that are told apart.
pub const RANK: usize = 2;

/// Floats that a separator borrows.
pub const FLOATS: usize = Online::floats(BINS, RANK, SETTINGS.keep);

const SETTINGS: OnlineSettings = OnlineSettings {
    latents: Latents::Steps(20),
    window: 100.0,
    keep: Keep::Products,
    penalties: tinynmf_core::penalty::Penalties {
        w: tinynmf_core::penalty::Penalty { l1: 0.0, l2: 0.0 },
        h: tinynmf_core::penalty::Penalty { l1: 0.0, l2: 0.0 },
    },
    horizon: 1000,
    seed: 0,
};

/// Samples in, spectra out.
#[derive(Debug)]
pub struct Separator<'b, R = Rule<'static>> {
    spectrogram: Spectrogram,
    column: [f32; BINS],
    online: Online<'b>,
    rule: R,
}

impl<'b> Separator<'b> {
    /// A separator that knows nothing yet, with the policy that ships.
    ///
    /// # Errors
    ///
    /// [`Error`], if core refuses its policy or settings.
    pub fn new(memory: &'b mut [f32; FLOATS]) -> Result<Self, Error> {
        Self::with_rule(memory, Rule::learned(Policy::from_bytes(policy::SHIPPED)?))
    }
}

impl<'b, R: Schedule> Separator<'b, R> {
    /// The same with another step rule.
    ///
    /// # Errors
    ///
    /// [`Error`], if core refuses its settings.
    pub fn with_rule(memory: &'b mut [f32; FLOATS], rule: R) -> Result<Self, Error> {
        let online = Online::new(BINS, RANK, SETTINGS, memory)?;
        Ok(Self { spectrogram: Spectrogram::default(), column: [0.0; BINS], online, rule })
    }

    /// Goes on from a W that was known before.
    ///
    /// # Errors
    ///
    /// [`Error`], if W cannot be one.
    pub fn set(&mut self, w: &[f32]) -> Result<(), Error> {
        self.online.set(w)
    }

    /// Takes in a sample; the record of the W half-step where it completes a column.
    ///
    /// # Errors
    ///
    /// [`Error`] for a column that core refuses; it changes nothing.
    pub fn sample(&mut self, sample: i16) -> Result<Option<HalfStep>, Error> {
        if !self.spectrogram.push(sample, &mut self.column) {
            return Ok(None);
        }
        let column = Data::column(&self.column, 1.0)?;
        self.online.column(&column, &mut self.rule).map(Some)
    }

    /// Some samples will be missing: the next window starts after the gap, so that none spans it.
    pub fn pause(&mut self) {
        self.spectrogram.restart();
    }

    /// The spectra: [`BINS`] × [`RANK`], row by row.
    #[must_use]
    pub fn w(&self) -> &[f32] {
        self.online.w()
    }

    /// How loud the sources are in the last column, as multiples of their spectra.
    #[must_use]
    pub fn h(&self) -> &[f32] {
        self.online.h()
    }

    /// The last column.
    #[must_use]
    pub fn column(&self) -> &[f32; BINS] {
        &self.column
    }
}
