//! An episode of any mode, decision by decision: whoever decides is asked from outside.

use tinynmf_core::observe;
use tinynmf_core::policy::SCHEDULE_OUTPUTS;

use super::mode::{Environment, Mode};
use super::{episode, paper, schedule};

/// An episode under way.
#[derive(Debug, Clone)]
pub enum Game<'e> {
    /// Mode scale-free.
    ScaleFree(episode::Game<'e>),
    /// Mode paper.
    Paper(paper::Game<'e>),
    /// Mode schedule.
    Schedule(schedule::Game<'e>),
}

impl Environment {
    /// Begins an episode that is decided from outside; `None` for single columns, which are played from inside alone.
    #[must_use]
    pub fn begin(&self) -> Option<Game<'_>> {
        let mut game = match self {
            Self::ScaleFree(environment) => Game::ScaleFree(environment.begin()),
            Self::Paper(environment) => Game::Paper(environment.begin()),
            Self::Schedule(environment) => Game::Schedule(environment.begin()),
            Self::Columns(_) => return None,
        };
        game.look();
        Some(game)
    }
}

impl Mode {
    /// Names of the observations, in order.
    #[must_use]
    pub fn observation_names(self) -> &'static [&'static str] {
        match self {
            Self::ScaleFree => &observe::NAMES,
            Self::Paper => &paper::NAMES,
            Self::Schedule => &observe::SCHEDULE_NAMES,
        }
    }

    /// Names of the numbers that [`Game::standing`] tells.
    #[must_use]
    pub fn standing_names(self) -> [&'static str; 2] {
        match self {
            Self::ScaleFree => ["log_gap", "epoch"],
            Self::Paper => ["loss", "epoch"],
            Self::Schedule => ["log_gap", "cost"],
        }
    }
}

impl Game<'_> {
    fn look(&mut self) {
        // Nothing is earned before the first decision.
        let _ = match self {
            Self::ScaleFree(game) => game.look(),
            Self::Paper(game) => game.look(),
            Self::Schedule(_) => 0.0,
        };
    }

    /// Whether the episode is over.
    #[must_use]
    pub fn over(&self) -> bool {
        match self {
            Self::ScaleFree(game) => game.over(),
            Self::Paper(game) => game.over(),
            Self::Schedule(game) => game.over(),
        }
    }

    /// Observations before the next decision, in the order of [`Mode::observation_names`]; zeros once a
    /// gradient's episode is over.
    pub fn observe(&mut self, observed: &mut [f32]) {
        match self {
            Self::ScaleFree(game) => observed.copy_from_slice(
                &game.seen().map_or([0.0; observe::OBSERVATIONS], |seen| seen.observed),
            ),
            Self::Paper(game) => observed.copy_from_slice(&game.seen().unwrap_or_default()),
            Self::Schedule(game) => observed.copy_from_slice(&game.observe()),
        }
    }

    /// Acts on a policy's outputs, of which mode schedule is charged `cost` multiply-adds; the reward.
    ///
    /// # Panics
    ///
    /// If there are fewer outputs than the mode has.
    pub fn decide(&mut self, outputs: &[f32], cost: u64) -> f32 {
        match self {
            Self::ScaleFree(game) => game.decide(outputs[0]),
            Self::Paper(game) => game.decide(outputs[0]),
            Self::Schedule(game) => {
                let outputs: [f32; SCHEDULE_OUTPUTS] = std::array::from_fn(|o| outputs[o]);
                game.decide(outputs, cost)
            }
        }
    }

    /// How far the episode is, see [`Mode::standing_names`].
    #[must_use]
    pub fn standing(&self) -> [f32; 2] {
        match self {
            Self::ScaleFree(game) => [game.log_gap(), game.epoch() as f32],
            Self::Paper(game) => [game.loss(), game.epochs() as f32],
            Self::Schedule(game) => [game.log_gap(), game.cost()],
        }
    }

    /// W (m × r, row by row) and H (r × n, column by column).
    #[must_use]
    pub fn factors(&self) -> [&[f32]; 2] {
        match self {
            Self::ScaleFree(game) => game.factors(),
            Self::Paper(game) => game.factors(),
            Self::Schedule(game) => game.factors(),
        }
    }
}
