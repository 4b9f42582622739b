//! Cost of a window on a device, as tables.

use std::fmt::Write;
use std::time::Duration;

use tinynmf_lab::device::{DeviceError, Image, Unit};

use crate::emulation::{Emulated, mean_and_largest, run};
use crate::recording::Recording;

/// The image's commands, in the order of a budget's windows.
pub const WORDS: [&str; 4] = ["fixed", "relearnt", "integers", "integers-relearnt"];

/// Their work on a window, in the words of the tables.
pub const WHAT: [&str; 4] =
    ["W fixed", "W relearnt", "integers, W fixed", "integers, W relearnt in floats"];

/// The core's clock in Hz.
const CLOCK: f64 = 64e6;

/// Windows a second of 20 samples at 200 Hz.
const SLOW: f64 = 10.0;

/// Windows a second of one sample at 1 kHz.
const FAST: f64 = 1000.0;

/// How long a session may take in the emulator.
pub const LIMIT: Duration = Duration::from_mins(10);

/// Mean and largest of what a device did in a session, for each of [`WORDS`].
#[derive(Debug, Clone, Copy)]
pub struct Budget {
    /// The samples of a hop.
    pub hop: [f64; 2],
    /// A window.
    pub windows: [[f64; 2]; 4],
}

impl Budget {
    /// Measures a session with every command.
    ///
    /// # Errors
    ///
    /// As [`run`].
    pub fn measure(
        image: &Image,
        recording: &Recording,
        unit: Unit,
    ) -> Result<(Self, Vec<Emulated>), DeviceError> {
        let emulated: Vec<Emulated> = WORDS
            .iter()
            .map(|word| run(image, word, recording, unit, LIMIT))
            .collect::<Result<_, _>>()?;
        let windows = core::array::from_fn(|k| mean_and_largest(&emulated[k].windows));
        Ok((Self { hop: mean_and_largest(&emulated[0].hops), windows }, emulated))
    }

    /// Shares of 64 MHz, of a budget in cycles: [`SHARES`].
    pub fn shares(&self) -> [f64; 3] {
        let [hop, _] = self.hop;
        let [fixed, relearnt, integers, in_both] = self.windows.map(|[mean, _]| mean);
        let fast =
            |fixed: f64, relearnt: f64| FAST * (hop / 20.0 + fixed) + SLOW * (relearnt - fixed);
        let cycles = [SLOW * (hop + relearnt), fast(fixed, relearnt), fast(integers, in_both)];
        cycles.map(|cycles| cycles / CLOCK)
    }
}

/// Wholes of [`Budget::shares`].
pub const SHARES: [&str; 3] = [
    "200 Hz, hop 20, W relearnt at every window",
    "1 kHz, hop 1, W relearnt ten times a second",
    "the same, latents in integers",
];

/// Markdown tables of a Cortex-M4F's instructions and cycles, and of a Cortex-M0's instructions.
pub fn table([instructions, cycles, small]: [&Budget; 3]) -> String {
    let mut text = String::from(
        "| | Cortex-M4F: instructions, mean | largest | cycles, mean | largest | Cortex-M0: instructions, mean |\n\
         |---|---:|---:|---:|---:|---:|\n",
    );
    let mut row = |what: &str, of: fn(&Budget, usize) -> [f64; 2], k: usize| {
        let [[a, b], [c, d], [e, _]] = [instructions, cycles, small].map(|it| of(it, k));
        let _ = writeln!(text, "| {what} | {a:.0} | {b:.0} | {c:.0} | {d:.0} | {e:.0} |");
    };
    row("20 samples of 8 channels", |it, _| it.hop, 0);
    for (k, what) in WHAT.iter().enumerate() {
        row(&format!("a window, {what}"), |it, k| it.windows[k], k);
    }
    text += "\n| | share of 64 MHz |\n|---|---:|\n";
    for (what, share) in SHARES.iter().zip(cycles.shares()) {
        let _ = writeln!(text, "| {what} | {:.2} % |", 100.0 * share);
    }
    text
}
