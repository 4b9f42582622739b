//! Figures 1c and 5 to 9: what agents have learned, on the instance they know and on fresh ones.

use rayon::prelude::*;
use std::time::Instant;

use super::agents::{self, RATES, Snapshot};
use super::course::spread;
use super::lab::{Event, Lab};
use super::plate::{self, Claim, Plate, Table, Verdict, short};
use super::record::{Fate, Record, mean};
use super::rivals;
use crate::error::Result;
use crate::evaluate::statistics::median;
use crate::output;
use crate::plot::{Figure, Lines, Series};
use crate::seeds::Purpose;
use crate::train::paper::{Environment, History, Paper, first_factors};

/// The time of an agent's epoch is the median over so many short histories of so many epochs.
const TIMED: usize = 9;

/// An initial low phase would be in the first of so many parts of the epochs until the problem is solved.
const BEGINNING: usize = 5;

/// The largest α in pictures: thrice the first bound.
const HIGHEST: f64 = 0.3;

/// A figure about agents.
#[derive(Debug, Clone, Copy)]
struct Topic {
    id: &'static str,
    title: &'static str,
    paper: &'static str,
    /// Index into [`RATES`] and into the setup's budgets.
    rate: usize,
    budget: usize,
}

const TOPICS: [Topic; 6] = [
    Topic {
        id: "1c",
        title: "The learned schedule against the run at the bound",
        paper: "The learned schedule lowers the loss faster than the run at the bound, at a lower mean learning rate.",
        rate: 0,
        budget: 3,
    },
    Topic {
        id: "5",
        title: "Agent learning rate 0.01, first budget",
        paper: "Loss and action over 1000 epochs after 10K iterations.",
        rate: 0,
        budget: 0,
    },
    Topic {
        id: "6",
        title: "Agent learning rate 0.01, second budget",
        paper: "Loss and action over 1000 epochs after 20K iterations.",
        rate: 0,
        budget: 1,
    },
    Topic {
        id: "7",
        title: "Agent learning rate 0.01, third budget",
        paper: "Loss and action over 1000 epochs after 50K iterations.",
        rate: 0,
        budget: 2,
    },
    Topic {
        id: "8",
        title: "Agent learning rate 0.01, fourth budget",
        paper: "Loss and action over 1000 epochs after 100K iterations: an initial phase of low rates appears.",
        rate: 0,
        budget: 3,
    },
    Topic {
        id: "9",
        title: "Agent learning rate 0.1",
        paper: "Loss and action over 1000 epochs after 100K iterations at ten times the agent learning rate.",
        rate: 1,
        budget: 3,
    },
];

