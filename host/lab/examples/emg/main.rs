//! Gestures from muscle synergies: learns a model on one session, and measures it on another.
//!
//! ```console
//! cargo run --release -p tinynmf-lab --example emg -- learn --data DIR      # firmware/examples/emg: learnt.rs, data
//! cargo run --release -p tinynmf-lab --example emg -- report [--data DIR] [--write]   # accuracy, costs, pictures
//! ```
//!
//! DIR has `emg_1.npy` and `emg_2.npy`. Without it the report is about the part of the second session that the
//! repository holds.

mod budget;
mod emulation;
mod learning;
mod picture;
mod playing;
mod recording;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use budget::Budget;
use clap::{Parser, Subcommand};
use emulation::Emulated;
use playing::Played;
use recording::Recording;
use tinynmf::output;
use tinynmf_emg::learnt::LEARNT;
use tinynmf_emg::{FOLDER, PART};
use tinynmf_lab::device::{MICROBIT, MPS2_AN386, Unit, replace};
use tinynmf_lab::evaluate::statistics::Estimate;

type Failure = Box<dyn std::error::Error>;

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
        /// Remake the tables and pictures of firmware/examples/emg
        #[arg(long, requires = "data")]
        write: bool,
    },
}

fn main() -> Result<(), Failure> {
    match Args::parse().command {
        Command::Learn { data } => learn(&data),
        Command::Report { data, write } => report(data.as_deref(), write),
    }
}

fn session(data: &Path, number: u32) -> Result<Recording, Failure> {
    Ok(Recording::read(&data.join(format!("emg_{number}.npy")))?)
}

fn learn(data: &Path) -> Result<(), Failure> {
    let (first, second) = (session(data, 1)?, session(data, 2)?);
    let windows = first.windows();
    let (model, [best, worst]) = learning::learn(&windows)?;
    let right = playing::play(&model, &windows)?[0].tally.accuracy();
    println!("{} windows, F {best} to {worst}, recognised {right:.4}", windows.len());
    let source = learning::source(&model);
    output::write(Path::new(&format!("{FOLDER}/src/learnt.rs")), |file| {
        file.write_all(source.as_bytes())
    })?;
    Ok(second.part(REPETITION).write(Path::new(PART))?)
}

fn report(data: Option<&Path>, write: bool) -> Result<(), Failure> {
    let part = Recording::read(Path::new(PART))?;
    let sessions = match data {
        Some(data) => vec![("1", session(data, 1)?), ("2", session(data, 2)?), ("2, part", part)],
        None => vec![("2, part", part)],
    };
    let mut accuracy = String::from(
        "| session | windows | W fixed | W relearnt | gain (95 % interval) | integers, W fixed | W relearnt |\n\
         |---|---:|---:|---:|---:|---:|---:|\n",
    );
    let [image, small] = [MPS2_AN386, MICROBIT].map(|board| emulation::image(&board));
    let (image, small) = (image?, small?);
    let mut costs = None;
    for (name, recording) in &sessions {
        let windows = recording.windows();
        let played = playing::play(&LEARNT, &windows)?;
        let [fixed, relearnt, integers, in_both] = played.each_ref().map(|it| it.tally.accuracy());
        let Estimate { value, low, high } = playing::gain(&windows, [&played[0], &played[1]]);
        let gain = format!("{value:+.4} ({low:+.4} to {high:+.4})");
        let count = windows.len();
        writeln!(
            accuracy,
            "| {name} | {count} | {fixed:.4} | {relearnt:.4} | {gain} | {integers:.4} | {in_both:.4} |",
        )?;
        if *name == "1" {
            continue;
        }
        let (instructions, emulated) = Budget::measure(&image, recording, Unit::Instructions)?;
        same(&played, &emulated)?;
        if *name == "2" {
            let (cycles, _) = Budget::measure(&image, recording, Unit::Cycles)?;
            costs = Some([instructions, cycles]);
            if write {
                let figure = picture::synergies(&LEARNT.w, &played[1].w);
                figure.save(format!("{FOLDER}/synergies.png"))?;
            }
        } else if write {
            let figure = picture::activations(&windows, &played[1]);
            figure.save(format!("{FOLDER}/activations.png"))?;
        }
    }
    let (_, part) = &sessions[sessions.len() - 1];
    let [instructions, cycles] = if let Some(costs) = costs {
        costs
    } else {
        let of = |unit| Ok::<_, Failure>(Budget::measure(&image, part, unit)?.0);
        [of(Unit::Instructions)?, of(Unit::Cycles)?]
    };
    let (of_small, emulated) = Budget::measure(&small, part, Unit::Instructions)?;
    same(&playing::play(&LEARNT, &part.windows())?, &emulated)?;
    let budget = budget::table([&instructions, &cycles, &of_small]);
    println!("{accuracy}\n{budget}");
    if write {
        let path = format!("{FOLDER}/README.md");
        let text = std::fs::read_to_string(&path)?;
        let text =
            replace(&text, "accuracy", &accuracy).ok_or("README.md has no part `accuracy`")?;
        let text = replace(&text, "budget", &budget).ok_or("README.md has no part `budget`")?;
        output::write(Path::new(&path), |file| file.write_all(text.as_bytes()))?;
    }
    Ok(())
}

/// Refuses bits that are not the host's.
fn same(played: &[Played], emulated: &[Emulated]) -> Result<(), Failure> {
    if played.iter().zip(emulated).all(|(host, device)| host.outcome() == device.outcome) {
        Ok(())
    } else {
        Err("the board has other bits than the host; report this as a bug".into())
    }
}
