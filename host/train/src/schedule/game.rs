//! An episode of mode schedule, half-step by half-step: whoever decides is asked from outside.

use tinynmf::nmf_vec::NmfVec;
use tinynmf_core::Open;
use tinynmf_core::observe::SCHEDULE_OBSERVATIONS;
use tinynmf_core::policy::SCHEDULE_OUTPUTS;
use tinynmf_core::random::Rng;
use tinynmf_core::rule::Decision;
use tinynmf_core::situation::Before;
use tinynmf_core::{Data, Factor, HalfStep, Run, Schedule, Subproblem};

use super::episode::{CHEAPEST, Environment, Told};

/// An episode under way.
#[derive(Debug, Clone)]
pub struct Game<'e> {
    environment: &'e Environment,
    data: Data<'e, f32>,
    memory: NmfVec,
    /// W's half of an epoch of which H's is to come.
    w: Option<HalfStep>,
    cost: f32,
    /// The log of the cost that was paid for.
    spent: f32,
    /// F over all of V after the last epoch.
    loss: f32,
    /// ln g of it.
    gap: f32,
    over: bool,
}

impl<'e> Game<'e> {
    /// A game at the start of the problem.
    #[must_use]
    pub fn new(environment: &'e Environment) -> Self {
        let (data, memory) = (environment.problem.data(), environment.problem.memory());
        let (spent, gap) = (libm::logf(CHEAPEST), libm::logf(environment.told.ceiling));
        let loss = environment.first;
        Self { environment, data, memory, w: None, cost: 0.0, spent, loss, gap, over: false }
    }

    /// Whether the budget is spent, or the problem solved.
    #[must_use]
    pub fn over(&self) -> bool {
        self.over
    }

    /// The logarithm of the gap after the last epoch, within its floor and ceiling; only training knows it.
    #[must_use]
    pub fn log_gap(&self) -> f32 {
        self.gap
    }

    /// The cost of all epochs, in full ones.
    #[must_use]
    pub fn cost(&self) -> f32 {
        self.cost
    }

    /// The factor whose half-step comes next.
    #[must_use]
    pub fn factor(&self) -> Factor {
        if self.w.is_none() { Factor::W } else { Factor::H }
    }

    /// W (m × r, row by row) and H (r × n, column by column).
    #[must_use]
    pub fn factors(&self) -> [&[f32]; 2] {
        [self.memory.w(), self.memory.h()]
    }

    /// Observations before the next half-step.
    pub fn observe(&mut self) -> [f32; SCHEDULE_OBSERVATIONS] {
        self.situation(Decision::observe)
    }

    /// Shows the situation before the next half-step to `look`.
    pub fn situation<T>(&mut self, look: impl FnOnce(&Before<'_>) -> T) -> T {
        let factor = self.factor();
        look(&self.run().before(factor))
    }

    /// Makes a half-step as a policy of these outputs would, which is charged `cost` multiply-adds for them; the reward.
    pub fn decide(&mut self, outputs: [f32; SCHEDULE_OUTPUTS], cost: u64) -> f32 {
        self.half_step(&mut Outside::new(outputs, cost))
    }

    /// Makes a half-step; the reward, which H's gets for its whole epoch.
    pub fn half_step(&mut self, schedule: &mut impl Schedule) -> f32 {
        let factor = self.factor();
        let half = self.run().half_step(schedule, factor);
        match self.w.take() {
            None => {
                self.w = Some(half);
                0.0
            }
            Some(w) => self.end_epoch(&w, &half),
        }
    }

    fn end_epoch(&mut self, w: &HalfStep, h: &HalfStep) -> f32 {
        let Environment { unit, told, .. } = self.environment;
        let Told { budget, floor, last, .. } = *told;
        self.cost += (w.cost + h.cost) as f32 / unit;
        // The change by a half-step on all of V is exact.
        let exact = w.share >= 1.0 && h.share >= 1.0;
        self.loss =
            if exact { self.loss + (w.change.loss() + h.change.loss()) } else { self.run().loss() };
        let now = self.environment.log_gap(self.loss);
        let (log_cost, end) = (libm::logf(self.cost), libm::logf(budget));
        let solved = exact && now <= libm::logf(floor);
        let mut reward = 0.0;
        if log_cost > self.spent {
            let upto = if solved { end.max(log_cost) } else { log_cost.min(end) };
            reward -= 0.5 * (self.gap + now) * (log_cost.min(end) - self.spent);
            reward -= now * (upto - log_cost.min(end));
            self.spent = log_cost.min(end);
        }
        self.gap = now;
        self.over = solved || self.cost >= budget;
        if self.over {
            reward -= last * now;
        }
        reward
    }

    fn run(&mut self) -> Run<'_, Data<'e, f32>> {
        self.memory.run(self.data).expect("the memory was made for this shape")
    }
}

/// A schedule whose outputs are decided outside; it plays as a policy with these outputs does.
#[derive(Debug, Clone)]
pub struct Outside {
    /// The outputs, for every half-step.
    pub outputs: [f32; SCHEDULE_OUTPUTS],
    cost: u64,
    decision: Option<Decision>,
}

impl Outside {
    /// Makes half-steps of these outputs, each charged `cost` multiply-adds for them.
    #[must_use]
    pub fn new(outputs: [f32; SCHEDULE_OUTPUTS], cost: u64) -> Self {
        Self { outputs, cost, decision: None }
    }
}

impl Schedule for Outside {
    fn share(&mut self, before: &Before<'_>) -> f32 {
        self.decision.insert(Decision::new(self.outputs, before)).share
    }

    fn passes(&self) -> bool {
        true
    }

    fn moves<S: Subproblem>(&mut self, open: &mut Open<'_, S>, _: &mut Rng) {
        open.charge(self.cost);
        if let Some(decision) = &self.decision {
            decision.moves(open);
        }
    }
}
