//! Medians, interquartile means and their bootstrap intervals.

use std::fmt;

use serde::Serialize;
use statrs::statistics::{Data, OrderStatistics};
use tinynmf_core::random::{Stream, generator, uniform};

/// Resamples of a bootstrap.
const RESAMPLES: usize = 1000;

/// A statistic of a sample, with the interval that holds 95 % of its bootstrap resamples (Efron 1979).
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Estimate {
    /// The statistic of the sample.
    pub value: f64,
    /// The 2.5th percentile of the resamples.
    pub low: f64,
    /// The 97.5th percentile of the resamples.
    pub high: f64,
}

impl Estimate {
    /// `statistic` of the instances 0 to `count` − 1, which is given their indices.
    ///
    /// Indices are drawn with replacement, the same ones for every statistic of as many instances; what is paired in
    /// an instance stays paired.
    #[must_use]
    pub fn of(count: usize, statistic: impl Fn(&[usize]) -> f64) -> Self {
        let mut indices: Vec<usize> = (0..count).collect();
        let value = statistic(&indices);
        let mut rng = generator(0, Stream::Start);
        let mut resample = || {
            for index in &mut indices {
                *index = ((f64::from(uniform(&mut rng)) * count as f64) as usize).min(count - 1);
            }
            statistic(&indices)
        };
        let resamples: Vec<f64> = (0..RESAMPLES).map(|_| resample()).collect();
        let [low, high] = [0.025, 0.975].map(|tau| quantile(resamples.clone(), tau));
        Self { value, low, high }
    }

    /// A statistic of some of `values`, by their indices.
    #[must_use]
    pub fn of_values(values: &[f64], statistic: fn(Vec<f64>) -> f64) -> Self {
        Self::of(values.len(), |indices| statistic(indices.iter().map(|i| values[*i]).collect()))
    }

    /// The geometric mean of `ratios`.
    #[must_use]
    pub fn geometric_mean(ratios: impl Iterator<Item = f64>) -> Self {
        let mean = |logs: Vec<f64>| logs.iter().sum::<f64>() / logs.len() as f64;
        let logs: Vec<f64> = ratios.map(f64::ln).collect();
        let Self { value, low, high } = Self::of_values(&logs, mean);
        Self { value: value.exp(), low: low.exp(), high: high.exp() }
    }
}

impl fmt::Display for Estimate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.2} ({:.2}–{:.2})", self.value, self.low, self.high)
    }
}

/// The quantile at `tau` (Hyndman & Fan 1996, type 8); NaN of nothing.
#[must_use]
pub fn quantile(values: Vec<f64>, tau: f64) -> f64 {
    Data::new(values).quantile(tau)
}

/// The median; the mean of the two middle ones where their number is even.
#[must_use]
pub fn median(values: Vec<f64>) -> f64 {
    quantile(values, 0.5)
}

/// The interquartile mean: of the values without the lowest and the highest quarter, each rounded down.
#[must_use]
pub fn interquartile_mean(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let quarter = values.len() / 4;
    let middle = &values[quarter..values.len() - quarter];
    middle.iter().sum::<f64>() / middle.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-9
    }

    #[test]
    fn known_data_have_their_known_statistics() {
        assert!(close(median(vec![5.0, 1.0, 9.0]), 5.0));
        assert!(close(median(vec![4.0, 1.0, 2.0, 9.0]), 3.0));
        assert!(close(interquartile_mean(vec![100.0, 2.0, 3.0, 4.0, 5.0, 0.0, 4.0, -7.0]), 3.25));
        assert!(close(interquartile_mean(vec![1.0, 2.0, 6.0]), 3.0));
        let hundred: Vec<f64> = (1..=101).map(f64::from).collect();
        // At (101 + 1/3)·0.95 + 1/3 of the sorted values.
        assert!(close(quantile(hundred, 0.95), 96.6));
    }

    #[test]
    fn the_interval_of_a_mean_is_that_of_the_normal_law() {
        // 400 values of standard deviation 2/√12: the mean's is 0.0289, the half interval 0.0566.
        let values: Vec<f64> = (0..400).map(|k| (f64::from(k) + 0.5) / 200.0).collect();
        let mean = |values: Vec<f64>| values.iter().sum::<f64>() / values.len() as f64;
        let it = Estimate::of_values(&values, mean);
        assert!(close(it.value, 1.0));
        assert!((it.value - it.low - 0.0566).abs() < 0.006, "{it:?}");
        assert!((it.high - it.value - 0.0566).abs() < 0.006, "{it:?}");
    }

    #[test]
    fn one_instance_has_an_interval_of_no_width() {
        let it = Estimate::of_values(&[3.0], median);
        assert!(close(it.low, 3.0) && close(it.value, 3.0) && close(it.high, 3.0));
    }

    #[test]
    fn pairs_stay_together() {
        let (a, b) = ([1.0, 2.0, 30.0, 4.0], [2.0, 4.0, 60.0, 8.0]);
        let sum = |x: &[f64], of: &[usize]| of.iter().map(|i| x[*i]).sum::<f64>();
        let it = Estimate::of(4, |of| sum(&a, of) / sum(&b, of));
        assert!(close(it.low, 0.5) && close(it.high, 0.5));
    }
}
