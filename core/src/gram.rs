//! The gram matrix A = YᵀY of a factor's rows.

use crate::data::Side;
use crate::float;
use crate::product::{Left, product};

/// A ← scale · Σ_j y_j y_jᵀ over the rows y_j of `y`, or those of `batch`, in their order.
///
/// `y` is l × r by rows, `gram` r × r. For H stored column by column this is A = HHᵀ, for W stored
/// row by row A = WᵀW. A has no negative entry, since `y` has none.
pub fn gram(y: &[f32], batch: Option<&[u32]>, scale: f32, gram: &mut [f32], rank: usize) {
    product(Left { entries: y, columns: rank }, Side::Columns, batch, y, scale, gram, rank);
    for a in gram {
        *a = float::limit(*a, 0.0, f32::MAX);
    }
}

/// ⟨x, y⟩ in index order.
#[inline]
#[must_use]
pub fn dot(x: &[f32], y: &[f32]) -> f32 {
    x.iter().zip(y).fold(0.0, |sum, (x, y)| sum + x * y)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_nalgebra() {
        let y = nalgebra::SMatrix::<f32, 2, 3>::new(1.0, 2.0, 0.0, 0.5, 0.0, 3.0);
        let mut a = [f32::NAN; 4];
        gram(y.as_slice(), None, 2.0, &mut a, 2);
        assert_eq!(a.map(f32::to_bits), *(y * y.transpose() * 2.0).map(f32::to_bits).as_slice());
        gram(y.as_slice(), Some(&[2, 0]), 1.0, &mut a, 2);
        let y = nalgebra::SMatrix::<f32, 2, 2>::from_columns(&[y.column(2), y.column(0)]);
        assert_eq!(a.map(f32::to_bits), *(y * y.transpose()).map(f32::to_bits).as_slice());
    }
}
