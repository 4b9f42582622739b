//! The same in integers, for cores without a floating-point unit: W that stays, or is relearnt in software floats.
//!
//! | what | as |
//! |---|---|
//! | amplitudes | the sums of rectified samples, 13 bits |
//! | W, its columns of sum 1 | 15 bits |
//! | `A = WᵀW` | 14 bits |
//! | h | quarters of a sum's step |
//! | shares; log₂ of their sum | 13 bits after the point; 10 |
//!
//! Latents are found by sweeps, as [`tinynmf_core::fixed_point`] makes its moves, from h = 0 until one changes nothing.
//! All products have 32 bits, as those of a Cortex-M0.

use tinynmf_core::rule::Sweeps;
use tinynmf_core::{Data, Error, Online};

use crate::amplitude::{CHANNELS, SCALE};
use crate::classifier::{Classifier, GESTURES, largest};
use crate::features::{FEATURES, QUANTUM, column_sums};
use crate::model::Model;
use crate::recognizer::{FLOATS, RANK, Recognized, primed};
use crate::session::Recognize;

/// Bits after the point.
const OF_W: u32 = 15;
const OF_GRAM: u32 = 14;
const OF_H: u32 = 2;
const OF_SHARE: u32 = 13;
const OF_LOG: u32 = 10;

/// Sweeps at most.
const SWEEPS: u32 = 100;

/// Steps are products of g · 2⁻⁸ and `2²⁰/A_kk`.
const OF_STEP: u32 = 8;
const OF_INVERSE: u32 = 20;

/// Synergies and a classifier in integers.
#[derive(Debug)]
pub struct Integers<'b> {
    w: [[u16; RANK]; CHANNELS],
    gram: [[i32; RANK]; RANK],
    /// `2²⁰/A_kk`.
    inverse: [i32; RANK],
    weights: [[i32; FEATURES]; GESTURES],
    bias: [i32; GESTURES],
    online: Option<Online<'b>>,
    model: &'b Model,
}

impl<'b> Integers<'b> {
    /// W stays as it was learnt on the first session.
    #[must_use]
    pub fn fixed(model: &'b Model) -> Self {
        Self::of(model, None)
    }

    /// Every window moves W a little, in software floats.
    ///
    /// # Errors
    ///
    /// [`Error`], if core refuses what was learnt.
    pub fn relearning(model: &'b Model, memory: &'b mut [f32; FLOATS]) -> Result<Self, Error> {
        Ok(Self::of(model, Some(primed(model, memory)?)))
    }

    fn of(model: &'b Model, online: Option<Online<'b>>) -> Self {
        let mut integers = Self {
            w: [[0; RANK]; CHANNELS],
            gram: [[0; RANK]; RANK],
            inverse: [0; RANK],
            weights: [[0; FEATURES]; GESTURES],
            bias: [0; GESTURES],
            online,
            model,
        };
        integers.set_classifier(&model.classifier);
        integers.set_w(&model.w);
        integers
    }

    /// Rounds W, with its columns divided by their sums, and all that depends on it.
    fn set_w(&mut self, w: &[f32]) {
        let scales = column_sums(w).map(|sum| (1 << OF_W) as f32 / sum);
        for (row, w) in self.w.iter_mut().zip(w.as_chunks::<RANK>().0) {
            for ((entry, w), scale) in row.iter_mut().zip(w).zip(scales) {
                // `as` saturates; a column without a sum is one of zeros.
                *entry = ((w * scale + 0.5) as u16).min((1 << OF_W) - 1);
            }
        }
        let sum = |a: usize, b: usize| {
            let terms = self.w.iter().map(|row| u32::from(row[a]) * u32::from(row[b]));
            // The columns sum to 2¹⁵ or a little more.
            (terms.fold(0_u32, u32::wrapping_add) >> (2 * OF_W - OF_GRAM)).cast_signed()
        };
        self.gram = core::array::from_fn(|a| core::array::from_fn(|b| sum(a, b)));
        for (k, inverse) in self.inverse.iter_mut().enumerate() {
            *inverse = (1 << OF_INVERSE) / self.gram[k][k].max(1);
        }
    }

    /// Rounds the classifier to weights of 15 bits and a sign; those of the logarithm become those of log₂.
    fn set_classifier(&mut self, Classifier { weights, bias }: &Classifier) {
        let mut weights = *weights;
        let mut bias = *bias;
        for (row, bias) in weights.iter_mut().zip(&mut bias) {
            // ln(total · QUANTUM/4) for a total in quarters of a step.
            *bias +=
                row[RANK] * (tinynmf_core::float::log(QUANTUM) - 2.0 * core::f32::consts::LN_2);
            row[RANK] *= core::f32::consts::LN_2;
        }
        let all = weights.as_flattened().iter().chain(&bias);
        let size = all.fold(0.0, |size, x| if x.abs() > size { x.abs() } else { size });
        let scale = if size > 0.0 { 32_000.0 / size } else { 0.0 };
        self.weights = weights.map(|row| row.map(|x| (x * scale) as i32));
        self.bias = bias.map(|x| (x * scale) as i32);
    }

