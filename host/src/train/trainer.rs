//! The training loop: play episodes, take in their observations, update.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use tinynmf_core::random::{Stream, generator};

use super::config::Config;
use super::episode::{Environment, Transition};
use super::float_policy::{FloatPolicy, LIMITS};
use super::normaliser::Normaliser;
use super::ppo::{Agent, Update};
use crate::seeds::{Purpose, mix, problem_seed};

/// Everything that a training run carries from one iteration to the next.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// Iterations done.
    pub iteration: u32,
    /// Networks and optimisers.
    pub agent: Agent,
    /// Of the observations.
    pub normaliser: Normaliser,
    /// One entry per iteration.
    pub curve: Vec<Progress>,
}

impl State {
    /// The policy as it stands.
    #[must_use]
    pub fn policy(&self) -> FloatPolicy {
        FloatPolicy {
            network: self.agent.policy.clone(),
            scale: self.normaliser.scale(),
            limits: LIMITS,
        }
    }
}

/// How one iteration went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// Mean of an episode's rewards' sum: −ln of the last gap.
    pub reward: f32,
    /// Mean of an episode's discounted rewards' sum: what PPO maximises.
    pub discounted: f32,
    /// Half-steps taken in this iteration.
    pub steps: usize,
    /// The log of the actions' standard deviation.
    pub log_deviation: f32,
    /// The update.
    pub update: Update,
}

/// A training run.
#[derive(Debug)]
pub struct Trainer {
    config: Config,
    environments: Vec<Environment>,
    state: State,
}

impl Trainer {
    /// Draws the problems and the networks.
    #[must_use]
    pub fn new(config: Config) -> Self {
        let (policy, value) = (&config.policy, &config.value);
        let state = State {
            iteration: 0,
            agent: Agent::new(policy, value, config.log_deviation, config.seed),
            normaliser: Normaliser::default(),
            curve: Vec::new(),
        };
        Self::resume(config, state)
    }

    /// Goes on from where a state was left: the same bytes as if it had never stopped.
    #[must_use]
    pub fn resume(config: Config, state: State) -> Self {
        let environments = (0..config.problems)
            .into_par_iter()
            .map(|i| {
                let seed = problem_seed(Purpose::Training, config.seed, [u64::MAX, i as u64]);
                Environment::new(config.family.problem(seed))
            })
            .collect();
        let mut trainer = Self { config, environments, state };
        if trainer.state.normaliser == Normaliser::default() {
            // The first policy already needs a normalisation to stand on.
            let episodes = trainer.play();
            trainer.take_in(&episodes);
        }
        trainer
    }

    /// What the run was told.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// What it carries on.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Whether all iterations are done.
    #[must_use]
    pub fn finished(&self) -> bool {
        self.state.iteration >= self.config.iterations
    }

    /// The policy as it stands.
    #[must_use]
    pub fn policy(&self) -> FloatPolicy {
        self.state.policy()
    }

    /// One iteration.
    pub fn iterate(&mut self) -> Progress {
        let episodes = self.play();
        let iteration = self.state.iteration;
        let mut rng = generator(mix(self.config.seed, [iteration.into(), u64::MAX]), Stream::Batch);
        let annealed = 1.0 - iteration as f32 / self.config.iterations as f32;
        let update = self.state.agent.update(&self.config.ppo, &episodes, annealed, &mut rng);
        self.take_in(&episodes);
        let mean = |of: &dyn Fn(&[Transition]) -> f32| {
            episodes.iter().map(|e| of(e)).sum::<f32>() / episodes.len() as f32
        };
        let discount = self.config.ppo.discount;
        let progress = Progress {
            reward: mean(&|e| e.iter().map(|t| t.reward).sum()),
            discounted: mean(&|e| e.iter().rev().fold(0.0, |sum, t| t.reward + discount * sum)),
            steps: episodes.iter().map(Vec::len).sum(),
            log_deviation: self.state.agent.log_deviation,
            update,
        };
        self.state.curve.push(progress);
        self.state.iteration += 1;
        progress
    }

    /// Plays this iteration's episodes, on all cores.
    fn play(&self) -> Vec<Vec<Transition>> {
        let policy = self.policy();
        let deviation = libm::expf(self.state.agent.log_deviation);
        let (seed, iteration) = (self.config.seed, u64::from(self.state.iteration));
        (0..self.config.episodes as u64)
            .into_par_iter()
            .map(|episode| {
                let draw = mix(seed, [iteration, episode]);
                let environment =
                    &self.environments[(draw % self.environments.len() as u64) as usize];
                environment.play(&policy, deviation, draw)
            })
            .collect()
    }

    /// Takes in the observations. The normalisation of the episodes just used stays what it was until
    /// the update is over.
    fn take_in(&mut self, episodes: &[Vec<Transition>]) {
        for transition in episodes.iter().flatten() {
            self.state.normaliser.observe(&transition.observed);
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A training run of a second.
    pub fn tiny() -> Config {
        let family = super::super::family::Family { horizon: [10, 20], ..Default::default() };
        Config { iterations: 4, episodes: 6, problems: 5, family, ..Config::default() }
    }

    #[test]
    fn is_deterministic_whatever_the_number_of_threads() {
        let train = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                let mut trainer = Trainer::new(tiny());
                while !trainer.finished() {
                    trainer.iterate();
                }
                trainer.state
            })
        };
        let state = train(1);
        assert_eq!(state, train(3));
        assert_ne!(state.agent, Agent::new(&[24, 24], &[32, 32], -0.5, 0));
    }
}
