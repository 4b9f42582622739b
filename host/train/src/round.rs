//! One iteration as an algorithm sees it: problems to play on, the normalisation, random draws.

use tinynmf::seeds::mix;

use super::actor::Actor;
use super::episode::Transition;
use super::float_policy::FloatPolicy;
use super::mode::{Environment, Mode};
use super::network::Network;
use super::normaliser::Scale;

/// Fixed parts of an iteration.
#[derive(Debug, Clone, Copy)]
pub struct Round<'a> {
    /// Seed of everything random.
    pub seed: u64,
    /// The environment.
    pub mode: Mode,
    /// Iterations of the whole run.
    pub iterations: u32,
    /// Episodes in an iteration.
    pub episodes: usize,
    /// Decisions in an iteration of PPO at least.
    pub decisions: usize,
    /// The problems.
    pub environments: &'a [Environment],
    /// The normalisation of the observations.
    pub scale: Scale,
    /// Iterations done before.
    pub iteration: u32,
}

impl Round<'_> {
    /// The policy that `network` is in this round.
    #[must_use]
    pub fn policy(&self, network: Network) -> FloatPolicy {
        FloatPolicy { network, scale: self.scale, limits: self.mode.interface().limits }
    }

    /// A random number of this iteration; the same `number` gives the same one.
    #[must_use]
    pub fn draw(&self, number: u64) -> u64 {
        mix(self.seed, [self.iteration.into(), number])
    }

    /// Plays an episode whose problem and noise follow from `number` and the iteration.
    #[must_use]
    pub fn episode(&self, actor: &Actor, number: u64) -> Vec<Transition> {
        let draw = self.draw(number);
        let environment = &self.environments[(draw % self.environments.len() as u64) as usize];
        environment.play(actor, draw)
    }

    /// Factor of the learning rates: from 1 down to 0 over the whole run.
    #[must_use]
    pub fn annealed(&self) -> f32 {
        1.0 - self.iteration as f32 / self.iterations as f32
    }
}

/// The discounted sum of an episode's rewards.
#[must_use]
pub fn discounted(episode: &[Transition], discount: f32) -> f32 {
    episode.iter().rev().fold(0.0, |sum, t| t.reward + discount * sum)
}
