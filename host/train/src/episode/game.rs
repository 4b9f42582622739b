//! An episode of mode scale-free, half-step by half-step: whoever decides is asked from outside.

use tinynmf::looks::Looks;
use tinynmf_core::loss::loss;
use tinynmf_core::noise::GradientNoise;
use tinynmf_core::observe::{OBSERVATIONS, observe};
use tinynmf_core::random::Rng;
use tinynmf_core::rule::StepRule;
use tinynmf_core::situation::{Memory, Progress, Situation};
use tinynmf_core::subproblem::Slope;
use tinynmf_core::{Factor, HalfStep, Outcome, Subproblem};

use super::{Environment, Reward, rate};
use crate::float_policy::LIMITS;

const FITS: &str = "the memory was made for this shape";

/// An episode under way.
#[derive(Debug, Clone)]
pub struct Game<'e> {
    environment: &'e Environment,
    run: Looks,
    noise: GradientNoise,
    /// Whose half-step comes next.
    factor: Factor,
    /// Epochs done.
    epoch: u32,
    /// ln g where the loss was measured last.
    gap: f32,
    over: bool,
    /// The loss that W's half-step of this epoch knows, 0 for none, if it had nothing to decide.
    undecided: Option<f32>,
    /// Situation of the next decision, once somebody looked.
    seen: Option<Seen>,
}

/// Situation of a decision.
#[derive(Debug, Clone, Copy)]
pub struct Seen {
    /// Which factor moves.
    pub factor: Factor,
    /// Where the run stands.
    pub progress: Progress,
    /// The certified L.
    pub lipschitz: f32,
    /// F and the gradient.
    pub slope: Slope,
    /// Memories of this factor and of the other one.
    pub memories: [Memory; 2],
    /// The observations.
    pub observed: [f32; OBSERVATIONS],
}

impl<'e> Game<'e> {
    /// A game at the start of the problem.
    pub(super) fn new(environment: &'e Environment) -> Self {
        let problem = &environment.problem;
        let shape = [problem.rows, problem.columns, problem.rank];
        let mut run = Looks::new(shape, problem.settings).expect(FITS);
        run.start(problem.data(), problem.settings.seed).expect(FITS);
        Self {
            environment,
            run,
            noise: problem.noise(),
            factor: Factor::W,
            epoch: 0,
            gap: environment.log_gap(environment.first),
            over: false,
            undecided: None,
            seen: None,
        }
    }

    /// Whether the horizon is reached, or the problem solved.
    #[must_use]
    pub fn over(&self) -> bool {
        self.over
    }

    /// Epochs done.
    #[must_use]
    pub fn epoch(&self) -> u32 {
        self.epoch
    }

    /// The logarithm of the gap where it was measured last, within its floor and ceiling; only training knows it.
    #[must_use]
    pub fn log_gap(&self) -> f32 {
        self.gap
    }

    /// W (m × r, row by row) and H (r × n, column by column).
    #[must_use]
    pub fn factors(&self) -> [&[f32]; 2] {
        [self.run.w(), self.run.h()]
    }

    /// Situation of the next decision; `None` once the episode is over, or before [`Game::look`].
    #[must_use]
    pub fn seen(&self) -> Option<&Seen> {
        self.seen.as_ref()
    }

    /// Makes half-steps that need no decision until one does, or the episode is over; what they earned.
    ///
    /// # Panics
    ///
    /// Never: the memory was made for this shape.
    pub fn look(&mut self) -> f32 {
        let mut earned = 0.0;
        while self.seen.is_none() && !self.over {
            let v = self.noise.on(self.environment.problem.data());
            let mut watcher = Watcher(None);
            let asked = |watcher: &Watcher| watcher.0.is_some();
            let half = self.run.look(v, self.factor, &mut watcher, asked).expect(FITS);
            self.seen = watcher.0;
            earned += half.map_or(0.0, |half| self.account(&half));
        }
        earned
    }

    /// Decides log(αL) of the next half-step, and goes on to the next decision; the reward.
    ///
    /// # Panics
    ///
    /// As [`Game::look`].
    pub fn decide(&mut self, log_rate: f32) -> f32 {
        let reward = self.half_step(&mut Told(log_rate));
        reward + self.look()
    }

    /// Makes a half-step as `rule` decides, if anything is to be decided; the reward.
    ///
    /// # Panics
    ///
    /// As [`Game::look`].
    pub fn half_step(&mut self, rule: &mut impl StepRule) -> f32 {
        let v = self.noise.on(self.environment.problem.data());
        let half = self.run.half_step(v, self.factor, rule).expect(FITS);
        self.account(&half)
    }

    /// Takes in a half-step that is made; what it earned.
    fn account(&mut self, half: &HalfStep) -> f32 {
        let (factor, before) = (self.factor, self.gap);
        self.seen = None;
        self.factor = factor.other();
        let environment = self.environment;
        let (settings, options) = (environment.problem.settings, environment.options);
        let ends = factor == Factor::H;
        self.epoch += u32::from(ends);
        let done = self.epoch == settings.horizon;
        let exact = settings.batch >= 1.0 && environment.problem.gradient_noise <= 0.0;
        if exact {
            // A half-step that did not move left F where it was; where the other factor is zero, it does not know F.
            if factor == Factor::W {
                self.undecided = (half.outcome != Outcome::Stepped).then_some(half.slope.loss);
            }
            if half.outcome == Outcome::Stepped {
                let undecided = self.undecided.filter(|_| options.mispaid);
                let loss = undecided.unwrap_or(half.slope.loss + half.change.loss());
                self.gap = environment.log_gap(loss);
            }
        } else if ends && (done || options.reward == Reward::Decrease) {
            // Batches tell a half-step's loss only roughly: there, W waits for H's reward; and where only the end is
            // paid, the costly loss is measured only there.
            let [w, h] = self.factors();
            let problem = &environment.problem;
            self.gap = environment.log_gap(loss(&problem.data(), w, h, problem.rank));
        }
        let solved = exact && self.gap <= libm::logf(options.floor);
        self.over = ends && (done || solved);
        match options.reward {
            Reward::Decrease => before - self.gap,
            Reward::End if self.over => -self.gap,
            Reward::End => 0.0,
        }
    }
}

