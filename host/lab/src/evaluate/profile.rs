//! Performance profiles (Dolan & Moré 2002): how often a rule is within a factor of the best one.

use serde::Serialize;

use super::contenders::Role;
use super::family::FamilyResult;
use super::metric::{Measure, Score};

/// The factors at which a profile is read: 1 to 5 in steps of 0.05.
const FACTORS: usize = 81;

/// One rule's profile over all instances of a suite.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Profile {
    /// Without parameters, which differ between families.
    pub name: String,
    /// The factors.
    pub factor: Vec<f64>,
    /// The share of instances on which the rule needed at most that factor times what the best rule needed.
    pub share: Vec<f64>,
}

impl Profile {
    /// The share at a factor.
    #[must_use]
    pub fn at(&self, factor: f64) -> f64 {
        self.factor.iter().rposition(|it| *it <= factor).map_or(0.0, |place| self.share[place])
    }
}

/// The profiles of the step rules that a user has; a run that failed is within no factor of any.
#[must_use]
pub fn profiles(families: &[FamilyResult], measure: Measure, horizon: u32) -> Vec<Profile> {
    let Some(first) = families.first() else { return Vec::new() };
    let rules = (0..first.contenders.len()).filter(|place| {
        matches!(first.contenders[*place].role, Role::Learned | Role::Reference | Role::Rival)
    });
    let columns: Vec<(String, Vec<f64>)> = rules
        .map(|place| {
            let value = |score: &Score| {
                let failed = measure.is_failure(score, horizon);
                if failed { f64::INFINITY } else { measure.of(score) }
            };
            let scores = families.iter().flat_map(|family| &family.contenders[place].scores);
            (kind(families, place), scores.map(value).collect())
        })
        .collect();
    let factor: Vec<f64> = (0..FACTORS).map(|k| 1.0 + k as f64 / 20.0).collect();
    let shares = profile(columns.iter().map(|(_, values)| &values[..]), &factor);
    let named = columns.into_iter().zip(shares);
    named.map(|((name, _), share)| Profile { name, factor: factor.clone(), share }).collect()
}

/// The name of the contender at `place`, without the parameters of a rival.
#[must_use]
pub fn kind(families: &[FamilyResult], place: usize) -> String {
    let Some(it) = families.first().map(|family| &family.contenders[place]) else {
        return String::new();
    };
    match it.role {
        Role::Rival => it.name.split('(').next().unwrap_or_default().to_owned(),
        _ => it.name.clone(),
    }
}

/// Shares of the runs within each factor; a run that failed is infinite.
fn profile<'a>(columns: impl Iterator<Item = &'a [f64]> + Clone, factors: &[f64]) -> Vec<Vec<f64>> {
    let count = columns.clone().next().map_or(0, <[f64]>::len);
    let least: Vec<f64> = (0..count)
        .map(|i| columns.clone().map(|values| values[i]).fold(f64::INFINITY, f64::min))
        .collect();
    let share = |values: &[f64], factor: f64| {
        let within = |(value, least): (&f64, &f64)| value.is_finite() && *value <= factor * least;
        values.iter().zip(&least).filter(|it| within(*it)).count() as f64 / count as f64
    };
    columns.map(|values| factors.iter().map(|factor| share(values, *factor)).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_runs_have_their_known_profile() {
        let (a, b) = ([10.0, 30.0, f64::INFINITY, 40.0], [20.0, 10.0, f64::INFINITY, 40.0]);
        let shares = profile([&a[..], &b[..]].into_iter(), &[1.0, 2.0, 3.0]);
        assert_eq!(shares, [[0.5, 0.5, 0.75], [0.5, 0.75, 0.75]]);
    }
}
