//! Curves cut where they have gaps and where they leave the axis.

use std::ops::Range;

use super::lines::{Lines, Series};

/// A point on the axes: x, and the position on the vertical axis.
pub(super) type Point = (f64, f64);

/// The parts of a curve that lie within `range`, with its steps made explicit.
pub(super) fn visible(lines: &Lines, series: &Series, range: &Range<f64>) -> Vec<Vec<Point>> {
    let points: Vec<Point> =
        series.x.iter().zip(&series.y).map(|(&x, &y)| (x, lines.position(y))).collect();
    let unbroken = points.split(|(x, y)| x.is_nan() || y.is_nan());
    unbroken.flat_map(|part| clip(&with_steps(part, series.step), range)).collect()
}

fn with_steps(part: &[Point], step: bool) -> Vec<Point> {
    let mut path: Vec<Point> = Vec::new();
    for &(x, y) in part {
        if step && let Some(&(_, held)) = path.last() {
            path.push((x, held));
        }
        path.push((x, y));
    }
    path
}

/// The parts of a path that lie within the range.
fn clip(path: &[Point], range: &Range<f64>) -> Vec<Vec<Point>> {
    if let [(x, y)] = *path {
        let inside = (range.start..=range.end).contains(&y);
        return if inside { vec![vec![(x, y)]] } else { Vec::new() };
    }
    let mut parts: Vec<Vec<Point>> = Vec::new();
    for pair in path.windows(2) {
        let (from, to) = (pair[0], pair[1]);
        if from.1.max(to.1) < range.start || from.1.min(to.1) > range.end {
            continue;
        }
        let (start, end) = (cut(from, to, range), cut(to, from, range));
        match parts.last_mut().filter(|part| part.last() == Some(&start)) {
            Some(part) => part.push(end),
            None => parts.push(vec![start, end]),
        }
    }
    parts
}

/// `point` moved along the line to `other` until it lies in the range; from infinity the line falls straight down.
fn cut(point: Point, other: Point, range: &Range<f64>) -> Point {
    let y = point.1.clamp(range.start, range.end);
    let share = (y - point.1) / (other.1 - point.1);
    let x = if range.contains(&point.1) || other.1.is_infinite() {
        point.0
    } else if point.1.is_infinite() {
        other.0
    } else {
        point.0 + share * (other.0 - point.0)
    };
    (x, y)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(y: &[f64]) -> Vec<Vec<Point>> {
        visible(&Lines::default(), &Series::new("", y.iter().copied()), &(0.0..10.0))
    }

    #[test]
    fn breaks_at_gaps() {
        let parts = shown(&[1.0, 2.0, f64::NAN, 3.0, f64::NAN]);
        assert_eq!(parts, [vec![(0.0, 1.0), (1.0, 2.0)], vec![(3.0, 3.0)]]);
        assert!(shown(&[]).is_empty());
    }

    #[test]
    fn runs_to_the_edge_and_comes_back() {
        let parts = shown(&[5.0, 15.0, 30.0, -10.0]);
        assert_eq!(parts, [vec![(0.0, 5.0), (0.5, 10.0)], vec![(2.5, 10.0), (2.75, 0.0)]]);
    }

    #[test]
    fn goes_straight_up_to_infinity() {
        let parts = shown(&[4.0, f64::INFINITY, f64::INFINITY]);
        assert_eq!(parts, [vec![(0.0, 4.0), (0.0, 10.0)]]);
        let parts = shown(&[f64::INFINITY, 4.0]);
        assert_eq!(parts, [vec![(1.0, 10.0), (1.0, 4.0)]]);
    }

    #[test]
    fn holds_each_value_of_a_step_curve() {
        let series = Series::new("", [1.0, 3.0]).step();
        let parts = visible(&Lines::default(), &series, &(0.0..10.0));
        assert_eq!(parts, [vec![(0.0, 1.0), (1.0, 1.0), (1.0, 3.0), (2.0, 3.0), (2.0, 3.0)]]);
    }

    #[test]
    fn zero_lies_below_a_logarithmic_axis() {
        let lines = Lines::default().log_y();
        let parts = visible(&lines, &Series::new("", [10.0, 0.0]), &(0.0..2.0));
        assert_eq!(parts, [vec![(0.0, 1.0), (0.0, 0.0)]]);
    }
}
