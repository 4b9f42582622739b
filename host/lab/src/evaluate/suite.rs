//! The suites, as data: which problems a policy is evaluated on.

use std::ops::RangeInclusive;
use std::path::Path;

use crc::{CRC_64_XZ, Crc};
use serde::Serialize;
use tinynmf::error::Result;
use tinynmf::family::{Family, Problem};
use tinynmf::matrix::{Matrix, ReadOptions};
use tinynmf::seeds::{Purpose, problem_seed};
use tinynmf_core::Settings;

use super::families::{self, HORIZON};
use super::metric::Measure;
use crate::matrices::{matrices, short_name};

/// Instances that the rivals are tuned on, at most.
pub const TUNING: usize = 20;

/// Instances of a synthetic family.
const INSTANCES: usize = 100;

/// Instances of a real matrix: three starts of each rank.
const STARTS: usize = 42;

/// The ranks that a real matrix is factorised with, in turn.
const RANKS: RangeInclusive<usize> = 3..=16;

/// A kind of problems.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Suite {
    /// Exact gradients on synthetic matrices, well and ill conditioned.
    Exact,
    /// Mini-batches of 25 % and 5 %, and noise of 0.1 and 0.5 of the first gradient's root mean square.
    Stochastic,
    /// Exact gradients on real matrices, ranks 3 to 16.
    Real,
}

/// One family of problems in a suite.
#[derive(Debug, Clone)]
pub struct Case {
    /// Of at most 17 characters, unique in the suite.
    pub name: String,
    /// Where its problems come from.
    pub source: Source,
    /// Problems that are reported.
    pub instances: usize,
    /// Other problems, for tuning.
    pub tuning: usize,
}

/// Where problems come from.
#[derive(Debug, Clone)]
pub enum Source {
    /// Drawn.
    Family(Family),
    /// One matrix, with ranks in turn and starts drawn.
    Matrix(Matrix),
}

impl Suite {
    /// As on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Stochastic => "stochastic",
            Self::Real => "real",
        }
    }

    /// Meaning of the families' names, in lines of at most 80 columns.
    #[must_use]
    pub fn names(self) -> &'static str {
        match self {
            Self::Exact => {
                "Families: m x n, rank r; +0.05: noise on V relative to its root mean square;\n\
                 cor: columns of W correlated 0.9; log: log-normal sizes of the latents."
            }
            Self::Stochastic => {
                "Families: m x n, rank r; 25%: columns and rows in a mini-batch; ~0.1: noise on\n\
                 gradients, relative to the root mean square of the first gradient."
            }
            Self::Real => "Families: a matrix, with the ranks 3 to 16 in turn.",
        }
    }

    /// Measure of its runs.
    #[must_use]
    pub fn measure(self) -> Measure {
        if self == Self::Stochastic { Measure::Gap } else { Measure::Epochs }
    }

    /// The families, with `instances` problems each instead of the suite's own number.
    ///
    /// # Errors
    ///
    /// A folder `data` that cannot be read, that has no file of a known format, or one that is no matrix to factorise.
    pub fn cases(
        self,
        data: Option<(&Path, ReadOptions)>,
        instances: Option<usize>,
    ) -> Result<Vec<Case>> {
        let case = |name: String, source, own: usize| {
            let instances = instances.unwrap_or(own);
            Case { name, source, instances, tuning: instances.min(TUNING) }
        };
        let drawn = |(name, family)| case(name, Source::Family(family), INSTANCES);
        Ok(match self {
            Self::Exact => families::exact().into_iter().map(drawn).collect(),
            Self::Stochastic => families::stochastic().into_iter().map(drawn).collect(),
            Self::Real => matrices(data)?
                .into_iter()
                .map(|matrix| case(short_name(&matrix), Source::Matrix(matrix), STARTS))
                .collect(),
        })
    }
}

impl Case {
    /// The blob of the policy that ships for its gradients.
    #[must_use]
    pub fn shipped_policy(&self) -> &'static [u8] {
        self.problem(Purpose::Evaluation, 0).shipped_policy()
    }

    /// Entries of V in a synthetic family; 0 for a matrix that was given.
    #[must_use]
    pub fn entries(&self) -> usize {
        match &self.source {
            Source::Family(family) => family.rows[1] * family.columns[1],
            Source::Matrix(_) => 0,
        }
    }

    /// The problem with that number; those of two purposes share no seed.
    #[must_use]
    pub fn problem(&self, purpose: Purpose, index: usize) -> Problem {
        let name = Crc::<u64>::new(&CRC_64_XZ).checksum(self.name.as_bytes());
        let seed = problem_seed(purpose, 0, [name, index as u64]);
        match &self.source {
            Source::Family(family) => family.problem(seed),
            Source::Matrix(matrix) => {
                let (rows, columns) = (matrix.rows(), matrix.cols());
                let rank = (RANKS.start() + index % RANKS.count()).min(rows).min(columns);
                let entries = matrix.entries().into();
                let settings = Settings { horizon: HORIZON, seed, ..Settings::default() };
                Problem { rows, columns, rank, entries, settings, gradient_noise: 0.0 }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn names_are_unique() {
        for suite in [Suite::Exact, Suite::Stochastic, Suite::Real] {
            let cases = suite.cases(None, None).unwrap();
            let names: HashSet<&String> = cases.iter().map(|case| &case.name).collect();
            assert_eq!(names.len(), cases.len());
        }
        assert_eq!(Suite::Exact.cases(None, None).unwrap().len(), 16);
        assert_eq!(Suite::Stochastic.cases(None, Some(3)).unwrap()[7].instances, 3);
    }

    #[test]
    fn tuning_and_evaluation_share_no_problem_and_training_shares_no_seed() {
        let mut seen = HashSet::new();
        for case in Suite::Exact.cases(None, None).unwrap() {
            for purpose in [Purpose::Tuning, Purpose::Evaluation] {
                for index in 0..2 {
                    let seed = case.problem(purpose, index).settings.seed;
                    assert!(seen.insert(seed) && seed >> 62 != Purpose::Training as u64);
                }
            }
        }
    }

    #[test]
    fn real_matrices_take_every_rank_and_the_digits_once() {
        let folder = tempfile::tempdir().unwrap();
        let data = Some((folder.path(), ReadOptions::default()));
        let refused = Suite::Real.cases(data, None).unwrap_err().to_string();
        assert!(refused.contains("--data") && refused.contains("no .npy"), "{refused}");
        let digits = tinynmf::digits::all();
        let path = folder.path().join("again.npy");
        tinynmf::matrix::write_npy(&path, digits.rows(), digits.cols(), &digits.entries()).unwrap();
        let small = folder.path().join("small.npy");
        tinynmf::matrix::write_npy(&small, 2, 3, &[1.0; 6]).unwrap();
        let cases = Suite::Real.cases(data, None).unwrap();
        assert_eq!(cases.iter().map(|case| &*case.name).collect::<Vec<_>>(), ["digits", "small"]);
        let rank = |case: &Case, index| case.problem(Purpose::Evaluation, index).rank;
        assert_eq!([0, 13, 14].map(|index| rank(&cases[0], index)), [3, 16, 3]);
        assert_eq!(rank(&cases[1], 5), 2);
    }
}
