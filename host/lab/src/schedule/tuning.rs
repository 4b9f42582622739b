//! One setting for all families, chosen on problems that are not reported.

use rayon::prelude::*;

use super::contenders::{Contender, GRIDS, combinations};
use super::course::Course;
use super::problems::Group;

/// Contenders with their scores, best first: the mean over problems of the mean ln(cost) to the three gaps, and of
/// ln(last loss / lowest of all), limited to 1, once more.
///
/// Policies and rules are scored alike, on the same problems.
#[must_use]
pub fn rank<'p>(groups: &[Group], contenders: Vec<Contender<'p>>) -> Vec<(f64, Contender<'p>)> {
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
#[must_use]
pub fn settings() -> Vec<Contender<'static>> {
    let of = |(name, axes): (&'static str, &[&[f32]])| {
        combinations(axes).into_iter().map(move |it| Contender::Rule(name, it)).collect::<Vec<_>>()
    };
    GRIDS.into_iter().flat_map(of).collect()
}
