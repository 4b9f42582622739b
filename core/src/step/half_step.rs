//! The half-step: a sample of V, then moves, then a record. Written once, for every storage and arithmetic.
//!
//! [`half_step`] asks a [`Schedule`] for the moves. [`Open`] is the same from outside: whoever holds it looks at the
//! situation, moves, looks again and closes it; nothing calls back.

use crate::Factor;
use crate::bound;
use crate::float::{self, log, ratio};
use crate::random::Rng;
use crate::rule::{Schedule, StepRule};
use crate::situation::{Memories, Memory, Progress, Situation};
use crate::step::moves::Moves;
use crate::subproblem::{Change, Slope, Subproblem};

/// How a half-step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Outcome {
    /// The factor was updated.
    Stepped,
    /// Nothing moved: the free gradient is zero, or the schedule asked for no move.
    Stationary,
    /// The other factor is zero, so is the gradient, and there is no bound; nothing was done.
    OtherFactorZero,
}

/// The record of one half-step.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct HalfStep {
    /// α of the gradient step; 0 where none was taken.
    pub rate: f32,
    /// The certified bound 2/L; 0 where the other factor is zero, or no gradient step was considered.
    pub bound: f32,
    /// The certified Lipschitz constant L ≥ λmax(A); 0 where [`HalfStep::bound`] is.
    pub lipschitz: f32,
    /// F and the gradient before the gradient step; of sweeps, F before them where it was known, else 0.
    pub slope: Slope,
    /// What the moves changed, all together.
    pub change: Change,
    /// The relaxations of the sweeps, in their order.
    pub moves: Moves,
    /// The share of the inner indices that were sampled.
    pub share: f32,
    /// Components that no sweep could move, since the other factor has nothing of them.
    pub idle: u16,
    /// Multiply-adds: sample, gram, loss, trials and moves (without the power iteration, 5 to 12 r²).
    pub cost: u64,
    /// How it ended.
    pub outcome: Outcome,
}

impl HalfStep {
    /// The record for V·4ᵉ, where it was made for V.
    #[must_use]
    fn scaled(mut self, exponent: i32) -> Self {
        if exponent != 0 {
            let of_v = |x: &mut f32, power: i32| {
                let scaled = libm::ldexpf(*x, 2 * power * exponent);
                // What V's own units have no number for stays finite, and what is above 0 stays so.
                let least = if *x > 0.0 { f32::from_bits(1) } else { f32::MIN };
                *x = float::limit(scaled, least, f32::MAX);
            };
            of_v(&mut self.rate, -1);
            of_v(&mut self.bound, -1);
            of_v(&mut self.lipschitz, 1);
            let (slope, change) = (&mut self.slope, &mut self.change);
            of_v(&mut slope.loss, 2);
            of_v(&mut slope.norm_squared, 3);
            of_v(&mut slope.free_norm_squared, 3);
            of_v(&mut slope.free_curvature, 4);
            of_v(&mut change.inner, 2);
            of_v(&mut change.curvature, 2);
            of_v(&mut change.norm_squared, 1);
            of_v(&mut change.image_norm_squared, 3);
        }
        self
    }
}

/// What a half-step has looked at, and what that cost.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Sample {
    /// |S|/l.
    pub share: f32,
    /// Multiply-adds of A and P.
    pub cost: u64,
    /// Multiply-adds of ‖V_S‖², where it has to be summed.
    pub norm_cost: u64,
}

impl Sample {
    /// All l inner indices, or `size` of them, for X (k × r).
    ///
    /// ‖V‖² is known; ‖V_S‖² of a part takes k·|S| more.
    #[must_use]
    pub fn new([k, l, rank]: [usize; 3], size: Option<usize>) -> Self {
        let terms = size.map_or(l, |size| size.min(l)) as u64;
        let (k, rank) = (k as u64, rank as u64);
        Self {
            share: if terms < l as u64 { terms as f32 / l as f32 } else { 1.0 },
            cost: k
                .saturating_mul(terms)
                .saturating_mul(rank)
                .saturating_add(terms * rank * rank / 2),
            norm_cost: if size.is_some() { k.saturating_mul(terms) } else { 0 },
        }
    }
}

