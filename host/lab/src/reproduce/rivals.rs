//! The schedules that learned and random ones are set against; the paper lacks most of them.

use tinynmf::seeds::Purpose;
use tinynmf_core::policy::BATCHES;
use tinynmf_core::rule::{Abb, Bound, Cauchy, Decay, Silver};
use tinynmf_core::{Policy, Rule};

use super::lab::Order;
use super::record::{Choice, Joint};

/// The share of 2/L that stands for "at the bound", which itself is open.
pub const AT_THE_BOUND: f32 = 0.99;

/// Names and schedules: the run at the bound first, the same with one α for both factors second, as the
/// paper's agent has one; the policy that ships for mini-batches last.
///
/// # Panics
///
/// Never: the parameters are in range and the policy is valid.
#[must_use]
pub fn rivals() -> [(&'static str, Choice); 7] {
    const RANGE: &str = "parameters in their range";
    let shipped = Policy::from_bytes(BATCHES).expect("the policy that ships is valid");
    let rule = |rule: Rule<'static>| Choice::Rule(rule);
    [
        ("bound", rule(Bound::new(AT_THE_BOUND).expect(RANGE).into())),
        ("bound, one α", Choice::Joint(Joint::new(AT_THE_BOUND))),
        ("decay", rule(Decay::new(AT_THE_BOUND, 100.0).expect(RANGE).into())),
        ("cauchy", rule(Cauchy.into())),
        ("abb", rule(Abb.into())),
        ("silver", rule(Silver.into())),
        ("shipped policy", rule(Rule::learned(shipped))),
    ]
}

/// Where in [`rivals`] the classical ones are that the paper lacks.
pub const CLASSICAL: std::ops::Range<usize> = 2..6;

/// A run of each on an instance.
#[must_use]
pub fn orders(instance: (Purpose, u64)) -> Vec<Order> {
    let (purpose, index) = instance;
    let place = if purpose == Purpose::Training { "first" } else { "fresh" };
    let orders = rivals().into_iter().map(|(name, choice)| Order {
        name: format!("{}-{place}{index}", name.replace(", one α", "-one").replace(' ', "-")),
        choice,
        instance,
        seed: 0,
        end: 0.0,
    });
    orders.collect()
}
