//! A signal whose sources are known, to check what a separator finds.

use crate::separator::RANK;
use crate::spectrogram::{BINS, Spectrogram, WINDOW};

/// The partials of each source: bin and amplitude. The two share one of their three bins.
const PARTIALS: [[(usize, f32); 3]; RANK] =
    [[(6, 8_000.0), (12, 4_000.0), (18, 2_000.0)], [(9, 6_000.0), (18, 3_000.0), (27, 3_000.0)]];

/// Samples for which a source's loudness stays as it is.
const BEAT: u32 = 512;

/// Two sources that are louder and softer each in its own time, and a little noise.
#[derive(Debug, Clone)]
pub struct Mixture {
    sine: [f32; WINDOW],
    at: u32,
    noise: u32,
}

impl Default for Mixture {
    fn default() -> Self {
        let sine = |k| libm::sinf(core::f32::consts::TAU * k as f32 / WINDOW as f32);
        Self { sine: core::array::from_fn(sine), at: 0, noise: 1 }
    }
}

impl Iterator for Mixture {
    type Item = i16;

    fn next(&mut self) -> Option<i16> {
        let loudness = loudness(self.at / BEAT);
        let mut sum = 0.0;
        for (source, loudness) in loudness.into_iter().enumerate() {
            sum += loudness * self.source(source);
        }
        self.at = self.at.wrapping_add(1);
        // A linear congruential generator (Numerical Recipes) is noise enough: ±64 of 32768.
        self.noise = self.noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        Some(sum as i16 + (self.noise >> 25) as i16 - 64)
    }
}

impl Mixture {
    /// A source alone at full loudness, at this moment.
    fn source(&self, source: usize) -> f32 {
        let sine = |bin| self.sine.get(bin * self.at as usize % WINDOW).copied().unwrap_or(0.0);
        let partials = PARTIALS.get(source).copied().unwrap_or_default();
        partials.into_iter().map(|(bin, amplitude)| amplitude * sine(bin)).sum()
    }

    /// The spectrum of a source alone, as a separator ought to find it, up to a factor.
    #[must_use]
    pub fn spectrum(source: usize) -> [f32; BINS] {
        let (mut spectrogram, mut column) = (Spectrogram::default(), [0.0; BINS]);
        let mut alone = Self::default();
        while !spectrogram.push(alone.source(source) as i16, &mut column) {
            alone.at += 1;
        }
        column
    }
}

/// How loud each source is in a beat: quarters, independent of each other, both silent now and then.
fn loudness(beat: u32) -> [f32; RANK] {
    let mixed = beat.wrapping_add(1).wrapping_mul(0x9E37_79B9);
    [mixed >> 30, mixed >> 20 & 3].map(|quarters| quarters as f32 * 0.25)
}

/// The cosine between each column of W and the spectrum of the source that it resembles, the sources
/// paired with columns so that the worse cosine is the better one: 1 for a perfect separation.
#[must_use]
pub fn resemblance(w: &[f32]) -> [f32; RANK] {
    let cosine = |source: usize, k: usize| {
        let (mut product, mut norm, mut truth_norm) = (0.0, 0.0, 0.0);
        for (row, truth) in w.as_chunks::<RANK>().0.iter().zip(Mixture::spectrum(source)) {
            let x = row.get(k).copied().unwrap_or(0.0);
            product += x * truth;
            norm += x * x;
            truth_norm += truth * truth;
        }
        let norms = libm::sqrtf(norm * truth_norm);
        if norms > 0.0 { product / norms } else { 0.0 }
    };
    let (straight, crossed) = ([cosine(0, 0), cosine(1, 1)], [cosine(0, 1), cosine(1, 0)]);
    let worse = |[a, b]: [f32; RANK]| if a < b { a } else { b };
    if worse(straight) >= worse(crossed) { straight } else { crossed }
}
