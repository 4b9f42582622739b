//! `tinynmf inspect`.

use std::path::{Path, PathBuf};

use tinynmf::error::Result;
use tinynmf::matrix::extension;
use tinynmf::{output, policy_file};
use tinynmf_core::Rule;
use tinynmf_lab::{inspect, plot};

use super::{export, print};

/// Show what is in a policy, and the rate it chooses, or the schedule.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  tinynmf inspect policy.tnmf --plot policy.png")]
pub struct Args {
    /// Policy file, .tnmf, .safetensors or .json as `export` reads them; without it,
    /// the policy of gradient steps that ships
    policy: Option<PathBuf>,

    /// Picture of the rate, or the schedule, against every observation, .png or .svg
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,
}

pub fn run(args: &Args) -> Result<()> {
    output::apart(args.plot.as_deref(), args.policy.as_deref())?;
    args.plot.as_deref().map_or(Ok(()), plot::check)?;
    let mut blob = Vec::new();
    let path = args.policy.as_deref();
    let rule = match path {
        Some(path) if is_float(path) => {
            blob = export::blob(path)?;
            Rule::asking(&blob).map_err(tinynmf_core::Error::from)?
        }
        _ => policy_file::rule(path, 1.0, &mut blob)?,
    };
    let name = path.and_then(|path| path.file_name());
    let name = name.map_or("the shipped policy".into(), |name| name.to_string_lossy());
    let (text, picture) = match &rule {
        Rule::Scheduled(rule) => {
            let policy = rule.policy();
            (inspect::describe_schedule(policy), inspect::figure_schedule(policy, &name))
        }
        Rule::Learned(rule) => {
            let policy = rule.policy();
            (inspect::describe(policy), inspect::figure(policy, &name))
        }
        // Only these two ask a policy.
        _ => return Ok(()),
    };
    if let Some(path) = &args.plot {
        picture.save(path)?;
    }
    print(&text)
}

/// Whether a file holds float weights, which are quantised first.
fn is_float(path: &Path) -> bool {
    ["safetensors", "json"].contains(&&*extension(path))
}
