//! One setting for all families, chosen on problems that are not reported.

use std::fmt::Write as _;

use rayon::prelude::*;
use tinynmf::seeds::Purpose;

use super::contenders::{Contender, GRIDS, combinations};
use super::course::Course;
use super::problems::{self, Group};

/// Settings of a hand-set rule that are shown with their scores.
const SHOWN: usize = 3;

/// The scores on `count` problems of every family as a table, all policies' and each rule's best three; and the best
/// policy and each rule's best setting.
#[must_use]
pub fn choose(count: usize, policies: Vec<Contender<'_>>) -> (String, Vec<Contender<'_>>) {
    let problems = problems::drawn(Purpose::Tuning, count);
    let ranked = rank(&problems, policies.into_iter().chain(settings()).collect());
    let mut text = format!(
        "Scores on {count} tuning problems a family, lower is better:\n\n| | score |\n|---|---:|\n"
    );
    let mut best = Vec::new();
    for kind in [None].into_iter().chain(GRIDS.map(|it| Some(it.0))) {
        let is = |it: &Contender<'_>| match it {
            Contender::Policy(..) => kind.is_none(),
            Contender::Rule(name, _) => kind == Some(*name),
            Contender::AHals | Contender::EAHals | Contender::Oracle(_) => false,
        };
        let them: Vec<_> = ranked.iter().filter(|(_, it)| is(it)).collect();
        let shown = if kind.is_none() { them.len() } else { SHOWN };
        for (score, it) in them.iter().take(shown) {
            _ = writeln!(text, "| {} | {score:.3} |", it.name());
        }
        best.extend(them.first().map(|(_, it)| it.clone()));
    }
    (text + "\n", best)
}

/// Contenders with their scores, best first: the mean over problems of the mean ln(cost) to the three gaps, and of
/// ln(last loss / lowest of all), limited to 1, once more.
///
/// Policies and rules are scored alike, on the same problems.
fn rank<'p>(groups: &[Group], contenders: Vec<Contender<'p>>) -> Vec<(f64, Contender<'p>)> {
    let problems: Vec<_> = groups.iter().flat_map(|group| &group.problems).collect();
    let courses: Vec<Vec<Course>> = problems
        .par_iter()
        .map(|problem| contenders.iter().map(|it| it.play(problem)).collect())
        .collect();
    let mut scores = vec![0.0; contenders.len()];
    for courses in &courses {
        let best = courses.iter().map(Course::lowest).fold(f32::INFINITY, f32::min);
        for (score, course) in scores.iter_mut().zip(courses) {
            *score += value(course, best) / problems.len() as f64;
        }
    }
    let mut ranked: Vec<_> = scores.into_iter().zip(contenders).collect();
    ranked.sort_by(|a, b| a.0.total_cmp(&b.0));
    ranked
}

fn value(course: &Course, best: f32) -> f64 {
    let costs = course.costs(best).map(|cost| f64::from(cost).ln());
    let excess = f64::from(course.last() / best.max(f32::MIN_POSITIVE)).ln().clamp(0.0, 1.0);
    costs.iter().sum::<f64>() / 3.0 + excess
}

/// Every setting of every grid.
fn settings() -> Vec<Contender<'static>> {
    let of = |(name, axes): (&'static str, &[&[f32]])| {
        combinations(axes).into_iter().map(move |it| Contender::Rule(name, it)).collect::<Vec<_>>()
    };
    GRIDS.into_iter().flat_map(of).collect()
}
