//! Episodes of mode paper from begin to end.

use tinynmf::seeds::mix;
use tinynmf_core::Settings;
use tinynmf_core::random::{Rng, Stream, generator, normal};

use super::game::{Decide, Game};
use super::{Environment, History, OBSERVATIONS, first_factors};
use crate::episode::{Transition, single};
use crate::float_policy::FloatPolicy;

impl Environment {
    /// Plays an episode with actions drawn from N(policy, deviation²).
    #[must_use]
    pub fn play(&self, policy: &FloatPolicy, deviation: f32, seed: u64) -> Vec<Transition> {
        let mut agent = Agent::new(policy, deviation, seed);
        let mut transitions = Vec::new();
        let mut game = self.begin();
        while !game.over() {
            let reward = game.epoch(&mut agent);
            let decision = agent.decision.take();
            transitions.extend(decision.map(|decision| Transition { reward, ..decision }));
        }
        transitions
    }

    /// Begins an episode that is decided epoch by epoch, at the problem's own start.
    #[must_use]
    pub fn begin(&self) -> Game<'_> {
        self.game(0)
    }

    /// Follows the policy without exploration for so many epochs. Wherever an episode ends, the problem
    /// restarts from a start that no episode had before.
    #[must_use]
    pub fn history(&self, policy: &FloatPolicy, epochs: usize) -> History {
        let mut agent = Agent::new(policy, 0.0, 0);
        let mut history = History::default();
        while history.losses.len() < epochs {
            let mut game = self.game(history.resets.len() as u64);
            loop {
                game.epoch(&mut agent);
                history.losses.push(game.loss());
                history.alphas.push(game.alpha().unwrap_or(0.0));
                history.bounds.push(game.bounds());
                if history.losses.len() == epochs {
                    break;
                }
                if game.over() {
                    history.resets.push(history.losses.len() - 1);
                    break;
                }
            }
        }
        history
    }

    /// The beginning of an episode at the problem's own start (0), or at another one.
    fn game(&self, start: u64) -> Game<'_> {
        let problem = self.work.problem();
        let settings = problem.settings;
        let seed = if start == 0 { settings.seed } else { mix(settings.seed, [start, 0]) };
        let start = first_factors(problem, seed, self.paper.balanced);
        Game::new(self, self.work.descent(Settings { seed, ..settings }, &start, false))
    }
}

/// The policy with noise on its actions.
pub(super) struct Agent<'a> {
    policy: &'a FloatPolicy,
    deviation: f32,
    rng: Rng,
    /// The last decision, until its reward is known.
    pub decision: Option<Transition>,
}

impl<'a> Agent<'a> {
    pub fn new(policy: &'a FloatPolicy, deviation: f32, seed: u64) -> Self {
        let rng = generator(seed, Stream::Rule);
        Self { policy, deviation, rng, decision: None }
    }
}

impl Decide for Agent<'_> {
    fn decide(&mut self, seen: [f32; OBSERVATIONS]) -> f32 {
        let mut observed = [0.0; tinynmf_core::observe::OBSERVATIONS];
        observed[..OBSERVATIONS].copy_from_slice(&seen);
        let noise = single(normal(&mut self.rng));
        let drawn = Transition::draw(self.policy, self.deviation, observed, noise);
        self.decision = Some(drawn);
        drawn.action[0]
    }
}
