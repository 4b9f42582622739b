//! `tinynmf train`: trains a policy, keeps a checkpoint, writes the int8 blob.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use super::checkpoint;
use super::config::Config;
use super::trainer::{Progress, Trainer};
use crate::error::{Error, Result};
use crate::output::{self, OutputFolder};
use crate::quantise::quantise;

/// Options of `tinynmf train`.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Folder for checkpoint.json, policy.tnmf and curve.csv
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// What to train on and how, as TOML (see host/policies/shipped.toml)
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Seed, instead of the configuration's
    #[arg(long, value_name = "S")]
    pub seed: Option<u64>,
    /// Iterations, instead of the configuration's
    #[arg(long, value_name = "N")]
    pub iterations: Option<u32>,
    /// Go on from DIR/checkpoint.json
    #[arg(long)]
    pub resume: bool,
}

/// Runs `tinynmf train`.
///
/// # Errors
///
/// If the configuration is wrong, or a file cannot be read or written.
pub fn run(options: &Options) -> Result<()> {
    let folder = OutputFolder::create(&options.out)?;
    let path = folder.file("checkpoint.json");
    let mut trainer = begin(options, &path)?;
    train(&mut trainer, Some(&path))?;
    let blob = quantise(&trainer.policy());
    let policy = folder.file("policy.tnmf");
    output::write(&policy, |file| file.write_all(&blob))?;
    let curve = folder.file("curve.csv");
    output::write(&curve, |file| write_curve(&trainer.state().curve, file))?;
    println!("policy      {} ({} bytes)", policy.display(), blob.len());
    println!("curve       {}", curve.display());
    println!("checkpoint  {}", path.display());
    Ok(())
}

/// A new run, or the one that the folder holds.
fn begin(options: &Options, path: &Path) -> Result<Trainer> {
    if options.resume {
        if options.config.is_some() || options.seed.is_some() || options.iterations.is_some() {
            let problem = "goes on with the configuration in the checkpoint";
            return Err(Error::argument("--resume", problem, "leave out the other options"));
        }
        let (config, state) = checkpoint::load(path)?;
        return Ok(Trainer::resume(config, state));
    }
    let mut config = match &options.config {
        Some(path) => Config::read(path)?,
        None => Config::default(),
    };
    config.seed = options.seed.unwrap_or(config.seed);
    config.iterations = options.iterations.unwrap_or(config.iterations).max(1);
    Ok(Trainer::new(config))
}

/// Trains to the end, with a progress bar; every few seconds and at the end a checkpoint is written.
///
/// # Errors
///
/// If the checkpoint cannot be written.
pub fn train(trainer: &mut Trainer, file: Option<&Path>) -> Result<()> {
    const PAUSE: Duration = Duration::from_secs(5);
    let bar = ProgressBar::new(trainer.config().iterations.into());
    bar.set_style(
        ProgressStyle::with_template("training {bar:24} {pos}/{len} {elapsed}<{eta} {msg}")
            .expect("a template of known keys"),
    );
    bar.set_position(trainer.state().iteration.into());
    bar.reset_eta();
    let (started, mut steps, mut saved) = (Instant::now(), 0, Instant::now());
    while !trainer.finished() {
        let progress = trainer.iterate();
        steps += progress.steps;
        let speed = steps as f64 / 2.0 / started.elapsed().as_secs_f64();
        bar.set_message(format!("reward {:.2} {:.0}k steps/s", progress.reward, speed / 1e3));
        bar.inc(1);
        if let Some(path) = file
            && (trainer.finished() || saved.elapsed() > PAUSE)
        {
            checkpoint::save(trainer, path)?;
            saved = Instant::now();
        }
    }
    bar.finish();
    Ok(())
}

fn write_curve(curve: &[Progress], file: &mut dyn std::io::Write) -> std::io::Result<()> {
    let header = "iteration,reward,discounted,steps,log_deviation,kl,clipped,explained,passes";
    writeln!(file, "{header}")?;
    for (iteration, p) in curve.iter().enumerate() {
        let u = &p.update;
        writeln!(
            file,
            "{iteration},{},{},{},{},{},{},{},{}",
            p.reward,
            p.discounted,
            p.steps,
            p.log_deviation,
            u.kl,
            u.clipped,
            u.explained,
            u.passes
        )?;
    }
    Ok(())
}
