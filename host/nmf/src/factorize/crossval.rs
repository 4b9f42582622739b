//! Which rank? Cross-validation by entries that are held out.
//!
//! Entries scattered over V are hidden, V is factorised without them, and the fit is judged by them (Wold 1978,
//! Cross-validatory estimation of the number of components). A rank that is too high fits noise, and what is hidden
//! worse. Owen & Perry (2009, Bi-cross-validation of the SVD and NMF) hold out whole rows and columns instead; hidden
//! entries need no second problem, and every row and column stays known.

use rayon::prelude::*;
use tinynmf_core::Schedule;
use tinynmf_core::random::{Stream, generator, uniform};

use super::{Factorization, Options};
use crate::error::{Error, Result};
use crate::sparse::{Compressed, SparseMatrix};

/// How well a rank tells what it has not seen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Score {
    /// The rank.
    pub rank: usize,
    /// ‖V − WH‖ / ‖V‖ over hidden entries: the mean of the folds.
    pub error: f32,
    /// The standard error of that mean.
    pub spread: f32,
}

/// The score of every rank: `folds` times, another 1/`folds` of the entries of V that are stored in `by_rows` is hidden,
/// the same for all ranks; `options` tells everything but the rank.
///
/// # Errors
///
/// Fewer than 2 folds, or too few entries; else of [`Options::fit`].
pub fn cross_validate<S: Schedule + Clone + Sync>(
    by_rows: &Compressed,
    ranks: &[usize],
    folds: usize,
    seed: u64,
    options: &Options<'_, S>,
) -> Result<Vec<Score>> {
    if folds < 2 || by_rows.stored() < 2 * folds {
        let problem = format!("{folds} do not suit {} known entries", by_rows.stored());
        return Err(Error::argument("folds", problem, "hide a part of a larger matrix"));
    }
    let mut rng = generator(seed, Stream::Noise);
    let fold_of: Vec<usize> = (0..by_rows.stored())
        .map(|_| ((uniform(&mut rng) * folds as f32) as usize).min(folds - 1))
        .collect();
    let cells: Vec<(usize, usize)> =
        ranks.iter().flat_map(|rank| (0..folds).map(move |fold| (*rank, fold))).collect();
    let judge = |(rank, fold): &(usize, usize)| -> Result<f64> {
        let [known, hidden] = by_rows.split(|at| fold_of[at] != *fold);
        let found = options.clone().rank(*rank).fit(&SparseMatrix::observed(known)?)?;
        Ok(error(&hidden, &found))
    };
    let errors: Vec<f64> = cells.par_iter().map(judge).collect::<Result<_>>()?;
    Ok(ranks
        .iter()
        .zip(errors.chunks_exact(folds))
        .map(|(rank, errors)| score(*rank, errors))
        .collect())
}

fn score(rank: usize, errors: &[f64]) -> Score {
    let count = errors.len() as f64;
    let mean = errors.iter().sum::<f64>() / count;
    let variance = errors.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (count - 1.0);
    Score { rank, error: mean as f32, spread: (variance / count).sqrt() as f32 }
}

/// ‖V − WH‖ / ‖V‖ over the entries of `hidden`.
fn error(hidden: &Compressed, found: &Factorization) -> f64 {
    let (mut squares, mut norm) = (0.0, 0.0);
    for (row, w) in found.w.chunks_exact(found.rank).enumerate() {
        for (column, v) in hidden.slice(row) {
            let h = found.h.iter().skip(column).step_by(found.columns);
            let fit: f64 = w.iter().zip(h).map(|(w, h)| f64::from(*w) * f64::from(*h)).sum();
            squares += (f64::from(v) - fit).powi(2);
            norm += f64::from(v).powi(2);
        }
    }
    if norm > 0.0 { (squares / norm).sqrt() } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::family::Family;

    #[test]
    fn the_planted_rank_is_found() {
        let family = Family {
            rows: [60; 2],
            columns: [40; 2],
            rank: [4; 2],
            density: [0.6; 2],
            noise: [0.1; 2],
            correlation: [0.0; 2],
            spread: [0.0; 2],
            ..Family::default()
        };
        let problem = family.problem(3);
        let by_rows = Compressed::from_dense(&problem.entries, 60, 40, |_| true).unwrap();
        let options = Factorization::options(1).starts(2);
        let scores = cross_validate(&by_rows, &[1, 2, 3, 4, 6, 9], 4, 0, &options).unwrap();
        let best = scores.iter().min_by(|a, b| a.error.total_cmp(&b.error)).unwrap();
        assert_eq!(best.rank, 4, "{scores:?}");
        assert!(scores[0].error > 1.5 * best.error && scores[5].error > 1.05 * best.error);
        assert!(cross_validate(&by_rows, &[2], 1, 0, &options).is_err());
    }
}
