//! The arithmetic of a layer for many samples at once.
//!
//! Samples lie side by side in lanes of [`LANES`], so that the compiler vectorises over them. Every kernel is
//! compiled for wide registers, too, and the processor chooses; every sum has one order and no
//! multiplication is fused with an addition, so that the bits are the same whatever it chooses.
#![allow(clippy::inline_always, reason = "what is not inlined is not compiled for wide registers")]

use multiversion::multiversion;

/// Samples that are worked on together.
pub const LANES: usize = 64;

/// One number of each of [`LANES`] samples.
pub type Lane = [f32; LANES];

/// Lanes and rows of the result that are summed together: 8 registers of 8 floats, and as many to spare.
const STRIP: usize = 16;
const ROWS: usize = 4;

/// y ← Wᵀx + b for every lane; `weights` is inputs × outputs.
#[multiversion(targets("x86_64+avx512f+avx512vl", "x86_64+avx2"))]
pub fn forward(x: &[Lane], weights: &[f32], bias: &[f32], y: &mut [Lane]) {
    let outputs = bias.len();
    let whole = outputs / ROWS * ROWS;
    let (blocks, rest) = y.split_at_mut(whole);
    for (block, first) in blocks.chunks_exact_mut(ROWS).zip((0..).step_by(ROWS)) {
        let bias = part(&bias[first..]);
        let rows = weights.chunks_exact(outputs).map(|row| part(&row[first..]));
        strips::<ROWS>(x, &rows, bias, block);
    }
    for (block, first) in rest.chunks_exact_mut(1).zip(whole..) {
        let rows = weights.chunks_exact(outputs).map(|row| [row[first]]);
        strips::<1>(x, &rows, [bias[first]], block);
    }
}

/// `back` ← (W·outer)·(1 − x²): the derivative at the inputs x = tanh(z) of a layer, with respect to z.
#[multiversion(targets("x86_64+avx512f+avx512vl", "x86_64+avx2"))]
pub fn backward(outer: &[Lane], weights: &[f32], x: &[Lane], back: &mut [Lane]) {
    let outputs = outer.len();
    let whole = x.len() / ROWS * ROWS;
    let (blocks, rest) = back.split_at_mut(whole);
    for (block, weights) in blocks.chunks_exact_mut(ROWS).zip(weights.chunks_exact(ROWS * outputs))
    {
        let columns =
            (0..outputs).map(|o| std::array::from_fn::<_, ROWS, _>(|i| weights[i * outputs + o]));
        strips::<ROWS>(outer, &columns, [0.0; ROWS], block);
    }
    for (block, weights) in
        rest.chunks_exact_mut(1).zip(weights[whole * outputs..].chunks_exact(outputs))
    {
        strips::<1>(outer, &weights.iter().map(|w| [*w]), [0.0], block);
    }
    for (back, x) in back.iter_mut().zip(x) {
        for (back, x) in back.iter_mut().zip(x) {
            *back *= 1.0 - x * x;
        }
    }
}

/// A sum over lanes, not yet added up: of every eighth lane a sum of its own.
pub type Strands = [f32; 8];

/// `products` ← `products` + ⟨x, outer⟩ for all pairs, x by rows.
#[multiversion(targets("x86_64+avx512f+avx512vl", "x86_64+avx2"))]
pub fn add_products(x: &[Lane], outer: &[Lane], products: &mut [Strands]) {
    for (x, row) in x.iter().zip(products.chunks_exact_mut(outer.len())) {
        for (outer, product) in outer.iter().zip(row) {
            for (x, outer) in x.as_chunks::<8>().0.iter().zip(outer.as_chunks::<8>().0) {
                for ((product, x), outer) in product.iter_mut().zip(x).zip(outer) {
                    *product += x * outer;
                }
            }
        }
    }
}

/// y ← Wᵀx + b for one sample; the same bits as [`forward`].
#[multiversion(targets("x86_64+avx512f+avx512vl", "x86_64+avx2"))]
pub fn forward_one(x: &[f32], weights: &[f32], bias: &[f32], y: &mut [f32]) {
    const WIDTH: usize = 8;
    let outputs = bias.len();
    let (blocks, rest) = y.as_chunks_mut::<WIDTH>();
    let whole = blocks.len() * WIDTH;
    for (block, first) in blocks.iter_mut().zip((0..).step_by(WIDTH)) {
        let mut sums: [f32; WIDTH] = part(&bias[first..]);
        for (x, row) in x.iter().zip(weights.chunks_exact(outputs)) {
            for (sum, w) in sums.iter_mut().zip(part::<WIDTH>(&row[first..])) {
                *sum += w * x;
            }
        }
        *block = sums;
    }
    for (y, o) in rest.iter_mut().zip(whole..) {
        *y = x
            .iter()
            .zip(weights[o..].iter().step_by(outputs))
            .fold(bias[o], |sum, (x, w)| sum + w * x);
    }
}

