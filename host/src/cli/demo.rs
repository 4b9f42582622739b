//! `tinynmf demo`: the whole way through, in under a minute.

use std::path::PathBuf;
use std::time::Duration;

use tinynmf_core::{Policy, Settings};
use tinynmf_host::compare::{Comparison, Plan, compare};
use tinynmf_host::device::{DeviceError, MPS2_AN386, Order};
use tinynmf_host::error::Result;
use tinynmf_host::factorize::factorize;
use tinynmf_host::matrix::Matrix;
use tinynmf_host::output::{self, OutputFolder};
use tinynmf_host::plot::Images;
use tinynmf_host::quantise::quantise;
use tinynmf_host::train::{Config, Trainer};
use tinynmf_host::{digits, interrupt, rule_name};

use super::options::progress;
use super::{print, train};

/// The problem that the firmware image holds as well: images, latents, epochs.
const IMAGES: usize = 256;
const RANK: usize = 10;
const EPOCHS: u32 = 100;

/// Iterations of the training; the shipped policy took more.
const ITERATIONS: u32 = 120;

const RULES: &str = "bound(0.5),bound(0.95),armijo,cauchy,abb,silver,learned";

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

    let together = interrupt::hold();
    output::write(&folder.file("policy.tnmf"), |file| file.write_all(&blob))?;
    output::write(&folder.file("runs.csv"), |file| comparison.write_csv(file))?;
    let picture =
        comparison.figure("Step rules on handwritten digits").row([parts(&digits, &blob)?]);
    picture.save(folder.file("demo.png"))?;
    drop(together);
    print(&format!("\npolicy.tnmf, runs.csv and demo.png are in {}\n\n", folder.path().display()))?;
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
    let settings = Settings { horizon: EPOCHS, ..Settings::default() };
    let factors = factorize(digits, RANK, rule, settings, || ())?;
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

fn core_error(reason: tinynmf_core::policy::PolicyError) -> tinynmf_host::error::Error {
    tinynmf_core::Error::from(reason).into()
}
