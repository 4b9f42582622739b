//! Watches a factorisation: what it costs, how far it got, when it has got there, and the best so far.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};

use tinynmf_core::penalty::Penalties;
use tinynmf_core::{Epoch, HalfStep, Matrix, Outcome, Run};

use super::seen::{Observer, Seen};
use super::{Factorization, Point};
use crate::matrix::transposed;
use crate::source::Source;

/// Epochs' worth of work between two sums of F over all of V, where moves do not tell it: each takes half an epoch, 5 %.
const STRIDE: f64 = 10.0;

/// The same where moves do tell it, up to what rounding adds up.
const LONG_STRIDE: f64 = 50.0;

/// F relative to ½‖V‖² below which f32 has nothing left to gain: a residual of 2⁻²¹ an entry.
const ROUNDING: f64 = 1.0 / (1u64 << 42) as f64;

/// How far apart two sums of F may lie, relative to it, that differ by rounding alone: four units in the last place of f32.
const EQUAL: f64 = 1.0 / (1u64 << 21) as f64;

/// An epoch costs this much at least, so that runs in which nothing moves end, too.
const LEAST_COST: f64 = 1e-2;

/// When a start ends, and what is minimised.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Epochs' worth of multiply-adds.
    pub cost: f64,
    /// Relative to F, over one epoch's worth.
    pub tol: f64,
    /// Penalties on the factors, terms of F.
    pub penalties: Penalties,
}

/// The record of one start.
pub(super) struct Watch {
    shape: [usize; 2],
    rank: usize,
    density: f64,
    majorized: bool,
    norm_squared: f64,
    limits: Limits,
    start: usize,
    epoch: u32,
    cost: f64,
    /// The objective, if it is known.
    level: Option<f64>,
    /// Cost and objective of the last sum over all of V, and whether nothing was gained since the one before.
    summed: (f64, f64, bool),
    /// Costs and decreases of the last epochs on all of V, one epoch's worth at least.
    window: VecDeque<[f64; 2]>,
    best: (f64, Vec<f32>, Vec<f32>),
    lowest: f64,
    history: Vec<Point>,
    converged: bool,
    stopped: bool,
}

impl Watch {
    /// Looks at the start.
    pub fn new<V: Source, M: Matrix>(
        v: &V,
        run: &Run<'_, M>,
        rank: usize,
        limits: Limits,
        start: usize,
    ) -> Self {
        let objective = f64::from(run.objective());
        Self {
            shape: [run.w(), run.h()].map(|x| x.len() / rank),
            rank,
            density: v.density(),
            majorized: v.majorized(),
            norm_squared: v.norm_squared(),
            limits,
            start,
            epoch: 0,
            cost: 0.0,
            level: Some(objective),
            summed: (0.0, objective, false),
            window: VecDeque::new(),
            best: (objective, run.w().to_vec(), run.h().to_vec()),
            lowest: objective,
            history: vec![Point { epoch: 0, cost: 0.0, objective: objective as f32 }],
            converged: false,
            stopped: false,
        }
    }

