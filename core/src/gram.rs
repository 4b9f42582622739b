//! The gram matrix A = YᵀY of a factor's rows, and products with it.

use crate::float;

/// A ← scale · Σ_j y_j y_jᵀ over the rows y_j of `y`, in their order.
///
/// `y` is k × r by rows, `gram` r × r. For H stored column by column this is A = HHᵀ, for W stored
/// row by row A = WᵀW. A has no negative entry, since `y` has none.
pub fn gram<'a>(rows: impl Iterator<Item = &'a [f32]>, scale: f32, gram: &mut [f32], rank: usize) {
    gram.fill(0.0);
    for y in rows {
        for (ya, a) in y.iter().zip(gram.chunks_exact_mut(rank.max(1))) {
            for (yb, a) in y.iter().zip(a) {
                *a += ya * yb;
            }
        }
    }
    for a in gram {
        *a = float::limit(*a * scale, 0.0, f32::MAX);
    }
}

/// `out` ← xA for one row x of r entries.
#[inline]
pub fn times(x: &[f32], gram: &[f32], out: &mut [f32]) {
    out.fill(0.0);
    for (x, a) in x.iter().zip(gram.chunks_exact(out.len().max(1))) {
        for (out, a) in out.iter_mut().zip(a) {
            *out += x * a;
        }
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
        gram(y.as_slice().chunks_exact(2), 2.0, &mut a, 2);
        assert_eq!(a, (y * y.transpose() * 2.0).as_slice());
        let mut out = [f32::NAN; 2];
        times(&[1.0, -2.0], &a, &mut out);
        assert_eq!(out, [2.0 * (5.0 - 1.0), 2.0 * (0.5 - 18.5)]);
    }
}
