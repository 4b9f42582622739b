//! The gram matrix A = YᵀY of a factor's rows.

use crate::Factor;
use crate::float;
use crate::product::{Left, product, square};

/// A ← scale · Σ_j y_j y_jᵀ over the rows y_j of `y`, or those of `batch`, in their order.
///
/// `y` is l × r by rows, `gram` r × r. For H stored column by column this is A = HHᵀ, for W stored
/// row by row A = WᵀW. A has no negative entry, since `y` has none.
pub fn gram(y: &[f32], batch: Option<&[u32]>, scale: f32, gram: &mut [f32], rank: usize) {
    match batch {
        None => square(y, scale, gram, rank),
        Some(_) => {
            product(Left { entries: y, columns: rank }, Factor::H, batch, y, scale, gram, rank);
        }
    }
    for a in gram {
        *a = float::at_most(*a, f32::MAX);
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

    #[test]
    fn stays_finite_and_has_no_negative_zero() {
        let mut a = [f32::NAN; 1];
        gram(&[1e30, 1e30], None, 1.0, &mut a, 1);
        assert_eq!(a[0].to_bits(), f32::MAX.to_bits());
        gram(&[0.0, -0.0], None, 1.0, &mut a, 1);
        assert_eq!(a[0].to_bits(), 0);
    }

    #[test]
    fn the_inner_product_goes_in_index_order() {
        // In another order the last entry would be lost, or the others would not cancel.
        let product = dot(&[1e8, -1e8, 3.0, 5.0], &[1.0, 1.0, 0.5, 2.0]);
        assert_eq!(product.to_bits(), 11.5_f32.to_bits());
        assert_eq!(dot(&[1.0, 1e8, -1e8], &[1.0; 3]).to_bits(), 0);
        assert_eq!(dot(&[], &[]).to_bits(), 0);
    }
}
