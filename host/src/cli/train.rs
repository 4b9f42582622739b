//! `tinynmf train`.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::value_parser;
use indicatif::{ProgressBar, ProgressStyle};
use tinynmf_host::error::{Error, Result};
use tinynmf_host::interrupt;
use tinynmf_host::output::{self, OutputFolder};
use tinynmf_host::quantise::quantise;
use tinynmf_host::train::events::{self, Events};
use tinynmf_host::train::trainer::State;
use tinynmf_host::train::{Algorithm, Config, Given, Mode, Source, Trainer, checkpoint, curve};

use super::print;

/// The file that a run goes on from.
const CHECKPOINT: &str = "checkpoint.json";

/// Train a policy by reinforcement learning.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    tinynmf train --out out/train\n  \
    tinynmf train --out out/train --resume\n  \
    tinynmf train --out out/es --algorithm es\n  \
    tinynmf train --out out/v --input v.npy --rank 4,8\n\n\
    The configuration is TOML; host/policies/shipped.toml made the policy that\n\
    ships. A run that was stopped goes on with --resume and ends with the same\n\
    bytes as one that was not. With --input, problems are the matrix and blocks\n\
    of it; to resume, call from the same folder with the matrix unchanged. While\n\
    it trains, `tensorboard --logdir DIR` shows the learning curve. A policy of\n\
    mode paper stays a checkpoint: only scale-free policies can be quantised.")]
pub struct Args {
    /// Folder for policy, checkpoint and learning curve
    #[arg(long, value_name = "DIR")]
    out: PathBuf,

    /// What to train on, and how
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// Matrix to train for, .npy or .csv, instead of synthetic problems
    #[arg(long, value_name = "V", requires = "rank")]
    input: Option<PathBuf>,

    /// Ranks to train for
    #[arg(long, value_name = "R", value_delimiter = ',', requires = "input")]
    #[arg(allow_negative_numbers = true)]
    rank: Vec<usize>,

    /// How to learn, instead of the configuration's
    #[arg(long, value_enum)]
    algorithm: Option<Algorithm>,

    /// Environment to learn in, instead of the configuration's
    #[arg(long, value_enum)]
    mode: Option<Mode>,

    /// Seed, instead of the configuration's
    #[arg(long, value_name = "S")]
    seed: Option<u64>,

    /// Iterations, instead of the configuration's
    #[arg(long, value_name = "N", value_parser = value_parser!(u32).range(1..))]
    iterations: Option<u32>,

    /// Go on from the checkpoint in DIR
    #[arg(long, conflicts_with_all = ["config", "input", "algorithm", "mode", "seed", "iterations"])]
    resume: bool,
}

pub fn run(args: &Args) -> Result<()> {
    let path = args.out.join(CHECKPOINT);
    let (mut config, state) = plan(args, &path)?;
    // A matrix that cannot be used is told before a folder is made.
    Source::open(&mut config)?;
    let folder = OutputFolder::create(&args.out)?;
    // Large matrices take a while before the first iteration.
    let spinner = ProgressBar::new_spinner().with_message("measuring the problems");
    spinner.enable_steady_tick(Duration::from_millis(100));
    let mut trainer = match state {
        None => Trainer::new(config)?,
        Some(state) => Trainer::resume(config, state)?,
    };
    spinner.finish_and_clear();
    train(&mut trainer, Some(&folder))?;
    // Only scale-free observations have an int8 format.
    let blob = (trainer.config().mode == Mode::ScaleFree).then(|| quantise(&trainer.policy()));
    let curve = &trainer.state().curve;
    let together = interrupt::hold();
    if let Some(blob) = &blob {
        output::write(&folder.file("policy.tnmf"), |file| file.write_all(blob))?;
    }
    output::write(&folder.file("curve.csv"), |file| curve::write_csv(curve, file))?;
    curve::figure(curve).save(folder.file("curve.png"))?;
    drop(together);
    let policy = blob.map_or(String::new(), |b| format!("policy.tnmf ({} bytes), ", b.len()));
    print(&format!(
        "{policy}curve.csv, curve.png, {CHECKPOINT} and TensorBoard's\n{} are in {}\n",
        events::FILE_NAME,
        folder.path().display()
    ))
}

/// What to train; with the state that the folder holds if it is to go on.
fn plan(args: &Args, path: &Path) -> Result<(Config, Option<State>)> {
    if args.resume {
        let (config, state) = checkpoint::load(path)?;
        return Ok((config, Some(state)));
    }
    if path.exists() {
        let problem = format!("{} holds a training run", args.out.display());
        return Err(Error::argument("--out", problem, "add --resume, or name another folder"));
    }
    let mut config = args.config.as_deref().map_or(Ok(Config::default()), Config::read)?;
    config.seed = args.seed.unwrap_or(config.seed);
    config.iterations = args.iterations.unwrap_or(config.iterations);
    if let Some(path) = &args.input {
        let (path, ranks) = (path.clone(), args.rank.clone());
        config.matrix = Some(Given { path, ranks, fingerprint: None });
    }
    config.algorithm = args.algorithm.unwrap_or(config.algorithm);
    config.mode = args.mode.unwrap_or(config.mode);
    match config.fault() {
        Some(fault) => Err(Error::argument("--algorithm", fault, "change the configuration")),
        None => Ok((config, None)),
    }
}

/// Trains to the end with a progress bar; into the folder go a checkpoint, every few seconds and at the
/// end, and the events of every iteration.
pub fn train(trainer: &mut Trainer, folder: Option<&OutputFolder>) -> Result<()> {
    const PAUSE: Duration = Duration::from_secs(5);
    let template = "training {wide_bar} {pos} of {len}, {msg}, {eta} left";
    let style = ProgressStyle::with_template(template).unwrap_or(ProgressStyle::default_bar());
    let bar = ProgressBar::new(trainer.config().iterations.into()).with_style(style);
    bar.set_position(trainer.state().iteration.into());
    bar.reset_eta();
    let open =
        |it: &OutputFolder| Events::open(&it.file(events::FILE_NAME), &trainer.state().curve);
    let mut events = folder.map(open).transpose()?;
    let (started, mut steps, mut saved) = (Instant::now(), 0, Instant::now());
    while !trainer.finished() {
        let (iteration, before) = (trainer.state().curve.len(), Instant::now());
        let progress = trainer.iterate();
        // An epoch is one step of the environment.
        let epochs = progress.steps / trainer.config().mode.interface().decisions;
        if let Some(events) = &mut events {
            events.append(iteration, &progress, epochs, before.elapsed())?;
        }
        steps += epochs;
        let speed = steps as f64 / started.elapsed().as_secs_f64() / 1e3;
        bar.set_message(format!("reward {:.2}, {speed:.0}k steps/s", progress.discounted));
        bar.inc(1);
        if let Some(folder) = folder
            && (trainer.finished() || saved.elapsed() > PAUSE)
        {
            checkpoint::save(trainer, &folder.file(CHECKPOINT))?;
            saved = Instant::now();
        }
    }
    bar.finish_and_clear();
    Ok(())
}