/// Training steps, and epochs of runs besides, that figures `ids` need.
#[must_use]
pub fn epochs(ids: &[&str], setup: &super::setup::Setup) -> u64 {
    let of = |rate: usize| TOPICS.iter().filter(move |it| ids.contains(&it.id) && it.rate == rate);
    let training = |rate: usize| of(rate).map(|it| setup.budgets[it.budget]).max().unwrap_or(0);
    let runs = [0, 1].map(|rate| of(rate).count()).into_iter().sum::<usize>() as u64;
    let rivals = if runs > 0 { rivals::rivals().len() as u64 } else { 0 };
    setup.agents * (training(0) + training(1)) as u64
        + (runs * (setup.agents + setup.fresh) + rivals * setup.fresh) * u64::from(setup.epochs)
}

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
    /// On the instances that they were trained on, begun anew wherever an episode ends.
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

    fn summary(&self, groups: &[(String, Vec<&Record>)]) -> Table {
        let mut table = Table::new(&[
            "run",
            "descend",
            "last F",
            "epochs to F < 10",
            "mean α of W",
            "mean α of H",
            "ms an epoch",
        ]);
        for (name, runs) in groups {
            let descend = runs.iter().filter(|run| run.fate() == Fate::Descended).count();
            let alpha = |factor: usize| spread(runs.iter().map(|run| run.mean_alpha()[factor]));
            table.row([
                name.clone(),
                format!("{descend} of {}", runs.len()),
                spread(runs.iter().map(|run| run.last_loss().into())),
                self.solved(runs),
                alpha(0),
                alpha(1),
                short(median(runs.iter().map(|run| run.milliseconds()).collect())),
            ]);
        }
        table
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

    /// The epochs of the learned schedule over those of a rival, instance by instance.
    fn ratios(&self, rival: usize) -> Vec<f64> {
        let pairs = self.fresh.iter().zip(self.rival(rival));
        pairs
            .map(|(a, b)| a.solved_or_late(self.lab.setup) / b.solved_or_late(self.lab.setup))
            .collect()
    }

    /// Faster or slower than the run at the bound on most instances?
    fn speed(&self, claim: &'static str) -> Claim {
        let ratios = self.ratios(0);
        let (faster, slower) = (count(&ratios, |x| x < 1.0), count(&ratios, |x| x > 1.0));
        let names = rivals::rivals().map(|(name, _)| name);
        let fastest = rivals::CLASSICAL.map(|k| (median(self.ratios(k)), names[k]));
        let (ratio, name) = fastest.max_by(|a, b| a.0.total_cmp(&b.0)).expect("there are rivals");
        Claim {
            claim,
            verdict: Verdict::of(2 * faster > ratios.len(), 2 * slower > ratios.len()),
            evidence: format!(
                "Epochs to F < 10 on {} fresh instances, over those of the run at the bound: {}; of that with one α for both \
                 factors: {}; of {name}, the fastest of decay, cauchy, abb and silver: {}.",
                ratios.len(),
                spread(ratios.iter().copied()),
                spread(self.ratios(1).into_iter()),
                short(ratio)
            ),
            figure: self.topic.id,
        }
    }

    fn lower(&self) -> Claim {
        let over = |rival: usize| -> Vec<f64> {
            let pairs = self.fresh.iter().zip(self.rival(rival));
            let mean = |run: &Record| run.mean_alpha().iter().sum::<f64>();
            pairs.map(|(a, b)| mean(a) / mean(b)).collect()
        };
        let (bound, one) = (over(0), over(1));
        let most = |yes: fn(f64) -> bool| {
            2 * count(&bound, yes) > bound.len() && 2 * count(&one, yes) > one.len()
        };
        Claim {
            claim: "The learned schedule has a lower mean learning rate than the run at the bound.",
            verdict: Verdict::of(most(|x| x < 0.98), most(|x| x > 1.02)),
            evidence: format!(
                "Its mean α until the problem is solved is {} times that of the run at the bound (mean of W and H), and {} \
                 times that of the run at the bound with one α for both factors.",
                spread(bound.iter().copied()),
                spread(one.iter().copied())
            ),
            figure: "1c",
        }
    }

    fn low_phase(&self) -> Claim {
        let ratios: Vec<f64> = self.fresh.iter().map(beginning).collect();
        Claim {
            claim: "After a large budget (100K iterations) the agent begins with a phase of low rates.",
            verdict: Verdict::of(
                2 * count(&ratios, |x| x < 0.8) > ratios.len(),
                2 * count(&ratios, |x| x >= 0.95) > ratios.len(),
            ),
            evidence: format!(
                "In the first fifth of the epochs until the problem is solved, α is {} times α afterwards.",
                spread(ratios.iter().copied())
            ),
            figure: "8",
        }
    }

    fn picture(&self, groups: &[(String, Vec<&Record>)]) -> Figure {
        let Topic { id, rate, budget, .. } = self.topic;
        let history = &self.histories[0];
        let marks = || history.resets.iter().map(|epoch| *epoch as f64 + 0.5);
        let numbers = |of: &[f32]| of.iter().map(|x| f64::from(*x)).collect::<Vec<_>>();
        let loss =
            Lines::new("Loss on the instance it knows, seed 0; dotted: resets", "epoch", "F")
                .log_y()
                .marks(marks())
                .reference(10.0, "solved")
                .series(Series::new("learned", numbers(&history.losses)).emphasised());
        let bound = |factor: usize| history.bounds.iter().map(move |it| f64::from(it[factor]));
        let action = Lines::new("Action α; dotted: resets", "epoch", "α")
            .limits(0.0..HIGHEST)
            .marks(marks())
            .series(Series::new("2/L of W", bound(0)))
            .series(Series::new("2/L of H", bound(1)))
            .series(Series::new("learned", numbers(&history.alphas)).emphasised());
        let end = plate::shown(
            groups.iter().take(2).flat_map(|(_, runs)| runs.iter().copied()),
            self.lab.setup,
        );
        let [by_epoch, by_time] = ["epoch", "seconds"].map(|x| {
            let lines =
                Lines::new(format!("Fresh instances, by {x}"), x, "F: median and range").log_y();
            let lines = lines.limits(plate::losses(&self.fresh[0])).reference(10.0, "solved");
            groups.iter().enumerate().fold(lines, |lines, (k, (name, runs))| {
                let milliseconds = median(runs.iter().map(|run| run.milliseconds()).collect());
                let scale = if x == "epoch" { 1.0 } else { 1e-3 * milliseconds };
                let name = if k == 0 { "learned" } else { name };
                let series = band(name, runs, end, scale, k < 2 && x == "epoch");
                lines.series(if k == 0 { series.emphasised() } else { series })
            })
        });
        Figure::new(format!("Figure {id}"))
            .caption(format!(
                "agent learning rate {}, {} iterations",
                RATES[rate], self.lab.setup.budgets[budget]
            ))
            .row([loss, action])
            .row([by_epoch, by_time])
    }

    fn curves(&self, groups: &[(String, Vec<&Record>)]) -> Table {
        let mut columns: Vec<(String, Vec<f32>)> = Vec::new();
        for (seed, history) in self.histories.iter().enumerate() {
            columns.push((format!("history {seed}: F"), history.losses.clone()));
            columns.push((format!("history {seed}: α"), history.alphas.clone()));
        }
        for (name, runs) in groups {
            for (k, run) in runs.iter().enumerate() {
                columns.push((format!("{name}, fresh {k}: F"), run.loss.clone()));
            }
        }
        for (k, run) in self.fresh.iter().enumerate() {
            columns.push((format!("learned, fresh {k}: α"), run.alpha[0].clone()));
        }
        let borrowed: Vec<(String, &[f32])> =
            columns.iter().map(|(name, column)| (name.clone(), column.as_slice())).collect();
        Table::curves(&borrowed, |epoch| self.lab.setup.written(epoch))
    }
}

