//! `tinynmf factorize`.

use std::path::PathBuf;

use tinynmf_core::Settings;
use tinynmf_host::error::Result;
use tinynmf_host::factorize::{factorize, view};
use tinynmf_host::matrix::Matrix;
use tinynmf_host::output::OutputFolder;
use tinynmf_host::{policy_file, rule_name};

use super::options::{Factorisation, progress};
use super::print;

/// Factorise a matrix: V ≈ W H, written as w.npy, h.npy and loss.csv.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  tinynmf factorize --input v.csv --rank 8 --out parts")]
pub struct Args {
    #[command(flatten)]
    common: Factorisation,

    /// Step rule: learned, bound(0.95), armijo, cauchy, abb, silver, ...
    #[arg(long, value_name = "NAME", default_value = "learned")]
    rule: String,

    /// Seed of the start, of the mini-batches and of random rules
    #[arg(long, value_name = "S", default_value_t = 0)]
    seed: u64,

    /// Folder for the results; made if need be
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

pub fn run(args: &Args) -> Result<()> {
    let Factorisation { input, rank, epochs, batch, policy } = &args.common;
    let mut blob = Vec::new();
    let policy = policy_file::read(policy.as_deref(), *batch, &mut blob)?;
    let rule = rule_name::parse(&args.rule, &policy)?;
    let name = rule_name::name(&rule);
    let matrix = Matrix::read(input)?;
    view(&matrix, *rank)?;
    let folder = OutputFolder::create(&args.out)?;

    let settings =
        Settings { horizon: *epochs, batch: *batch, seed: args.seed, ..Settings::default() };
    let bar = progress(u64::from(*epochs), "epochs");
    let result = factorize(&matrix, *rank, rule, settings, || bar.inc(1))?;
    bar.finish_and_clear();
    result.save(&folder)?;

    let run = &result.trajectory;
    let diverged = if run.diverged() { ": diverged, choose another rule" } else { "" };
    print(&format!(
        "rule            {name}, {epochs} epochs, seed {}\n\
         loss            {} (start: {}){diverged}\n\
         relative error  {}\n\
         written         {}: w.npy ({} x {rank}), h.npy ({rank} x {}), loss.csv\n",
        args.seed,
        run.last_loss(),
        run.first_loss(),
        result.relative_error,
        folder.path().display(),
        result.rows,
        result.columns,
    ))
}
