//! `tinynmf compare`.

use std::path::PathBuf;
use tinynmf::memory::{self, product};
use tinynmf::output::{self, Files};
use tinynmf::trajectory::Trajectory;

use clap::value_parser;
use tinynmf::error::Result;
use tinynmf::matrix::format;
use tinynmf::{policy_file, rule_name};
use tinynmf_lab::compare::{Plan, compare};
use tinynmf_lab::plot;

use super::options::{Factorisation, progress};
use super::print;

/// Compare step rules on a matrix, all from the same starts.
#[derive(Debug, clap::Args)]
#[command(after_help = format!("Rules, with their parameters' defaults:\n{}\n\n\
    Example:\n  \
    tinynmf compare --input v.npy --rank 8 --rules \"learned,bound(0.5),abb\"\n\n{}", rule_name::all(), format::help()))]
pub struct Args {
    #[command(flatten)]
    common: Factorisation,

    /// Step rules, separated by commas, or all
    #[arg(long, value_name = "A,B", default_value = "all")]
    rules: String,

    /// Number of starts: seeds 0 to N - 1
    #[arg(long, value_name = "N", default_value_t = 5, allow_negative_numbers = true)]
    #[arg(value_parser = value_parser!(u64).range(1..=1_000_000))]
    seeds: u64,

    /// File for every loss, rate and bound
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,

    /// Picture of gaps and schedules, .png or .svg
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,
}

pub fn run(args: &Args) -> Result<()> {
    let Factorisation { input, reading, rank, epochs, batch, policy } = &args.common;
    let results = [args.json.as_deref(), args.plot.as_deref()].into_iter().flatten();
    output::apart(results, [Some(input), policy.as_ref()].into_iter().flatten().map(|it| &**it))?;
    let mut blob = Vec::new();
    let path = policy.as_deref();
    let asked = policy_file::asked(path, *batch, &mut blob)?;
    let rules = rule_name::parse_list(&args.rules, &asked)?;
    asked.check(path, &rules)?;
    let matrix = reading.matrix(input)?;
    args.json.as_deref().map_or(Ok(()), output::check)?;
    args.plot.as_deref().map_or(Ok(()), plot::check)?;

    let records = product([rules.len(), args.seeds as usize, *epochs as usize, Trajectory::BYTES]);
    memory::allow("compare", &[("--epochs, --seeds or --rules", records)])?;
    let plan = Plan { rank: *rank, seeds: args.seeds, epochs: *epochs, batch: *batch };
    let bar = progress(rules.len() as u64 * args.seeds * u64::from(*epochs), "epochs");
    let comparison = compare(&matrix, &rules, plan, || bar.inc(1))?;
    bar.finish_and_clear();

    let mut results = Files::new();
    if let Some(path) = &args.json {
        results.write(path, |file| Ok(serde_json::to_writer(file, &comparison)?))?;
    }
    if let Some(path) = &args.plot {
        let name = input.file_name().unwrap_or_default().to_string_lossy();
        let picture = comparison.figure(&format!("Step rules on {name}")).bytes(path)?;
        results.write(path, |file| file.write_all(&picture))?;
    }
    results.commit()?;
    print(&comparison.table())
}