/// Keeps what a decision is about, and makes the smallest step.
struct Watcher(Option<Seen>);

impl StepRule for Watcher {
    fn rate<B: Subproblem>(&mut self, at: &Situation<'_>, _: &mut B, _: &mut Rng) -> f32 {
        let Situation { factor, progress, lipschitz, slope, own, other, .. } = *at;
        let (memories, observed) = ([*own, *other], observe(at));
        self.0 = Some(Seen { factor, progress, lipschitz, slope, memories, observed });
        f32::MIN_POSITIVE
    }
}

/// A decision that was made outside.
struct Told(f32);

impl StepRule for Told {
    fn rate<B: Subproblem>(&mut self, at: &Situation<'_>, _: &mut B, _: &mut Rng) -> f32 {
        rate(self.0, LIMITS, at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actor::Actor;
    use crate::episode::{Options, Transition, VALUE_INPUTS, log_gap};
    use crate::float_policy::FloatPolicy;
    use crate::network::Network;
    use crate::normaliser::Scale;
    use tinynmf::family::Family;

    const FLOOR: f32 = 1e-3;

    fn environment(family: &Family, reward: Reward) -> Environment {
        let options = Options { floor: FLOOR, reward, persistence: 0.0, mispaid: false };
        Environment::new(family.problem(3), options)
    }

    fn family(batch: f32, gradient_noise: f32) -> Family {
        let (batch, gradient_noise) = (vec![batch], vec![gradient_noise]);
        Family { batch, gradient_noise, horizon: [12, 12], ..Family::default() }
    }

    /// log(αL), the same whatever is observed.
    fn constant(log_rate: f32) -> Actor {
        let network = Network::from_parameters(vec![2, 1], vec![0.0, 0.0, log_rate]).unwrap();
        let scale = Scale([[0.0, 1.0]; OBSERVATIONS]);
        Actor::exploring(FloatPolicy { network, scale, limits: LIMITS }, 0.0)
    }

    /// ln g of the factors as they are.
    fn measured(game: &Game<'_>) -> f32 {
        let Environment { problem, first, reference, .. } = game.environment;
        let [w, h] = game.factors();
        log_gap(loss(&problem.data(), w, h, problem.rank), [*first, *reference], FLOOR)
    }

    /// A game played from outside has the trainer's rewards and observations.
    #[test]
    fn an_episode_from_outside_is_the_trainers() {
        for (batch, noise) in [(1.0, 0.0), (1.0, 0.2), (0.1, 0.0)] {
            for reward in [Reward::Decrease, Reward::End] {
                let environment = environment(&family(batch, noise), reward);
                let episode: Vec<Transition> = environment.play(&constant(0.3), 1);
                let (mut game, mut last) = (environment.begin(), 0.0);
                assert_eq!(game.look().to_bits(), 0);
                for transition in &episode {
                    let seen = game.seen().unwrap();
                    assert_eq!(
                        seen.observed.map(f32::to_bits),
                        transition.observed.map(f32::to_bits)
                    );
                    let gap = transition.input[VALUE_INPUTS - 1];
                    assert_eq!(gap.to_bits(), (0.5 * game.log_gap()).to_bits());
                    last = game.decide(0.3);
                    assert_eq!(last.to_bits(), transition.reward.to_bits());
                }
                assert!(game.over() && game.seen().is_none() && episode.len() > 10);
                assert!((game.log_gap() - measured(&game)).abs() < 0.02);
                assert!(
                    reward == Reward::Decrease || last.to_bits() == (-game.log_gap()).to_bits()
                );
            }
        }
    }

    /// Steps of sixty times 1/L leave H with nothing: then W has nothing to decide, and is paid nothing.
    #[test]
    fn a_half_step_without_a_decision_neither_earns_nor_solves() {
        let longest = LIMITS[1];
        for batch in [1.0, 0.3] {
            let environment = environment(&family(batch, 0.0), Reward::Decrease);
            let mut game = environment.begin();
            game.look();
            let mut earned = game.decide(longest);
            assert_eq!(game.seen().unwrap().factor, Factor::H);
            earned += game.decide(longest);
            assert!(
                game.factors()[1].iter().all(|h| h.to_bits() == 0),
                "the problem does not tell"
            );
            // W's half-step went by.
            assert_eq!(game.seen().unwrap().factor, Factor::H);
            assert!((game.log_gap() - measured(&game)).abs() < 1e-3 && !game.over());
            let before = game.log_gap();
            let reward = game.decide(0.0);
            assert!((reward - (before - measured(&game))).abs() < 1e-3, "{reward}");
            earned += reward;
            // The trainer pays for the same.
            let fall = environment.log_gap(environment.first) - game.log_gap();
            assert!((earned - fall).abs() < 1e-5, "{earned} {fall}");
            let episode = environment.play(&constant(longest), 1);
            let paid: f32 = episode.iter().map(|transition| transition.reward).sum();
            let mut game = environment.begin();
            game.look();
            while !game.over() {
                game.decide(longest);
            }
            let fall = environment.log_gap(environment.first) - measured(&game);
            assert!(episode.len() < 24 && (paid - fall).abs() < 1e-3, "{paid} {fall}");
        }
    }
}
