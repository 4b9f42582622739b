//! A recorded session, row by row, and how often the gesture was recognised.

use core::fmt;

use tinynmf_core::{Error, Fingerprint};

use crate::amplitude::{Amplitude, CHANNELS, HOP, WINDOW};
use crate::classifier::GESTURES;
use crate::features::Features;

/// Bytes of a row of a recording: a sample of every channel, and the gesture that was asked for.
pub const ROW: usize = CHANNELS + 1;

/// Gesture of a window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Recognized {
    /// The gesture's number.
    pub gesture: u8,
    /// Features that it was recognised by.
    pub features: Features,
    /// ½‖v − Wh‖²: how far the window is from all that W knows.
    pub residual: f32,
}

/// A recogniser of windows: [`Recognizer`](crate::Recognizer), or the same in integers.
pub trait Recognize {
    /// Recognises a window from the sums of its rectified samples.
    ///
    /// # Errors
    ///
    /// [`Error`], if core refuses the column.
    fn window(&mut self, amplitudes: &[u16; CHANNELS]) -> Result<Recognized, Error>;

    /// W as it is now, row by row.
    fn w(&self) -> &[f32];
}

/// A window of a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// The sums of rectified samples.
    pub amplitudes: [u16; CHANNELS],
    /// Gesture that was asked for when it began: a hand follows a moment later.
    pub gesture: u8,
}

/// Rows to windows, [`HOP`] samples apart.
#[derive(Debug, Clone)]
pub struct Windows {
    amplitude: Amplitude,
    /// Gestures that were asked for at the last samples; the oldest is at `at`.
    gestures: [u8; WINDOW],
    at: usize,
}

impl Default for Windows {
    fn default() -> Self {
        Self { amplitude: Amplitude::new(HOP), gestures: [0; WINDOW], at: 0 }
    }
}

impl Windows {
    /// Takes in a row; the window that it completes.
    pub fn push(&mut self, row: &[u8; ROW]) -> Option<Window> {
        let [samples @ .., gesture] = *row;
        if let Some(oldest) = self.gestures.get_mut(self.at) {
            *oldest = gesture;
        }
        self.at = if self.at + 1 < WINDOW { self.at + 1 } else { 0 };
        let amplitudes = self.amplitude.push(samples.map(u8::cast_signed))?;
        let gesture = self.gestures.get(self.at).copied().unwrap_or_default();
        Some(Window { amplitudes, gesture })
    }
}

/// How a session went. Equal tallies mean equal bits. Displayed as JSON.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    /// Windows that were looked at.
    pub windows: u32,
    /// Of these, recognised as what was asked for.
    pub right: u32,
    /// Windows by what was asked for and what was recognised.
    pub confusion: [[u16; GESTURES]; GESTURES],
    features: Fingerprint,
}

impl Tally {
    /// Counts a window.
    pub fn count(&mut self, window: &Window, recognized: &Recognized) {
        let Recognized { gesture, features, residual } = recognized;
        self.windows += 1;
        self.right += u32::from(*gesture == window.gesture);
        let row = self.confusion.get_mut(usize::from(window.gesture));
        if let Some(cell) = row.and_then(|row| row.get_mut(usize::from(*gesture))) {
            *cell = cell.saturating_add(1);
        }
        self.features.floats(features);
        self.features.float(*residual);
    }

    /// The share of windows that were recognised.
    #[must_use]
    pub fn accuracy(&self) -> f32 {
        self.right as f32 / self.windows as f32
    }

    /// The session's result, with W at its end.
    #[must_use]
    pub fn outcome(&self, w: &[f32]) -> Outcome {
        let mut of_w = Fingerprint::new();
        of_w.floats(w);
        let Self { windows, right, features, .. } = self;
        Outcome { windows: *windows, right: *right, features: features.value(), w: of_w.value() }
    }
}

/// Outcome of a session; equal outcomes mean equal bits. Displayed as JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    /// Windows that were looked at.
    pub windows: u32,
    /// Of these, recognised as what was asked for.
    pub right: u32,
    /// Fingerprint of every window's features and residual.
    pub features: u64,
    /// Fingerprint of W at the end.
    pub w: u64,
}

impl fmt::Display for Outcome {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { windows, right, features, w } = self;
        write!(out, r#"{{"windows":{windows},"right":{right},"features":{features},"w":{w}}}"#)
    }
}