    /// Takes note of an epoch; breaks where it should be the last.
    pub fn see<M: Matrix>(
        &mut self,
        run: &Run<'_, M>,
        epoch: &Epoch,
        observer: Option<&Observer<'_>>,
        stop: &AtomicBool,
    ) -> ControlFlow<()> {
        let cost = self.cost_of(epoch).max(LEAST_COST);
        self.epoch += 1;
        self.cost += cost;
        let halves = [&epoch.w, &epoch.h];
        let all = halves.iter().all(|half| half.share >= 1.0);
        let still = halves.iter().all(|half| half.outcome != Outcome::Stepped);
        if all && !self.majorized {
            let change: f64 = halves.iter().map(|half| f64::from(half.change.loss())).sum();
            self.moved(run, cost, -change);
        } else {
            self.window.clear();
            self.level = None;
            if self.cost - self.summed.0 >= STRIDE {
                self.sum(run);
            }
        }
        self.converged |= all && still;
        if let Some(level) = self.level {
            self.converged |= level <= ROUNDING * 0.5 * self.norm_squared;
            let objective = level as f32;
            self.history.push(Point { epoch: self.epoch, cost: self.cost, objective });
        }
        let seen = Seen {
            start: self.start,
            epoch: self.epoch,
            cost: self.cost,
            objective: self.level.map(|level| level as f32),
            shares: halves.map(|half| half.share),
            moves: halves.map(|half| half.moves.as_slice()),
        };
        if observer.is_some_and(|observer| observer(&seen).is_break()) {
            stop.store(true, Ordering::Relaxed);
        }
        self.stopped = stop.load(Ordering::Relaxed);
        let lost = self.level.is_some_and(|level| !level.is_finite());
        if self.converged || self.stopped || lost || self.cost >= self.limits.cost {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }

    /// An epoch on all of V: its moves tell what it gained, without cancellation.
    fn moved<M: Matrix>(&mut self, run: &Run<'_, M>, cost: f64, gained: f64) {
        match self.level {
            Some(level) if self.cost - self.summed.0 < LONG_STRIDE => {
                if gained < 0.0 && self.best.0 > level {
                    // Moves that may raise F: from here on every sum is worth its price.
                    self.sum(run);
                } else {
                    self.level = Some(level - gained);
                }
            }
            _ => self.sum(run),
        }
        self.window.push_back([cost, gained]);
        let total = |window: &VecDeque<[f64; 2]>, at: usize| window.iter().map(|it| it[at]).sum();
        let mut span: f64 = total(&self.window, 0);
        while self.window.front().is_some_and(|first| span - first[0] >= 1.0) {
            span -= self.window.pop_front().map_or(0.0, |first| first[0]);
        }
        let gains: f64 = total(&self.window, 1);
        let level = self.level.unwrap_or(f64::NAN);
        self.converged |= span >= 1.0 && gains.abs() <= self.limits.tol * level * span;
    }

    /// Sums F over all of V, and keeps the factors if they are the best.
    fn sum<M: Matrix>(&mut self, run: &Run<'_, M>) {
        let objective = f64::from(run.objective());
        let (cost, before, waited) = self.summed;
        let flat = (before - objective) <= self.limits.tol * objective * (self.cost - cost);
        if self.level.is_none() && self.cost - cost >= STRIDE {
            // Between samples: twice in a row, since one sample may be unlucky.
            self.converged |= flat && waited;
        }
        self.summed = (self.cost, objective, flat);
        self.level = Some(objective);
        // Of those that are equal as far as f32 tells, the last: a board, which keeps no other, has the same.
        self.lowest = self.lowest.min(objective);
        if objective <= self.lowest * (1.0 + EQUAL) {
            self.best.0 = objective;
            self.best.1.copy_from_slice(run.w());
            self.best.2.copy_from_slice(run.h());
        }
    }

    /// The cost of an epoch, in epochs on all of V.
    fn cost_of(&self, epoch: &Epoch) -> f64 {
        let [m, n] = self.shape.map(|x| x as f64);
        let r = self.rank as f64;
        let whole = 2.0 * m * n * r * self.density + 0.5 * (m + n) * r * r;
        // Core counts k·|S|·r for the products of a half-step.
        let absent = |half: &HalfStep| {
            let counted = if half.cost > 0 { m * n * r * f64::from(half.share) } else { 0.0 };
            half.cost as f64 - (1.0 - self.density) * counted
        };
        (absent(&epoch.w) + absent(&epoch.h)) / whole
    }

    /// The result: the best of what was seen and what is there.
    pub fn finish<M: Matrix>(mut self, run: &Run<'_, M>) -> Factorization {
        if self.epoch > 0 {
            self.level = None;
            let waited = self.converged;
            self.sum(run);
            self.converged = waited;
            let objective = self.summed.1 as f32;
            let last = Point { epoch: self.epoch, cost: self.cost, objective };
            self.history.pop_if(|point| point.epoch == last.epoch);
            self.history.push(last);
        }
        let (first, last) = (self.history[0].objective, self.summed.1 as f32);
        // Samples may lift F off a good start for a while; what diverges ends above F of W = 0, or there.
        let nothing = 0.5 * self.norm_squared;
        let diverged = last.is_nan() || last > first && f64::from(last) >= 0.99 * nothing;
        let (objective, w, h) = self.best;
        let [rows, columns] = self.shape;
        let Penalties { w: of_w, h: of_h } = self.limits.penalties;
        let loss = (objective - f64::from(of_w.of(&w) + of_h.of(&h))) as f32;
        Factorization {
            rows,
            columns,
            rank: self.rank,
            h: transposed(&h, self.rank),
            w,
            loss,
            objective: objective as f32,
            relative_error: (2.0 * f64::from(loss) / self.norm_squared).sqrt() as f32,
            history: self.history,
            epochs: self.epoch,
            cost: self.cost,
            converged: self.converged && !diverged,
            diverged,
            stopped: self.stopped,
            start: self.start,
        }
    }
}
