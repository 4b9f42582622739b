//! Ratios of costs with their intervals, as Markdown tables.

use std::fmt::Write as _;

use serde::Serialize;

use super::contenders::Contender;
use super::course::Course;
use super::problems::Group;
use super::race::Race;
use super::{BUDGET, GAPS};
use crate::evaluate::statistics::{Estimate, median};

/// Scores of every contender on every problem of a group.
#[derive(Debug, Clone, Serialize)]
pub struct Results {
    /// Name of the group.
    pub name: String,
    /// Contender by contender, problem by problem: cost to the three gaps.
    pub costs: Vec<Vec<[f32; 3]>>,
    /// Contender by contender, problem by problem: the last loss over the lowest of all.
    pub last: Vec<Vec<f32>>,
    /// Of the first contender: half-steps in which its safeguard acted, and half-steps.
    pub guarded: [usize; 2],
}

/// Plays everybody on the problems of a group.
#[must_use]
pub fn results(group: &Group, contenders: &[Contender<'_>]) -> Results {
    let race = Race::play(group, contenders);
    let places = 0..contenders.len();
    let first = || race.courses.iter().map(|them| &them[0]);
    let over = |(it, best): (&Course, f32)| it.last() / best.max(f32::MIN_POSITIVE);
    Results {
        guarded: [
            first().map(|it| it.guarded as usize).sum(),
            first().map(|it| 2 * it.share.len()).sum(),
        ],
        name: race.name.clone(),
        costs: places
            .clone()
            .map(|at| race.of(at).map(|(it, best)| it.costs(best)).collect())
            .collect(),
        last: places.map(|at| race.of(at).map(over).collect()).collect(),
    }
}

/// All tables of some groups: with HALS = 1, with `growing` = 1 if it takes part, group by group; and how often the first
/// contender's safeguard acted.
#[must_use]
pub fn section(title: &str, names: &[String], all: &[Results]) -> String {
    let mut text = format!("## {title}\n");
    for reference in ["hals", "growing"] {
        if let Some(place) = names.iter().position(|name| name.starts_with(reference)) {
            _ = write!(text, "\n{}", overall(names, all, place));
        }
    }
    let [acted, of] = all.iter().fold([0, 0], |[a, b], it| [a + it.guarded[0], b + it.guarded[1]]);
    _ = writeln!(
        text,
        "\n{}\nThe safeguard acted in {acted} of {of} half-steps of {}.\n",
        by_group(names, all),
        names[0]
    );
    text
}

/// One table: contenders by geometric means of the ratio of their cost to `reference`'s, over all problems.
#[must_use]
pub fn overall(names: &[String], all: &[Results], reference: usize) -> String {
    let mut text = format!("| cost, {} = 1 |", names[reference]);
    GAPS.iter().for_each(|gap| _ = write!(text, " to {gap} |"));
    text += " not reached (to 0.001) | last loss / best, median | within 1 % |\n|---|---:|---:|---:|---:|---:|---:|\n";
    for (place, name) in names.iter().enumerate() {
        _ = write!(text, "| {name} |");
        for gap in 0..GAPS.len() {
            let all = all.iter().flat_map(|it| ratios(it, gap, place, reference));
            _ = write!(text, " {} |", Estimate::geometric_mean(all));
        }
        let costs = || all.iter().flat_map(|it| &it.costs[place]);
        let missed = costs().filter(|costs| costs[2] >= BUDGET).count() as f64;
        let last: Vec<f64> =
            all.iter().flat_map(|it| &it.last[place]).map(|x| f64::from(*x)).collect();
        let within = last.iter().filter(|x| **x <= 1.01).count() as f64 / last.len() as f64;
        _ = writeln!(
            text,
            " {:.0} % | {:.3} | {:.0} % |",
            100.0 * missed / costs().count() as f64,
            median(last),
            100.0 * within
        );
    }
    text
}

/// One table: groups by the median costs to 10⁻² and 10⁻³ of every contender, and their median last loss over the best.
#[must_use]
pub fn by_group(names: &[String], all: &[Results]) -> String {
    let mut text = String::from("| cost to 10⁻² / 10⁻³, last loss / best |");
    names.iter().for_each(|name| _ = write!(text, " {name} |"));
    text += "\n|---|";
    names.iter().for_each(|_| text += "---:|");
    for results in all {
        _ = write!(text, "\n| {} |", results.name);
        for place in 0..names.len() {
            let of = |gap: usize| {
                median(results.costs[place].iter().map(|costs| f64::from(costs[gap])).collect())
            };
            let number = |cost: f64| {
                if cost >= f64::from(BUDGET) { "–".to_owned() } else { format!("{cost:.1}") }
            };
            let last = median(results.last[place].iter().map(|x| f64::from(*x)).collect());
            _ = write!(text, " {} / {}, {last:.2} |", number(of(1)), number(of(2)));
        }
    }
    text + "\n"
}

fn ratios(it: &Results, gap: usize, own: usize, other: usize) -> impl Iterator<Item = f64> + '_ {
    let pairs = it.costs[own].iter().zip(&it.costs[other]);
    pairs.map(move |(own, other)| f64::from(own[gap]) / f64::from(other[gap]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_are_paired_and_tables_say_them() {
        let costs = vec![vec![[1.0, 2.0, 4.0], [3.0, 6.0, 100.0]], vec![[2.0, 4.0, 8.0]; 2]];
        let last = vec![vec![1.0, 1.2], vec![1.0, 1.005]];
        let all = [Results { name: "g".into(), costs, last, guarded: [1, 20] }];
        let text = overall(&["a".into(), "b".into()], &all, 1);
        // √(½ · 1½) = 0.87.
        assert!(text.contains("| a | 0.87 (0.50–1.50)"), "{text}");
        assert!(text.contains("50 % | 1.100 | 50 % |") && text.contains("| b | 1.00 (1.00–1.00)"));
        assert!(by_group(&["a".into(), "b".into()], &all).contains("| g | 4.0 / 52.0, 1.10 |"));
    }
}
