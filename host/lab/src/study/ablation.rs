//! Which observations matter.
//!
//! **In use**: the policy is shown an observation's training mean in place of the observation itself.
//! **In training**: a policy is trained that never sees it. The first says what this policy relies on,
//! the second what cannot be replaced: observations that tell the same leave each other's place.

use rayon::prelude::*;
use tinynmf::error::Result;
use tinynmf::family::{Family, Problem};
use tinynmf::trajectory::Trajectory;
use tinynmf_core::observe::NAMES;
use tinynmf_core::policy::{PolicyError, checksum};
use tinynmf_core::rule::{Bound, Schedule};
use tinynmf_core::{Policy, Rule};
use tinynmf_train::{Config, FloatPolicy, Mode};

use super::conjecture::unsolved;
use super::{HORIZON, epochs, family, problems, run, train};
use crate::evaluate::statistics::{Estimate, median};

/// Runs that a policy is judged by.
const RUNS: usize = 100;

/// Where the offsets and gains of the observations begin in a blob.
const NORMALISER: usize = 24;

/// The share of the bound that every policy is compared with.
const REFERENCE: f32 = 0.95;

/// Groups of observations that tell of the same thing.
pub const GROUPS: [(&str, &[&str]); 6] = [
    ("the loss", &["log(F/F0)", "own last change of log F", "other's last change of log F"]),
    ("the time", &["t/T"]),
    ("the last steps", &["own last log(aL)", "own log(aL) before last", "other's last log(aL)"]),
    ("curvature", &["log curvature", "last log curvature", "other's log curvature"]),
    ("Barzilai-Borwein", &["log(L*bb1)", "log(L*bb2)"]),
    ("the gradient's norm", &["change of log|G_F|"]),
];

/// Observations of the paper's agent: loss, epoch, gradient norm, here in their scale-free form.
const PAPER: [&str; 3] = ["log(F/F0)", "t/T", "change of log|G_F|"];

/// A policy's epochs to the gap, as a share of those of bound(0.95).
#[derive(Debug, Clone)]
pub struct Row {
    /// The observation that was left out, or the training.
    pub name: String,
    /// The median over the runs, with its bootstrap interval.
    pub ratio: Estimate,
}

/// The int8 policy with every group of observations, then every single one, held at its mean.
///
/// # Errors
///
/// None for a policy that core accepts.
pub fn in_use(policy: &Policy<'_>) -> Result<Vec<Row>> {
    let mut blobs = vec![("the policy".to_owned(), policy.blob().to_vec())];
    let groups = GROUPS.iter().map(|(name, of)| (format!("without all of {name}"), of.to_vec()));
    let single = NAMES.iter().map(|name| (format!("without {name}"), vec![*name]));
    blobs.extend(groups.chain(single).map(|(name, of)| (name, blind(policy, &of))));
    let parsed = blobs.iter().map(|(name, blob)| Ok((name.clone(), Policy::from_bytes(blob)?)));
    let rules = parsed.collect::<std::result::Result<Vec<_>, PolicyError>>();
    let rules = rules.map_err(tinynmf_core::Error::Policy)?;
    Ok(judge(rules.into_iter().map(|(name, policy)| (name, Rule::learned(policy))).collect()))
}

/// The blob with a gain of 0 for the observations of these names.
fn blind(policy: &Policy<'_>, names: &[&str]) -> Vec<u8> {
    let mut blob = policy.blob().to_vec();
    for (index, name) in NAMES.iter().enumerate() {
        if names.contains(name) {
            blob[NORMALISER + 8 * index + 4..][..4].copy_from_slice(&0.0_f32.to_le_bytes());
        }
    }
    let end = blob.len() - 4;
    let sum = checksum(&blob[..end]);
    blob[end..].copy_from_slice(&sum.to_le_bytes());
    blob
}

