//! `tinynmf inspect`.

use std::path::PathBuf;

use tinynmf::error::Result;
use tinynmf::{output, policy_file};
use tinynmf_lab::{inspect, plot};

use super::print;

/// Show what is in a policy, and the rate it chooses.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  tinynmf inspect policy.tnmf --plot policy.png")]
pub struct Args {
    /// Policy file; without it, the policy that ships
    policy: Option<PathBuf>,

    /// Picture of the rate against every observation, .png or .svg
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,
}

pub fn run(args: &Args) -> Result<()> {
    output::apart(args.plot.as_deref(), args.policy.as_deref())?;
    args.plot.as_deref().map_or(Ok(()), plot::check)?;
    let mut blob = Vec::new();
    let policy = policy_file::read(args.policy.as_deref(), 1.0, &mut blob)?;
    if let Some(path) = &args.plot {
        let name = args.policy.as_ref().and_then(|path| path.file_name());
        let name = name.map_or("the shipped policy".into(), |name| name.to_string_lossy());
        inspect::figure(&policy, &name).save(path)?;
    }
    print(&inspect::describe(&policy))
}
