//! `tinynmf train`.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::value_parser;
use indicatif::{ProgressBar, ProgressStyle};
use tinynmf_host::error::{Error, Result};
use tinynmf_host::interrupt;
use tinynmf_host::output::{self, OutputFolder};
use tinynmf_host::quantise::quantise;
use tinynmf_host::train::trainer::State;
use tinynmf_host::train::{Algorithm, Config, Mode, Trainer, checkpoint, curve};

use super::print;

/// Train a policy by reinforcement learning.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    tinynmf train --out out/train\n  \
    tinynmf train --out out/train --resume\n  \
    tinynmf train --out out/es --algorithm es\n\n\
    The configuration is TOML; host/policies/shipped.toml made the policy that\n\
    ships. A run that was stopped goes on with --resume and ends with the same\n\
    bytes as one that was not. A policy of mode paper stays a checkpoint: only\n\
    scale-free policies can be quantised.")]
pub struct Args {
    /// Folder for policy, checkpoint and learning curve
    #[arg(long, value_name = "DIR")]
    out: PathBuf,

    /// What to train on, and how
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

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
    #[arg(long, conflicts_with_all = ["config", "algorithm", "mode", "seed", "iterations"])]
    resume: bool,
}

pub fn run(args: &Args) -> Result<()> {
    let path = args.out.join("checkpoint.json");
    let (config, state) = plan(args, &path)?;
    let folder = OutputFolder::create(&args.out)?;
    let mut trainer = match state {
        None => Trainer::new(config),
        Some(state) => Trainer::resume(config, state),
    };
    train(&mut trainer, Some(&path))?;
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
        "{policy}curve.csv, curve.png and checkpoint.json are in {}\n",
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
    config.algorithm = args.algorithm.unwrap_or(config.algorithm);
    config.mode = args.mode.unwrap_or(config.mode);
    match config.fault() {
        Some(fault) => Err(Error::argument("--algorithm", fault, "change the configuration")),
        None => Ok((config, None)),
    }
}

/// Trains to the end with a progress bar, with a checkpoint every few seconds and at the end.
pub fn train(trainer: &mut Trainer, file: Option<&Path>) -> Result<()> {
    const PAUSE: Duration = Duration::from_secs(5);
    let template = "training {wide_bar} {pos} of {len}, {msg}, {eta} left";
    let style = ProgressStyle::with_template(template).unwrap_or(ProgressStyle::default_bar());
    let bar = ProgressBar::new(trainer.config().iterations.into()).with_style(style);
    bar.set_position(trainer.state().iteration.into());
    bar.reset_eta();
    let (started, mut steps, mut saved) = (Instant::now(), 0, Instant::now());
    while !trainer.finished() {
        let progress = trainer.iterate();
        // An epoch is one step of the environment.
        steps += progress.steps / trainer.config().mode.interface().decisions;
        let speed = steps as f64 / started.elapsed().as_secs_f64() / 1e3;
        bar.set_message(format!("reward {:.2}, {speed:.0}k steps/s", progress.discounted));
        bar.inc(1);
        if let Some(path) = file
            && (trainer.finished() || saved.elapsed() > PAUSE)
        {
            checkpoint::save(trainer, path)?;
            saved = Instant::now();
        }
    }
    bar.finish_and_clear();
    Ok(())
}
