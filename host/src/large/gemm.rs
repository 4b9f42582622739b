//! Products by `matrixmultiply` (through `ndarray`), and loops over entries compiled for wide registers, too.

use multiversion::multiversion;
use ndarray::linalg::general_mat_mul;
use ndarray::{ArrayView2, ArrayViewMut2};
use tinynmf_core::float::project;

/// Sums in flight: enough to hide the latency of an addition in any vector width.
const LANES: usize = 32;

/// A matrix by rows.
///
/// # Panics
///
/// If `entries` is not rows × columns.
#[must_use]
pub fn view(entries: &[f32], columns: usize) -> ArrayView2<'_, f32> {
    ArrayView2::from_shape((entries.len() / columns, columns), entries).expect("whole rows")
}

/// `out` (by rows) ← scale · left · right.
///
/// # Panics
///
/// If the shapes do not fit.
pub fn product(
    left: &ArrayView2<'_, f32>,
    right: &ArrayView2<'_, f32>,
    scale: f32,
    out: &mut [f32],
) {
    let shape = (left.nrows(), right.ncols());
    let mut out = ArrayViewMut2::from_shape(shape, out).expect("room for the product");
    general_mat_mul(scale, left, right, 0.0, &mut out);
}

/// d ← max(0, x − rate·g) − x.
#[multiversion(targets("x86_64+avx512f+avx512vl", "x86_64+avx2"))]
pub fn displacement(x: &[f32], g: &[f32], rate: f32, d: &mut [f32]) {
    for ((d, x), g) in d.iter_mut().zip(x).zip(g) {
        *d = project(*x - rate * g) - *x;
    }
}

/// x ← max(0, x − rate·g).
#[multiversion(targets("x86_64+avx512f+avx512vl", "x86_64+avx2"))]
pub fn descend(x: &mut [f32], g: &[f32], rate: f32) {
    for (x, g) in x.iter_mut().zip(g) {
        *x = project(*x - rate * g);
    }
}

/// ⟨x, y⟩.
#[must_use]
#[multiversion(targets("x86_64+avx512f+avx512vl", "x86_64+avx2"))]
pub fn dot(x: &[f32], y: &[f32]) -> f32 {
    let mut sums = [0.0; LANES];
    let (xs, x_rest) = x.as_chunks::<LANES>();
    let (ys, y_rest) = y.as_chunks::<LANES>();
    for (x, y) in xs.iter().zip(ys) {
        for ((sum, x), y) in sums.iter_mut().zip(x).zip(y) {
            *sum += x * y;
        }
    }
    let rest: f32 = x_rest.iter().zip(y_rest).map(|(x, y)| x * y).sum();
    sums.iter().sum::<f32>() + rest
}

/// ‖x − y‖².
#[must_use]
#[multiversion(targets("x86_64+avx512f+avx512vl", "x86_64+avx2"))]
pub fn distance_squared(x: &[f32], y: &[f32]) -> f32 {
    let mut sums = [0.0; LANES];
    let (xs, x_rest) = x.as_chunks::<LANES>();
    let (ys, y_rest) = y.as_chunks::<LANES>();
    for (x, y) in xs.iter().zip(ys) {
        for ((sum, x), y) in sums.iter_mut().zip(x).zip(y) {
            *sum += (x - y) * (x - y);
        }
    }
    let rest: f32 = x_rest.iter().zip(y_rest).map(|(x, y)| (x - y) * (x - y)).sum();
    sums.iter().sum::<f32>() + rest
}
