//! The learning curve's points.

use serde::{Deserialize, Serialize};

use super::number;
use super::ppo::Update;
use super::validation::Score;

/// How one iteration went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// Mean of an episode's rewards' sum; in mode scale-free that is −ln of the last gap.
    #[serde(with = "number")]
    pub reward: f32,
    /// Mean of an episode's discounted rewards' sum: what is maximised.
    #[serde(with = "number")]
    pub discounted: f32,
    /// Decisions taken in this iteration, [`super::mode::Interface::decisions`] an epoch.
    pub steps: usize,
    /// The log of the standard deviation of what explores: actions, or for ES parameters.
    #[serde(with = "number")]
    pub log_deviation: f32,
    /// The update.
    pub update: Update,
    /// On problems held out, of the policy after the update, in the iterations that measure it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validation: Option<Score>,
}
