//! Everybody on the problems of one group.

use std::io::{self, Write};

use rayon::prelude::*;

use super::contenders::Contender;
use super::course::Course;
use super::problems::Group;
use super::{BUDGET, GAPS};
use crate::evaluate::statistics::median;

/// Runs of every contender on every problem of a group.
#[derive(Debug, Clone, PartialEq)]
pub struct Race {
    /// Name of the group.
    pub name: String,
    /// Names of the contenders.
    pub names: Vec<String>,
    /// Problem by problem, contender by contender.
    pub courses: Vec<Vec<Course>>,
    /// The lowest loss of anybody, problem by problem.
    pub best: Vec<f32>,
}

impl Race {
    /// Plays everybody on every problem, on all cores.
    #[must_use]
    pub fn play(group: &Group, contenders: &[Contender<'_>]) -> Self {
        let courses: Vec<Vec<Course>> = group
            .problems
            .par_iter()
            .map(|problem| contenders.par_iter().map(|it| it.play(problem)).collect())
            .collect();
        let lowest =
            |them: &Vec<Course>| them.iter().map(Course::lowest).fold(f32::INFINITY, f32::min);
        Self {
            name: group.name.clone(),
            names: contenders.iter().map(Contender::name).collect(),
            best: courses.iter().map(lowest).collect(),
            courses,
        }
    }

    /// The courses of one contender, problem by problem, each with the lowest loss of anybody.
    pub fn of(&self, contender: usize) -> impl Iterator<Item = (&Course, f32)> {
        self.courses.iter().zip(&self.best).map(move |(them, best)| (&them[contender], *best))
    }

    /// A line a contender, within 80 columns: the median cost to every gap, in full epochs.
    #[must_use]
    pub fn table(&self) -> String {
        let line =
            |name: &str, [a, b, c]: [String; 3]| format!("{name:<34}{a:>10}{b:>10}{c:>10}\n");
        let of = |place: usize, gap: usize| {
            let costs = self.of(place).map(|(it, best)| f64::from(it.costs(best)[gap]));
            let cost = median(costs.collect());
            if cost >= f64::from(BUDGET) { "-".to_owned() } else { format!("{cost:.1}") }
        };
        let head = line("cost to a gap of", GAPS.map(|gap| gap.to_string()));
        let lines = self.names.iter().enumerate();
        let lines = lines.map(|(place, name)| line(name, [0, 1, 2].map(|gap| of(place, gap))));
        [head].into_iter().chain(lines).collect()
    }

    /// Every epoch of every run as CSV: contender, start, epoch, cost, loss, share and sweeps of W's half-step.
    ///
    /// # Errors
    ///
    /// An error of `file`.
    pub fn write_csv(&self, file: &mut dyn Write) -> io::Result<()> {
        writeln!(file, "rule,start,epoch,cost,loss,share_w,sweeps_w")?;
        for (start, courses) in self.courses.iter().enumerate() {
            for (name, it) in self.names.iter().zip(courses) {
                for epoch in 0..it.cost.len() {
                    let (cost, loss) = (it.cost[epoch], it.loss[epoch]);
                    // Nothing was looked at before the first epoch.
                    let moves = epoch.checked_sub(1).map(|before| it.share[before]);
                    let shown = moves.map_or(",".to_owned(), |(s, k)| format!("{s},{k}"));
                    writeln!(file, "\"{name}\",{start},{epoch},{cost},{loss},{shown}")?;
                }
            }
        }
        Ok(())
    }
}
