//! The course of a run: losses, rates and bounds of every epoch, and how far it got.

use std::ops::ControlFlow;

use tinynmf_core::{Error, HalfStep, Matrix, Run, Schedule, Settings};

use crate::nmf_vec::NmfVec;
use crate::play::play;

/// The record of T epochs.
#[derive(Debug, Clone, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Trajectory {
    /// F = ½‖V − WH‖²_F over all of V: T + 1 values, the start's first.
    pub loss: Vec<f32>,
    /// α of the W half-steps, T values; 0 where none was taken.
    pub alpha_w: Vec<f32>,
    /// α of the H half-steps, T values; 0 where none was taken.
    pub alpha_h: Vec<f32>,
    /// 2/L of the W half-steps, T values; 0 where H was zero.
    pub bound_w: Vec<f32>,
    /// 2/L of the H half-steps, T values; 0 where W was zero.
    pub bound_h: Vec<f32>,
    /// Multiply-adds of all that was done until then, [`Trajectory::loss`] not counted: T + 1 values, 0 first.
    pub cost: Vec<u64>,
    /// The share of V's columns that the W half-steps looked at, T values.
    pub share_w: Vec<f32>,
    /// The share of V's rows that the H half-steps looked at, T values.
    pub share_h: Vec<f32>,
    /// The moves of the W half-steps, T lists: relaxations of sweeps, or the rate of a gradient step.
    pub moves_w: Vec<Vec<f32>>,
    /// The moves of the H half-steps, T lists.
    pub moves_h: Vec<Vec<f32>>,
    /// β of the extrapolations of W, T values; 0 where there was none.
    pub extrapolation_w: Vec<f32>,
    /// β of the extrapolations of H, T values.
    pub extrapolation_h: Vec<f32>,
    /// Whether the last epoch left W or H without an entry above zero.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub collapsed: bool,
}

impl Trajectory {
    /// Bytes that an epoch takes.
    pub const BYTES: usize = 5 * size_of::<f32>();

    /// Columns of [`Trajectory::rows`].
    pub const COLUMNS: [&str; 6] = ["epoch", "loss", "alpha_w", "alpha_h", "bound_w", "bound_h"];

    /// Does `epochs` epochs of `run` under `rule`; `each` is called after every one.
    pub fn record<M: Matrix>(
        run: &mut Run<'_, M>,
        rule: &mut impl Schedule,
        epochs: u32,
        mut each: impl FnMut(),
    ) -> Self {
        let mut record = Self { loss: vec![run.loss()], cost: vec![0], ..Self::default() };
        play(run, rule, epochs, |run, epoch| {
            record.alpha_w.push(epoch.w.rate);
            record.alpha_h.push(epoch.h.rate);
            record.bound_w.push(epoch.w.bound);
            record.bound_h.push(epoch.h.bound);
            let so_far = record.cost.last().copied().unwrap_or(0);
            record.cost.push(so_far.saturating_add(epoch.w.cost.saturating_add(epoch.h.cost)));
            record.share_w.push(epoch.w.share);
            record.share_h.push(epoch.h.share);
            record.moves_w.push(moves(&epoch.w));
            record.moves_h.push(moves(&epoch.h));
            record.extrapolation_w.push(epoch.w.extrapolation);
            record.extrapolation_h.push(epoch.h.extrapolation);
            record.loss.push(run.loss());
            each();
            ControlFlow::Continue(())
        });
        let is_zero = |factor: &[f32]| factor.iter().all(|x| *x <= 0.0);
        record.collapsed = is_zero(run.w()) || is_zero(run.h());
        record
    }

    /// Does the whole run of `settings` on `matrix` from the start that its seed gives.
    ///
    /// # Errors
    ///
    /// [`Error::Rank`], [`Error::BatchShare`].
    pub fn of<M: Matrix>(
        matrix: M,
        rank: usize,
        rule: &mut impl Schedule,
        settings: Settings,
        each: impl FnMut(),
    ) -> Result<Self, Error> {
        let mut nmf = NmfVec::new(matrix.rows(), matrix.columns(), rank, settings)?;
        Ok(Self::record(&mut nmf.run(matrix)?, rule, settings.horizon, each))
    }

    /// The loss of the start.
    #[must_use]
    pub fn first_loss(&self) -> f32 {
        self.loss.first().copied().unwrap_or(f32::NAN)
    }

    /// The loss after the last epoch.
    #[must_use]
    pub fn last_loss(&self) -> f32 {
        self.loss.last().copied().unwrap_or(f32::NAN)
    }

    /// The lowest loss of all, infinite if none is a number.
    #[must_use]
    pub fn lowest_loss(&self) -> f32 {
        self.loss.iter().copied().fold(f32::INFINITY, f32::min)
    }

