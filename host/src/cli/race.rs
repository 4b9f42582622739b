//! `tinynmf race`.

use std::path::PathBuf;

use clap::value_parser;
use glob::Pattern;
use tinynmf::error::{Error, Result};
use tinynmf::matrix::Matrix;
use tinynmf::output::{self, Files};
use tinynmf::rule_name;
use tinynmf::seeds::Purpose;
use tinynmf_core::policy::{SCHEDULE, SchedulePolicy};
use tinynmf_lab::filter::chosen;
use tinynmf_lab::matrices::matrices;
use tinynmf_lab::plot;
use tinynmf_lab::schedule::contenders::{CHOSEN, Contender, FIXED};
use tinynmf_lab::schedule::problems::Group;
use tinynmf_lab::schedule::table::{self, Results};
use tinynmf_lab::schedule::{given, picture, problems, tuning};

use super::options::{Reading, count, progress, tell};
use super::print;

/// Problems of every family, and starts, with `--quick`.
const QUICK: [usize; 2] = [3, 1];

/// How many half-steps beyond their actions the oracles look.
const LOOKS: [usize; 2] = [0, 6];

/// Groups of problems and contenders in the picture at most.
const DRAWN: [usize; 2] = [2, 4];

/// The families whose first problems the picture shows, if they take part.
const SHOWN: [&str; 2] = ["100x80 r6 spectrum 0.1", "52x189 r6 blocks 0.3"];

/// Race schedules, policies against hand-set rules, by what they cost.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Cost is counted in multiply-adds of everything, in units of an epoch on all of V.\n\
    The gap is (F - F_best)/(F_0 - F_best), F_best the lowest loss of any contender.\n\n\
    Examples:\n  \
    tinynmf race --quick --family '64x*' --only schedule --only 'growing*'\n  \
    tinynmf race --data matrices --policy out/policy.tnmf --json race.json"
)]
// A command line has as many switches as it needs.
#[allow(clippy::struct_excessive_bools)]
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

    /// Problems to race on, by the names in the tables, with * and ? as
    /// wildcards; may be repeated
    #[arg(long, value_name = "GLOB")]
    family: Vec<Pattern>,

    /// Who takes part, by the names in the tables, with wildcards; may be repeated
    #[arg(long, value_name = "GLOB")]
    only: Vec<Pattern>,

    /// Let two look-ahead oracles take part, which try every action of a grid
    /// before each half-step and pay for the best alone; slow
    #[arg(long)]
    oracle: bool,

    /// A size that ends within two minutes: 3 problems of every family, one start
    #[arg(long, conflicts_with_all = ["instances", "starts"])]
    quick: bool,

    /// Race where batches and noise come from outside, at equal cost: the policies
    /// that ship against rules that --tune problems choose (8 if it is not given)
    #[arg(long, conflicts_with_all = ["data", "policy", "rule", "family", "only", "oracle", "tuning", "json", "plot"])]
    given: bool,

    /// Race on the problems that rules are tuned on, and on no matrices: to choose
    /// between policies by what is not reported
    #[arg(long, conflicts_with_all = ["data", "tune"])]
    tuning: bool,

    /// File for every cost and last loss
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,

    /// Picture of schedules over cost, .png or .svg: of the first problem of two
    /// groups, with the first four contenders
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,
}

pub fn run(args: &Args) -> Result<()> {
    if args.given {
        let [tuning, count] =
            if args.quick { [1, 3] } else { [args.tune.unwrap_or(8) as usize, args.instances] };
        return print(&given::table(tuning, count)?);
    }
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
    contenders.extend(args.oracle.then_some(LOOKS.map(Contender::Oracle)).into_iter().flatten());
    let contenders = chosen("--only", &args.only, contenders, Contender::name)?;
    let names: Vec<String> = contenders.iter().map(Contender::name).collect();

    let sets = sets(args, &matrices)?;
    let count = sets.iter().map(|(_, groups)| groups.len() as u64).sum();
    let bar = progress(count, "groups of problems");
    let play = |group: &Group| {
        let results = table::results(group, &contenders);
        bar.inc(1);
        results
    };
    let played: Vec<(&str, Vec<Results>)> =
        sets.iter().map(|(title, groups)| (*title, groups.iter().map(play).collect())).collect();
    bar.finish_and_clear();

    let mut files = Files::new();
    if let Some(path) = &args.json {
        let all: Vec<&Results> = played.iter().flat_map(|(_, all)| all).collect();
        let record = serde_json::json!({ "contenders": names, "groups": all });
        files.write(path, |file| Ok(serde_json::to_writer(file, &record)?))?;
    }
    if let Some(path) = &args.plot {
        let groups: Vec<&Group> = sets.iter().flat_map(|(_, groups)| groups).collect();
        let usual = SHOWN.iter().filter_map(|name| groups.iter().find(|it| it.name == *name));
        let mut shown: Vec<Group> = Vec::new();
        for group in usual.chain(&groups) {
            if shown.len() < DRAWN[0] && shown.iter().all(|it| it.name != group.name) {
                shown.push((*group).clone());
            }
        }
        let drawn = &contenders[..contenders.len().min(DRAWN[1])];
        if shown.len() < groups.len() || drawn.len() < contenders.len() {
            tell(&left_out(&shown, groups.len(), drawn.len(), contenders.len()));
        }
        let picture = picture::figure(&shown, drawn);
        let picture = picture.bytes(path)?;
        files.write(path, |file| file.write_all(&picture))?;
    }
    files.commit()?;
    played.iter().try_for_each(|(title, all)| print(&table::section(title, &names, all)))
}

/// What the picture leaves out.
fn left_out(shown: &[Group], groups: usize, drawn: usize, contenders: usize) -> String {
    let names: Vec<&str> = shown.iter().map(|it| &*it.name).collect();
    format!(
        "the picture shows {} of {groups} groups of problems, {}, and {drawn} of {contenders} \
         contenders; --family and --only choose others",
        shown.len(),
        names.join(" and "),
    )
}

/// The problems, set by set; a set of which none was chosen is left out.
fn sets(args: &Args, matrices: &[Matrix]) -> Result<Vec<(&'static str, Vec<Group>)>> {
    let [instances, starts] = if args.quick { QUICK } else { [args.instances, args.starts] };
    let all = if args.tuning {
        vec![("Problems for tuning", problems::drawn(Purpose::Tuning, instances))]
    } else {
        vec![
            ("Fresh problems", problems::drawn(Purpose::Evaluation, instances)),
            ("Real matrices", problems::real(matrices, &args.ranks, starts)),
        ]
    };
    let all =
        all.into_iter().flat_map(|(title, groups)| groups.into_iter().map(move |it| (title, it)));
    let all =
        chosen("--family", &args.family, all.collect(), |(_, it): &(_, Group)| it.name.clone())?;
    let mut sets: Vec<(&'static str, Vec<Group>)> = Vec::new();
    for (title, group) in all {
        match sets.last_mut() {
            Some((last, groups)) if *last == title => groups.push(group),
            _ => sets.push((title, vec![group])),
        }
    }
    Ok(sets)
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