/// The multiply-adds of an epoch that looks at all of V (m × n) and moves nothing, 2mnr + (m + n)r²/2: the unit of cost.
#[must_use]
pub fn full_epoch([m, n, rank]: [usize; 3]) -> u64 {
    Sample::new([m, n, rank], None).cost.saturating_add(Sample::new([n, m, rank], None).cost)
}

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
    /// log of what the first sweep left of F.
    first_decrease: f32,
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
            first_decrease: 0.0,
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

    /// What this factor and the other one remember.
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

    /// log(F before the first sweep / F after it); 0 until F is known.
    #[must_use]
    pub fn first_decrease(&self) -> f32 {
        self.first_decrease
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
    /// replaced by 1/L. 3k·r² multiply-adds, and k·r² for every step that the rule tries.
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
        let rate = ratio(rate, 1.0).unwrap_or(situation.safe_rate());
        let change = self.subproblem.step(rate);
        self.spend(u64::from(self.subproblem.images()).saturating_mul(self.image_cost()));
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
            let after = *loss + change.loss();
            if self.record.moves.is_empty() {
                self.first_decrease = ratio(*loss, after).map_or(0.0, log);
            }
            *loss = after;
        }
        self.record.change.add_move(&change);
        self.record.moves.push(relaxation);
        self.record.outcome = Outcome::Stepped;
        change
    }

    /// Ends without another move.
    pub fn close(self) -> HalfStep {
        let Self { subproblem, own, record, loss, surprise, first_decrease, .. } = self;
        own.share = record.share;
        own.loss = loss;
        own.surprise = surprise;
        if !record.moves.is_empty() {
            own.record_sweeps(&record, loss, first_decrease);
        }
        record.scaled(subproblem.exponent())
    }
}

