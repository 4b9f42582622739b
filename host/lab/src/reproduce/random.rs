//! Figures 3 and 4: random schedules under the bound and around it, and the schedules of their mean.
//!
//! As an episode of the paper does, these runs end once F < 10.

use tinynmf::error::Result;
use tinynmf_core::Rule;
use tinynmf_core::rule::{Around, Bound, Random};

use super::course::{Course, spread};
use super::fixed::INSTANCE;
use super::lab::{Lab, Order};
use super::plate::{self, Claim, Plate, Table, Verdict, short};
use super::record::{self, Choice, Fate, Record};
use super::rivals::{self, AT_THE_BOUND};
use super::setup::{SOLVED, Setup};
use crate::plot::{Figure, Lines, Series};

/// Epochs of the example.
const EXAMPLE: usize = 100;

/// The two ways of drawing.
#[derive(Debug, Clone, Copy)]
struct Way {
    id: &'static str,
    title: &'static str,
    paper: &'static str,
    name: &'static str,
    /// The mean of α, as a share of 2/L.
    mean: f32,
}

const WAYS: [Way; 2] = [
    Way {
        id: "3",
        title: "Random schedules under the bound",
        paper: "25 trials with α uniform in (0, 2/L): one schedule, the mean loss with its variance beside the run at \
                the bound; random schedules are said to follow the loss curve of their mean α.",
        name: "random",
        mean: 0.5,
    },
    Way {
        id: "4",
        title: "Random schedules around the bound",
        paper: "The same with α uniform within ±50 % around 2/L.",
        name: "around",
        mean: AT_THE_BOUND,
    },
];

/// Runs that a figure needs.
#[must_use]
pub fn count(setup: &Setup) -> u64 {
    setup.trials + 3 * setup.repeats + rivals::rivals().len() as u64
}

/// Figure 3 or Figure 4.
///
/// # Errors
///
/// The errors of [`Lab::runs`].
///
/// # Panics
///
/// Never: the parameters are in range.
pub fn plate(lab: &Lab<'_>, figure: usize) -> Result<Plate> {
    const RANGE: &str = "parameters in their range";
    let way = WAYS[figure - 3];
    let rule: Rule<'static> =
        if figure == 3 { Random.into() } else { Around::new(0.5).expect(RANGE).into() };
    let share = |share: f32| Choice::Rule(Bound::new(share).expect(RANGE).into());
    let orders = |name: &str, choice: Choice, count: u64| {
        let order = |seed| Order {
            name: format!("{name}-seed{seed}"),
            choice: choice.clone(),
            instance: INSTANCE,
            seed,
            end: SOLVED,
        };
        (0..count).map(order).collect::<Vec<_>>()
    };
    let trials = lab.runs(orders(way.name, Choice::Rule(rule), lab.setup.trials))?;
    let mean = [0, 1].map(|factor| {
        let kept = trials.iter().filter(|run| run.fate() == Fate::Descended);
        let alphas: Vec<f32> = kept.flat_map(|run| run.alphas(factor)).copied().collect();
        record::mean(&alphas) as f32
    });
    let shares = |it: f32| lab.runs(orders(&format!("share-{it}"), share(it), lab.setup.repeats));
    let (bound, of_mean) = (shares(AT_THE_BOUND)?, shares(way.mean)?);
    let name = format!("mean-until-solved-of-{}", way.name);
    // Without a single run that descends there is no mean.
    let constant = if mean.iter().all(|alpha| *alpha > 0.0) {
        lab.runs(orders(&name, Choice::Each(mean), lab.setup.repeats))?
    } else {
        Vec::new()
    };
    let rules = lab.runs(rivals::orders(INSTANCE))?;
    let trials = Trials { lab, way, random: trials, bound, of_mean, constant, mean, rules };
    Ok(trials.plate())
}

struct Trials<'a> {
    lab: &'a Lab<'a>,
    way: Way,
    random: Vec<Record>,
    /// Runs at the bound.
    bound: Vec<Record>,
    /// At the mean share of 2/L, which moves with L.
    of_mean: Vec<Record>,
    /// Runs at the mean α, constant.
    constant: Vec<Record>,
    mean: [f32; 2],
    rules: Vec<Record>,
}

