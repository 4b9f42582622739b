//! How a half-step is made: how much of V to look at, and which moves.

use crate::random::Rng;
use crate::situation::Before;
use crate::step::open::Open;
use crate::step::record::HalfStep;
use crate::step::step_rule::StepRule;
use crate::subproblem::Subproblem;

/// How a half-step is made: how much of V to look at, and which moves.
///
/// A [`StepRule`] is a schedule that looks at all of V and makes one gradient step.
pub trait Schedule {
    /// The share of the inner indices to look at, in (0, 1]; asked before V is touched.
    ///
    /// At least about 2r indices are taken whatever it says, and all of them from 1 on. Not asked where batches are
    /// given.
    fn share(&mut self, _before: &Before<'_>) -> f32 {
        1.0
    }

    /// Whether samples come by reshuffled passes, every index once before any comes twice, or are drawn afresh.
    fn passes(&self) -> bool {
        false
    }

    /// The moves.
    fn moves<S: Subproblem>(&mut self, open: &mut Open<'_, S>, rng: &mut Rng);
}

impl<R: StepRule> Schedule for R {
    fn moves<S: Subproblem>(&mut self, open: &mut Open<'_, S>, rng: &mut Rng) {
        open.step(self, rng);
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
    use crate::Factor;
    use crate::random::{Stream, generator};
    use crate::rule::tests::Parabola;
    use crate::rule::{Fixed, Sweeps};
    use crate::situation::{Memories, Memory, Progress, Situation};
    use crate::step::{Outcome, Sample};
    use crate::subproblem::{Change, Slope};

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

    /// A rule is not trusted: 1/L takes the place of a number that is no step size.
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
