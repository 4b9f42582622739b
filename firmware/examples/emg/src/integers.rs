//! The same in integers, for cores without a floating-point unit: W that stays, or is relearnt in software floats.
//!
//! | what | as |
//! |---|---|
//! | amplitudes | the sums of rectified samples, 13 bits |
//! | W, h | as [`Latents`] has them |
//! | shares; log₂ of their sum | 13 bits after the point; 10 |
//!
//! All products have 32 bits, as those of a Cortex-M0.

use tinynmf_core::rule::Sweeps;
use tinynmf_core::{Data, Error, Online};
use tinynmf_latents::{Latents, OF_H};

use crate::amplitude::{CHANNELS, SCALE};
use crate::classifier::{Classifier, GESTURES, largest};
use crate::features::{FEATURES, QUANTUM, RANK};
use crate::model::Model;
use crate::recognizer::{FLOATS, primed};
use crate::session::{Recognize, Recognized};

/// Bits after the point.
const OF_SHARE: u32 = 13;
const OF_LOG: u32 = 10;

/// Synergies and a classifier in integers.
#[derive(Debug)]
pub struct Integers<'b> {
    latents: Latents<CHANNELS, RANK>,
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
            latents: Latents::new(&model.w),
            weights: [[0; FEATURES]; GESTURES],
            bias: [0; GESTURES],
            online,
            model,
        };
        integers.set_classifier(&model.classifier);
        integers
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
}

impl Recognize for Integers<'_> {
    /// Recognises a window; then W follows it, unless it is fixed. The feature of the sum is off by a constant, the residual
    /// counts in squares of quarters.
    fn window(&mut self, amplitudes: &[u16; CHANNELS]) -> Result<Recognized, Error> {
        let h = self.latents.of(amplitudes);
        let residual = self.latents.residual(amplitudes, &h);
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
            self.latents.set(online.w());
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
