//! Every step rule on a problem that fits the smallest board, so that all processors can be compared.

use tinynmf_core::rule::{
    Abb, Armijo, Around, Bb1, Bb2, Bound, Cauchy, Cosine, Decay, Fixed, Lin, Random, Silver,
};
use tinynmf_core::{Error, Settings, policy};

use crate::Order;

/// The problem: the first so many digits.
pub const IMAGES: usize = 24;

/// Its rank.
pub const RANK: usize = 3;

/// Runs to compare: every rule on exact gradients, then two on mini-batches with noise.
pub const RUNS: u32 = 16;

/// The `k`-th run, of 20 epochs; one at a time because a small stack holds no list of them.
///
/// # Errors
///
/// Of a rule with a parameter out of its range: none has one.
pub fn run(k: u32) -> Result<(Order<'static>, Settings), Error> {
    let exact = Settings { horizon: 20, ..Settings::default() };
    let noisy = Settings { batch: 0.25, noise: 0.125, seed: 1, ..exact };
    let order = match k {
        0 => Order::classic("fixed(0.01)", Fixed::new(0.01)?),
        1 => Order::classic("bound(0.95)", Bound::new(0.95)?),
        2 => Order::classic("random", Random),
        3 => Order::classic("around(0.5)", Around::new(0.5)?),
        4 => Order::classic("armijo(0.1,0.5,1)", Armijo::new(0.1, 0.5, 1.0)?),
        5 => Order::classic("lin(0.01,0.5,1)", Lin::new(0.01, 0.5, 1.0)?),
        6 => Order::classic("cauchy", Cauchy),
        7 => Order::classic("bb1", Bb1),
        8 => Order::classic("bb2", Bb2),
        9 => Order::classic("abb", Abb),
        10 => Order::classic("silver", Silver),
        11 | 14 => Order::classic("decay(0.95,50)", Decay::new(0.95, 50.0)?),
        12 => Order::classic("cosine(0.95)", Cosine::new(0.95)?),
        _ => Order::learned(policy::SHIPPED)?,
    };
    Ok((order, if k < 14 { exact } else { noisy }))
}
