//! Statistics of a rule over all instances of a suite.

use rayon::prelude::*;
use serde::Serialize;

use super::contenders::Role;
use super::family::FamilyResult;
use super::metric::Measure;
use super::profile::{Profile, kind};
use super::statistics::{Estimate, interquartile_mean, quantile};

/// A contender over all instances.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Overall {
    /// Without parameters, which differ between families.
    pub name: String,
    /// Its role.
    pub role: Role,
    /// Interquartile mean of its number over the reference's on the same instance.
    pub ratio: Estimate,
    /// 95th percentile of the same.
    pub p95: f64,
    /// Shares of instances within the factors 1 and 2 of the best rule, for a rule.
    pub within: Option<[f64; 2]>,
    /// Runs that diverged.
    pub diverged: usize,
}

/// Every contender over all instances of all families.
#[must_use]
pub fn overall(families: &[FamilyResult], profiles: &[Profile], measure: Measure) -> Vec<Overall> {
    let count = families.first().map_or(0, |family| family.contenders.len());
    let of_contender = |place: usize| {
        let name = kind(families, place);
        let profile = profiles.iter().find(|profile| profile.name == name);
        let ratios = ratios(families, place, measure);
        let diverged = families.iter().map(|family| family.contenders[place].diverged);
        Overall {
            role: families[0].contenders[place].role,
            ratio: Estimate::of_values(&ratios, interquartile_mean),
            p95: quantile(ratios, 0.95),
            within: profile.map(|profile| [1.0, 2.0].map(|factor| profile.at(factor))),
            diverged: diverged.sum(),
            name,
        }
    };
    (0..count).into_par_iter().map(of_contender).collect()
}

/// The number of the contender at `place` over the reference's, on every instance.
fn ratios(families: &[FamilyResult], place: usize, measure: Measure) -> Vec<f64> {
    let of_family = |family: &FamilyResult| -> Vec<f64> {
        let values = |place: usize| family.contenders[place].values(measure);
        values(place).iter().zip(values(1)).map(|(own, other)| own / other).collect()
    };
    families.iter().flat_map(of_family).collect()
}
