//! The half-step from outside: whoever holds it looks at the situation, moves, looks again and closes it.

use crate::Factor;
use crate::bound;
use crate::float::{log, ratio};
use crate::random::Rng;
use crate::situation::{Memories, Memory, Progress, Situation};
use crate::step::moves::Moves;
use crate::step::record::{HalfStep, Outcome};
use crate::step::sample::Sample;
use crate::step::step_rule::StepRule;
use crate::subproblem::{Change, Slope, Subproblem};

/// A half-step under way: V was asked, moves may follow.
#[derive(Debug)]
pub struct Open<'a, S: Subproblem> {
    subproblem: S,
    factor: Factor,
    progress: &'a mut Progress,
    own: &'a mut Memory,
    other: &'a Memory,
    sample: Sample,
    record: HalfStep,
    /// F at X, of the sample; `None` until it was asked for.
    loss: Option<f32>,
    /// log(F before the moves / F after the half-step before).
    surprise: f32,
    /// F before the first sweep − F after it.
    first_gain: f32,
    /// Whether X₀ was taken note of.
    remembered: bool,
}

impl<'a, S: Subproblem> Open<'a, S> {
    /// Looks at the sample that `subproblem` stands for.
    #[must_use]
    pub fn begin(
        mut subproblem: S,
        factor: Factor,
        progress: &'a mut Progress,
        memories: &'a mut Memories,
        sample: Sample,
    ) -> Self {
        let (own, other) = match factor {
            Factor::W => (&mut memories.w, &memories.h),
            Factor::H => (&mut memories.h, &memories.w),
        };
        let alive = subproblem.sample();
        let record = HalfStep {
            rate: 0.0,
            bound: 0.0,
            lipschitz: 0.0,
            slope: Slope::default(),
            change: Change::default(),
            moves: Moves::default(),
            extrapolation: 0.0,
            share: sample.share,
            idle: 0,
            cost: 0,
            outcome: if alive { Outcome::Stationary } else { Outcome::OtherFactorZero },
        };
        // Two half-steps in a row on all of V: F did not change in between.
        let exact = sample.share >= 1.0 && other.share >= 1.0;
        let loss = other.loss.filter(|_| exact);
        Self {
            subproblem,
            factor,
            progress,
            own,
            other,
            sample,
            record,
            loss,
            surprise: 0.0,
            first_gain: 0.0,
            remembered: false,
        }
    }

