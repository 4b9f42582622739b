//! Where problems come from: a family, or a user's own matrix.
//!
//! # A policy for one matrix
//!
//! One matrix alone would teach a policy that matrix and its starts, and next month's recording has
//! other numbers. So most problems are blocks of it: rows and columns chosen at random, their
//! numbers log-uniform from 16 (twice the rank if that is more) up to 128 or all. Blocks share the
//! matrix's sparsity, noise and conditioning, which step sizes depend on, and differ in everything else;
//! the observations do not know sizes, so what is learned on blocks holds for the whole. Every tenth
//! problem is the whole matrix; fewer of a matrix so large that it would cost more time than the blocks.
//! Each problem has a start of its own, and one of the ranks that were asked for.
//! Batches, noise on gradients and horizons come from the [`Family`], whose other fields do not matter
//! then.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use tinynmf::text::shown;

use serde::{Deserialize, Serialize};
use tinynmf::error::{Error, Result};
use tinynmf::factorize::check_rank;
use tinynmf::family::{Family, Problem};
use tinynmf::matrix::{FAINTEST, Matrix, ReadOptions};
use tinynmf::seeds::{Purpose, problem_seed};
use tinynmf::structured::Structured;
use tinynmf_core::Fingerprint;
use tinynmf_core::random::{Rng, Stream, batch, generator, uniform};

/// The largest share of problems that are the whole matrix.
const WHOLE: f32 = 0.1;

/// Blocks have at least so many rows and columns, if the matrix has.
const SMALLEST: usize = 16;

/// Blocks have at most so many rows and columns, so that they are as quick as a family's problems.
const LARGEST: usize = 128;

/// A block without anything in it is chosen again so many times.
const TRIALS: usize = 20;

/// A user's matrix, as the configuration and the checkpoint remember it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Given {
    /// The file, as seen from the working folder.
    pub path: PathBuf,
    /// The ranks to train for.
    pub ranks: Vec<usize>,
    /// How to read it.
    #[serde(default)]
    pub options: ReadOptions,
    /// Of the shape and the entries; found when training begins, and the same ever after.
    #[serde(default)]
    pub fingerprint: Option<u64>,
}

/// Problems to draw.
#[derive(Debug, Clone)]
pub enum Source {
    /// Synthetic ones.
    Family(Family),
    /// A matrix and blocks of it.
    Matrix(Blocks),
    /// Synthetic ones with the structures of real matrices.
    Structured(Structured),
}

/// A matrix that problems are cut out of.
#[derive(Debug, Clone)]
pub struct Blocks {
    report: String,
    rows: usize,
    columns: usize,
    entries: Arc<[f32]>,
    ranks: Vec<usize>,
    family: Family,
}

impl Given {
    /// Reads the matrix, of which problems as large as those of `family` are cut, and remembers its fingerprint.
    ///
    /// # Errors
    ///
    /// A matrix that cannot be factorised with every rank, or that is not the one of the fingerprint.
    pub fn open(&mut self, family: &Family) -> Result<Blocks> {
        let Self { path, ranks, options, fingerprint } = self;
        let matrix = Matrix::read(&path, *options)?;
        for rank in &*ranks {
            check_rank(matrix.name(), [matrix.rows(), matrix.cols()], *rank)?;
        }
        let found = identity(&matrix);
        if *fingerprint.get_or_insert(found) != found {
            return Err(changed(path));
        }
        Ok(Blocks {
            report: matrix.report(),
            rows: matrix.rows(),
            columns: matrix.cols(),
            entries: matrix.entries().into(),
            ranks: ranks.clone(),
            family: family.clone(),
        })
    }
}

impl Source {
    /// At most so many rows and columns, and this rank, has a problem that most others are as large as.
    #[must_use]
    pub fn largest(&self) -> [usize; 3] {
        match self {
            Self::Family(family) => [family.rows[1], family.columns[1], family.rank[1]],
            Self::Matrix(blocks) => {
                let rank = blocks.ranks.iter().copied().max().unwrap_or(1);
                let side = |all: usize| all.min(LARGEST.max(2 * rank));
                [side(blocks.rows), side(blocks.columns), rank]
            }
            Self::Structured(them) => [them.rows[1], them.columns[1], them.rank[1]],
        }
    }

    /// Problem `number` of those that a training with this seed plays on.
    #[must_use]
    pub fn training_problem(&self, seed: u64, number: usize) -> Problem {
        self.problem(problem_seed(Purpose::Training, seed, [u64::MAX, number as u64]))
    }

    /// The problem with that number that no training learns from, the same whatever its seed.
    #[must_use]
    pub fn validation_problem(&self, number: usize) -> Problem {
        self.problem(problem_seed(Purpose::Validation, 0, [u64::MAX, number as u64]))
    }

    /// One line that tells how the matrix was read, if there is one.
    #[must_use]
    pub fn report(&self) -> Option<&str> {
        match self {
            Self::Family(_) | Self::Structured(_) => None,
            Self::Matrix(blocks) => Some(&blocks.report),
        }
    }

    /// The problem of a seed; the same seed always gives the same problem.
    #[must_use]
    pub fn problem(&self, seed: u64) -> Problem {
        match self {
            Self::Family(family) => family.problem(seed),
            Self::Matrix(blocks) => blocks.problem(seed),
            Self::Structured(them) => them.problem(seed),
        }
    }
}

