//! The learning algorithms, behind one door: each plays a round's episodes, then learns from them.

use serde::{Deserialize, Serialize};

use super::config::Config;
use super::episode::Transition;
use super::es::Search;
use super::network::Network;
use super::ppo::{Agent, Update};
use super::round::Round;

/// How a policy learns.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Algorithm {
    /// Proximal policy optimisation
    #[default]
    Ppo,
    /// Evolution strategies: a baseline without gradients
    Es,
}

/// An algorithm with all that it carries from round to round.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Learner {
    /// Networks and optimisers of PPO.
    Ppo(Agent),
    /// Network and optimiser of evolution strategies.
    Es(Search),
}

impl Learner {
    /// Draws the networks.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        match config.algorithm {
            Algorithm::Ppo => Self::Ppo(Agent::new(config)),
            Algorithm::Es => Self::Es(Search::new(config)),
        }
    }

    /// The first field that does not fit the configuration, if one does not.
    pub(super) fn fault(&self, config: &Config) -> Option<String> {
        let (name, fault) = match (self, config.algorithm) {
            (Self::Ppo(agent), Algorithm::Ppo) => ("ppo", agent.fault(config)),
            (Self::Es(search), Algorithm::Es) => ("es", search.fault(config)),
            (_, Algorithm::Ppo) => {
                return Some("es: the configuration's algorithm is ppo".to_owned());
            }
            (_, Algorithm::Es) => {
                return Some("ppo: the configuration's algorithm is es".to_owned());
            }
        };
        fault.map(|fault| format!("{name}.{fault}"))
    }

    /// The policy network as it stands.
    #[must_use]
    pub fn network(&self) -> &Network {
        match self {
            Self::Ppo(agent) => &agent.policy,
            Self::Es(search) => &search.policy,
        }
    }

    /// The policy network, to be changed.
    pub fn network_mut(&mut self) -> &mut Network {
        match self {
            Self::Ppo(agent) => &mut agent.policy,
            Self::Es(search) => &mut search.policy,
        }
    }

    /// The log of the standard deviation of what explores: actions (PPO) or parameters (ES).
    #[must_use]
    pub fn log_deviation(&self, config: &Config) -> f32 {
        match self {
            Self::Ppo(agent) => agent.log_deviation,
            Self::Es(_) => libm::logf(config.es.deviation),
        }
    }

    /// Plays the round's episodes, on all cores; their order does not depend on threads.
    #[must_use]
    pub fn play(&self, round: &Round<'_>) -> Vec<Vec<Transition>> {
        match self {
            Self::Ppo(agent) => agent.play(round),
            Self::Es(search) => search.play(round),
        }
    }

    /// Learns from the episodes that [`Learner::play`] made in the same round.
    pub fn learn(&mut self, round: &Round<'_>, episodes: &[Vec<Transition>]) -> Update {
        match self {
            Self::Ppo(agent) => agent.learn(round, episodes),
            Self::Es(search) => search.learn(round, episodes),
        }
    }
}
