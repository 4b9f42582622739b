//! A recorded session of surface EMG, recognised as if it came from electrodes.

use core::ffi::CStr;

use defmt::{Display2Format, info, println};
use semihosting::fs::File;
use semihosting::io::Read;
use tinynmf_emg::amplitude::HOP;
use tinynmf_emg::learnt::LEARNT;
use tinynmf_emg::recognizer::FLOATS;
use tinynmf_emg::session::ROW;
use tinynmf_emg::{Integers, Recognize, Recognizer, Tally, Windows};

use crate::count::count;
use crate::order::Refusal;

/// The recording: rows of eight samples and the gesture that was asked for, int8.
const FILE: &CStr = c"emg.bin";

/// Windows from one line of the log to the next.
const EVERY: u32 = 100;

/// The synergies that stay as they were learnt, or follow the electrodes.
#[inline(never)]
pub fn report(word: Option<&str>) -> Result<(), Refusal> {
    let mut memory = [0.0; FLOATS];
    match word {
        Some("fixed") => session(&mut Recognizer::fixed(&LEARNT, &mut memory)?),
        Some("relearnt") => session(&mut Recognizer::relearning(&LEARNT, &mut memory)?),
        Some("integers") => session(&mut Integers::fixed(&LEARNT)),
        Some("integers-relearnt") => session(&mut Integers::relearning(&LEARNT, &mut memory)?),
        _ => Err(Refusal::CommandLine),
    }
}

/// Reads the recording to its end. Between marks: nothing, once; then the samples of a hop and what they complete.
#[inline(never)]
fn session(recognizer: &mut dyn Recognize) -> Result<(), Refusal> {
    let mut file = File::open(FILE).map_err(Refusal::File)?;
    let (mut windows, mut tally) = (Windows::default(), Tally::default());
    let mut rows = [[0; ROW]; HOP];
    count(|| ());
    while fill(&mut file, rows.as_flattened_mut())? {
        let mut completed = None;
        count(|| {
            for row in &rows {
                if let Some(window) = windows.push(row) {
                    completed = Some(window);
                }
            }
        });
        let Some(window) = completed else { continue };
        let recognized = count(|| recognizer.window(&window.amplitudes))?;
        tally.count(&window, &recognized);
        if tally.windows % EVERY == 0 {
            info!("window {=u32}: {=u32} recognised", tally.windows, tally.right);
        }
    }
    println!("emg {}", Display2Format(&tally.outcome(recognizer.w())));
    Ok(())
}

/// Reads what the buffer has room for; false at the end, where a last part is left out.
fn fill(file: &mut File, buffer: &mut [u8]) -> Result<bool, Refusal> {
    let mut length = 0;
    while let Some(free) = buffer.get_mut(length..).filter(|free| !free.is_empty()) {
        match file.read(free).map_err(Refusal::File)? {
            0 => return Ok(false),
            read => length += read,
        }
    }
    Ok(true)
}