impl Blocks {
    fn problem(&self, seed: u64) -> Problem {
        let mut rng = generator(seed, Stream::Rule);
        let rng = &mut rng;
        let rank = self.ranks[below(self.ranks.len(), rng)];
        let (settings, gradient_noise) = self.family.settings(seed, rng);
        let affordable = (LARGEST * LARGEST) as f32 / self.entries.len() as f32;
        let trials = if uniform(rng) < WHOLE.min(affordable) { 0 } else { TRIALS };
        for _ in 0..trials {
            let rows = chosen(self.rows, rank, rng);
            let columns = chosen(self.columns, rank, rng);
            let entry = |i: &u32, j: &u32| self.entries[*i as usize * self.columns + *j as usize];
            let row = |i| columns.iter().map(move |j| entry(i, j));
            let entries: Arc<[f32]> = rows.iter().flat_map(row).collect();
            if entries.iter().any(|v| *v >= FAINTEST) {
                return Problem {
                    rows: rows.len(),
                    columns: columns.len(),
                    rank,
                    entries,
                    settings,
                    gradient_noise,
                };
            }
        }
        let (rows, columns, entries) = (self.rows, self.columns, self.entries.clone());
        Problem { rows, columns, rank, entries, settings, gradient_noise }
    }
}

/// The rows or columns of a block, in their order.
fn chosen(side: usize, rank: usize, rng: &mut Rng) -> Vec<u32> {
    let low = SMALLEST.max(2 * rank).min(side);
    let high = LARGEST.max(low).min(side);
    let growth = libm::logf(high as f32 / low as f32);
    let size = low as f32 * libm::expf(growth * uniform(rng));
    let mut all: Vec<u32> = (0..side as u32).collect();
    // A share half an entry short of the size, for the share's own rounding up.
    let share = (size.round().clamp(low as f32, high as f32) - 0.5) / side as f32;
    let mut some = batch(&mut all, share, rng).to_vec();
    some.sort_unstable();
    some
}

fn below(count: usize, rng: &mut Rng) -> usize {
    ((uniform(rng) * count as f32) as usize).min(count - 1)
}

fn identity(matrix: &Matrix) -> u64 {
    let mut fingerprint = Fingerprint::new();
    fingerprint.floats(&[matrix.rows() as f32, matrix.cols() as f32]);
    fingerprint.floats(&matrix.entries());
    fingerprint.value()
}

fn changed(path: &Path) -> Error {
    let problem = "the matrix is not the one that training began with";
    let remedy = "restore the old file, or train in another folder";
    Error::format(&shown(path), problem, remedy)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tinynmf::digits;
    use tinynmf::matrix::write_npy;

    /// To train for the digits' first images, given as a file.
    fn given(folder: &Path, ranks: &[usize]) -> (Given, Family) {
        let (path, digits) = (folder.join("v.npy"), digits::first(200));
        write_npy(&path, digits.rows(), digits.cols(), &digits.entries()).unwrap();
        let matrix = Given {
            path,
            ranks: ranks.to_vec(),
            options: ReadOptions::default(),
            fingerprint: None,
        };
        (matrix, Family { horizon: [20, 30], ..Family::default() })
    }

    #[test]
    fn problems_are_valid_blocks_and_the_whole() {
        let folder = tempfile::tempdir().unwrap();
        let (mut given, family) = given(folder.path(), &[3, 12]);
        let source = Source::Matrix(given.open(&family).unwrap());
        let problems: Vec<Problem> = (0..200).map(|seed| source.problem(seed)).collect();
        assert!(problems.iter().zip(0..).all(|(problem, seed)| *problem == source.problem(seed)));
        let count = |of: &dyn Fn(&Problem) -> bool| problems.iter().filter(|it| of(it)).count();
        assert!((10..40).contains(&count(&|it| (it.rows, it.columns) == (200, 64))));
        assert!((60..140).contains(&count(&|it| it.rank == 3)));
        assert_eq!(count(&|it| it.rank == 12 && it.columns < 24), 0);
        assert!(count(&|it| it.rows > 64) > 20 && count(&|it| it.rows < 40) > 20);
        for problem in &problems {
            assert_eq!(problem.data().rows(), problem.rows);
            assert!((20..=30).contains(&problem.settings.horizon));
            drop(problem.memory());
        }
    }

    #[test]
    fn a_matrix_with_little_in_it_does() {
        let mut entries = vec![0.0; 60 * 50];
        entries[7] = 1.0;
        let blocks = Blocks {
            report: String::new(),
            rows: 60,
            columns: 50,
            entries: entries.into(),
            ranks: vec![1],
            family: Family::default(),
        };
        assert!((0..50).all(|seed| blocks.problem(seed).data().norm_squared() > 0.0));
    }

    #[test]
    fn a_changed_matrix_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let (mut given, family) = given(folder.path(), &[4]);
        given.open(&family).unwrap();
        assert!(given.fingerprint.is_some());
        given.open(&family).unwrap();
        write_npy(&given.path, 5, 4, &[1.0; 20]).unwrap();
        let refusal = given.open(&family).unwrap_err().to_string();
        assert!(refusal.contains("not the one that training began with"), "{refusal}");
    }
}
