//! How much of one number others explain: ordinary least squares.

use nalgebra::{DMatrix, DVector};

/// Singular values below this share of the largest are taken for zero.
const RANK_TOLERANCE: f64 = 1e-9;

/// 1 − Σ(y − ŷ)²/Σ(y − ȳ)² of the least-squares fit of `y` on `rows` and a constant.
///
/// `rows` are the explaining numbers of each `y`. Without a row, or for a `y` that does not vary, 0.
#[must_use]
pub fn explained(rows: &[Vec<f64>], y: &[f64]) -> f64 {
    let (Some(first), count) = (rows.first(), y.len()) else { return 0.0 };
    let mean = y.iter().sum::<f64>() / count as f64;
    let x =
        DMatrix::from_fn(count, first.len() + 1, |i, j| if j == 0 { 1.0 } else { rows[i][j - 1] });
    let centred = DVector::from_iterator(count, y.iter().map(|y| y - mean));
    let variance = centred.norm_squared();
    if variance <= 0.0 {
        return 0.0;
    }
    // The orthonormal basis of the columns' span, to which the fit is the projection.
    let svd = x.svd(true, false);
    let Some(u) = svd.u else { return 0.0 };
    let limit = RANK_TOLERANCE * svd.singular_values.max();
    let fit: f64 = (0..u.ncols())
        .filter(|j| svd.singular_values[*j] > limit)
        .map(|j| u.column(j).dot(&centred).powi(2))
        .sum();
    fit / variance
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_explained_and_noise_is_not() {
        let x: Vec<f64> = (0..200).map(f64::from).collect();
        let rows: Vec<Vec<f64>> = x.iter().map(|x| vec![*x, 2.0 * x]).collect();
        let line: Vec<f64> = x.iter().map(|x| 3.0 - 0.5 * x).collect();
        assert!((explained(&rows, &line) - 1.0).abs() < 1e-9);
        let other: Vec<f64> = x.iter().map(|x| (x * 12.9898).sin()).collect();
        assert!(explained(&rows, &other) < 0.05);
        assert!(explained(&rows, &vec![1.0; 200]).abs() < 1e-12);
    }
}
