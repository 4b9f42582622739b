//! `tinynmf train`.

use std::path::PathBuf;
use std::time::{Duration, Instant};
use tinynmf::text::shown;

use clap::value_parser;
use indicatif::{ProgressBar, ProgressStyle};
use tinynmf::error::{Error, Result};
use tinynmf::interrupt;
use tinynmf::output::{self, OutputFolder};
use tinynmf_lab::curve::figure;
use tinynmf_train::events::{self, Events};
use tinynmf_train::quantise::quantise;
use tinynmf_train::trainer::State;
use tinynmf_train::validation::{GAP, Held, Score, Validated};
use tinynmf_train::{Algorithm, Config, Given, Mode, Progress, Trainer, checkpoint, curve, limits};

use super::options::{Reading, tell};
use super::{print, warn};

/// The file that a run goes on from.
const CHECKPOINT: &str = "checkpoint.json";

/// Results of a training: these change hands together.
const RESULTS: [&str; 3] = ["policy.tnmf", "curve.csv", "curve.png"];

/// Train a policy by reinforcement learning.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    tinynmf train --out out/train\n  \
    tinynmf train --out out/train --resume\n  \
    tinynmf train --out out/es --algorithm es\n  \
    tinynmf train --out out/v --input v.npy --rank 4,8\n\n\
    The configuration is TOML; host/docs/training.md describes every field, and\n\
    host/policies/shipped.toml made the policy that ships. --resume continues a\n\
    run that was stopped; it ends with the same bytes as a run that was not, but\n\
    for TensorBoard's file, which holds times. --resume with more --iterations\n\
    continues a finished run, with learning rates for the longer run. With --input, the problems are the matrix and blocks of\n\
    it; resume in the same folder, with the same matrix. `tensorboard --logdir\n\
    DIR` shows the learning curve of a training that runs, in mode schedule on\n\
    problems held out too. A policy of mode paper stays a checkpoint: its\n\
    observations have no int8 format.")]
pub struct Args {
    /// Folder for policy, checkpoint and learning curve
    #[arg(long, value_name = "DIR")]
    out: PathBuf,

    /// Configuration: problems and training, as TOML
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// Matrix to train for, in any format that factorize reads, instead of
    /// synthetic problems
    #[arg(long, value_name = "V", requires = "rank")]
    input: Option<PathBuf>,

    #[command(flatten)]
    reading: Reading,

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

    /// Iterations in all, instead of the configuration's; with --resume, as often
    /// as one likes
    #[arg(long, value_name = "N", value_parser = value_parser!(u32).range(1..))]
    iterations: Option<u32>,

    /// Go on from the checkpoint in DIR
    #[arg(long, conflicts_with_all = ["config", "input", "algorithm", "mode", "seed"])]
    resume: bool,
}

pub fn run(args: &Args) -> Result<()> {
    let results = RESULTS.iter().chain(&[CHECKPOINT]).map(|name| args.out.join(name));
    let results: Vec<PathBuf> = results.collect();
    let inputs = [&args.config, &args.input].into_iter().flatten().map(PathBuf::as_path);
    output::apart(results.iter().map(PathBuf::as_path), inputs)?;
    // A folder that is there is locked before anything in it is read; a new one is made once the plan is sound.
    let there = args.out.is_dir().then(|| OutputFolder::create(&args.out)).transpose()?;
    let (mut config, state) = plan(args)?;
    limits::check_memory(&config, &config.clone().source()?)?;
    let folder = there.map_or_else(|| OutputFolder::create(&args.out), Ok)?;
    if state.is_none() {
        // Another training may have come and gone meanwhile.
        untaken(args)?;
    }
    folder.expect(&RESULTS)?;
    folder.expect(&[CHECKPOINT])?;
    if let Some(report) = config.source()?.report() {
        tell(report);
    }
    interrupt::note("; add --resume to go on");
    // Large matrices take a while before the first iteration.
    let spinner = ProgressBar::new_spinner().with_message("measuring the problems");
    spinner.enable_steady_tick(Duration::from_millis(100));
    let mut trainer = match state {
        None => Trainer::new(config)?,
        Some(state) => Trainer::resume(config, state)?,
    };
    spinner.finish_and_clear();
    let done = trainer.finished();
    train(&mut trainer, Some(&folder))?;
    // The paper's observations have no int8 format.
    let blob = (trainer.config().mode != Mode::Paper).then(|| quantise(&trainer.policy()));
    let state = trainer.state();
    let curve = &state.curve;
    let mut results = folder.stage()?;
    let [policy, table, picture] = RESULTS;
    if let Some(blob) = &blob {
        results.write(policy, |file| file.write_all(blob))?;
    }
    results.write(table, |file| curve::write_csv(curve, file))?;
    results.save(picture, |path| figure(state).save(path))?;
    results.commit()?;
    let policy = blob.map_or(String::new(), |b| format!("policy.tnmf ({} bytes), ", b.len()));
    let best = state.validated.as_ref().map_or(String::new(), exported);
    let idle = if done { nothing_left(trainer.config().iterations) } else { String::new() };
    print(&format!(
        "{idle}{best}{policy}curve.csv, curve.png, {CHECKPOINT} and TensorBoard's\n{} are in {}\n",
        events::FILE_NAME,
        shown(folder.path())
    ))
}

/// What is told of a run that had come to its end before.
fn nothing_left(iterations: u32) -> String {
    format!(
        "Nothing was left to do: all {iterations} iterations were done before; to go on, ask for\n\
         more with --iterations.\n"
    )
}

