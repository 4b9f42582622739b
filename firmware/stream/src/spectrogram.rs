//! A short-time Fourier transform of a stream of samples.

/// Samples in a window.
pub const WINDOW: usize = 128;

/// Samples from one window to the next.
pub const HOP: usize = 64;

/// Magnitudes in a column, from 0 to the last frequency below half the sample rate.
pub const BINS: usize = WINDOW / 2;

/// Unit of a sample: full scale is 1.
const SCALE: f32 = 1.0 / 32_768.0;

/// The last samples, and the window that they are weighted with.
#[derive(Debug, Clone)]
pub struct Spectrogram {
    samples: [i16; WINDOW],
    filled: usize,
    hann: [f32; WINDOW],
}

impl Default for Spectrogram {
    fn default() -> Self {
        let hann = core::array::from_fn(|k| {
            let phase = core::f32::consts::TAU * k as f32 / WINDOW as f32;
            (0.5 - 0.5 * libm::cosf(phase)) * SCALE
        });
        Self { samples: [0; WINDOW], filled: 0, hann }
    }
}

impl Spectrogram {
    /// Takes in a sample. Every [`HOP`] samples, `column` gets the magnitudes |X₀| … |X₆₃|, and the answer
    /// is true; |X₀|, the offset of the converter, is left out.
    pub fn push(&mut self, sample: i16, column: &mut [f32; BINS]) -> bool {
        if let Some(free) = self.samples.get_mut(self.filled) {
            *free = sample;
        }
        self.filled += 1;
        if self.filled < WINDOW {
            return false;
        }
        self.filled = WINDOW - HOP;
        let mut windowed = [0.0; WINDOW];
        for ((x, sample), weight) in windowed.iter_mut().zip(self.samples).zip(self.hann) {
            *x = f32::from(sample) * weight;
        }
        self.samples.rotate_left(HOP);
        let spectrum = microfft::real::rfft_128(&mut windowed);
        for (magnitude, x) in column.iter_mut().zip(spectrum.iter()) {
            *magnitude = libm::sqrtf(x.re * x.re + x.im * x.im);
        }
        column[0] = 0.0;
        true
    }

    /// Forgets the samples of the window that has begun.
    pub fn restart(&mut self) {
        self.filled = 0;
    }
}
