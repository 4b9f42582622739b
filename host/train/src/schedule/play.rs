//! Episodes of mode schedule from begin to end: one factorisation, every half-step one decision, until the budget is spent.

use serde::{Deserialize, Serialize};
use tinynmf_core::Open;
use tinynmf_core::Subproblem;
use tinynmf_core::policy::SchedulePolicy;
use tinynmf_core::random::{Rng, Stream, generator, normal};
use tinynmf_core::rule::{Decision, Scheduled};
use tinynmf_core::situation::Before;

use super::episode::{CHEAPEST, Environment, Told};
use super::game::Game;
use crate::actor::Actor;
use crate::episode::{ACTIONS, Transition};

/// The gap whose cost is told.
pub const GAP: f32 = 1e-2;

/// Score of a policy on the problems held out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Score {
    /// Cost to [`GAP`] in full epochs, geometric mean; the budget where it was not reached.
    pub cost: f32,
    /// Mean of the sum of an episode's rewards.
    pub reward: f32,
}

impl Environment {
    /// Begins an episode.
    #[must_use]
    pub fn begin(&self) -> Game<'_> {
        Game::new(self)
    }

    /// Score of an episode of a policy, without exploration.
    #[must_use]
    pub fn score(&self, policy: &SchedulePolicy<'_>) -> Score {
        let level = libm::logf(GAP.max(self.told.floor));
        let (mut rule, mut game) = (Scheduled::new(policy.clone()), self.begin());
        let (mut cost, mut reward) = (None, 0.0);
        while !game.over() {
            reward += game.half_step(&mut rule);
            if game.log_gap() <= level {
                cost.get_or_insert(game.cost());
            }
        }
        let Told { budget, .. } = self.told;
        Score { cost: cost.unwrap_or(budget).clamp(CHEAPEST, budget), reward }
    }

    /// Plays an episode.
    ///
    /// # Panics
    ///
    /// If the actor's policy is not one of schedules.
    #[must_use]
    pub fn play(&self, actor: &Actor, seed: u64) -> Vec<Transition> {
        let mut player = Player::new(actor, seed);
        let mut game = self.begin();
        while !game.over() {
            let gap = game.log_gap();
            let reward = game.half_step(&mut player);
            let Some(last) = player.transitions.last_mut() else { break };
            last.see_gap(gap);
            last.reward = reward;
        }
        player.transitions
    }
}

/// The actor as a schedule, keeping what it saw and did.
struct Player<'a> {
    actor: &'a Actor,
    int8: Option<Scheduled<'a>>,
    decision: Option<Decision>,
    rng: Rng,
    transitions: Vec<Transition>,
}

impl<'a> Player<'a> {
    fn new(actor: &'a Actor, seed: u64) -> Self {
        let int8 = actor.schedule().map(Scheduled::new);
        let rng = generator(seed, Stream::Rule);
        Self { actor, int8, decision: None, rng, transitions: Vec::new() }
    }
}

impl tinynmf_core::Schedule for Player<'_> {
    fn share(&mut self, before: &Before<'_>) -> f32 {
        let observed = Decision::observe(before);
        let Actor { policy, deviation, .. } = self.actor;
        let noise: [f32; ACTIONS] = std::array::from_fn(|_| normal(&mut self.rng));
        let drawn = Transition::draw(policy, *deviation, observed, noise);
        let [low, high] = policy.limits;
        let action = drawn.action.map(|y| y.clamp(low, high));
        self.transitions.push(drawn);
        if let Some(int8) = &mut self.int8 {
            return int8.share(before);
        }
        let decision = Decision::new(action, before);
        self.decision = Some(decision);
        decision.share
    }

    fn passes(&self) -> bool {
        true
    }

    fn moves<S: Subproblem>(&mut self, open: &mut Open<'_, S>, rng: &mut Rng) {
        match (&mut self.int8, self.decision) {
            (Some(int8), _) => int8.moves(open, rng),
            (None, Some(decision)) => {
                // As the int8 policy is charged for.
                let layers = self.actor.policy.network.layers();
                open.charge(layers.map(|layer| layer.weights.len() as u64).sum());
                decision.moves(open);
            }
            (None, None) => {}
        }
    }
}
