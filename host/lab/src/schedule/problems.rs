//! The problems: fresh ones of twelve families, and real matrices.

use std::sync::Arc;

use tinynmf::family::Problem;
use tinynmf::matrix::Matrix;
use tinynmf::seeds::{Purpose, problem_seed};
use tinynmf::structured::{Kind, Structured};
use tinynmf_core::Settings;

use crate::matrices::short_name;

/// m, n, r, the kind, and the largest noise on V relative to its mean.
const FAMILIES: [([usize; 3], Kind, f32); 12] = [
    ([40, 30, 4], Kind::Planted, 0.0),
    ([64, 48, 8], Kind::Planted, 0.1),
    ([200, 150, 20], Kind::Planted, 0.1),
    ([64, 48, 8], Kind::Correlated, 0.1),
    ([100, 80, 6], Kind::Spectrum, 0.1),
    ([300, 60, 10], Kind::Spectrum, 0.6),
    ([129, 200, 5], Kind::Smooth, 0.1),
    ([64, 32, 4], Kind::Smooth, 0.6),
    ([52, 189, 6], Kind::Blocks, 0.3),
    ([96, 24, 4], Kind::Blocks, 0.6),
    ([150, 120, 16], Kind::Sparse, 0.0),
    ([220, 100, 10], Kind::Sparse, 0.3),
];

/// Problems that belong together.
#[derive(Debug, Clone)]
pub struct Group {
    /// Shape, rank and kind, or the file and the rank.
    pub name: String,
    /// They differ in their starts, and if drawn in V.
    pub problems: Vec<Problem>,
}

/// So many problems of every family; those of two purposes share no seed.
#[must_use]
pub fn drawn(purpose: Purpose, count: usize) -> Vec<Group> {
    let group = |(place, ([m, n, r], kind, noise)): (usize, ([usize; 3], Kind, f32))| {
        let them = Structured {
            kinds: vec![kind],
            rows: [m; 2],
            columns: [n; 2],
            rank: [r; 2],
            entries: m * n,
            noise,
        };
        let problem = |i| them.problem(problem_seed(purpose, 11, [place as u64, i as u64]));
        let name = format!("{m}x{n} r{r} {kind:?} {noise}").to_lowercase();
        Group { name, problems: (0..count).map(problem).collect() }
    };
    FAMILIES.into_iter().enumerate().map(group).collect()
}

/// Every matrix with each of the ranks that fits, from so many starts.
#[must_use]
pub fn real(matrices: &[Matrix], ranks: &[usize], starts: usize) -> Vec<Group> {
    let of = |matrix: &Matrix| {
        let shorter = matrix.rows().min(matrix.cols());
        let ranks = ranks.iter().filter(move |rank| 2 * **rank <= shorter);
        let name = short_name(matrix);
        ranks.map(|rank| of_matrix(&name, matrix, *rank, starts)).collect::<Vec<_>>()
    };
    matrices.iter().flat_map(of).collect()
}

/// `matrix` with one rank, from so many starts.
#[must_use]
pub fn of_matrix(name: &str, matrix: &Matrix, rank: usize, starts: usize) -> Group {
    let (rows, columns) = (matrix.rows(), matrix.cols());
    let entries: Arc<[f32]> = matrix.entries().into();
    let problem = |start: usize| {
        let seed = problem_seed(Purpose::Evaluation, 12, [rank as u64, start as u64]);
        let settings = Settings { seed, ..Settings::default() };
        Problem { rows, columns, rank, entries: entries.clone(), settings, gradient_noise: 0.0 }
    };
    let name = format!("{name} {rows}x{columns} r{rank}");
    Group { name, problems: (0..starts).map(problem).collect() }
}
