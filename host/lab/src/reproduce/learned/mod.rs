//! Figures 1c and 5 to 9: what agents have learned, on the instance they know and on fresh ones.

mod claims;
mod picture;
mod tables;
mod topic;
mod trial;

use rayon::prelude::*;

use super::agents::{self, RATES, Snapshot};
use super::course::spread;
use super::lab::Lab;
use super::plate::Plate;
use super::record::Record;
use super::rivals;
use claims::beginning;
use tinynmf::error::Result;
use tinynmf::seeds::Purpose;
use tinynmf_train::paper::History;
use topic::{TOPICS, Topic};
use trial::{history, try_out};

pub use topic::epochs;

/// The plates among 1c and 5 to 9 that `ids` names.
///
/// # Errors
///
/// Of [`agents::agents`] and [`Lab::runs`].
pub fn plates(lab: &Lab<'_>, ids: &[&str]) -> Result<Vec<Plate>> {
    let topics: Vec<Topic> = TOPICS.into_iter().filter(|it| ids.contains(&it.id)).collect();
    let mut found = Vec::new();
    let mut rivals = None;
    for (rate, alpha) in RATES.into_iter().enumerate() {
        let topics: Vec<&Topic> = topics.iter().filter(|it| it.rate == rate).collect();
        let Some(budget) = topics.iter().map(|it| it.budget).max() else { continue };
        let agents = agents::agents(lab, alpha, budget + 1)?;
        if rivals.is_none() {
            let orders =
                (0..lab.setup.fresh).flat_map(|k| rivals::orders((Purpose::Evaluation, k)));
            rivals = Some(lab.runs(orders.collect())?);
        }
        let rivals: &[Record] = rivals.as_deref().unwrap_or_default();
        for topic in topics {
            found.push(Learned::new(lab, *topic, &agents, rivals)?.plate());
        }
    }
    // The claim about budgets needs all of them.
    let place = |plate: &Plate| TOPICS.iter().position(|topic| topic.id == plate.id);
    found.sort_by_key(place);
    Ok(found)
}

/// Agents after one budget, and what they did.
struct Learned<'a> {
    lab: &'a Lab<'a>,
    topic: Topic,
    snapshots: Vec<&'a Snapshot>,
    /// On the instances of the training, restarted wherever an episode ends.
    histories: Vec<History>,
    /// On fresh instances, without an end.
    fresh: Vec<Record>,
    /// Those of [`rivals::rivals`] on every fresh instance.
    rivals: &'a [Record],
}

impl<'a> Learned<'a> {
    fn new(
        lab: &'a Lab<'a>,
        topic: Topic,
        agents: &'a [Vec<Snapshot>],
        rivals: &'a [Record],
    ) -> Result<Self> {
        let snapshots: Vec<&Snapshot> = agents.iter().map(|agent| &agent[topic.budget]).collect();
        let histories = snapshots.par_iter().enumerate();
        let histories = histories
            .map(|(seed, snapshot)| history(lab, topic, seed as u64, snapshot))
            .collect::<Result<_>>()?;
        let fresh = (0..lab.setup.fresh).into_par_iter();
        let fresh = fresh
            .map(|k| try_out(lab, topic, k, snapshots[k as usize % snapshots.len()]))
            .collect::<Result<_>>()?;
        Ok(Self { lab, topic, snapshots, histories, fresh, rivals })
    }

    fn plate(&self) -> Plate {
        let Topic { id, title, paper, rate, .. } = self.topic;
        let learned = (format!("learned, {}", RATES[rate]), self.fresh.iter().collect::<Vec<_>>());
        let rivals = rivals::rivals()
            .into_iter()
            .enumerate()
            .map(|(k, (name, _))| (name.to_owned(), self.rival(k)));
        let groups: Vec<(String, Vec<&Record>)> = std::iter::once(learned).chain(rivals).collect();
        let summary = self.summary(&groups);
        Plate {
            id,
            title,
            paper,
            measured: self.sentences(),
            picture: self.picture(&groups),
            curves: self.curves(&groups),
            summary,
            claims: match id {
                "1c" => vec![
                    self.speed("The learned schedule converges faster than the run at the bound."),
                    self.lower(),
                ],
                "8" => vec![self.low_phase()],
                "9" => vec![self.speed(
                    "An agent learning rate of 0.1 leads to a schedule as fast as the bound.",
                )],
                _ => Vec::new(),
            },
        }
    }

    /// The runs of the k-th rival on all fresh instances.
    fn rival(&self, k: usize) -> Vec<&'a Record> {
        self.rivals.iter().skip(k).step_by(rivals::rivals().len()).collect()
    }

    /// Epochs to F < 10 in words.
    fn solved(&self, runs: &[&Record]) -> String {
        let never = runs.iter().filter(|run| run.solved().is_none()).count();
        let epochs = spread(runs.iter().map(|run| run.solved_or_late(self.lab.setup)));
        match never {
            0 => epochs,
            _ if never == runs.len() => "never".to_owned(),
            _ => format!("{epochs}, never on {never} of {}", runs.len()),
        }
    }

    fn sentences(&self) -> Vec<String> {
        let resets: Vec<String> =
            self.histories.iter().map(|it| it.resets.len().to_string()).collect();
        let deviations = self.snapshots.iter().map(|it| f64::from(it.log_deviation).exp());
        let steps = || self.snapshots.iter().map(|it| it.steps);
        let fresh: Vec<&Record> = self.fresh.iter().collect();
        vec![
            format!(
                "{} after {} to {} steps of the environment; their actions' deviation has gone from {} to {}.",
                match self.snapshots.len() {
                    1 => "One agent (seed 0)".to_owned(),
                    count => format!("{count} agents"),
                },
                steps().min().unwrap_or(0),
                steps().max().unwrap_or(0),
                agents::UNIT,
                spread(deviations.map(|it| it * f64::from(agents::UNIT))),
            ),
            format!(
                "On the instances that they were trained on, {} epochs had {} resets.",
                self.lab.setup.epochs,
                resets.join(", ")
            ),
            format!(
                "On fresh instances: {} epochs to F < 10, where the run at the bound takes {} and that with one α for both \
                 factors {}. Until then α is {} on average; in the first fifth it is {} times what it is afterwards.",
                self.solved(&fresh),
                self.solved(&self.rival(0)),
                self.solved(&self.rival(1)),
                spread(self.fresh.iter().map(|run| run.mean_alpha()[0])),
                spread(self.fresh.iter().map(beginning)),
            ),
        ]
    }
}
