//! Episodes of mode scale-free from begin to end.

use tinynmf_core::Policy;
use tinynmf_core::Subproblem;
use tinynmf_core::observe::observe;
use tinynmf_core::random::{Rng, Stream, generator, normal};
use tinynmf_core::rule::StepRule;
use tinynmf_core::situation::Situation;

use super::game::Game;
use super::{Environment, Transition, rate, single};
use crate::actor::Actor;

impl Environment {
    /// Plays an episode.
    ///
    /// # Panics
    ///
    /// As [`Environment::begin`].
    #[must_use]
    pub fn play(&self, actor: &Actor, seed: u64) -> Vec<Transition> {
        let decisions = 2 * self.problem.settings.horizon as usize;
        let mut explorer = Explorer::new(actor, seed, decisions);
        explorer.persistence = self.options.persistence;
        let mut game = self.begin();
        while !game.over() {
            let (asked, gap) = (explorer.transitions.len(), game.log_gap());
            let reward = game.half_step(&mut explorer);
            for transition in &mut explorer.transitions[asked..] {
                transition.see_gap(gap);
            }
            // The reward of a half-step without a decision is owed to the decision before it.
            if let Some(last) = explorer.transitions.last_mut() {
                last.reward += reward;
            }
        }
        explorer.finish().0
    }

    /// Begins an episode that is decided half-step by half-step.
    ///
    /// # Panics
    ///
    /// If the problem is not one that a family draws.
    #[must_use]
    pub fn begin(&self) -> Game<'_> {
        Game::new(self)
    }
}

/// The actor as a step rule, keeping what it saw and did.
pub(crate) struct Explorer<'a> {
    actor: &'a Actor,
    int8: Option<Policy<'a>>,
    /// ρ; noise ← ρ·noise + √(1 − ρ²)·N(0, 1), which is N(0, 1) throughout.
    persistence: f32,
    noise: Option<f32>,
    rng: Rng,
    transitions: Vec<Transition>,
    /// F before every decision.
    losses: Vec<f32>,
}

impl<'a> Explorer<'a> {
    /// Room for so many decisions; no persistence.
    pub(crate) fn new(actor: &'a Actor, seed: u64, decisions: usize) -> Self {
        Self {
            actor,
            int8: actor.int8(),
            persistence: 0.0,
            noise: None,
            rng: generator(seed, Stream::Rule),
            transitions: Vec::with_capacity(decisions),
            losses: Vec::with_capacity(decisions),
        }
    }

    /// The kept transitions, and F before each.
    pub(crate) fn finish(self) -> (Vec<Transition>, Vec<f32>) {
        (self.transitions, self.losses)
    }
}

impl StepRule for Explorer<'_> {
    fn rate<B: Subproblem>(&mut self, at: &Situation<'_>, _: &mut B, _: &mut Rng) -> f32 {
        let fresh = normal(&mut self.rng);
        let rho = self.persistence;
        let noise = self.noise.map_or(fresh, |last| rho * last + (1.0 - rho * rho).sqrt() * fresh);
        self.noise = Some(noise);
        let (Actor { policy, deviation, .. }, observed) = (self.actor, observe(at));
        let mut drawn = Transition::draw(policy, *deviation, observed, single(noise));
        if let Some(int8) = &self.int8 {
            drawn.action[0] = int8.log_rate(&observed);
        }
        self.transitions.push(drawn);
        self.losses.push(at.slope.loss);
        rate(drawn.action[0], policy.limits, at)
    }
}
