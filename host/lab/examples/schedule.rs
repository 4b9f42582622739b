//! Schedules by what they cost: tables of the policy of schedules against hand rules.
//!
//! `cargo run --release -p tinynmf-lab --example schedule -- [--instances N] [--tuning N] [--data DIR] [--policy FILE]...
//! [--rule RULE]... [--picture FILE] [--on-tuning]`
//!
//! Hand rules get one setting for all families, chosen on other problems of the same families. With several `--policy`,
//! they are scored there beside the hand rules, and the best one takes part. `--tune-only` ends after that.
//!
//! `--rule 'growing(0.2, 1.2, 1.3, 3)'` names a setting that was chosen before; then nothing is tuned, and every `--policy` takes part.

use std::path::PathBuf;

use clap::Parser;
use tinynmf::seeds::Purpose;
use tinynmf_core::policy::{SCHEDULE, SchedulePolicy};
use tinynmf_core::rule::table::kind;
use tinynmf_lab::schedule::contenders::{Contender, FIXED, GRIDS};
use tinynmf_lab::schedule::{picture, problems, table, tuning};

#[derive(Parser)]
struct Args {
    /// Problems of every family that are reported
    #[arg(long, default_value_t = 20)]
    instances: usize,
    /// Other problems of every family, to tune on
    #[arg(long, default_value_t = 4)]
    tuning: usize,
    /// Folder with matrices, .npy
    #[arg(long)]
    data: Option<PathBuf>,
    /// Ranks of those matrices
    #[arg(long, value_delimiter = ',', default_value = "4,10,16")]
    ranks: Vec<usize>,
    /// Starts on each of them
    #[arg(long, default_value_t = 5)]
    starts: usize,
    /// Policies instead of the one that ships
    #[arg(long)]
    policy: Vec<PathBuf>,
    /// File for a picture of schedules, .png
    #[arg(long)]
    picture: Option<PathBuf>,
    /// Hand rules with the settings that were chosen for them: no tuning
    #[arg(long)]
    rule: Vec<String>,
    /// Report on the problems for tuning instead: to choose between policies
    #[arg(long)]
    on_tuning: bool,
    /// Stop after the scores
    #[arg(long)]
    tune_only: bool,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args = Args::parse();
    let blobs = args.policy.iter().map(std::fs::read).collect::<Result<Vec<_>, _>>()?;
    let mut policies = Vec::new();
    for (path, blob) in args.policy.iter().zip(&blobs) {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        policies.push(Contender::Policy(name, SchedulePolicy::from_bytes(blob)?));
    }
    if policies.is_empty() {
        let shipped = SchedulePolicy::from_bytes(SCHEDULE)?;
        policies.push(Contender::Policy("schedule".to_owned(), shipped));
    }

    let chosen = args.rule.iter().map(|it| setting(it)).collect::<Result<Vec<_>, _>>()?;
    let mut contenders: Vec<Contender<'_>> = if chosen.is_empty() {
        tuned(&args, policies)
    } else {
        policies.into_iter().chain(chosen).collect()
    };
    if args.tune_only {
        return Ok(());
    }
    contenders.extend(FIXED.map(|(name, it)| Contender::Rule(name, it.to_vec())));
    contenders.extend([Contender::AHals, Contender::EAHals]);
    let names: Vec<String> = contenders.iter().map(Contender::name).collect();
    let place = |kind: &str| names.iter().position(|name| name.starts_with(kind)).unwrap_or(0);

    if let Some(path) = &args.picture {
        let groups = problems::drawn(Purpose::Evaluation, 1);
        let shown = [&groups[4..5], &groups[8..9]].concat();
        picture::figure(&shown, &contenders[..4]).save(path)?;
    }
    let mut sets = vec![if args.on_tuning {
        ("Problems for tuning", problems::drawn(Purpose::Tuning, args.instances))
    } else {
        ("Fresh problems", problems::drawn(Purpose::Evaluation, args.instances))
    }];
    if let Some(folder) = &args.data {
        sets.push(("Real matrices", problems::real(folder, &args.ranks, args.starts)?));
    }
    for (title, groups) in sets {
        let all: Vec<_> = groups.iter().map(|group| table::results(group, &contenders)).collect();
        println!("\n## {title}\n\n{}", table::overall(&names, &all, place("hals")));
        println!("{}", table::overall(&names, &all, place("growing")));
        println!("{}", table::by_group(&names, &all));
        let [acted, of] =
            all.iter().fold([0, 0], |[a, b], it| [a + it.guarded[0], b + it.guarded[1]]);
        println!("The safeguard acted in {acted} of {of} half-steps of {}.", names[0]);
    }
    Ok(())
}

/// The best policy and the best setting of every hand rule on the tuning problems, whose scores it prints.
fn tuned<'p>(args: &Args, policies: Vec<Contender<'p>>) -> Vec<Contender<'p>> {
    let tune = problems::drawn(Purpose::Tuning, args.tuning);
    let ranked = tuning::rank(&tune, policies.into_iter().chain(tuning::settings()).collect());
    println!("Scores on {} tuning problems a family, lower is better:\n", args.tuning);
    println!("| | score |\n|---|---:|");
    let mut best = Vec::new();
    for kind in ["policy"].into_iter().chain(GRIDS.map(|it| it.0)) {
        let is = |it: &Contender<'_>| match it {
            Contender::Policy(..) => kind == "policy",
            Contender::Rule(name, _) => *name == kind,
            Contender::AHals | Contender::EAHals => false,
        };
        let them: Vec<_> = ranked.iter().filter(|(_, it)| is(it)).collect();
        let shown = if kind == "policy" { them.len() } else { 3 };
        for (score, it) in them.iter().take(shown) {
            println!("| {} | {score:.3} |", it.name());
        }
        best.extend(them.first().map(|(_, it)| it.clone()));
    }
    best
}

/// A setting of a hand rule, such as `growing(0.2, 1.2, 1.3, 3)`.
fn setting(text: &str) -> Result<Contender<'static>, String> {
    let refused = || format!("--rule {text}: name one of {}", GRIDS.map(|it| it.0).join(", "));
    let (name, rest) = text.split_once('(').ok_or_else(refused)?;
    let (name, _) = GRIDS.iter().find(|it| it.0 == name.trim()).ok_or_else(refused)?;
    let numbers = rest.trim_end().trim_end_matches(')').split(',').map(|x| x.trim().parse());
    let numbers =
        numbers.collect::<Result<Vec<f32>, _>>().map_err(|e| format!("--rule {text}: {e}"))?;
    let made = kind(name).map(|kind| kind.make(&numbers).map(|_| ()));
    made.ok_or_else(refused)?.map_err(|error| format!("--rule {text}: {error}"))?;
    Ok(Contender::Rule(name, numbers))
}
