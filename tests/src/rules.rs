//! Every step rule, by name.

use tinynmf_core::rule::table;
use tinynmf_core::{Policy, Rule};

/// A policy that nobody trained ([`Forged::lively`](crate::forged::Forged::lively)): training a better one
/// changes no golden value, and its choices vary over its whole range.
pub static POLICY: &[u8] = include_bytes!("../golden/policy.tnmf");

/// The rule of a name and its parameters in the order of the design's table.
///
/// # Panics
///
/// If there is no such rule or its parameters are refused.
#[must_use]
pub fn rule(name: &str, parameters: &[f32]) -> Rule<'static> {
    if name == "learned" {
        return Rule::learned(Policy::from_bytes(POLICY).unwrap());
    }
    table::kind(name).expect(name).make(parameters).expect(name)
}

/// Every rule once, the ones with a share of the bound twice, with names that fit a table.
#[must_use]
pub fn every() -> Vec<(String, Rule<'static>)> {
    let all: [(&str, &[f32]); 29] = [
        ("fixed", &[0.01]),
        ("bound", &[0.5]),
        ("bound", &[0.95]),
        ("random", &[]),
        ("around", &[0.5]),
        ("armijo", &[0.1, 0.5, 1.0]),
        ("lin", &[0.01, 0.5, 1.0]),
        ("cauchy", &[]),
        ("bb1", &[]),
        ("bb2", &[]),
        ("abb", &[]),
        ("silver", &[]),
        ("decay", &[0.9, 10.0]),
        ("cosine", &[0.9]),
        ("alternate", &[1.5, 1.5]),
        ("dai_yuan", &[]),
        ("sdc", &[3.0, 2.0]),
        ("abbmin", &[0.8, 3.0]),
        ("adgd", &[]),
        ("wsd", &[1.9, 0.5]),
        ("linear_cauchy", &[1.0, 0.5]),
        ("adagrad_norm", &[1.9]),
        ("hals", &[]),
        ("sweeps", &[1.5, 2.0]),
        ("growing", &[0.3, 1.3, 1.3, 2.0]),
        ("adaptive", &[0.3, 1.5, 0.3, 1.3, 3.0]),
        ("thrifty", &[0.3, 1.5, 0.3, 1.3, 0.8]),
        ("widening", &[1.0, 1.2, 1.2, 0.6, 0.4]),
        ("learned", &[]),
    ];
    all.map(|(name, parameters)| (title(name, parameters), rule(name, parameters))).into()
}

/// `name(a,b)`, or `name` where there are no parameters.
#[must_use]
pub fn title(name: &str, parameters: &[f32]) -> String {
    let list: Vec<_> = parameters.iter().map(f32::to_string).collect();
    if list.is_empty() { name.to_owned() } else { format!("{name}({})", list.join(",")) }
}
