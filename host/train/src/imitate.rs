//! Imitation: the first policy takes the steps of a classical rule (behavioural cloning, Pomerleau 1989).
//!
//! A schedule over a whole run, such as a decay against noise, is too far for exploration to find from
//! constant steps; PPO improves on it where it begins with one.
//!
//! The network is to learn the schedule as a function of t/T alone: every other observation is taken
//! from another sample. Else it would copy its own last step, which goes along with the next one and
//! causes nothing (causal confusion: de Haan, Jayaraman & Levine 2019), and drift away when it acts.

use std::ops::ControlFlow;

use rayon::prelude::*;
use tinynmf::family::Problem;
use tinynmf::play::play;
use tinynmf_core::Subproblem;
use tinynmf_core::observe::{NAMES, OBSERVATIONS, observe};
use tinynmf_core::random::{Rng, Stream, batch, generator};
use tinynmf_core::rule::{Rule, StepRule};
use tinynmf_core::situation::Situation;

use super::adam::Adam;
use super::float_policy::LIMITS;
use super::kernel::LANES;
use super::network::{Network, Tape, lanes};
use super::normaliser::Scale;

/// Steps of the regression.
const STEPS: usize = 4000;

/// Samples of a step.
const MINIBATCH: usize = 4 * LANES;

/// Adam's rate at the first step; it falls to 0.
const RATE: f32 = 3e-3;

/// The observation that a schedule depends on, t/T, by its place in [`NAMES`].
const TIME: usize = 3;

/// Observations and action of a rule at one half-step.
#[derive(Debug, Clone, Copy)]
pub struct Demonstration {
    /// The observations.
    pub observed: [f32; OBSERVATIONS],
    /// log(αL), within [`LIMITS`].
    pub action: f32,
}

/// Observations and actions of `rule` on every problem, from start to horizon.
///
/// # Panics
///
/// If a problem is not one that a family draws; if the rule is one of sweeps, which has no rate.
#[must_use]
pub fn demonstrate<'a>(
    problems: impl IndexedParallelIterator<Item = &'a Problem>,
    rule: &Rule<'_>,
) -> Vec<Demonstration> {
    problems
        .flat_map_iter(|problem| {
            let mut teacher = Teacher { rule: rule.clone(), seen: Vec::new() };
            let (noise, mut memory) = (problem.noise(), problem.memory());
            let v = noise.on(problem.data());
            let mut run = memory.run(v).expect("the memory was made for this shape");
            let horizon = problem.settings.horizon;
            play(&mut run, &mut teacher, horizon, |_, _| ControlFlow::Continue(()));
            teacher.seen
        })
        .collect()
}

/// A rule that is watched.
struct Teacher<'p> {
    rule: Rule<'p>,
    seen: Vec<Demonstration>,
}

impl StepRule for Teacher<'_> {
    fn rate<B: Subproblem>(&mut self, at: &Situation<'_>, block: &mut B, rng: &mut Rng) -> f32 {
        let rate = self.rule.rate(at, block, rng).expect("a rule of gradient steps");
        let [low, high] = LIMITS;
        let action = libm::logf(rate * at.lipschitz);
        // A rate of 0, as at the end of a cosine, has the logarithm −∞.
        let action = if action > low { action.min(high) } else { low };
        self.seen.push(Demonstration { observed: observe(at), action });
        rate
    }
}

/// Fits `network` to the demonstrations by least squares.
pub fn imitate(network: &mut Network, scale: &Scale, seen: &[Demonstration], seed: u64) {
    let inputs: Vec<_> = seen.par_iter().map(|it| scale.normalise(&it.observed)).collect();
    let mut order: Vec<u32> = (0..seen.len() as u32).collect();
    let mut rng = generator(seed, Stream::Batch);
    let mut optimiser = Adam::new(network.parameters().len());
    let mut tape = Tape::default();
    let share = (MINIBATCH as f32 / seen.len().max(1) as f32).min(1.0);
    for step in 0..STEPS {
        let others = batch(&mut order, share, &mut rng).to_vec();
        let chosen = batch(&mut order, share, &mut rng);
        for (tile, others) in chosen.chunks(LANES).zip(others.chunks(LANES)) {
            let input = |(i, other): (&u32, &u32)| {
                let mut input = inputs[*other as usize];
                input[TIME] = inputs[*i as usize][TIME];
                input
            };
            let rows: Vec<_> = tile.iter().zip(others).map(input).collect();
            let rows = rows.iter().map(|row| &row[..]);
            network.forward(&lanes(network.sizes()[0], rows), &mut tape);
            let mut slope = [0.0; LANES];
            for ((slope, output), i) in slope.iter_mut().zip(tape.output()).zip(tile) {
                *slope = (output - seen[*i as usize].action) / chosen.len() as f32;
            }
            network.backward(&mut tape, &[slope]);
        }
        let rate = RATE * (1.0 - step as f32 / STEPS as f32);
        optimiser.step(network.parameters_mut(), &tape.take_gradient(), rate, 1.0);
    }
}

const _: () = assert!(matches!(NAMES[TIME].as_bytes(), b"t/T"));

#[cfg(test)]
mod tests {
    use super::*;
    use crate::normaliser::Normaliser;
    use crate::{FloatPolicy, Mode};
    use tinynmf::family::Family;
    use tinynmf_core::rule::Cosine;

    #[test]
    fn a_policy_learns_a_cosine() {
        let family = Family { horizon: [30, 60], batch: vec![0.25], ..Family::default() };
        let problems: Vec<Problem> = (0..20).map(|seed| family.problem(seed)).collect();
        let seen = demonstrate(problems.par_iter(), &Cosine::new(0.8).unwrap().into());
        let decisions: usize = problems.iter().map(|p| 2 * p.settings.horizon as usize).sum();
        assert_eq!(seen.len(), decisions);
        let mut normaliser = Normaliser::default();
        seen.iter().for_each(|it| normaliser.observe(&it.observed));
        let scale = normaliser.scale();
        let mut rng = generator(5, Stream::Start);
        let mut network = Mode::ScaleFree.first_policy(&[16, 16], &mut rng);
        let error = |network: &Network| {
            let miss = |it: &Demonstration| {
                (network.evaluate(&scale.normalise(&it.observed)) - it.action).abs()
            };
            seen.iter().map(miss).sum::<f32>() / seen.len() as f32
        };
        let before = error(&network);
        imitate(&mut network, &scale, &seen, 1);
        assert!(error(&network) < 0.15 && before > 0.5, "{before} to {}", error(&network));
        // The schedule is followed by the network's own steps too, not only beside the rule's.
        let mut policy = FloatPolicy { network, scale, limits: LIMITS };
        let (problem, mut rates) = (&problems[0], Vec::new());
        let mut memory = problem.memory();
        let mut run = memory.run(problem.data()).unwrap();
        for t in 0..problem.settings.horizon {
            let x = t as f32 / problem.settings.horizon as f32;
            let step = run.epoch(&mut policy).w;
            rates.push(step.rate / step.bound / (0.4 * (1.0 + (std::f32::consts::PI * x).cos())));
        }
        assert!(rates[..25].iter().all(|it| (0.75..1.33).contains(it)), "{rates:?}");
    }
}
