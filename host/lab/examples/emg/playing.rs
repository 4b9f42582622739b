//! Sessions played on the host: the device's code, and so its bits.

use tinynmf_core::Error;
use tinynmf_emg::recognizer::FLOATS;
use tinynmf_emg::session::{Outcome, Window};
use tinynmf_emg::{Integers, Model, Recognize, Recognized, Recognizer, Tally};
use tinynmf_lab::evaluate::statistics::Estimate;

/// A session, window by window.
#[derive(Debug, Clone)]
pub struct Played {
    /// Recognised gesture of each window.
    pub recognized: Vec<Recognized>,
    /// How often it was right.
    pub tally: Tally,
    /// W at the end.
    pub w: Vec<f32>,
}

impl Played {
    /// Plays windows.
    ///
    /// # Errors
    ///
    /// A window that core refuses.
    pub fn with(recognizer: &mut impl Recognize, windows: &[Window]) -> Result<Self, Error> {
        let (mut recognized, mut tally) = (Vec::new(), Tally::default());
        for window in windows {
            let found = recognizer.window(&window.amplitudes)?;
            tally.count(window, &found);
            recognized.push(found);
        }
        Ok(Self { recognized, tally, w: recognizer.w().to_vec() })
    }

    /// Expected report of a device.
    pub fn outcome(&self) -> Outcome {
        self.tally.outcome(&self.w)
    }
}

/// A session in floats, with the synergies of the first session and with ones that follow the electrodes; then the same
/// in integers.
///
/// # Errors
///
/// As [`Played::with`].
pub fn play(model: &Model, windows: &[Window]) -> Result<[Played; 4], Error> {
    let mut memory = [[0.0; FLOATS]; 3];
    let [fixed, relearnt, in_integers] = &mut memory;
    Ok([
        Played::with(&mut Recognizer::fixed(model, fixed)?, windows)?,
        Played::with(&mut Recognizer::relearning(model, relearnt)?, windows)?,
        Played::with(&mut Integers::fixed(model), windows)?,
        Played::with(&mut Integers::relearning(model, in_integers)?, windows)?,
    ])
}

/// How much more often the second was right than the first, with an interval over repetitions: a gesture, and the rest
/// before it.
pub fn gain(windows: &[Window], [before, after]: [&Played; 2]) -> Estimate {
    let mut repetitions: Vec<[f64; 2]> = Vec::new();
    let mut last = None;
    let played = before.recognized.iter().zip(&after.recognized);
    for (window, (before, after)) in windows.iter().zip(played) {
        if repetitions.is_empty() || window.gesture == 0 && last != Some(0) {
            repetitions.push([0.0; 2]);
        }
        last = Some(window.gesture);
        let right = |it: &Recognized| f64::from(u8::from(it.gesture == window.gesture));
        if let Some([gain, count]) = repetitions.last_mut() {
            *gain += right(after) - right(before);
            *count += 1.0;
        }
    }
    Estimate::of(repetitions.len(), |indices| {
        let sum = |k: usize| indices.iter().map(|i| repetitions[*i][k]).sum::<f64>();
        sum(0) / sum(1)
    })
}
