//! `tinynmf race`.

use std::path::PathBuf;

use clap::value_parser;
use tinynmf::error::{Error, Result};
use tinynmf::output::{self, Files};
use tinynmf::rule_name;
use tinynmf::seeds::Purpose;
use tinynmf_core::policy::{SCHEDULE, SchedulePolicy};
use tinynmf_lab::matrices::matrices;
use tinynmf_lab::plot;
use tinynmf_lab::schedule::contenders::{CHOSEN, Contender, FIXED};
use tinynmf_lab::schedule::table::{self, Results};
use tinynmf_lab::schedule::{picture, problems, tuning};

use super::options::{Reading, count, progress, tell};
use super::print;

/// Race schedules, policies against hand-set rules, by what they cost.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Cost is counted in multiply-adds of everything, in units of an epoch on all of V.\n\
    The gap is (F - F_best)/(F_0 - F_best), F_best the lowest loss of any contender.\n\n\
    Examples:\n  \
    tinynmf race --instances 4\n  \
    tinynmf race --data matrices --policy out/policy.tnmf --json race.json"
)]
pub struct Args {
    /// Problems of each of the twelve families
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = count)]
    instances: usize,

    /// Folder whose matrices join the bundled digits
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,

    #[command(flatten)]
    reading: Reading,

    /// Ranks of the matrices
    #[arg(long, value_name = "A,B", value_delimiter = ',', default_value = "4,10")]
    #[arg(value_parser = count)]
    ranks: Vec<usize>,

    /// Starts on each matrix with each rank
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = count)]
    starts: usize,

    /// Policies of schedules, instead of the one that ships
    #[arg(long, value_name = "FILE")]
    policy: Vec<PathBuf>,

    /// Rules instead of those chosen before, such as 'growing(0.2,1.2,1.3,3)'
    #[arg(long, value_name = "RULE")]
    rule: Vec<String>,

    /// Choose the hand-set rules' settings and the policy anew, on N other problems of each family
    #[arg(long, value_name = "N", conflicts_with = "rule")]
    #[arg(value_parser = value_parser!(u32).range(1..=1_000_000))]
    tune: Option<u32>,

    /// File for every cost and last loss
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,

    /// Picture of schedules over cost, .png or .svg
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,
}

pub fn run(args: &Args) -> Result<()> {
    let results = [args.json.as_deref(), args.plot.as_deref()].into_iter().flatten();
    output::apart(results, args.policy.iter().map(|it| &**it))?;
    let blobs: Vec<Vec<u8>> = args
        .policy
        .iter()
        .map(|path| std::fs::read(path).map_err(|source| Error::read(path, source)))
        .collect::<Result<_>>()?;
    let policies = policies(args, &blobs)?;
    let matrices = matrices(args.data.as_deref().map(|it| (it, args.reading.options())))?;
    matrices.iter().filter(|_| args.data.is_some()).for_each(|it| tell(&it.report()));
    args.json.as_deref().map_or(Ok(()), output::check)?;
    args.plot.as_deref().map_or(Ok(()), plot::check)?;

    let mut contenders = match args.tune {
        Some(count) => {
            let (scores, best) = tuning::choose(count as usize, policies);
            print(&scores)?;
            best
        }
        None => policies.into_iter().chain(rules(&args.rule)?).collect(),
    };
    contenders.extend(FIXED.map(|(name, it)| Contender::Rule(name, it.to_vec())));
    contenders.extend([Contender::AHals, Contender::EAHals]);
    let names: Vec<String> = contenders.iter().map(Contender::name).collect();

    let fresh = problems::drawn(Purpose::Evaluation, args.instances);
    let real = problems::real(&matrices, &args.ranks, args.starts);
    let bar = progress((fresh.len() + real.len()) as u64, "groups of problems");
    let mut sets = Vec::new();
    for (title, groups) in [("Fresh problems", &fresh), ("Real matrices", &real)] {
        let all: Vec<Results> = groups
            .iter()
            .map(|group| {
                let results = table::results(group, &contenders);
                bar.inc(1);
                results
            })
            .collect();
        sets.push((title, all));
    }
    bar.finish_and_clear();

    let mut files = Files::new();
    if let Some(path) = &args.json {
        let all: Vec<&Results> = sets.iter().flat_map(|(_, all)| all).collect();
        let record = serde_json::json!({ "contenders": names, "groups": all });
        files.write(path, |file| Ok(serde_json::to_writer(file, &record)?))?;
    }
    if let Some(path) = &args.plot {
        let shown = [&fresh[4..5], &fresh[8..9]].concat();
        let picture = picture::figure(&shown, &contenders[..contenders.len().min(4)]);
        let picture = picture.bytes(path)?;
        files.write(path, |file| file.write_all(&picture))?;
    }
    files.commit()?;
    sets.iter().try_for_each(|(title, all)| print(&table::section(title, &names, all)))
}

/// The policies that take part.
fn policies<'p>(args: &Args, blobs: &'p [Vec<u8>]) -> Result<Vec<Contender<'p>>> {
    if blobs.is_empty() {
        let shipped = SchedulePolicy::from_bytes(SCHEDULE).map_err(tinynmf_core::Error::from)?;
        return Ok(vec![Contender::Policy("schedule".to_owned(), shipped)]);
    }
    let read = |(path, blob): (&PathBuf, &'p Vec<u8>)| {
        let policy = SchedulePolicy::from_bytes(blob).map_err(|reason| {
            let remedy = "name a policy of schedules, as `tinynmf train` makes in mode schedule";
            Error::format(&tinynmf::text::shown(path), reason.to_string(), remedy)
        })?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Contender::Policy(name, policy))
    };
    args.policy.iter().zip(blobs).map(read).collect()
}

/// The rules that are named, or those whose settings were chosen before.
fn rules(named: &[String]) -> Result<Vec<Contender<'static>>> {
    if named.is_empty() {
        return Ok(CHOSEN.iter().map(|(name, it)| Contender::Rule(name, it.to_vec())).collect());
    }
    let read = |text: &String| {
        let rule = rule_name::classical(text)?;
        Ok(Contender::Rule(rule.name(), rule_name::parameters(&rule)))
    };
    named.iter().map(read).collect()
}