impl Trials<'_> {
    fn plate(&self) -> Plate {
        let Way { id, title, paper, mean, .. } = self.way;
        let courses =
            [&self.random, &self.bound, &self.of_mean, &self.constant].map(|runs| Course::of(runs));
        let [random, bound, of_mean, constant] = &courses;
        let [share, fixed, at] = [of_mean, constant, bound].map(|other| random.distance(other));
        let (within, behind) = (random.spread(), random.behind(bound));
        let failed =
            |runs: &[Record]| runs.iter().filter(|run| run.fate() != Fate::Descended).count();
        let solved =
            |runs: &[Record]| spread(runs.iter().map(|run| run.solved_or_late(self.lab.setup)));
        let measured = vec![
            format!(
                "{} of {} random runs did not descend, and {} of {} at their constant mean α. That mean, until the problem is \
                 solved, is {} (W) and {} (H).",
                failed(&self.random),
                self.random.len(),
                failed(&self.constant),
                self.constant.len(),
                short(self.mean[0].into()),
                short(self.mean[1].into())
            ),
            format!(
                "Distance of the random runs' mean of ln F from that of others (root mean square over the epochs until \
                 both have solved the problem): {} to the runs at {mean} of the bound, the mean of the draw; {} to \
                 constant runs at the mean α; {} to runs at the bound. The deviation of ln F over the random runs is {}.",
                short(share),
                short(fixed),
                short(at),
                short(within)
            ),
            format!(
                "Epochs to F < 10: {} at random, {} at the bound, {} at the mean share of it, {} at the constant mean α \
                 ({} counts for never).",
                solved(&self.random),
                solved(&self.bound),
                solved(&self.of_mean),
                solved(&self.constant),
                self.lab.setup.epochs + 1
            ),
        ];
        let follow = Claim {
            claim: if id == "3" {
                "Random schedules under the bound follow the loss curve of their mean α."
            } else {
                "Random schedules around the bound follow the loss curve of their mean α."
            },
            verdict: Verdict::of(share <= within, share > 2.0 * within),
            evidence: format!(
                "The random runs' mean of ln F is {} away from runs at the mean share of 2/L; single random runs are {} away \
                 from their mean. From runs at the constant mean α it is {}.",
                short(share),
                short(within),
                if failed(&self.constant) == self.constant.len() {
                    "far away: they diverge".to_owned()
                } else {
                    format!("{} away", short(fixed))
                }
            ),
            figure: id,
        };
        let better = Claim {
            claim: if id == "3" {
                "The run at the bound is slightly better than random schedules under it."
            } else {
                "The run at the bound is slightly better than random schedules around it."
            },
            verdict: Verdict::of(behind > 0.01, behind < -0.01),
            evidence: format!(
                "Until both have solved the problem, F of the random runs is {} times that of the run at the bound. \
                 Epochs to F < 10: {} at random, {} at the bound.",
                short(behind.exp()),
                solved(&self.random),
                solved(&self.bound)
            ),
            figure: id,
        };
        let groups =
            ["random, seed 0", "bound, seed 0", "mean share, seed 0", "constant mean α, seed 0"];
        let firsts = [&self.random, &self.bound, &self.of_mean, &self.constant];
        let firsts = groups
            .into_iter()
            .zip(firsts)
            .filter_map(|(name, runs)| runs.first().map(|run| (name.to_owned(), run)));
        Plate {
            id,
            title,
            paper,
            measured,
            picture: self.picture(&courses),
            curves: curves(&courses, self.lab.setup),
            summary: Table::of_runs(firsts.chain(self.named_rules()), self.lab.setup.epochs),
            claims: vec![follow, better],
        }
    }

    fn picture(&self, [random, bound, of_mean, constant]: &[Course; 4]) -> Figure {
        let example = &self.random[0];
        let first = |values: &[f32]| -> Vec<f64> {
            values.iter().take(EXAMPLE).map(|value| f64::from(*value)).collect()
        };
        let schedule = Lines::new("A schedule: α of W, seed 0", "epoch", "α")
            .series(Series::new("random", first(&example.alpha[0])).step())
            .series(Series::new("2/L", first(&example.bound[0])));
        let end = plate::shown(self.random.iter().chain(&self.of_mean), self.lab.setup);
        let mean = Lines::new("Loss: mean of ln F, bands of one deviation", "epoch", "F")
            .log_y()
            .limits(plate::losses(example))
            .reference(SOLVED.into(), "solved")
            .series(random.series("random", end, None).emphasised())
            .series(bound.series("bound", end, None))
            .series(of_mean.series("mean share", end, None))
            .series(constant.series("constant mean α", end, None));
        let rules: Vec<_> = self.named_rules().collect();
        let [by_epoch, by_time] = plate::rules(&rules, self.lab.setup);
        let seconds = 1e-3 * example.milliseconds();
        Figure::new(format!("Figure {}", self.way.id))
            .caption(self.way.title)
            .row([schedule, mean])
            .row([
                by_epoch.series(random.series("random", end, None).emphasised()),
                by_time.series(random.series("random", end, Some(seconds)).emphasised()),
            ])
    }

    /// The rules beside, the run at the bound first.
    fn named_rules(&self) -> impl Iterator<Item = (String, &Record)> {
        rivals::rivals().into_iter().map(|(name, _)| name.to_owned()).zip(&self.rules)
    }
}

fn curves(courses: &[Course; 4], setup: &Setup) -> Table {
    let mut table = Table::new(&["epoch"]);
    for name in ["random", "bound", "mean share", "constant mean α"] {
        table.header.extend(["mean", "deviation"].map(|of| format!("{name}: {of} of ln F")));
    }
    let epochs = courses[0].epochs.iter().enumerate();
    for (index, epoch) in epochs.filter(|(_, epoch)| setup.written(**epoch)) {
        let number =
            |column: &[f64]| column.get(index).map_or(String::new(), |x| format!("{x:.6}"));
        let numbers = courses.iter().flat_map(|it| [number(&it.mean), number(&it.deviation)]);
        table.row(std::iter::once(epoch.to_string()).chain(numbers));
    }
    table
}
