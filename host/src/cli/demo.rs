//! `tinynmf demo`: the whole way through, in under a minute.

use std::path::PathBuf;
use std::time::Duration;
use tinynmf::text::shown;

use tinynmf::error::Result;
use tinynmf::factorize::Factorization;
use tinynmf::large::LargeMatrix;
use tinynmf::matrix::Matrix;
use tinynmf::output::OutputFolder;
use tinynmf::{digits, rule_name};
use tinynmf_core::Policy;
use tinynmf_lab::compare::{Comparison, Plan, compare};
use tinynmf_lab::device::{DeviceError, MPS2_AN386, Order};
use tinynmf_lab::plot::Images;
use tinynmf_train::quantise::quantise;
use tinynmf_train::{Config, Trainer};

use super::options::progress;
use super::{print, train};

/// The problem that the firmware image holds as well: images, latents, epochs.
const IMAGES: usize = 256;
const RANK: usize = 10;
const EPOCHS: u32 = 100;

/// Iterations of the training; the shipped policy took more.
const ITERATIONS: u32 = 120;

const RULES: &str = "bound(0.5),bound(0.95),armijo,cauchy,abb,silver,learned";

/// What it writes.
const POLICY: &str = "policy.tnmf";
const RUNS: &str = "runs.csv";
const PICTURE: &str = "demo.png";

/// Train a policy, factorise handwritten digits with it, run it on a microcontroller.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  tinynmf demo --out out/demo")]
pub struct Args {
    /// Folder for the policy, the table and the picture
    #[arg(long, value_name = "DIR", default_value = "out/demo")]
    out: PathBuf,
}

pub fn run(args: &Args) -> Result<()> {
    let folder = OutputFolder::create(&args.out)?;
    folder.expect(&[POLICY, RUNS, PICTURE])?;
    let digits = brightness()?;
    print(&format!(
        "Digits: {} handwritten digits of 8 x 8 pixels (UCI), factorised with rank {RANK}.\n\n",
        digits.rows()
    ))?;

    let mut trainer = Trainer::new(Config { iterations: ITERATIONS, ..Config::default() })?;
    print(&format!(
        "Training a policy by PPO on {} small synthetic problems, {ITERATIONS} iterations ...\n",
        trainer.config().problems
    ))?;
    train::train(&mut trainer, None)?;
    let blob = quantise(&trainer.policy());
    print(&format!("Frozen and quantised to int8: {} bytes.\n\n", blob.len()))?;

    let rules = rule_name::parse_list(RULES, &Policy::from_bytes(&blob).map_err(core_error)?)?;
    let plan = Plan { rank: RANK, seeds: 5, epochs: EPOCHS, batch: 1.0 };
    let bar = progress(rules.len() as u64 * plan.seeds * u64::from(EPOCHS), "epochs");
    let comparison = compare(&digits, &rules, plan, || bar.inc(1))?;
    bar.finish_and_clear();
    print(&comparison.table())?;

    let mut results = folder.stage()?;
    results.write(POLICY, |file| file.write_all(&blob))?;
    results.write(RUNS, |file| comparison.write_csv(file))?;
    let picture =
        comparison.figure("Step rules on handwritten digits").row([parts(&digits, &blob)?]);
    results.save(PICTURE, |path| picture.save(path))?;
    results.commit()?;
    print(&format!("\n{POLICY}, {RUNS} and {PICTURE} are in {}\n\n", shown(folder.path())))?;
    print(&on_the_device(&blob, &comparison))
}

/// The first images, 0 (paper) to 1 (ink): V as the firmware image scales it.
fn brightness() -> Result<Matrix> {
    let digits = digits::first(IMAGES);
    let entries = digits.entries().iter().map(|pixel| pixel / 16.0).collect();
    Matrix::new(digits.name(), digits.rows(), digits.cols(), entries)
}

/// The rows of H as images, by the policy from the first seed.
fn parts(digits: &Matrix, blob: &[u8]) -> Result<Images> {
    let rule = tinynmf_core::Rule::learned(Policy::from_bytes(blob).map_err(core_error)?);
    let options = Factorization::options(RANK).schedule(rule).max_epochs(EPOCHS).tol(0.0);
    let factors = options.fit(&LargeMatrix::of(digits)?)?;
    let images = factors.h.chunks_exact(digits.cols()).map(<[f32]>::to_vec);
    Ok(Images::new("Learned parts: the rows of H", digits::SIDE, digits::SIDE, images))
}

/// What the emulated microcontroller makes of the same factorisation, in a sentence.
fn on_the_device(blob: &[u8], comparison: &Comparison) -> String {
    const LIMIT: Duration = Duration::from_mins(1);
    const BOARD: &str = "Cortex-M4F (emulated by QEMU)";
    let order = Order::Policy(blob);
    let emulate = || -> Result<String, DeviceError> {
        let report = MPS2_AN386.build()?.run(order, LIMIT)?.report;
        let host = report.recompute(order).ok();
        let learned = comparison.runs.iter().find(|run| run.rule == "learned" && run.seed == 0);
        let same = host.as_ref() == Some(&report)
            && learned.is_some_and(|run| run.trajectory.last_loss().to_bits() == report.loss_bits);
        let verdict = if same {
            "every bit of W, H and all losses agrees with the host"
        } else {
            "THE BITS DIFFER from the host's: please report this"
        };
        let (epochs, loss) = (report.epochs, report.loss());
        Ok(format!(
            "{BOARD}: the same factorisation, {epochs} epochs, loss {loss:.3}:\n{verdict}.\n"
        ))
    };
    emulate().unwrap_or_else(|reason| format!("{BOARD}: not run, {reason}\n"))
}

fn core_error(reason: tinynmf_core::policy::PolicyError) -> tinynmf::error::Error {
    tinynmf_core::Error::from(reason).into()
}