/// [`tanh`] of every entry.
#[multiversion(targets("x86_64+avx512f+avx512vl", "x86_64+avx2"))]
pub fn tanh_all(y: &mut [f32]) {
    y.iter_mut().for_each(|y| *y = tanh(*y));
}

/// tanh by Lambert's continued fraction to the seventh level: within 10⁻⁴, and it vectorises.
#[must_use]
#[inline]
pub fn tanh(x: f32) -> f32 {
    let x = x.clamp(-4.97, 4.97);
    let s = x * x;
    let p = x * (135_135.0 + s * (17_325.0 + s * (378.0 + s)));
    let q = 135_135.0 + s * (62_370.0 + s * (3_150.0 + s * 28.0));
    p / q
}

/// R rows of y ← Σ w·x + b, a strip of lanes at a time.
#[inline(always)]
fn strips<const R: usize>(
    x: &[Lane],
    weights: &(impl Iterator<Item = [f32; R]> + Clone),
    bias: [f32; R],
    y: &mut [Lane],
) {
    for strip in 0..LANES / STRIP {
        let mut sums: [[f32; STRIP]; R] = bias.map(|bias| [bias; STRIP]);
        for (x, w) in x.iter().zip(weights.clone()) {
            let x = &x.as_chunks::<STRIP>().0[strip];
            for (sums, w) in sums.iter_mut().zip(w) {
                for (sum, x) in sums.iter_mut().zip(x) {
                    *sum += w * x;
                }
            }
        }
        for (y, sums) in y.iter_mut().zip(sums) {
            y.as_chunks_mut::<STRIP>().0[strip] = sums;
        }
    }
}

/// The first entries of a row.
#[inline(always)]
fn part<const R: usize>(row: &[f32]) -> [f32; R] {
    std::array::from_fn(|o| row[o])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every kernel has the bits of the plain definition, which the test compiles for the least of processors.
    #[test]
    fn kernels_are_the_plain_sums_bit_by_bit() {
        let number = |k: usize| ((k * 2_654_435_761) % 1009) as f32 / 500.0 - 1.0;
        for (inputs, outputs) in [(15, 32), (5, 9), (9, 1), (3, 6)] {
            let lane = |i: usize| std::array::from_fn(|l| number(i * 97 + l * 13));
            let x: Vec<Lane> = (0..inputs).map(lane).collect();
            let outer: Vec<Lane> = (inputs..inputs + outputs).map(lane).collect();
            let weights: Vec<f32> = (0..inputs * outputs).map(|k| number(k + 7)).collect();
            let bias: Vec<f32> = (0..outputs).map(|k| number(k + 31)).collect();
            let (mut y, mut back) = (vec![[0.0; LANES]; outputs], vec![[0.0; LANES]; inputs]);
            let mut products = vec![[0.5; 8]; inputs * outputs];
            forward(&x, &weights, &bias, &mut y);
            backward(&outer, &weights, &x, &mut back);
            add_products(&x, &outer, &mut products);
            for l in 0..LANES {
                for (o, y) in y.iter().enumerate() {
                    let sum =
                        (0..inputs).fold(bias[o], |s, i| s + weights[i * outputs + o] * x[i][l]);
                    assert_eq!(y[l].to_bits(), sum.to_bits());
                }
                for (i, back) in back.iter().enumerate() {
                    let sum =
                        (0..outputs).fold(0.0, |s, o| s + weights[i * outputs + o] * outer[o][l]);
                    assert_eq!(back[l].to_bits(), (sum * (1.0 - x[i][l] * x[i][l])).to_bits());
                }
            }
            for (k, product) in products.iter().enumerate() {
                let (x, outer) = (&x[k / outputs], &outer[k % outputs]);
                for (s, product) in product.iter().enumerate() {
                    let sum = (s..LANES).step_by(8).fold(0.5, |sum, l| sum + x[l] * outer[l]);
                    assert_eq!(product.to_bits(), sum.to_bits());
                }
            }
        }
    }

    #[test]
    fn tanh_is_close_and_bounded() {
        for i in -800..=800 {
            let x = f32::from(i16::try_from(i).unwrap()) / 100.0;
            assert!((tanh(x) - x.tanh()).abs() < 2e-4 && tanh(x).abs() <= 1.0, "{x}");
        }
    }
}
