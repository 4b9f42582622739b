//! Every rule on a problem that fits the smallest board, so that all processors can be compared.

use tinynmf_core::rule::table::{KINDS, kind};
use tinynmf_core::{Error, Settings, policy};

use crate::Order;

/// The problem: the first so many digits.
pub const IMAGES: usize = 24;

/// Its rank.
pub const RANK: usize = 3;

/// Runs to compare: every rule of the table and the two that ask a policy on exact gradients, then two on mini-batches
/// with noise.
pub const RUNS: usize = KINDS.len() + 4;

/// The `k`-th run, of 20 epochs; one at a time because a small stack holds no list of them.
///
/// # Errors
///
/// Of a rule with a parameter out of its range: none has one.
pub fn run(k: usize) -> Result<(Order<'static>, Settings), Error> {
    let exact = Settings { horizon: 20, ..Settings::default() };
    let noisy = Settings { batch: 0.25, noise: 0.125, seed: 1, ..exact };
    if let Some(kind) = KINDS.get(k) {
        return Ok((Order::classic(kind.name, kind.make_from(&[])?), exact));
    }
    Ok(match (k - KINDS.len(), kind("decay")) {
        (0, _) => (Order::asking(policy::SHIPPED)?, exact),
        (1, _) => (Order::asking(policy::SCHEDULE)?, exact),
        (2, Some(decay)) => (Order::classic(decay.name, decay.make_from(&[])?), noisy),
        _ => (Order::asking(policy::SHIPPED)?, noisy),
    })
}
