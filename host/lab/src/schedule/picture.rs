//! Schedules as a picture: the gap, the share of V and the sweeps, over cost.

use super::contenders::Contender;
use super::course::Course;
use super::problems::Group;
use super::race::Race;
use crate::plot::{Figure, Lines, Series};

/// Gaps below this are not shown.
const SMALLEST: f64 = 1e-4;

/// The cost up to which the picture goes, in full epochs.
const SHOWN: f32 = 20.0;

/// A row of three panels for the first problem of every group.
#[must_use]
pub fn figure(groups: &[Group], contenders: &[Contender<'_>]) -> Figure {
    groups.iter().fold(Figure::new(""), |figure, group| {
        let Group { name, problems } = group;
        let first = Group { name: name.clone(), problems: problems[..1].to_vec() };
        figure.row(panels(&Race::play(&first, contenders)))
    })
}

/// Gap, share and sweeps over cost, from the first start; the first contender stands out.
#[must_use]
pub fn panels(race: &Race) -> [Lines; 3] {
    let best = race.best[0];
    let panel = |title: &str, label: &str| Lines::new(title, "cost in full epochs", label);
    let shown = |lines: Lines, first: usize, value: &dyn Fn(&Course, usize) -> f64| {
        race.names.iter().zip(&race.courses[0]).enumerate().fold(
            lines,
            |lines, (place, (name, it))| {
                let places = (first..it.cost.len()).take_while(|at| it.cost[*at] <= SHOWN);
                let points = places.map(|at| (f64::from(it.cost[at]), value(it, at)));
                let series = Series::points(&**name, points);
                lines.series(if place == 0 { series.emphasised() } else { series })
            },
        )
    };
    let gap = |it: &Course, at: usize| {
        f64::from((it.loss[at] - best) / (it.loss[0] - best)).max(SMALLEST)
    };
    [
        shown(panel(&race.name, "gap").log_y().limits(SMALLEST..1.0), 0, &gap),
        shown(panel("", "share of V"), 1, &|it, at| f64::from(it.share[at - 1].0)),
        shown(panel("", "sweeps of W's half-step"), 1, &|it, at| it.share[at - 1].1 as f64),
    ]
}
