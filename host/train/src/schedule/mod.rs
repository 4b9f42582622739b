//! Mode schedule: a policy chooses share, relaxations and sweeps, and is paid by what its run costs.
//!
//! The gap is g = (F − F_best)/(F₀ − F_best), F over all of V after an epoch; F_best is the lowest loss that three hand
//! rules reach from the same start. Cost is counted in multiply-adds of everything, in units of a full epoch. An episode
//! is paid the area **−∫ ln g d(ln cost)**, from a cost of 0.3 to the budget, with g within its floor and ceiling: read the other way
//! round, that is the log of the cost until each level of the gap, summed over the levels between ceiling and floor. At the
//! end it is paid −ln g once more, for the minimum that was found. The loss of all of V is measured for the reward
//! alone and costs the policy nothing.

mod episode;
mod game;
mod play;

pub use episode::Environment;
pub use game::{Game, Outside};
pub use play::{GAP, Score};

use serde::{Deserialize, Serialize};
use tinynmf::structured::Structured;

/// Options of mode schedule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Schedule {
    /// The problems.
    pub problems: Structured,
    /// The cost that an episode may take, in full epochs.
    pub budget: f32,
    /// Gaps below this are worth no more.
    pub floor: f32,
    /// Gaps above this cost no more.
    pub ceiling: f32,
    /// Weight of −ln g at the end.
    pub last: f32,
}

impl Default for Schedule {
    fn default() -> Self {
        let problems = Structured::default();
        Self { problems, budget: 40.0, floor: 5e-4, ceiling: 0.2, last: 0.3 }
    }
}

impl Schedule {
    /// The first value that is out of range.
    #[must_use]
    pub fn fault(&self) -> Option<&'static str> {
        if !(self.floor > 0.0 && self.floor < self.ceiling && self.ceiling <= 1.0) {
            return Some("schedule needs 0 < floor < ceiling <= 1");
        }
        if !(self.budget > 1.0 && self.budget <= 1e4) {
            return Some("schedule.budget must be above 1, at most 10000 epochs");
        }
        if !(0.0..100.0).contains(&self.last) {
            return Some("schedule.last must be at least 0 and below 100");
        }
        self.problems.fault()
    }
}