    /// Whether a loss was not finite, or the run ended above its start or with a factor that is zero.
    #[must_use]
    pub fn diverged(&self) -> bool {
        let finite = self.loss.iter().all(|loss| loss.is_finite());
        !finite || self.last_loss() > self.first_loss() || self.collapsed
    }

    /// (F − F_best)/(F₀ − F_best) of the start and after every epoch; NaN where F₀ is not above F_best.
    pub fn gaps(&self, best: f32) -> impl Iterator<Item = f64> + '_ {
        let best = f64::from(best);
        let span = f64::from(self.first_loss()) - best;
        let span = if span > 0.0 { span } else { f64::NAN };
        self.loss.iter().map(move |loss| (f64::from(*loss) - best) / span)
    }

    /// The first epoch with a gap of at most `tau`, counted from the start at 0.
    #[must_use]
    pub fn epochs_to(&self, best: f32, tau: f64) -> Option<usize> {
        self.gaps(best).position(|gap| gap <= tau)
    }

    /// The multiply-adds until the gap is at most `tau`.
    #[must_use]
    pub fn cost_to(&self, best: f32, tau: f64) -> Option<u64> {
        self.cost.get(self.epochs_to(best, tau)?).copied()
    }

    /// The record as a table: an epoch, the loss after it, and the rates and bounds that led there.
    ///
    /// The start, epoch 0, has a loss only.
    pub fn rows(&self) -> impl Iterator<Item = [String; 6]> + '_ {
        self.loss.iter().enumerate().map(|(epoch, loss)| {
            let cell = |column: &[f32]| {
                let value = epoch.checked_sub(1).and_then(|before| column.get(before));
                value.map_or(String::new(), f32::to_string)
            };
            let [alpha_w, alpha_h] = [cell(&self.alpha_w), cell(&self.alpha_h)];
            let [bound_w, bound_h] = [cell(&self.bound_w), cell(&self.bound_h)];
            [epoch.to_string(), loss.to_string(), alpha_w, alpha_h, bound_w, bound_h]
        })
    }

    /// αL = 2α/(2/L) of the W and the H half-steps; NaN where there is no bound.
    #[must_use]
    pub fn scaled_rates(&self) -> [Vec<f32>; 2] {
        let scaled = |alpha: &[f32], bound: &[f32]| {
            alpha.iter().zip(bound).map(|(alpha, bound)| 2.0 * alpha / bound).collect()
        };
        [scaled(&self.alpha_w, &self.bound_w), scaled(&self.alpha_h, &self.bound_h)]
    }
}

/// The relaxations of a half-step's sweeps, or the rate of its gradient step.
fn moves(step: &HalfStep) -> Vec<f32> {
    let sweeps = step.moves.as_slice().iter().copied();
    sweeps.chain((step.rate > 0.0).then_some(step.rate)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tinynmf_core::Data;
    use tinynmf_core::rule::Bound;

    fn of(loss: &[f32]) -> Trajectory {
        Trajectory { loss: loss.to_vec(), ..Trajectory::default() }
    }

    #[test]
    fn counts_epochs_to_a_gap() {
        let run = of(&[11.0, 3.0, 2.0, 1.05, 1.5]);
        assert_eq!(run.epochs_to(1.0, 0.2), Some(1));
        assert_eq!(run.epochs_to(1.0, 1e-1), Some(2));
        assert_eq!(run.epochs_to(1.0, 1e-2), Some(3));
        assert_eq!(run.epochs_to(1.0, 1e-3), None);
        assert_eq!(of(&[1.0, 2.0]).epochs_to(1.0, 0.1), None);
        assert_eq!(of(&[2.0, f32::NAN, 1.0]).epochs_to(1.0, 0.1), Some(2));
    }

    #[test]
    fn tells_divergence_from_a_detour() {
        assert!(!of(&[2.0, 3.0, 1.0]).diverged());
        assert!(of(&[2.0, 1.0, 3.0]).diverged());
        assert!(of(&[2.0, f32::INFINITY, 1.0]).diverged());
        assert!(of(&[2.0, f32::NAN]).diverged());
        assert!(Trajectory { collapsed: true, ..of(&[2.0, 1.0]) }.diverged());
    }

    #[test]
    fn records_every_epoch() {
        let data = Data::new(&[9_u8, 0, 3, 8, 0, 3, 0, 7, 7, 9, 7, 9], 4, 3, 1.0).unwrap();
        let settings = Settings { horizon: 30, ..Settings::default() };
        let mut seen = 0;
        let mut rule = Bound::new(0.5).unwrap();
        let run = Trajectory::of(data, 2, &mut rule, settings, || seen += 1).unwrap();
        assert_eq!((run.loss.len(), run.alpha_w.len(), run.bound_h.len(), seen), (31, 30, 30, 30));
        assert!(run.loss.is_sorted_by(|a, b| a >= b) && !run.diverged());
        for rates in run.scaled_rates() {
            assert!(rates.iter().all(|rate| (rate - 1.0).abs() < 1e-6));
        }
    }
}
