//! The mathematics again, in float64 and from its definitions: what core is held against.

use nalgebra::{DMatrix, DMatrixView};

/// A matrix of f64.
pub type Matrix = DMatrix<f64>;

/// `rows` of `rank` entries each, as in core's factors, as a k × r matrix.
#[must_use]
pub fn by_rows(rows: &[f32], rank: usize) -> Matrix {
    DMatrixView::from_slice(rows, rank, rows.len() / rank).map(f64::from).transpose()
}

/// The largest eigenvalue of YᵀY.
#[must_use]
pub fn lambda_max(y: &Matrix) -> f64 {
    y.tr_mul(y).symmetric_eigenvalues().max().max(0.0)
}

/// F of one factor X (k × r) with V (k × l) and the other factor Y (l × r) fixed.
#[derive(Debug, Clone)]
pub struct Half {
    /// V, or Vᵀ for the H half-step.
    pub v: Matrix,
    /// The fixed factor.
    pub y: Matrix,
}

impl Half {
    /// ½‖V − XYᵀ‖².
    #[must_use]
    pub fn loss(&self, x: &Matrix) -> f64 {
        0.5 * (&self.v - x * self.y.transpose()).norm_squared()
    }

    /// (XYᵀ − V)Y.
    #[must_use]
    pub fn gradient(&self, x: &Matrix) -> Matrix {
        (x * self.y.transpose() - &self.v) * &self.y
    }

    /// F(X⁺) − F(X), without the cancellation of the difference.
    #[must_use]
    pub fn change(&self, x: &Matrix, next: &Matrix) -> f64 {
        let d = next - x;
        self.gradient(x).dot(&d) + 0.5 * (&d * self.y.transpose()).norm_squared()
    }

    /// How much rounding in f32 may add to F(X⁺) − F(X), per unit of a small constant.
    ///
    /// F(X⁺) − F(X) = ⟨G, D⟩ + ½⟨D, DA⟩, where G = XA − VY and DA are sums of terms as large as ‖XA‖,
    /// ‖X⁺A‖ and ‖VY‖, and D is as large as ‖X‖ and ‖X⁺‖.
    #[must_use]
    pub fn rounding(&self, x: &Matrix, next: &Matrix) -> f64 {
        let a = self.y.tr_mul(&self.y);
        let image = (x * &a).norm() + (next * &a).norm() + (&self.v * &self.y).norm();
        f64::from(f32::EPSILON) * image * (x.norm() + next.norm())
    }
}