    /// h ≥ 0 that minimises ‖v − Wh‖², in quarters.
    fn latents(&self, amplitudes: &[u16; CHANNELS]) -> [i32; RANK] {
        let mut b = [0_i32; RANK];
        for (v, row) in amplitudes.iter().zip(&self.w) {
            for (b, w) in b.iter_mut().zip(row) {
                *b = b.wrapping_add(i32::from(*v) * i32::from(*w));
            }
        }
        // From 15 bits after the point to the 14 + 2 of Ah.
        let b = b.map(|b| b.wrapping_mul(1 << (OF_GRAM + OF_H - OF_W)));
        let mut h = [0; RANK];
        for _ in 0..SWEEPS {
            let mut moved = false;
            for k in 0..RANK {
                let image =
                    h.iter().zip(&self.gram[k]).fold(0_i32, |sum, (h, a)| sum.wrapping_add(h * a));
                let g = image.wrapping_sub(b[k]) >> OF_STEP;
                let half = 1 << (OF_INVERSE - OF_STEP - 1);
                let step =
                    g.wrapping_mul(self.inverse[k]).wrapping_add(half) >> (OF_INVERSE - OF_STEP);
                let next = (h[k] - step).max(0);
                moved |= next != h[k];
                h[k] = next;
            }
            if !moved {
                break;
            }
        }
        h
    }

    /// ½‖v − Wh‖², in squares of quarters.
    fn residual(&self, amplitudes: &[u16; CHANNELS], h: &[i32; RANK]) -> u32 {
        let mut squares = 0_u32;
        for (v, row) in amplitudes.iter().zip(&self.w) {
            // h has up to 18 bits.
            let term = |(w, h): (&u16, &i32)| (i32::from(*w >> 2) * h) >> 8;
            let fit = row.iter().zip(h).map(term).fold(0, i32::wrapping_add) >> (OF_W - 10);
            let residual = (i32::from(*v) << OF_H) - fit;
            // 15 bits squared, eight times.
            squares = squares.wrapping_add(residual.wrapping_mul(residual).cast_unsigned() >> 1);
        }
        squares
    }
}

impl Recognize for Integers<'_> {
    /// Recognises a window; then W follows it, unless it is fixed. The feature of the sum is off by a constant, the residual
    /// counts in squares of quarters.
    fn window(&mut self, amplitudes: &[u16; CHANNELS]) -> Result<Recognized, Error> {
        let h = self.latents(amplitudes);
        let residual = self.residual(amplitudes, &h);
        let mut x = [0; FEATURES];
        let total = h.iter().fold(0, |sum: i32, h| sum.wrapping_add(*h)).max(1 << OF_H);
        for (x, h) in x.iter_mut().zip(h) {
            *x = ((h.cast_unsigned() << OF_SHARE) / total.cast_unsigned()).cast_signed();
        }
        x[RANK] = log2(total.cast_unsigned());
        let mut scores = self.bias;
        for (score, weights) in scores.iter_mut().zip(&self.weights) {
            let [u @ .., of_log] = weights;
            let shares = u.iter().zip(&x).fold(0, |sum: i32, (u, x)| sum + u * x);
            *score += (shares >> OF_SHARE) + ((of_log * x[RANK]) >> OF_LOG);
        }
        if let Some(mut online) = self.online.take() {
            let mut rule = Sweeps::HALS;
            let taken = Data::column(amplitudes, SCALE)
                .and_then(|column| online.column(&column, &mut rule));
            self.set_w(online.w());
            self.online = Some(online);
            taken?;
        }
        let mut features = x.map(|x| x as f32 / (1 << OF_SHARE) as f32);
        features[RANK] = x[RANK] as f32 * (core::f32::consts::LN_2 / (1 << OF_LOG) as f32);
        Ok(Recognized { gesture: largest(&scores), features, residual: residual as f32 })
    }

    fn w(&self) -> &[f32] {
        self.online.as_ref().map_or(&self.model.w[..], Online::w)
    }
}

/// log₂ x for x ≥ 1, 10 bits after the point: t·(1.3465 − 0.3465·t) for x = 2ᵉ·(1 + t), which is off by 0.009 at most.
fn log2(x: u32) -> i32 {
    let e = x.max(1).ilog2();
    // t with 15 bits.
    let t = (x << (31 - e)) >> 16 & 0x7fff;
    let curve = (t * (44_122 - ((11_354 * t) >> 15))) >> 15;
    ((e << OF_LOG) + (curve >> 5)).cast_signed()
}