/// Policies trained for `iterations` rounds without a group of observations, with the paper's three
/// only, and in the paper's mode; `each` is called after every round.
///
/// # Errors
///
/// None for these configurations.
pub fn in_training(iterations: u32, each: impl Fn() + Sync) -> Result<Vec<Row>> {
    let blinded = |without: Vec<String>| -> Result<FloatPolicy> {
        let config = Config { iterations, without, ..Config::default() };
        Ok(train(config, &each)?.policy())
    };
    let mut trained = vec![("all observations".to_owned(), blinded(Vec::new())?)];
    for (name, of) in GROUPS {
        trained.push((format!("trained without {name}"), blinded(owned(of))?));
    }
    let others = NAMES.iter().filter(|name| !PAPER.contains(name)).copied().collect::<Vec<_>>();
    trained.push(("trained on the paper's three alone".to_owned(), blinded(owned(&others))?));
    let mut rows = judge(trained);
    rows.push(papers(iterations, each)?);
    Ok(rows)
}

/// Rounds that [`in_training`] trains.
#[must_use]
pub fn rounds(iterations: u32) -> u64 {
    u64::from(iterations) * (GROUPS.len() as u64 + 3)
}

/// The paper's mode: its observations, one α an epoch within [0, 1], its reward.
fn papers(iterations: u32, each: impl Fn() + Sync) -> Result<Row> {
    let family = Family { horizon: [HORIZON; 2], ..Family::default() };
    let config =
        Config { mode: Mode::Paper, log_deviation: -3.5, iterations, family, ..Config::default() };
    let agent = train(config, each)?;
    let run = |problem: &Problem| {
        let first = problem.reference()[0];
        let losses = unsolved(&agent, problem).losses;
        let loss = std::iter::once(first).chain(losses).collect();
        vec![Trajectory { loss, ..Trajectory::default() }]
    };
    Ok(rows_of(vec!["the paper's mode".to_owned()], run).remove(0))
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn judge<S: Schedule + Clone + Sync>(policies: Vec<(String, S)>) -> Vec<Row> {
    let (names, policies): (Vec<_>, Vec<_>) = policies.into_iter().unzip();
    rows_of(names, |problem| policies.iter().map(|it| run(problem, &mut it.clone())).collect())
}

/// The rows of contenders whose runs `play` gives.
///
/// F_best of an instance is its reference loss: twice the horizon of abb.
fn rows_of(names: Vec<String>, play: impl Fn(&Problem) -> Vec<Trajectory> + Sync) -> Vec<Row> {
    let ratios = |problem: &Problem| -> Vec<f64> {
        let [_, best] = problem.reference();
        let mut bound = Bound::new(REFERENCE).map(Rule::from);
        let reference = bound.as_mut().map_or(1.0, |rule| epochs(&run(problem, rule), best));
        play(problem).iter().map(|run| epochs(run, best) / reference).collect()
    };
    let all: Vec<Vec<f64>> = problems(RUNS).par_iter().map(ratios).collect();
    let column = |place: usize| all.iter().map(|row| row[place]).collect::<Vec<f64>>();
    let row = |(place, name)| Row { name, ratio: Estimate::of_values(&column(place), median) };
    names.into_iter().enumerate().map(row).collect()
}

/// The rows as a Markdown table.
#[must_use]
pub fn table(head: &str, rows: &[Row]) -> String {
    let line = |Row { name, ratio }: &Row| {
        let name = name.replace('|', "‖");
        format!("| {name} | {ratio} |\n")
    };
    let head = format!("| {head} | epochs to 10⁻², bound(0.95) = 1 |\n|---|---:|\n");
    head + &rows.iter().map(line).collect::<String>()
}

/// The configuration that the retrained policies share, for the chapter.
#[must_use]
pub fn described(iterations: u32) -> String {
    let of = family();
    format!(
        "{iterations} rounds of the default configuration each, judged on {RUNS} problems of {} x {}, rank {}",
        of.rows[0], of.columns[0], of.rank[0]
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_and_the_papers_three_name_observations() {
        let all = GROUPS.iter().flat_map(|(_, of)| of.iter()).chain(&PAPER);
        assert!(all.into_iter().all(|name| NAMES.contains(name)));
    }
}
