//! `tinynmf evaluate`.

use std::path::PathBuf;
use tinynmf::output::{self, Files};
use tinynmf::policy_file;
use tinynmf::text::shown;

use glob::Pattern;
use tinynmf::error::{Error, Result};
use tinynmf_lab::evaluate::metric::Measure;
use tinynmf_lab::evaluate::suite::{Source, Suite};
use tinynmf_lab::evaluate::{Plan, evaluate, runs};

use super::options::{Reading, progress, tell};
use super::print;

/// Instances of every family with `--quick`: reported, for tuning.
const QUICK: [usize; 2] = [3, 1];

/// Entries of V at most with `--quick`.
const LARGEST: usize = 8000;

/// Measure a policy against every tuned classical rule, on unseen problems.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    tinynmf evaluate --suite exact --report exact.html\n  \
    tinynmf evaluate --suite exact --quick --family '64x48*' --rule 'bb?'\n  \
    tinynmf evaluate --suite real --data matrices --instances 14 --json real.json")]
pub struct Args {
    /// Problems to measure on
    #[arg(long, value_enum)]
    suite: Suite,

    /// Folder whose matrices join the bundled digits in the suite real
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,

    #[command(flatten)]
    reading: Reading,

    /// Policy to measure, instead of those that ship
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,

    /// Instances of every family, instead of 100 (real: 42)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    instances: Option<u32>,

    /// Families to measure, by name, with * and ? as wildcards; may be repeated
    #[arg(long, value_name = "GLOB")]
    family: Vec<Pattern>,

    /// Rules to tune and measure as rivals, by name without parameters, with
    /// wildcards; may be repeated
    #[arg(long, value_name = "GLOB")]
    rule: Vec<Pattern>,

    /// A size that ends within two minutes: 3 instances of every family of at
    /// most 100 x 80, rivals tuned on one; its intervals are wide
    #[arg(long, conflicts_with = "instances")]
    quick: bool,

    /// Tune and compare rules by multiply-adds, steps tried and decisions
    /// included, instead of epochs
    #[arg(long)]
    by_cost: bool,

    /// File for every number
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,

    /// File for tables and pictures, .html
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

pub fn run(args: &Args) -> Result<()> {
    if args.data.is_some() && args.suite != Suite::Real {
        let problem = "only the suite real takes matrices";
        return Err(Error::argument("--data", problem, "leave it out, or add --suite real"));
    }
    if args.by_cost && args.suite == Suite::Stochastic {
        let problem = "the suite stochastic compares the gaps at the end of its runs";
        return Err(Error::argument("--by-cost", problem, "leave it out, or name another suite"));
    }
    let measure = if args.by_cost { Measure::Cost } else { args.suite.measure() };
    let results = [args.json.as_deref(), args.report.as_deref()].into_iter().flatten();
    output::apart(results, args.policy.as_deref())?;
    let mut blob = Vec::new();
    let path = args.policy.as_deref();
    let policy = path.map(|path| policy_file::read(Some(path), 1.0, &mut blob)).transpose()?;
    let [instances, tuning] = if args.quick {
        QUICK.map(Some)
    } else {
        [args.instances.map(|count| count as usize), None]
    };
    let all = Plan::default();
    let plan = Plan {
        suite: args.suite,
        data: args.data.clone(),
        options: args.reading.options(),
        instances,
        tuning: tuning.unwrap_or(all.tuning),
        entries: if args.quick && args.family.is_empty() { LARGEST } else { all.entries },
        families: args.family.clone(),
        rules: args.rule.clone(),
    };
    let (cases, rivals) = (plan.cases()?, plan.rivals()?);
    for case in cases.iter().filter(|_| args.data.is_some()) {
        if let Source::Matrix(matrix) = &case.source {
            tell(&matrix.report());
        }
    }
    args.json.as_deref().map_or(Ok(()), output::check)?;
    args.report.as_deref().map_or(Ok(()), output::check)?;

    let bar = progress(runs(measure, &cases, &rivals)?, "runs");
    let each = || bar.inc(1);
    let evaluation = evaluate(args.suite, measure, &cases, policy.as_ref(), &rivals, each)?;
    bar.finish_and_clear();

    let mut results = Files::new();
    if let Some(path) = &args.json {
        results.write(path, |file| Ok(serde_json::to_writer(file, &evaluation)?))?;
    }
    if let Some(path) = &args.report {
        let html = evaluation.html().map_err(|problem| {
            let problem = format!("the report cannot be drawn ({problem})");
            Error::format(&shown(path), problem, "report this as a bug")
        })?;
        results.write(path, |file| file.write_all(html.as_bytes()))?;
    }
    results.commit()?;
    print(&evaluation.table())
}