/// Which policy is exported, and what it is worth on the problems held out.
fn exported(validated: &Validated) -> String {
    let Validated { start, best: Held { iteration, score, .. } } = validated;
    format!(
        "The policy is that of iteration {iteration}, the best on problems held out: cost to {GAP}\n\
         {:.3} (at the start {:.3}), reward {:.3} ({:.3}).\n",
        score.cost, start.cost, score.reward, start.reward
    )
}

/// The configuration; with the state that the folder holds if it is to go on.
fn plan(args: &Args) -> Result<(Config, Option<State>)> {
    if args.resume {
        let (mut config, state) = checkpoint::load(&args.out.join(CHECKPOINT))?;
        if let Some(iterations) = args.iterations {
            let done = state.iteration;
            if iterations < done {
                let problem = format!("{} has done {done} iterations", shown(&args.out));
                return Err(Error::argument("--iterations", problem, "ask for at least as many"));
            }
            config.iterations = iterations;
        }
        return checked(config).map(|config| (config, Some(state)));
    }
    untaken(args)?;
    let mut config = args.config.as_deref().map_or(Ok(Config::default()), Config::read)?;
    config.seed = args.seed.unwrap_or(config.seed);
    config.iterations = args.iterations.unwrap_or(config.iterations);
    if let Some(path) = &args.input {
        let (path, ranks) = (path.clone(), args.rank.clone());
        let options = args.reading.options();
        config.matrix = Some(Given { path, ranks, options, fingerprint: None });
    }
    config.algorithm = args.algorithm.unwrap_or(config.algorithm);
    config.mode = args.mode.unwrap_or(config.mode);
    if let Some(idle) = config.idle() {
        return Err(Error::argument("training", idle, "leave it out, or change the mode"));
    }
    checked(config).map(|config| (config, None))
}

/// Refuses a folder with a run that was not asked for.
fn untaken(args: &Args) -> Result<()> {
    if !args.out.join(CHECKPOINT).exists() {
        return Ok(());
    }
    let problem = format!("{} holds a training run", shown(&args.out));
    Err(Error::argument("--out", problem, "add --resume, or name another folder"))
}

/// The configuration, once options and file are known to go together.
fn checked(config: Config) -> Result<Config> {
    match config.fault() {
        Some(fault) => {
            let remedy = "change the options or the configuration";
            Err(Error::argument("training", fault, remedy))
        }
        None => Ok(config),
    }
}

/// Trains to the end with a progress bar; into the folder go a checkpoint, before the first iteration, after it, every
/// few seconds and at the end, and the events of every iteration.
pub fn train(trainer: &mut Trainer, folder: Option<&OutputFolder>) -> Result<()> {
    const PAUSE: Duration = Duration::from_secs(5);
    let template = "training {wide_bar} {pos} of {len}, {msg}, {eta} left";
    let style = ProgressStyle::with_template(template).unwrap_or(ProgressStyle::default_bar());
    let bar = ProgressBar::new(trainer.config().iterations.into()).with_style(style);
    bar.set_position(trainer.state().iteration.into());
    bar.reset_eta();
    if let Some(folder) = folder {
        checkpoint::save(trainer, &folder.file(CHECKPOINT))?;
    }
    if let (0, Some(validated)) = (trainer.state().iteration, &trainer.state().validated) {
        tell(&held_out(0, validated.start));
    }
    let mut log = folder.and_then(|folder| Log::open(folder, trainer));
    let (started, mut steps, mut saved) = (Instant::now(), 0, None::<Instant>);
    while !trainer.finished() {
        let (iteration, before) = (trainer.state().curve.len(), Instant::now());
        let progress = trainer.iterate();
        // An epoch is one step of the environment.
        let epochs = progress.steps / trainer.config().mode.interface().decisions;
        log = log.and_then(|log| log.append(iteration, &progress, epochs, before.elapsed(), &bar));
        steps += epochs;
        let speed = steps as f64 / started.elapsed().as_secs_f64() / 1e3;
        bar.set_message(format!("reward {:.2}, {speed:.0}k steps/s", progress.discounted));
        if let Some(score) = progress.validation {
            bar.suspend(|| tell(&held_out(iteration + 1, score)));
        }
        bar.inc(1);
        let due = saved.is_none_or(|saved| saved.elapsed() > PAUSE);
        if let Some(folder) = folder
            && (trainer.finished() || due)
        {
            checkpoint::save(trainer, &folder.file(CHECKPOINT))?;
            saved = Some(Instant::now());
        }
    }
    bar.finish_and_clear();
    Ok(())
}

/// Score of the policy after so many iterations on the problems held out, in a line.
fn held_out(iterations: usize, Score { cost, reward }: Score) -> String {
    format!(
        "after {iterations} iterations, on problems held out: cost to {GAP} {cost:.3}, reward {reward:.3}"
    )
}

/// TensorBoard's file, which may fail without harm to the training: one warning, and it is given up.
struct Log(Events);

impl Log {
    fn open(folder: &OutputFolder, trainer: &Trainer) -> Option<Self> {
        let events = Events::open(&folder.file(events::FILE_NAME), &trainer.state().curve);
        events.map(Self).map_err(|error| given_up(&error)).ok()
    }

    /// Itself, unless it had to be given up.
    fn append(
        mut self,
        iteration: usize,
        progress: &Progress,
        epochs: usize,
        time: Duration,
        bar: &ProgressBar,
    ) -> Option<Self> {
        let done = self.0.append(iteration, progress, epochs, time);
        done.map_err(|error| bar.suspend(|| given_up(&error))).ok().map(|()| self)
    }
}

fn given_up(error: &Error) {
    warn(&format!("{error}; the training goes on without TensorBoard's log"));
}
