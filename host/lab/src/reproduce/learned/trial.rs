//! An agent at work: on the instance that it knows, and on fresh ones.

use std::time::Instant;
use tinynmf::input;

use tinynmf::error::Result;
use tinynmf::output;
use tinynmf::seeds::Purpose;
use tinynmf_train::paper::{Environment, History, Paper, first_factors};

use super::topic::Topic;
use crate::evaluate::statistics::median;
use crate::reproduce::agents::{self, RATES, Snapshot};
use crate::reproduce::lab::{Event, Lab};
use crate::reproduce::record::Record;

/// The time of an agent's epoch is the median over so many short histories of so many epochs.
const TIMED: usize = 9;

/// The history of an agent on the instance that it was trained on.
pub fn history(lab: &Lab<'_>, topic: Topic, seed: u64, snapshot: &Snapshot) -> Result<History> {
    let epochs = lab.setup.epochs as usize;
    let name = format!(
        "agent-{}-seed{seed}-{}-history.json",
        RATES[topic.rate], lab.setup.budgets[topic.budget]
    );
    let path = lab.file(&name);
    if let Some(history) =
        input::read(&path, input::RECORD).ok().and_then(|text| serde_json::from_slice(&text).ok())
    {
        lab.tell(Event::Spared(epochs as u64));
        return Ok(history);
    }
    let work = lab.instance((Purpose::Training, seed));
    let history = Environment::new(work, agents::paper(1.0)).history(&snapshot.policy, epochs);
    output::write(&path, |file| Ok(serde_json::to_writer(file, &history)?))?;
    lab.tell(Event::Done(epochs as u64));
    Ok(history)
}

/// An agent on a fresh instance, for all epochs: solving it does not end the run, divergence does.
pub fn try_out(lab: &Lab<'_>, topic: Topic, index: u64, snapshot: &Snapshot) -> Result<Record> {
    let setup = lab.setup;
    let name =
        format!("agent-{}-{}-fresh{index}.csv", RATES[topic.rate], setup.budgets[topic.budget]);
    let path = lab.file(&name);
    if path.exists() {
        lab.tell(Event::Spared(setup.epochs.into()));
        return Record::read(&path);
    }
    let work = lab.instance((Purpose::Evaluation, index));
    let endless = |sample| Paper { threshold: 0.0, ..agents::paper(sample) };
    let timed = Environment::new(work.clone(), endless(setup.sample));
    let seconds = (0..TIMED).map(|_| {
        let before = Instant::now();
        let history = timed.history(&snapshot.policy, TIMED);
        before.elapsed().as_secs_f64() / history.losses.len() as f64
    });
    let seconds = median(seconds.collect());
    let problem = work.problem();
    let start = first_factors(problem, problem.settings.seed, true);
    let first = work.descent(problem.settings, &start, false).loss();
    let history =
        Environment::new(work, endless(1.0)).history(&snapshot.policy, setup.epochs as usize);
    let end = history.resets.first().map_or(history.losses.len(), |epoch| epoch + 1);
    let column = |factor: usize| history.bounds[..end].iter().map(|it| it[factor]).collect();
    // As often as a rival's, or an agent would be seen to solve the problem earlier for it.
    let seen = |epoch: usize| setup.measured(epoch as u32) || epoch == end;
    let losses = (1..).zip(&history.losses[..end]);
    let losses = losses.map(|(epoch, loss)| if seen(epoch) { *loss } else { f32::NAN });
    let loss = std::iter::once(first).chain(losses).collect();
    let record = Record {
        loss,
        alpha: [history.alphas[..end].to_vec(), history.alphas[..end].to_vec()],
        bound: [column(0), column(1)],
        seconds: seconds * end as f64,
    };
    output::write(&path, |file| record.write(file))?;
    lab.tell(Event::Done(setup.epochs.into()));
    Ok(record)
}
