//! An episode of mode paper, epoch by epoch: whoever decides is asked from outside.

use tinynmf::descent::Descent;
use tinynmf_core::random::Rng;
use tinynmf_core::rule::StepRule;
use tinynmf_core::situation::Situation;
use tinynmf_core::{Epoch, Subproblem};

use super::{Environment, OBSERVATIONS, Paper};
use crate::mode::Mode;

/// Who chooses the actions.
pub trait Decide {
    /// The action for what is observed, before its limits; asked once an epoch, unless both factors are zero.
    fn decide(&mut self, observed: [f32; OBSERVATIONS]) -> f32;
}

/// An episode under way.
#[derive(Debug, Clone)]
pub struct Game<'e> {
    paper: &'e Paper,
    run: Descent<'e>,
    /// Rows, the first ones, that the loss is measured on.
    rows: usize,
    horizon: u32,
    /// Epochs done.
    done: u32,
    first: f32,
    best: f32,
    loss: f32,
    over: bool,
    /// α of the last epoch, if anybody was asked for it.
    alpha: Option<f32>,
    last: Option<Epoch>,
    /// Observations before the next epoch, once somebody looked.
    seen: Option<[f32; OBSERVATIONS]>,
}

impl<'e> Game<'e> {
    pub(super) fn new(environment: &'e Environment, mut run: Descent<'e>) -> Self {
        let (problem, paper) = (environment.problem(), &environment.paper);
        let rows = (paper.sample * problem.rows as f32).ceil() as usize;
        let first = run.loss_of(rows);
        Self {
            paper,
            run,
            rows,
            horizon: problem.settings.horizon,
            done: 0,
            first,
            best: first,
            loss: first,
            over: false,
            alpha: None,
            last: None,
            seen: None,
        }
    }

    /// Whether the problem is solved, the factors diverged, or the horizon is reached.
    #[must_use]
    pub fn over(&self) -> bool {
        self.over
    }

    /// F after the last epoch; `high`·F₀ for a divergence.
    #[must_use]
    pub fn loss(&self) -> f32 {
        self.loss
    }

    /// Epochs done.
    #[must_use]
    pub fn epochs(&self) -> u32 {
        self.done
    }

    /// α of the last epoch; `None` if it took no step.
    #[must_use]
    pub fn alpha(&self) -> Option<f32> {
        self.alpha
    }

    /// 2/L of the last epoch's half-steps.
    #[must_use]
    pub fn bounds(&self) -> [f32; 2] {
        self.last.map_or([0.0; 2], |Epoch { w, h }| [w.bound, h.bound])
    }

    /// The rates that the last epoch's half-steps took.
    #[must_use]
    pub fn rates(&self) -> [f32; 2] {
        self.last.map_or([0.0; 2], |Epoch { w, h }| [w.rate, h.rate])
    }

    /// W (m × r, row by row) and H (r × n, column by column).
    #[must_use]
    pub fn factors(&self) -> [&[f32]; 2] {
        [self.run.w(), self.run.h()]
    }

    /// Observations before the next epoch; `None` once the episode is over, or before [`Game::look`].
    #[must_use]
    pub fn seen(&self) -> Option<[f32; OBSERVATIONS]> {
        self.seen
    }

    /// Makes the next epoch up to its question, which [`Game::epoch`] then goes on from; an epoch that asks nothing ends the episode: what it earned.
    pub fn look(&mut self) -> f32 {
        if self.over || self.seen.is_some() {
            return 0.0;
        }
        let mut watcher = Watcher(None);
        self.run.look(&mut self.asking(&mut watcher), |asking| asking.alpha.is_some());
        self.seen = watcher.0;
        if self.seen.is_none() { self.epoch(&mut watcher) } else { 0.0 }
    }

    /// Makes an epoch with this action, and goes on to the next decision; the reward.
    pub fn decide(&mut self, action: f32) -> f32 {
        let reward = self.epoch(&mut Told(action));
        reward + self.look()
    }

    /// Makes an epoch as `decide` says; the reward.
    pub fn epoch(&mut self, decide: &mut impl Decide) -> f32 {
        let mut rule = self.asking(decide);
        let epoch = self.run.epoch(&mut rule);
        self.alpha = rule.alpha;
        self.last = Some(epoch);
        self.seen = None;
        self.done += 1;
        let (loss, limit) = (self.run.loss_of(self.rows), self.paper.high * self.first);
        let diverged = loss.is_nan() || loss > limit;
        self.loss = if diverged { limit } else { loss };
        let solved = self.loss < self.paper.threshold;
        let remaining = (self.horizon - self.done) as f32 / self.horizon as f32;
        let decrease = (self.best - self.loss) / self.best.max(f32::MIN_POSITIVE);
        let Paper { decrease: weight, high, .. } = *self.paper;
        let once = if solved { self.paper.solved } else { 0.0 };
        self.best = self.best.min(self.loss);
        self.over = solved || diverged || self.alpha.is_none() || self.done == self.horizon;
        weight * decrease.max(-high) + (self.paper.remaining + once) * remaining
    }

    fn asking<'d, D: Decide>(&self, decide: &'d mut D) -> Once<'d, D> {
        Once { decide, loss: self.loss, unit: self.paper.unit, alpha: None }
    }
}

/// A decision an epoch, which serves both half-steps.
struct Once<'d, D> {
    decide: &'d mut D,
    /// F at the beginning of the epoch.
    loss: f32,
    unit: f32,
    alpha: Option<f32>,
}

impl<D: Decide> StepRule for Once<'_, D> {
    fn rate<B: Subproblem>(&mut self, at: &Situation<'_>, _: &mut B, _: &mut Rng) -> f32 {
        let alpha = self.alpha.unwrap_or_else(|| {
            let log = |x: f32| libm::logf(x.clamp(f32::MIN_POSITIVE, f32::MAX));
            let [low, high] = Mode::Paper.interface().limits;
            let elapsed = at.progress.epoch as f32 / at.progress.horizon.max(1) as f32;
            let observed = [log(self.loss), elapsed, 0.5 * log(at.slope.norm_squared)];
            (self.unit * self.decide.decide(observed)).clamp(low, high)
        });
        self.alpha = Some(alpha);
        // Core takes 1/L for a rate of 0; the smallest number moves nothing.
        alpha.max(f32::MIN_POSITIVE)
    }
}

/// Keeps what is observed.
struct Watcher(Option<[f32; OBSERVATIONS]>);

impl Decide for Watcher {
    fn decide(&mut self, observed: [f32; OBSERVATIONS]) -> f32 {
        self.0 = Some(observed);
        0.0
    }
}

/// An action that was chosen outside.
struct Told(f32);

impl Decide for Told {
    fn decide(&mut self, _: [f32; OBSERVATIONS]) -> f32 {
        self.0
    }
}