/// One half-step of `factor`: the moves that `schedule` asks for.
pub fn half_step<S: Subproblem>(
    mut open: Open<'_, S>,
    schedule: &mut impl Schedule,
    rng: &mut Rng,
) -> HalfStep {
    if open.is_alive() {
        schedule.moves(&mut open, rng);
    }
    open.close()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Stream, generator};
    use crate::rule::tests::Parabola;
    use crate::rule::{Fixed, Sweeps};
    use crate::situation::Memory;

    /// A parabola of L = 2 whose loss and free gradient are given.
    struct At {
        loss: f32,
        free_norm_squared: f32,
        lipschitz: f32,
    }

    impl Subproblem for At {
        fn sample(&mut self) -> bool {
            self.lipschitz > 0.0
        }
        fn loss(&mut self) -> f32 {
            self.loss
        }
        fn sweep(&mut self, relaxation: f32) -> Change {
            self.try_step(0.5 * relaxation)
        }
        fn shape(&self) -> [usize; 2] {
            [1, 1]
        }
        fn lipschitz(&mut self) -> f32 {
            self.lipschitz
        }
        fn gradient(&mut self) -> Slope {
            let slope = Parabola { curvature: 2.0 }.gradient();
            Slope { loss: self.loss, free_norm_squared: self.free_norm_squared, ..slope }
        }
        fn try_step(&mut self, rate: f32) -> Change {
            Parabola { curvature: 2.0 }.try_step(rate)
        }
        fn step(&mut self, rate: f32) -> Change {
            self.try_step(rate)
        }
    }

    const START: Progress = Progress { epoch: 0, horizon: 9, share: 1.0, first_loss: 0.0 };

    fn take(
        block: At,
        rule: &mut impl Schedule,
        factor: Factor,
        progress: &mut Progress,
        memories: &mut Memories,
    ) -> HalfStep {
        let open = Open::begin(block, factor, progress, memories, Sample::new([1; 3], None));
        half_step(open, rule, &mut generator(0, Stream::Rule))
    }

    fn fresh() -> Memories {
        Memories { w: Memory::default(), h: Memory::default() }
    }

    #[test]
    fn the_first_loss_is_kept() {
        let (mut progress, mut memories) = (START, fresh());
        let mut rule = Fixed::new(0.25).unwrap();
        for (loss, factor) in [(5.0, Factor::W), (4.0, Factor::H), (7.0, Factor::W)] {
            let block = At { loss, free_norm_squared: 1.0, lipschitz: 2.0 };
            let step = take(block, &mut rule, factor, &mut progress, &mut memories);
            assert_eq!(step.slope.loss.to_bits(), f32::to_bits(loss));
            assert_eq!(progress.first_loss.to_bits(), 5.0_f32.to_bits());
        }
        assert_eq!((memories.w.steps, memories.h.steps), (2, 1));
    }

    /// What a rule gives is not trusted: 1/L takes the place of what is no step size.
    #[test]
    fn a_rate_that_is_none_is_replaced() {
        struct Gives(f32);
        impl StepRule for Gives {
            fn rate<B: Subproblem>(&mut self, _: &Situation<'_>, _: &mut B, _: &mut Rng) -> f32 {
                self.0
            }
        }
        let cases =
            [(0.125, 0.125), (0.0, 0.5), (-1.0, 0.5), (f32::NAN, 0.5), (f32::INFINITY, 0.5)];
        for (given, taken) in cases {
            let (mut progress, mut memories) = (START, fresh());
            let block = At { loss: 5.0, free_norm_squared: 1.0, lipschitz: 2.0 };
            let step = take(block, &mut Gives(given), Factor::H, &mut progress, &mut memories);
            assert_eq!(step.rate.to_bits(), f32::to_bits(taken), "{given}");
            assert_eq!(step.change, Parabola { curvature: 2.0 }.try_step(taken));
            assert_eq!(step.outcome, Outcome::Stepped);
            assert_eq!(
                (step.bound.to_bits(), step.lipschitz.to_bits()),
                (1.0_f32.to_bits(), 2.0_f32.to_bits())
            );
            assert_eq!(memories.h.change, step.change);
            assert!((memories.h.log_rate[0] - libm::logf(2.0 * taken)).abs() < 1e-6);
        }
    }

    #[test]
    fn nothing_is_done_without_a_gradient_or_a_bound() {
        for (free_norm_squared, lipschitz, outcome, bound) in
            [(0.0, 2.0, Outcome::Stationary, 1.0), (1.0, 0.0, Outcome::OtherFactorZero, 0.0)]
        {
            let (mut progress, mut memories) = (START, fresh());
            let block = At { loss: 5.0, free_norm_squared, lipschitz };
            let mut rule = Fixed::new(0.25).unwrap();
            let step = take(block, &mut rule, Factor::W, &mut progress, &mut memories);
            assert_eq!(step.outcome, outcome);
            assert_eq!((step.rate.to_bits(), step.bound.to_bits()), (0, f32::to_bits(bound)));
            assert_eq!((step.change, memories.w.steps), (Change::default(), 0));
        }
    }

    #[test]
    fn sweeps_are_recorded_with_what_they_cost_and_changed() {
        let (mut progress, mut memories) = (START, fresh());
        let mut rule = Sweeps::new(1.5, 3).unwrap();
        let block = At { loss: 5.0, free_norm_squared: 1.0, lipschitz: 2.0 };
        let step = take(block, &mut rule, Factor::W, &mut progress, &mut memories);
        assert_eq!(step.moves.as_slice(), [1.5; 3]);
        assert_eq!(step.outcome, Outcome::Stepped);
        let one = Parabola { curvature: 2.0 }.try_step(0.75).loss();
        assert!((step.change.loss() - 3.0 * one).abs() < 1e-6);
        // A and P of 1 × 1, the first loss, three sweeps.
        assert_eq!(step.cost, 1 + 1 + 3);
        assert_eq!(memories.w.loss.map(f32::to_bits), Some((5.0 + 3.0 * one).to_bits()));
        // On all of V the next half-step knows F without looking.
        let block = At { loss: 99.0, free_norm_squared: 1.0, lipschitz: 2.0 };
        let step = take(block, &mut rule, Factor::H, &mut progress, &mut memories);
        assert_eq!((step.slope.loss.to_bits(), step.cost), ((5.0 + 3.0 * one).to_bits(), 1 + 3));
        assert_eq!((memories.w.steps, memories.h.steps), (1, 1));
    }

    #[test]
    fn a_new_sample_surprises() {
        let (mut progress, mut memories) = (START, fresh());
        for (loss, factor, surprise) in [(4.0, Factor::W, 0.0), (8.0, Factor::H, 2.0_f32)] {
            let block = At { loss, free_norm_squared: 1.0, lipschitz: 2.0 };
            let sample = Sample::new([1, 4, 1], Some(2));
            let mut open = Open::begin(block, factor, &mut progress, &mut memories, sample);
            assert_eq!(open.loss().to_bits(), f32::to_bits(loss));
            let expected = if surprise > 0.0 { libm::logf(surprise) } else { 0.0 };
            assert!((open.surprise() - expected).abs() < 1e-6);
            let step = open.close();
            assert!((step.share - 0.5).abs() < 1e-6 && step.outcome == Outcome::Stationary);
        }
        assert!((memories.h.surprise - libm::logf(2.0)).abs() < 1e-6);
    }
}
