//! `tinynmf study`.

use std::fmt::Write;
use std::path::PathBuf;

use tinynmf::error::{Error, Result};
use tinynmf::output::OutputFolder;
use tinynmf::policy_file;
use tinynmf_lab::study::{self, ablation, conjecture, schedules, soak};
use tinynmf_train::export::from_safetensors;

use super::options::progress;
use super::print;

/// The files that a study writes.
const FILES: [&str; 2] = ["learned.md", "schedules.png"];

/// Ask what the policy learned: schedules, ablations, the paper's conjecture.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    tinynmf study --out out/study\n  \
    tinynmf study --iterations 20 --out out/quick")]
pub struct Args {
    /// Policy to ask, instead of the one that ships
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,

    /// Runs that show whether it diverges
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    runs: u32,

    /// Rounds that every policy of the ablation is trained for
    #[arg(long, value_name = "N", default_value_t = 200)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    iterations: u32,

    /// Folder for learned.md and schedules.png
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

pub fn run(args: &Args) -> Result<()> {
    let mut blob = Vec::new();
    let policy = policy_file::read(args.policy.as_deref(), 1.0, &mut blob)?;
    let folder = OutputFolder::create(&args.out)?;
    folder.expect(&FILES)?;
    let float = args.policy.is_none().then(|| from_safetensors(study::FLOAT)).transpose();
    let float = float.map_err(|problem| {
        Error::format("the bundled float policy", problem, "report this as a bug")
    })?;
    let rounds = ablation::rounds(args.iterations) + u64::from(args.iterations);
    let bar = progress(rounds + u64::from(args.runs), "rounds and runs");
    let soak = soak::soak(&policy, args.runs as usize, || bar.inc(1));
    let quantisation = float.as_ref().map(soak::quantisation);
    let habits = schedules::habits(&policy);
    let in_use = ablation::in_use(&policy)?;
    let trained = ablation::in_training(args.iterations, || bar.inc(1))?;
    let answer = conjecture::test(args.iterations, || bar.inc(1))?;
    bar.finish_and_clear();

    let mut text = String::new();
    let mut section = |title: &str, body: &str| {
        let _ = writeln!(text, "## {title}\n\n{body}");
    };
    section("Safety", &soak.sentence());
    if let Some(it) = quantisation {
        let [value, low, high] = [it.value, it.low, it.high];
        let text = format!("int8 takes {value:.3} ({low:.3}–{high:.3}) times float's epochs.\n");
        section("Quantisation", &text);
    }
    section("Schedules", &schedules::table(&habits));
    section("Observations in use", &ablation::table("the policy", &in_use));
    let described = ablation::described(args.iterations);
    let table = ablation::table(&described, &trained);
    section("Observations in training", &table);
    section("The paper's conjecture", &conjecture::table(&answer));
    let mut results = folder.stage()?;
    results.write(FILES[0], |file| file.write_all(text.as_bytes()))?;
    results.save(FILES[1], |path| schedules::figure(&habits).save(path))?;
    results.commit()?;
    print(&text)
}