    /// Whether the other factor has any entry in the sample, so that there is something to do.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        self.record.outcome != Outcome::OtherFactorZero
    }

    /// Which factor moves.
    #[must_use]
    pub fn factor(&self) -> Factor {
        self.factor
    }

    /// Where the run stands.
    #[must_use]
    pub fn progress(&self) -> &Progress {
        self.progress
    }

    /// Memories of this factor and of the other one.
    #[must_use]
    pub fn memories(&self) -> [&Memory; 2] {
        [self.own, self.other]
    }

    /// The record so far.
    #[must_use]
    pub fn record(&self) -> &HalfStep {
        &self.record
    }

    /// The factor's half of the problem.
    #[must_use]
    pub fn subproblem(&self) -> &S {
        &self.subproblem
    }

    /// log(F on the new sample before any move / F on the last sample after its moves): how much samples differ. 0
    /// until F is known.
    #[must_use]
    pub fn surprise(&self) -> f32 {
        self.surprise
    }

    /// F before the first sweep − F after it, which no look at F is needed for; 0 before it.
    #[must_use]
    pub fn first_gain(&self) -> f32 {
        self.first_gain
    }

    /// k·r², what an image XA costs.
    fn image_cost(&self) -> u64 {
        let [k, rank] = self.subproblem.shape().map(|x| x as u64);
        k.saturating_mul(rank * rank)
    }

    fn spend(&mut self, cost: u64) {
        self.record.cost = self.record.cost.saturating_add(cost);
    }

    /// Adds to the cost what a schedule spent on its decision, in multiply-adds; the sample is paid for first.
    pub fn charge(&mut self, cost: u64) {
        self.pay();
        self.spend(cost);
    }

    /// The sample's A and P are paid for with the first look at X.
    fn pay(&mut self) {
        if self.record.cost == 0 {
            self.spend(self.sample.cost);
        }
    }

    /// F at X, of the sample: free where the last half-step left it, else k·r² multiply-adds and the sample's norm.
    pub fn loss(&mut self) -> f32 {
        if let Some(loss) = self.loss {
            return loss;
        }
        self.pay();
        self.spend(self.image_cost().saturating_add(self.sample.norm_cost));
        let loss = self.subproblem.loss();
        self.know(loss);
        loss
    }

    /// Takes note of F before any move.
    fn know(&mut self, loss: f32) {
        self.loss = Some(loss);
        if self.record.moves.is_empty() {
            self.record.slope.loss = loss;
            if let Some(last) = self.other.loss {
                self.surprise = ratio(loss, last).map_or(0.0, log);
            }
        }
        if self.progress.first_loss <= 0.0 {
            self.progress.first_loss = loss;
        }
    }

    /// One gradient step X ← max(0, X − αG) with the α of `rule`; ends the half-step's moves.
    ///
    /// L and G come first; no step is taken where none would move X. An α that is not a positive finite number is
    /// replaced by 1/L. 3k·r² multiply-adds, k·r² for every step that the rule tries, and its
    /// decision.
    pub fn step(&mut self, rule: &mut impl StepRule, rng: &mut Rng) {
        if !self.is_alive() {
            return;
        }
        self.pay();
        self.spend(2 * self.image_cost());
        let lipschitz = self.subproblem.lipschitz();
        let slope = self.subproblem.gradient();
        self.record.lipschitz = lipschitz;
        self.record.bound = bound::bound(lipschitz);
        self.record.slope = slope;
        self.know(slope.loss);
        if slope.free_norm_squared <= 0.0 {
            return;
        }
        let situation = Situation {
            factor: self.factor,
            progress: *self.progress,
            lipschitz,
            slope,
            own: self.own,
            other: self.other,
            exponent: self.subproblem.exponent(),
        };
        // One copy of a rule's code for every kind of subproblem: they ask little of it.
        let mut subproblem: &mut dyn Subproblem = &mut self.subproblem;
        let rate = rule.rate(&situation, &mut subproblem, rng);
        let decision = rule.cost();
        let rate = ratio(rate, 1.0).unwrap_or(situation.safe_rate());
        let change = self.subproblem.step(rate);
        let images = u64::from(self.subproblem.images());
        self.spend(images.saturating_mul(self.image_cost()).saturating_add(decision));
        self.record.rate = rate;
        self.record.change.add_move(&change);
        self.record.outcome = Outcome::Stepped;
        self.loss = Some(slope.loss + change.loss());
        self.own.record(rate, lipschitz, &slope, &change);
    }

    /// One sweep with the relaxation ω; returns what it changed.
    ///
    /// Counts as a move where the other factor has any entry. k·r² multiply-adds.
    pub fn sweep(&mut self, relaxation: f32) -> Change {
        if !self.is_alive() {
            return Change::default();
        }
        self.pay();
        self.spend(self.image_cost());
        if self.progress.first_loss <= 0.0 && self.own.steps == 0 {
            // Once in a run, so that there is something to compare with; a stream has nothing of the kind.
            self.loss();
        }
        if self.record.moves.is_empty() {
            self.record.idle = self.subproblem.idle().min(usize::from(u16::MAX)) as u16;
            if let Some(loss) = self.loss {
                self.know(loss);
            }
        }
        let change = self.subproblem.sweep(relaxation);
        if let Some(loss) = &mut self.loss {
            *loss += change.loss();
        }
        if self.record.moves.is_empty() {
            self.first_gain = -change.loss();
        }
        self.record.change.add_move(&change);
        self.record.moves.push(relaxation);
        self.record.outcome = Outcome::Stepped;
        change
    }

    /// Takes note of X, for [`Open::extrapolate`] after the sweeps; whether there is memory for it.
    pub fn remember(&mut self) -> bool {
        self.remembered = self.is_alive() && self.subproblem.remember();
        self.remembered
    }

    /// X ← max(0, X + β(X − X₀)), with the X₀ that was remembered, unless F gives back more than half of what the sweeps
    /// gained, or no X₀ was; whether it was done. k·r² multiply-adds.
    pub fn extrapolate(&mut self, beta: f32) -> bool {
        if !self.remembered {
            return false;
        }
        self.spend(self.image_cost());
        let gained = -self.record.change.loss();
        let change = self.subproblem.extrapolate(beta, 0.5 * gained);
        if let Some(change) = change {
            if let Some(loss) = &mut self.loss {
                *loss += change.loss();
            }
            self.record.change.add_move(&change);
            self.record.extrapolation = beta;
        }
        change.is_some()
    }

    /// Ends without another move.
    pub fn close(self) -> HalfStep {
        let Self { subproblem, own, record, loss, surprise, first_gain, .. } = self;
        own.share = record.share;
        own.loss = loss;
        own.surprise = surprise;
        if !record.moves.is_empty() {
            own.record_sweeps(&record, loss, first_gain);
        }
        record.scaled(subproblem.exponent())
    }
}
