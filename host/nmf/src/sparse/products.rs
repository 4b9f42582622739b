//! Products with a sparse V in O(nnz·r), and grams in f64.

use multiversion::multiversion;
use rayon::prelude::*;

use super::Compressed;
use crate::large::gemm::dot;

/// Rows of a factor that a thread works on at least.
const BAND: usize = 64;

/// P ← V_S·Y_S, or R_S·Y_S for the residual R = V − XYᵀ of what is stored, if `x` is given; no weight.
///
/// `slices` are those of the inner index, `across` the same matrix the other way. Returns Σ v² − (xy)² over what is
/// stored in the sample (0 without `x`).
pub fn products(
    [slices, across]: [&Compressed; 2],
    sample: Option<&[u32]>,
    x: Option<&[f32]>,
    y: &[f32],
    p: &mut [f32],
    rank: usize,
) -> f64 {
    let rows = p.len() / rank;
    let band = rows.div_ceil(rayon::current_num_threads()).max(BAND);
    let of_band = |(number, p): (usize, &mut [f32])| -> f64 {
        p.fill(0.0);
        let (from, count) = (number * band, p.len() / rank);
        let x = x.map(|x| &x[from * rank..][..p.len()]);
        match sample {
            None => p.chunks_exact_mut(rank).enumerate().fold(0.0, |sum, (i, p)| {
                let x = x.map(|x| &x[i * rank..][..rank]);
                let add = |sum, (j, v)| sum + add(v, x, &y[j * rank..][..rank], p);
                across.slice(from + i).fold(sum, add)
            }),
            Some(sample) => sample.iter().fold(0.0, |sum, j| {
                let y = &y[*j as usize * rank..][..rank];
                slices.band(*j as usize, from, from + count).fold(sum, |sum, (i, v)| {
                    let at = (i - from) * rank;
                    let x = x.map(|x| &x[at..][..rank]);
                    sum + add(v, x, y, &mut p[at..][..rank])
                })
            }),
        }
    };
    p.par_chunks_mut(band * rank).enumerate().map(of_band).sum()
}

/// p ← p + (v − xy)·y, with v² − (xy)²; the fit xy is left out without x.
#[inline]
fn add(v: f32, x: Option<&[f32]>, y: &[f32], p: &mut [f32]) -> f64 {
    let fit = x.map_or(0.0, |x| dot(x, y));
    add_scaled(v - fit, y, p);
    if x.is_some() { f64::from((v - fit) * (v + fit)) } else { 0.0 }
}

#[inline]
fn add_scaled(v: f32, y: &[f32], p: &mut [f32]) {
    for (p, y) in p.iter_mut().zip(y) {
        *p += v * y;
    }
}

/// x ← scale·x.
#[multiversion(targets("x86_64+avx512f+avx512vl", "x86_64+avx2"))]
pub fn scale(x: &mut [f32], scale: f32) {
    x.iter_mut().for_each(|x| *x *= scale);
}

/// YᵀY (r × r) for Y by rows, in f64.
pub fn gram64(y: &[f32], rank: usize) -> Vec<f64> {
    let mut gram = vec![0.0; rank * rank];
    for y in y.chunks_exact(rank) {
        for (row, a) in gram.chunks_exact_mut(rank).zip(y) {
            for (g, b) in row.iter_mut().zip(y) {
                *g += f64::from(*a) * f64::from(*b);
            }
        }
    }
    gram
}
