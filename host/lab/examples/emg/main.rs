//! Gestures from muscle synergies: learns a model on one session, and measures it on another.
//!
//! ```console
//! cargo run --release -p tinynmf-lab --example emg -- learn --data DIR      # firmware/examples/emg: learnt.rs, data
//! cargo run --release -p tinynmf-lab --example emg -- report [--data DIR]   # accuracy here and on emulated boards
//! ```
//!
//! DIR has `emg_1.npy` and `emg_2.npy`. Without it the report is about the part of the second session that the
//! repository holds.

mod emulation;
mod learning;
mod recording;

use std::path::{Path, PathBuf};

use clap::{Parser, Subcommand};
use recording::{PART, Recording};
use tinynmf::output;
use tinynmf_emg::learnt::LEARNT;
use tinynmf_emg::recognizer::FLOATS;
use tinynmf_emg::session::Window;
use tinynmf_emg::{Model, Recognize, Recognizer, Tally};

type Failure = Box<dyn std::error::Error>;

/// The source that `learn` writes.
const LEARNT_RS: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../firmware/examples/emg/src/learnt.rs");

/// Which repetition of every gesture the repository holds, of six.
const REPETITION: usize = 4;

#[derive(Parser)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Learns on the first session; writes the model and the part of the second one that the repository holds
    Learn {
        /// Folder with emg_1.npy and emg_2.npy
        #[arg(long)]
        data: PathBuf,
    },
    /// Measures the model on the second session
    Report {
        /// Folder with emg_1.npy and emg_2.npy
        #[arg(long)]
        data: Option<PathBuf>,
    },
}

fn main() -> Result<(), Failure> {
    match Args::parse().command {
        Command::Learn { data } => learn(&data),
        Command::Report { data } => report(data.as_deref()),
    }
}

fn session(data: &Path, number: u32) -> Result<Recording, Failure> {
    Ok(Recording::read(&data.join(format!("emg_{number}.npy")))?)
}

fn learn(data: &Path) -> Result<(), Failure> {
    let (first, second) = (session(data, 1)?, session(data, 2)?);
    let windows = first.windows();
    let (model, [best, worst]) = learning::learn(&windows)?;
    let right = tally(&mut Recognizer::fixed(&model, &mut [0.0; FLOATS])?, &windows)?.accuracy();
    println!("{} windows, F {best} to {worst}, recognised {right:.4}", windows.len());
    output::write(Path::new(LEARNT_RS), |file| {
        file.write_all(learning::source(&model).as_bytes())
    })?;
    Ok(second.part(REPETITION).write(Path::new(PART))?)
}

fn report(data: Option<&Path>) -> Result<(), Failure> {
    let sessions = match data {
        Some(data) => vec![("1", session(data, 1)?), ("2", session(data, 2)?)],
        None => vec![("2, part", Recording::read(Path::new(PART))?)],
    };
    let image = emulation::image(&tinynmf_lab::device::MPS2_AN386)?;
    for (name, recording) in sessions {
        let windows = recording.windows();
        let [fixed, relearnt] = both(&LEARNT, &windows)?;
        println!("session {name}: {} windows", windows.len());
        println!("fixed {:.4} relearnt {:.4}", fixed.accuracy(), relearnt.accuracy());
        for word in ["fixed", "relearnt"] {
            let found = emulation::run(&image, word, &recording, std::time::Duration::from_mins(5))?;
            println!("{word} {:?} {:?} {:?}", found.outcome, emulation::mean_and_largest(&found.hops), emulation::mean_and_largest(&found.windows));
        }
    }
    Ok(())
}

/// How W that stays and W that follows do.
fn both(model: &Model, windows: &[Window]) -> Result<[Tally; 2], Failure> {
    let mut memory = [[0.0; FLOATS]; 2];
    let [a, b] = &mut memory;
    Ok([
        tally(&mut Recognizer::fixed(model, a)?, windows)?,
        tally(&mut Recognizer::relearning(model, b)?, windows)?,
    ])
}

fn tally(recognizer: &mut impl Recognize, windows: &[Window]) -> Result<Tally, Failure> {
    let mut tally = Tally::default();
    for window in windows {
        tally.count(window, &recognizer.window(&window.amplitudes)?);
    }
    Ok(tally)
}
