//! The rivals and the grids that their parameters are tuned on.

use serde::Serialize;
use tinynmf::error::Result;
use tinynmf::rule_name;
use tinynmf_core::{Policy, Rule};

/// The reference: what a careful user takes without tuning.
pub const REFERENCE: &str = "bound(0.95)";

/// Quarter decades from 10⁻⁵ to 10, for the tuned fixed α and for the oracle's.
pub const ALPHAS: &[f32] = &[
    1e-5, 1.8e-5, 3.2e-5, 5.6e-5, 1e-4, 1.8e-4, 3.2e-4, 5.6e-4, 1e-3, 1.8e-3, 3.2e-3, 5.6e-3, 1e-2,
    1.8e-2, 3.2e-2, 5.6e-2, 0.1, 0.18, 0.32, 0.56, 1.0, 1.8, 3.2, 5.6, 10.0,
];

/// A kind of rule, and the values that each of its parameters may take.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Rival {
    /// As in [`rule_name`].
    pub kind: &'static str,
    /// One axis a parameter; every combination is tried.
    pub axes: &'static [&'static [f32]],
}

/// Every rule but the learned one.
///
/// Shares of the bound reach down to 0.05, where noisy gradients want them; line searches begin above every step that
/// the suites' problems allow.
pub static RIVALS: &[Rival] = &[
    Rival { kind: "fixed", axes: &[ALPHAS] },
    Rival { kind: "bound", axes: &[&[0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99]] },
    Rival { kind: "random", axes: &[] },
    Rival { kind: "around", axes: &[&[0.1, 0.25, 0.5, 0.75, 0.9]] },
    Rival { kind: "armijo", axes: &[&[0.01, 0.1, 0.3], &[0.1, 0.5, 0.8], &[1.0, 10.0]] },
    Rival { kind: "lin", axes: &[&[0.01, 0.1], &[0.1, 0.5, 0.8], &[1.0, 10.0]] },
    Rival { kind: "cauchy", axes: &[] },
    Rival { kind: "bb1", axes: &[] },
    Rival { kind: "bb2", axes: &[] },
    Rival { kind: "abb", axes: &[] },
    Rival { kind: "silver", axes: &[] },
    Rival { kind: "decay", axes: &[&[0.1, 0.3, 0.6, 0.95], &[3.0, 10.0, 30.0, 100.0]] },
    Rival { kind: "cosine", axes: &[&[0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 0.95]] },
    Rival {
        kind: "alternate",
        axes: &[&[1.5, 2.5, 4.0, 6.0, 10.0], &[0.75, 1.0, 1.25, 1.5, 1.75, 1.95]],
    },
    Rival { kind: "dai_yuan", axes: &[] },
    Rival { kind: "sdc", axes: &[COUNTS, COUNTS] },
    Rival {
        kind: "abbmin",
        axes: &[&[0.1, 0.3, 0.5, 0.7, 0.9, 0.99], &[1.0, 2.0, 3.0, 5.0, 10.0]],
    },
    Rival { kind: "adgd", axes: &[] },
    Rival { kind: "wsd", axes: &[&[0.05, 0.1, 0.25, 0.5, 1.0, 1.5, 1.9], COOLDOWNS] },
    Rival {
        kind: "linear_cauchy",
        axes: &[&[0.05, 0.1, 0.25, 0.5, 0.75, 1.0, 1.3, 1.6, 1.9], COOLDOWNS],
    },
    Rival { kind: "adagrad_norm", axes: &[&[0.05, 0.1, 0.25, 0.5, 1.0, 1.5, 2.0, 2.5, 4.0]] },
];

/// Steps of a kind in a row.
const COUNTS: &[f32] = &[1.0, 2.0, 4.0, 8.0, 16.0];

/// Shares of the horizon over which α falls to zero; 1 is all of it.
const COOLDOWNS: &[f32] = &[0.05, 0.2, 0.5, 1.0];

impl Rival {
    /// The number of combinations.
    #[must_use]
    pub fn points(&self) -> usize {
        self.axes.iter().map(|axis| axis.len()).product()
    }

    /// Every combination of the parameters, as rules.
    ///
    /// # Errors
    ///
    /// None for the grids above, which a test makes sure of.
    pub fn grid<'p>(&self, policy: &Policy<'p>) -> Result<Vec<Rule<'p>>> {
        let mut points = vec![String::new()];
        for axis in self.axes {
            let extended =
                points.iter().flat_map(|point| axis.iter().map(move |x| format!("{point},{x}")));
            points = extended.collect();
        }
        let name = |point: &String| match point.strip_prefix(',') {
            Some(parameters) => format!("{}({parameters})", self.kind),
            None => self.kind.to_owned(),
        };
        points.iter().map(|point| rule_name::parse(&name(point), policy)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tinynmf_core::policy::SHIPPED;

    #[test]
    fn the_grids_hold_every_classical_rule() {
        let policy = Policy::from_bytes(SHIPPED).unwrap();
        let mut names = Vec::new();
        for rival in RIVALS {
            assert_eq!(rival.grid(&policy).unwrap().len(), rival.points());
            names.extend(rival.grid(&policy).unwrap().iter().map(rule_name::name));
        }
        assert_eq!(
            names.len(),
            25 + 10 + 1 + 5 + 18 + 12 + 5 + 16 + 7 + 30 + 1 + 25 + 30 + 1 + 28 + 36 + 9
        );
        assert!(names.contains(&REFERENCE.to_owned()));
        let all = rule_name::parse_list("all", &policy).unwrap();
        let kinds: Vec<_> = RIVALS.iter().map(|rival| rival.kind).collect();
        let known = all.iter().filter(|rule| !rule.is_of_sweeps()).map(Rule::name);
        let known: Vec<_> = known.filter(|name| *name != "learned").collect();
        assert_eq!(kinds, known);
    }
}
