//! How much of one number others explain: ordinary least squares.

use nalgebra::{DMatrix, DVector};

/// Eigenvalues of the normal equations below this share of the largest are taken for zero.
const RANK_TOLERANCE: f64 = 1e-9;

/// 1 − Σ(y − ŷ)²/Σ(y − ȳ)² of the least-squares fit of `y` on `rows` and a constant.
///
/// `rows` are the explaining numbers of each `y`. Without a row, or for a `y` that does not vary, 0.
#[must_use]
pub fn explained(rows: &[Vec<f64>], y: &[f64]) -> f64 {
    let Some(first) = rows.first() else { return 0.0 };
    let centred = |column: Vec<f64>| {
        let column = DVector::from_vec(column);
        let mean = column.mean();
        column.map(|x| x - mean)
    };
    let y = centred(y.to_vec());
    let variance = y.norm_squared();
    if variance <= 0.0 {
        return 0.0;
    }
    // Columns of mean 0 and length 1 make the normal equations well conditioned enough.
    let columns: Vec<DVector<f64>> = (0..first.len())
        .map(|j| centred(rows.iter().map(|row| row[j]).collect()))
        .filter(|column| column.norm() > 0.0)
        .map(|column| column.normalize())
        .collect();
    if columns.is_empty() {
        return 0.0;
    }
    let x = DMatrix::from_columns(&columns);
    let (gram, product) = (x.tr_mul(&x), x.tr_mul(&y));
    let eigen = gram.symmetric_eigen();
    let limit = RANK_TOLERANCE * eigen.eigenvalues.max();
    let fit: f64 = (0..columns.len())
        .filter(|j| eigen.eigenvalues[*j] > limit)
        .map(|j| eigen.eigenvectors.column(j).dot(&product).powi(2) / eigen.eigenvalues[j])
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
