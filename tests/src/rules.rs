//! Every step rule, by name.

use tinynmf_core::rule::{
    Abb, Armijo, Around, Bb1, Bb2, Bound, Cauchy, Cosine, Decay, Fixed, Lin, Random, Silver,
};
use tinynmf_core::{Policy, Rule};

/// A policy that is kept as it is, so that training a better one changes no golden value.
static POLICY: &[u8] = include_bytes!("../golden/policy.tnmf");

/// The rule of a name and its parameters in the order of the design's table.
///
/// # Panics
///
/// If there is no such rule or its parameters are refused.
#[must_use]
pub fn rule(name: &str, parameters: &[f32]) -> Rule<'static> {
    match (name, parameters) {
        ("fixed", &[alpha]) => Fixed::new(alpha).unwrap().into(),
        ("bound", &[share]) => Bound::new(share).unwrap().into(),
        ("random", []) => Random.into(),
        ("around", &[spread]) => Around::new(spread).unwrap().into(),
        ("armijo", &[c, shrink, max]) => Armijo::new(c, shrink, max).unwrap().into(),
        ("lin", &[sigma, shrink, max]) => Lin::new(sigma, shrink, max).unwrap().into(),
        ("cauchy", []) => Cauchy.into(),
        ("bb1", []) => Bb1.into(),
        ("bb2", []) => Bb2.into(),
        ("abb", []) => Abb.into(),
        ("silver", []) => Silver.into(),
        ("decay", &[share, half_life]) => Decay::new(share, half_life).unwrap().into(),
        ("cosine", &[share]) => Cosine::new(share).unwrap().into(),
        ("learned", []) => Rule::learned(Policy::from_bytes(POLICY).unwrap()),
        _ => panic!("no rule {name} with {parameters:?}"),
    }
}

/// Every rule once, the ones with a share of the bound twice, with names that fit a table.
#[must_use]
pub fn every() -> Vec<(String, Rule<'static>)> {
    let all: [(&str, &[f32]); 15] = [
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