/// The history of an agent on the instance that it was trained on.
fn history(lab: &Lab<'_>, topic: Topic, seed: u64, snapshot: &Snapshot) -> Result<History> {
    let epochs = lab.setup.epochs as usize;
    let name = format!(
        "agent-{}-seed{seed}-{}-history.json",
        RATES[topic.rate], lab.setup.budgets[topic.budget]
    );
    let path = lab.file(&name);
    if let Some(history) =
        std::fs::read(&path).ok().and_then(|text| serde_json::from_slice(&text).ok())
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
fn try_out(lab: &Lab<'_>, topic: Topic, index: u64, snapshot: &Snapshot) -> Result<Record> {
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
    let mut loss = vec![first];
    loss.extend_from_slice(&history.losses[..end]);
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

/// The mean α of the first fifth of the epochs until the problem was solved, over that of the others.
fn beginning(run: &Record) -> f64 {
    let alphas = run.alphas(0);
    let (early, late) = alphas.split_at((alphas.len() / BEGINNING).max(1).min(alphas.len()));
    mean(early) / mean(late)
}

/// The median loss of runs, if so asked with the range, at the epochs where the first one was measured.
fn band(name: &str, runs: &[&Record], end: f64, scale: f64, shaded: bool) -> Series {
    let longest = runs.iter().max_by_key(|run| run.loss.len()).expect("there are runs");
    let (mut points, mut low, mut high) = (Vec::new(), Vec::new(), Vec::new());
    for (epoch, _) in longest.curve().take_while(|(epoch, _)| *epoch <= end) {
        let mut losses: Vec<f64> =
            runs.iter().map(|run| run.loss_at(epoch as u32).into()).collect();
        losses.sort_by(f64::total_cmp);
        points.push((epoch * scale, losses[losses.len() / 2]));
        low.push(losses[0]);
        high.push(losses[losses.len() - 1]);
    }
    let series = Series::points(name, points);
    if shaded && runs.len() > 1 { series.band(low, high) } else { series }
}

fn count(values: &[f64], yes: fn(f64) -> bool) -> usize {
    values.iter().filter(|value| yes(**value)).count()
}
