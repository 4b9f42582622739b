//! Every rule on a problem that fits the smallest board, so that all processors can be compared.

use tinynmf_core::rule::table::{KINDS, kind};
use tinynmf_core::{Epoch, Error, Settings, policy};

use crate::{Order, Report, factorise, factorise_noisy};

/// The problem: the first so many digits.
pub const IMAGES: usize = 24;

/// Its rank.
pub const RANK: usize = 3;

/// Runs to compare: every rule of the table and the two that ask a policy on exact gradients, then two on mini-batches
/// with noise.
pub const RUNS: usize = KINDS.len() + 4;

/// The noise of the runs that have any.
const NOISE: f32 = 0.125;

/// A run to compare.
pub struct Run {
    order: Order<'static>,
    settings: Settings,
    noise: f32,
}

impl Run {
    /// Its rule's name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.order.name
    }

    /// The epochs planned.
    #[must_use]
    pub fn horizon(&self) -> u32 {
        self.settings.horizon
    }

    /// Does it, see [`factorise`].
    ///
    /// # Errors
    ///
    /// Of settings that are none: no run has such.
    pub fn report(self, each: impl FnMut(u32, f32, Option<&Epoch>)) -> Result<Report, Error> {
        let Self { order, settings, noise } = self;
        if noise > 0.0 {
            factorise_noisy::<IMAGES, RANK>(order, settings, noise, each)
        } else {
            factorise::<IMAGES, RANK>(order, settings, each)
        }
    }
}

/// The `k`-th run, of 20 epochs; one at a time because a small stack holds no list of them.
///
/// # Errors
///
/// Of a rule with a parameter out of its range: none has one.
pub fn run(k: usize) -> Result<Run, Error> {
    let exact = Settings { horizon: 20, ..Settings::default() };
    let noisy = Settings { batch: 0.25, seed: 1, ..exact };
    if let Some(kind) = KINDS.get(k) {
        let order = Order::classic(kind.name, kind.make_from(&[])?);
        return Ok(Run { order, settings: exact, noise: 0.0 });
    }
    let (order, settings, noise) = match (k - KINDS.len(), kind("decay")) {
        (0, _) => (Order::asking(policy::SHIPPED)?, exact, 0.0),
        (1, _) => (Order::asking(policy::SCHEDULE)?, exact, 0.0),
        (2, Some(decay)) => (Order::classic(decay.name, decay.make_from(&[])?), noisy, NOISE),
        _ => (Order::asking(policy::SHIPPED)?, noisy, NOISE),
    };
    Ok(Run { order, settings, noise })
}
