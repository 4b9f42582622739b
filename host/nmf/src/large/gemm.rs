//! Products by the kernels of the crate `gemm`, and loops over entries compiled for wide registers, too.
//!
//! `benches/benches/products.rs` measures it beside `matrixmultiply`, which has no kernel for 512-bit registers.

use gemm_common::Parallelism;
use multiversion::multiversion;
use ndarray::ArrayView2;
use tinynmf_core::float::project;
use tinynmf_core::gram as core;

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

/// Entries up to which wide registers gain less than it takes to ask the processor for them, a tenth of a millisecond in a
/// virtual machine, once.
const SHORT: usize = 1 << 12;

/// Multiply-adds below which plain loops are as fast: `gemm` asks the processor for its caches once, which takes
/// milliseconds in a virtual machine.
pub const SMALL: usize = 1 << 17;

/// Multiply-adds from which threads share a product: some tenths of a millisecond, beside which waking one is short.
const SHARED: usize = 1 << 22;

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
    multiply(left, right, scale, out, false);
}

/// `out` (by rows) ← `out` + scale · left · right.
///
/// # Panics
///
/// If the shapes do not fit.
pub fn product_onto(
    left: &ArrayView2<'_, f32>,
    right: &ArrayView2<'_, f32>,
    scale: f32,
    out: &mut [f32],
) {
    multiply(left, right, scale, out, true);
}

#[allow(unsafe_code)]
fn multiply(
    left: &ArrayView2<'_, f32>,
    right: &ArrayView2<'_, f32>,
    scale: f32,
    out: &mut [f32],
    onto: bool,
) {
    let ((m, l), (inner, r)) = (left.dim(), right.dim());
    assert!(l == inner && out.len() == m * r, "{m} x {l} times {inner} x {r} in {}", out.len());
    if m * l * r < SMALL {
        if !onto {
            out.fill(0.0);
        }
        return plain_product(left, right, scale, out);
    }
    let parallelism = if m * l * r < SHARED { Parallelism::None } else { Parallelism::Rayon(0) };
    let (left, right, shape, [rows, columns]) = if r > 1 {
        // The kernel prefers columns, so that it makes the transpose of `out`.
        (right.t(), left.t(), [r, m], [1, r.cast_signed()])
    } else {
        (left.view(), right.view(), [m, r], [r.cast_signed(), 1])
    };
    let (of_left, of_right) = (left.strides(), right.strides());
    // SAFETY: views vouch for their own pointers, shapes and strides; `out` holds m rows of r, as was checked, and is
    // borrowed by nobody else.
    unsafe {
        gemm_f32::gemm::f32::get_gemm_fn()(
            shape[0],
            shape[1],
            l,
            out.as_mut_ptr(),
            columns,
            rows,
            onto,
            left.as_ptr(),
            of_left[1],
            of_left[0],
            right.as_ptr(),
            of_right[1],
            of_right[0],
            1.0,
            scale,
            false,
            false,
            false,
            parallelism,
        );
    }
}

/// [`product_onto`] without a call for help.
fn plain_product(
    left: &ArrayView2<'_, f32>,
    right: &ArrayView2<'_, f32>,
    scale: f32,
    out: &mut [f32],
) {
    let sides = [left.ncols(), right.ncols()];
    // A transpose is copied: a row of it that is scattered in memory is read many times.
    let (left, right) = (left.as_standard_layout(), right.as_standard_layout());
    if let (Some(left), Some(right)) = (left.as_slice(), right.as_slice()) {
        plain_rows(left, right, sides, scale, out);
    }
}

#[multiversion(targets("x86_64+avx512f+avx512vl", "x86_64+avx2"))]
fn plain_rows(
    left: &[f32],
    right: &[f32],
    [inner, columns]: [usize; 2],
    scale: f32,
    out: &mut [f32],
) {
    let rows = left.chunks_exact(inner.max(1)).zip(out.chunks_exact_mut(columns.max(1)));
    for (left, out) in rows {
        for (x, right) in left.iter().zip(right.chunks_exact(columns.max(1))) {
            let x = scale * x;
            out.iter_mut().zip(right).for_each(|(out, y)| *out += x * y);
        }
    }
}

/// A ← `scale`·Y_SᵀY_S, r × r, with `rows` for the rows of Y that a sample names; no entry is negative.
pub fn gram(
    y: &[f32],
    sample: Option<&[u32]>,
    scale: f32,
    a: &mut [f32],
    rank: usize,
    rows: &mut Vec<f32>,
) {
    if y.len() * rank < SMALL {
        return core::gram(y, sample, scale, a, rank);
    }
    let y = view(gather(y, rank, sample, rows), rank);
    product(&y.t(), &y, scale, a);
    a.iter_mut().for_each(|a| *a = a.clamp(0.0, f32::MAX));
}

/// The rows of `entries` that `sample` names, copied one below the other; without a sample, all where they are.
pub fn gather<'m>(
    entries: &'m [f32],
    width: usize,
    sample: Option<&[u32]>,
    memory: &'m mut Vec<f32>,
) -> &'m [f32] {
    let Some(sample) = sample else { return entries };
    memory.clear();
    for j in sample {
        memory.extend_from_slice(&entries[*j as usize * width..][..width]);
    }
    memory
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
pub fn dot(x: &[f32], y: &[f32]) -> f32 {
    if x.len() <= SHORT { dot_lanes(x, y) } else { wide_dot(x, y) }
}

#[multiversion(targets("x86_64+avx512f+avx512vl", "x86_64+avx2"))]
fn wide_dot(x: &[f32], y: &[f32]) -> f32 {
    dot_lanes(x, y)
}

// Compiled for every target that asks for it.
#[allow(clippy::inline_always)]
#[inline(always)]
fn dot_lanes(x: &[f32], y: &[f32]) -> f32 {
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
pub fn distance_squared(x: &[f32], y: &[f32]) -> f32 {
    if x.len() <= SHORT { distance_lanes(x, y) } else { wide_distance(x, y) }
}

#[multiversion(targets("x86_64+avx512f+avx512vl", "x86_64+avx2"))]
fn wide_distance(x: &[f32], y: &[f32]) -> f32 {
    distance_lanes(x, y)
}

// Compiled for every target that asks for it.
#[allow(clippy::inline_always)]
#[inline(always)]
fn distance_lanes(x: &[f32], y: &[f32]) -> f32 {
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

/// ⟨x, y⟩ in f64.
#[must_use]
#[multiversion(targets("x86_64+avx512f+avx512vl", "x86_64+avx2"))]
pub fn dot64(x: &[f32], y: &[f32]) -> f64 {
    let mut sums = [0.0_f64; 16];
    let (xs, x_rest) = x.as_chunks::<16>();
    let (ys, y_rest) = y.as_chunks::<16>();
    for (x, y) in xs.iter().zip(ys) {
        for ((sum, x), y) in sums.iter_mut().zip(x).zip(y) {
            *sum += f64::from(*x) * f64::from(*y);
        }
    }
    let rest: f64 = x_rest.iter().zip(y_rest).map(|(x, y)| f64::from(*x) * f64::from(*y)).sum();
    sums.iter().sum::<f64>() + rest
}
