//! Runs that differ in nothing but chance, as one curve.

use super::plate::short;
use super::record::{Fate, Record};
use super::setup::SOLVED;
use crate::plot::Series;

/// Mean and deviation of ln F over runs, where it was measured; runs that were lost are left out.
pub struct Course {
    /// Where it was measured.
    pub epochs: Vec<usize>,
    /// The mean of ln F.
    pub mean: Vec<f64>,
    /// Its standard deviation over the runs.
    pub deviation: Vec<f64>,
}

impl Course {
    /// Of runs that were measured at the same epochs; one that ended earlier stays at its last loss.
    #[must_use]
    pub fn of(runs: &[Record]) -> Self {
        let kept: Vec<_> = runs.iter().filter(|run| run.fate() == Fate::Descended).collect();
        let longest = kept.iter().map(|run| run.loss.len()).max().unwrap_or(0);
        let mut course = Self { epochs: Vec::new(), mean: Vec::new(), deviation: Vec::new() };
        for epoch in 0..longest {
            let losses =
                kept.iter().map(|run| run.loss.get(epoch).copied().unwrap_or(run.last_loss()));
            let logs: Vec<f64> =
                losses.filter(|loss| !loss.is_nan()).map(|loss| f64::from(loss).ln()).collect();
            if logs.len() < kept.len() {
                continue;
            }
            let count = logs.len() as f64;
            let mean = logs.iter().sum::<f64>() / count;
            let squares: f64 = logs.iter().map(|log| (log - mean).powi(2)).sum();
            course.epochs.push(epoch);
            course.mean.push(mean);
            course.deviation.push((squares / (count - 1.0).max(1.0)).sqrt());
        }
        course
    }

    /// The index after the last one before the problem is solved for good on average.
    fn end(&self) -> usize {
        let open = |log: &f64| *log >= f64::from(SOLVED).ln();
        self.mean.iter().rposition(open).map_or(0, |last| last + 1)
    }

    /// The differences to another course after the start and until both have solved the problem.
    fn differences(&self, other: &Self) -> impl Iterator<Item = f64> {
        let end = self.end().max(other.end());
        self.mean.iter().zip(&other.mean).take(end).skip(1).map(|(a, b)| a - b)
    }

    /// Root mean square of the differences.
    #[must_use]
    pub fn distance(&self, other: &Self) -> f64 {
        mean(self.differences(other).map(|x| x * x)).sqrt()
    }

    /// Mean of the differences: ln of how many times the other's loss this one has.
    #[must_use]
    pub fn behind(&self, other: &Self) -> f64 {
        mean(self.differences(other))
    }

    /// Root mean square of the deviation until the problem is solved.
    #[must_use]
    pub fn spread(&self) -> f64 {
        mean(self.deviation.iter().take(self.end()).skip(1).map(|x| x * x)).sqrt()
    }

    /// The epochs up to `end`, by epoch or, at so many seconds an epoch, by time; shaded by a deviation.
    #[must_use]
    pub fn series(&self, name: &str, end: f64, seconds: Option<f64>) -> Series {
        let shown = self.epochs.iter().take_while(|epoch| **epoch as f64 <= end).count();
        let points = self.epochs.iter().zip(&self.mean).take(shown);
        let at = |epoch: &usize| *epoch as f64 * seconds.unwrap_or(1.0);
        let series = Series::points(name, points.map(|(epoch, mean)| (at(epoch), mean.exp())));
        let edge = |sign: f64| {
            let edge = self.mean.iter().zip(&self.deviation).take(shown);
            edge.map(move |(mean, deviation)| (mean + sign * deviation).exp())
        };
        if seconds.is_some() { series } else { series.band(edge(-1.0), edge(1.0)) }
    }
}

/// NaN of nothing, as where all runs were lost.
fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let values: Vec<f64> = values.collect();
    values.iter().sum::<f64>() / values.len() as f64
}

/// The median with the range, like `31 (28 to 40)`.
#[must_use]
pub fn spread(values: impl Iterator<Item = f64>) -> String {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let middle = values.get(values.len() / 2).copied().unwrap_or(f64::NAN);
    match values[..] {
        [low, .., high] if low < high => {
            format!("{} ({} to {})", short(middle), short(low), short(high))
        }
        _ => short(middle),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(losses: &[f32]) -> Record {
        Record { loss: losses.to_vec(), ..Record::default() }
    }

    #[test]
    fn courses_are_means_of_logarithms_until_both_are_solved() {
        let course = Course::of(&[
            run(&[800.0, 100.0, f32::NAN, 20.0, 4.0]),
            run(&[800.0, 400.0, f32::NAN, 20.0, 0.25]),
            run(&[800.0, 900.0]),
        ]);
        assert_eq!(course.epochs, [0, 1, 3, 4]);
        let two = 2f64.ln();
        assert!((course.mean[1] - 200f64.ln()).abs() < 1e-6);
        assert!((course.deviation[1] - two * 2f64.sqrt()).abs() < 1e-6);
        // The last epoch, where both are below 10, does not count.
        let other = Course::of(&[run(&[800.0, 100.0, f32::NAN, 20.0, 1e-9])]);
        let ended = Course::of(&[run(&[800.0, 9.0]), run(&[800.0, 90.0, 9.0])]);
        assert!((ended.mean[2] - 9f64.ln()).abs() < 1e-6);
        assert!((course.distance(&other) - two / 2f64.sqrt()).abs() < 1e-6);
        assert!((course.behind(&other) - two / 2.0).abs() < 1e-6);
        assert!((course.spread() - two).abs() < 1e-6);
        assert_eq!(spread([3.0, 1.0, 2.0].into_iter()), "2.00 (1.00 to 3.00)");
        assert_eq!(spread([3.0, 3.0].into_iter()), "3.00");
    }
}
