//! Score of a run: epochs and multiply-adds to three gaps, and the gap at the end.

use serde::Serialize;
use tinynmf::trajectory::Trajectory;

/// The gaps (F − F_best)/(F₀ − F_best) that epochs are counted to.
pub const TAUS: [f64; 3] = [1e-1, 1e-2, 1e-3];

/// The place in [`TAUS`] that rules are tuned for and compared by.
pub const MAIN_TAU: usize = 1;

/// Last gaps are limited to this range: below it f32 cannot tell losses apart, above it a run is merely lost.
pub const GAPS: [f64; 2] = [1e-6, 1e6];

/// The number that a suite compares runs by; less is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Measure {
    /// Epochs until the gap is at most 10⁻².
    Epochs,
    /// Multiply-adds until the gap is at most 10⁻².
    Cost,
    /// The gap after the last epoch.
    Gap,
}

/// Score of one run.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Score {
    /// The first epoch with a gap of at most each of [`TAUS`]; T + 1 where it was not reached within T.
    pub epochs: [f64; 3],
    /// Multiply-adds until then: of samples, moves, tried steps and decisions, and of F where a rule needs it. Where a gap was
    /// not reached, those of one epoch more than the run had.
    pub cost: [f64; 3],
    /// The gap after the last epoch, within [`GAPS`].
    pub gap: f64,
    /// See [`Trajectory::diverged`].
    pub diverged: bool,
}

impl Score {
    /// The score of a run of T epochs, given F_best.
    #[must_use]
    pub fn of(run: &Trajectory, best: f32) -> Self {
        let late = run.loss.len();
        let epochs = TAUS.map(|tau| run.epochs_to(best, tau).unwrap_or(late) as f64);
        let all = run.cost.last().map_or(0.0, |cost| *cost as f64);
        let failed = all * late as f64 / (late.max(2) - 1) as f64;
        let cost = TAUS.map(|tau| run.cost_to(best, tau).map_or(failed, |cost| cost as f64));
        let [low, high] = GAPS;
        // No number at all is the worst.
        let gap = run.gaps(best).last().filter(|gap| *gap < high).unwrap_or(high).max(low);
        Self { epochs, cost, gap, diverged: run.diverged() }
    }
}

impl Measure {
    /// The number that counts.
    #[must_use]
    pub fn of(self, score: &Score) -> f64 {
        match self {
            Self::Epochs => score.epochs[MAIN_TAU],
            Self::Cost => score.cost[MAIN_TAU],
            Self::Gap => score.gap,
        }
    }

    /// Whether a run failed: it came to no gap within `horizon` epochs, or ended above its start.
    #[must_use]
    pub fn is_failure(self, score: &Score, horizon: u32) -> bool {
        match self {
            Self::Epochs | Self::Cost => score.epochs[MAIN_TAU] > f64::from(horizon),
            Self::Gap => score.gap >= 1.0,
        }
    }

    /// The measure in a few words.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Epochs => "epochs until the gap is at most 1e-2",
            Self::Cost => "multiply-adds until the gap is at most 1e-2",
            Self::Gap => "gap after the last epoch",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn score(loss: &[f32], best: f32) -> Score {
        Score::of(&Trajectory { loss: loss.to_vec(), ..Trajectory::default() }, best)
    }

    #[test]
    fn a_known_run_has_its_known_score() {
        // Gaps 1, 0.5, 0.1, 0.009, 0.02.
        let it = score(&[1001.0, 501.0, 101.0, 10.0, 21.0], 1.0);
        assert_eq!(it.epochs.map(|t| t as usize), [2, 3, 5]);
        assert!((it.gap - 0.02).abs() < 1e-9 && !it.diverged);
        assert!((Measure::Epochs.of(&it) - 3.0).abs() < 1e-9);
        assert!((Measure::Gap.of(&it) - 0.02).abs() < 1e-9);
    }

    #[test]
    fn what_is_not_reached_counts_as_one_epoch_more_than_there_are() {
        assert_eq!(score(&[2.0, 2.0, 2.0], 1.0).epochs.map(|t| t as usize), [3; 3]);
        let run =
            Trajectory { loss: vec![2.0; 3], cost: vec![0, 70, 100], ..Trajectory::default() };
        let it = Score::of(&run, 1.0);
        assert!((Measure::Cost.of(&it) - 150.0).abs() < 1e-9);
        assert!(Measure::Epochs.is_failure(&it, 2) && !Measure::Epochs.is_failure(&it, 3));
        let run = Trajectory { loss: vec![2.0, 1.0, 1.0], ..run };
        assert!((Measure::Cost.of(&Score::of(&run, 1.0)) - 70.0).abs() < 1e-9);
    }

    #[test]
    fn the_last_gap_has_limits() {
        let gap = |last: f32, best: f32| score(&[2.0, last], best).gap;
        assert!((gap(1.0, 1.0) - 1e-6).abs() < 1e-12);
        for (last, best) in [(1e8, 1.0), (f32::NAN, 1.0), (f32::INFINITY, 1.0), (2.0, 2.0)] {
            assert!((gap(last, best) - 1e6).abs() < 1e-6);
        }
        assert!(score(&[2.0, f32::NAN], 1.0).diverged);
    }
}
