//! The learning algorithms, behind one door: each plays a round's episodes, then learns from them.

use serde::{Deserialize, Serialize};

use super::episode::Transition;
use super::es::{Es, Search};
use super::mode::Networks;
use super::network::Network;
use super::ppo::{Agent, Ppo, Update};
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

/// Start and options of a [`Learner`].
#[derive(Debug, Clone, Copy)]
pub struct Learning<'a> {
    /// Which algorithm.
    pub algorithm: Algorithm,
    /// The networks to draw.
    pub networks: Networks<'a>,
    /// The update of PPO; ES shares its discount.
    pub ppo: &'a Ppo,
    /// The search of ES.
    pub es: &'a Es,
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
    pub fn new(learning: &Learning<'_>) -> Self {
        match learning.algorithm {
            Algorithm::Ppo => Self::Ppo(Agent::new(&learning.networks)),
            Algorithm::Es => Self::Es(Search::new(&learning.networks)),
        }
    }

    /// The first field that does not fit the configuration, if one does not.
    pub(super) fn fault(&self, learning: &Learning<'_>) -> Option<String> {
        let networks = &learning.networks;
        let (name, fault) = match (self, learning.algorithm) {
            (Self::Ppo(agent), Algorithm::Ppo) => ("ppo", agent.fault(networks)),
            (Self::Es(search), Algorithm::Es) => ("es", search.fault(networks)),
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

    /// The policy network that ships.
    #[must_use]
    pub fn shipped(&self) -> Network {
        match self {
            Self::Ppo(agent) => agent.policy.clone(),
            Self::Es(search) => search.shipped(),
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
    pub fn log_deviation(&self, learning: &Learning<'_>) -> f32 {
        match self {
            Self::Ppo(agent) => agent.log_deviation,
            Self::Es(_) => libm::logf(learning.es.deviation),
        }
    }

    /// Plays the round's episodes, on all cores; their order does not depend on threads.
    #[must_use]
    pub fn play(&self, round: &Round<'_>, learning: &Learning<'_>) -> Vec<Vec<Transition>> {
        match self {
            Self::Ppo(agent) => agent.play(round),
            Self::Es(search) => search.play(round, learning.es),
        }
    }

    /// Learns from the episodes that [`Learner::play`] made in the same round.
    pub fn learn(
        &mut self,
        round: &Round<'_>,
        learning: &Learning<'_>,
        episodes: &[Vec<Transition>],
    ) -> Update {
        match self {
            Self::Ppo(agent) => agent.learn(round, learning.ppo, episodes),
            Self::Es(search) => search.learn(round, learning.es, learning.ppo.discount, episodes),
        }
    }
}
