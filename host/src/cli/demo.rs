//! `tinynmf demo`: the whole way through, in about a minute.

use std::path::PathBuf;
use std::time::Duration;
use tinynmf::text::shown;

use tinynmf::digits;
use tinynmf::error::Result;
use tinynmf::factorize::Factorization;
use tinynmf::large::LargeMatrix;
use tinynmf::matrix::Matrix;
use tinynmf::output::OutputFolder;
use tinynmf_core::Rule;
use tinynmf_core::policy::SchedulePolicy;
use tinynmf_core::rule::Widening;
use tinynmf_lab::device::{DeviceError, MPS2_AN386, Order};
use tinynmf_lab::plot::{Figure, Images};
use tinynmf_lab::schedule::contenders::Contender;
use tinynmf_lab::schedule::problems::of_matrix;
use tinynmf_lab::schedule::{picture, race::Race};
use tinynmf_train::es::Es;
use tinynmf_train::quantise::quantise;
use tinynmf_train::{Config, Trainer};

use super::{print, train};

/// The problem that the firmware image holds as well: images and latents.
const IMAGES: usize = 256;
const RANK: usize = 10;

/// Starts of the comparison.
const STARTS: usize = 5;

/// How the policy that ships was trained.
const CONFIGURATION: &str = include_str!("../../policies/schedule.toml");

/// Iterations of the training, and its search: the configuration that ships stops where training begins, since none
/// got further on problems held out.
const ITERATIONS: u32 = 25;
const EPISODES: usize = 256;
const SEARCH: Es = Es { pairs: 16, deviation: 0.05, rate: 0.02, by_problem: true, average: 0.0 };

/// The rivals, each with the setting that is best on other problems.
const RIVALS: [(&str, &[f32]); 4] = [
    ("widening", &Widening::DEFAULT.parameters()),
    ("growing", &[0.2, 1.2, 1.3, 3.0]),
    ("hals", &[]),
    ("bound", &[0.95]),
];

/// The files that it writes.
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

    let config = Config::parse("schedule.toml", CONFIGURATION)?;
    let mut trainer = Trainer::new(Config {
        iterations: ITERATIONS,
        episodes: EPISODES,
        problems: EPISODES,
        es: SEARCH,
        ..config
    })?;
    print(&format!(
        "Training a policy on {} synthetic problems, {ITERATIONS} iterations. It chooses how much\n\
         of V to look at, how far to step, and when a half-step is over. It begins as\n\
         the rule `widening`, which no training has beaten yet ...\n",
        trainer.config().problems
    ))?;
    train::train(&mut trainer, None)?;
    let blob = quantise(&trainer.policy());
    print(&format!("Frozen and quantised to int8: {} bytes.\n\n", blob.len()))?;

    let policy = SchedulePolicy::from_bytes(&blob).map_err(tinynmf_core::Error::from)?;
    let mut contenders = vec![Contender::Policy("learned here".to_owned(), policy.clone())];
    contenders.extend(RIVALS.map(|(name, it)| Contender::Rule(name, it.to_vec())));
    let race = Race::play(&of_matrix("digits", &digits, RANK, STARTS), &contenders);
    print(&format!(
        "{}Medians of {STARTS} starts. Cost is counted in multiply-adds of all that is done, in\n\
         units of an epoch on all of V. The gap is (F - F_best)/(F_0 - F_best).\n",
        race.table()
    ))?;

    let mut results = folder.stage()?;
    results.write(POLICY, |file| file.write_all(&blob))?;
    results.write(RUNS, |file| race.write_csv(file))?;
    let [gap, share, sweeps] = picture::panels(&race);
    let picture = Figure::new("Schedules on handwritten digits")
        .caption(format!("{} images, rank {RANK}, first of {STARTS} starts", digits.rows()))
        .row([gap])
        .row([share, sweeps])
        .row([parts(&digits, policy)?]);
    results.save(PICTURE, |path| picture.save(path))?;
    results.commit()?;
    print(&format!("\n{POLICY}, {RUNS} and {PICTURE} are in {}\n\n", shown(folder.path())))?;
    print(&on_the_device(&blob))
}

/// The first images, 0 (paper) to 1 (ink): V as the firmware image scales it.
fn brightness() -> Result<Matrix> {
    let digits = digits::first(IMAGES);
    let entries = digits.entries().iter().map(|pixel| pixel / 16.0).collect();
    Matrix::new(digits.name(), digits.rows(), digits.cols(), entries)
}

/// The rows of H as images, by the policy from seed 0.
fn parts(digits: &Matrix, policy: SchedulePolicy<'_>) -> Result<Images> {
    let options = Factorization::options(RANK).schedule(Rule::scheduled(policy));
    let factors = options.fit(&LargeMatrix::of(digits)?)?;
    let images = factors.h.chunks_exact(digits.cols()).map(<[f32]>::to_vec);
    Ok(Images::new("Learned parts: the rows of H", digits::SIDE, digits::SIDE, images))
}

/// Result of the emulated microcontroller on the same matrix with the policy, in a sentence.
fn on_the_device(blob: &[u8]) -> String {
    const LIMIT: Duration = Duration::from_mins(1);
    const BOARD: &str = "Cortex-M4F (emulated by QEMU)";
    let order = Order::Policy(blob);
    let emulate = || -> Result<String, DeviceError> {
        let report = MPS2_AN386.build()?.run(order, LIMIT)?.report;
        let verdict = if report.recompute(order).ok().as_ref() == Some(&report) {
            "every bit of W, H and all losses agrees with the host"
        } else {
            "THE BITS DIFFER from the host's: please report this"
        };
        let (epochs, loss) = (report.epochs, report.loss());
        Ok(format!("{BOARD}: the policy, {epochs} epochs, loss {loss:.3}:\n{verdict}.\n"))
    };
    emulate().unwrap_or_else(|reason| format!("{BOARD}: not run, {reason}\n"))
}
