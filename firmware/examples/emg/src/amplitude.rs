//! Samples to columns: the mean absolute value of every channel over the last samples.

/// Electrodes around the forearm: m, the rows of W.
pub const CHANNELS: usize = 8;

/// Samples in a window, 0.2 s at 200 Hz.
pub const WINDOW: usize = 40;

/// Samples from one window to the next, unless a caller wants another hop.
pub const HOP: usize = 20;

/// Unit of a sum in a mean: v = `SCALE` · sum.
pub const SCALE: f32 = 1.0 / WINDOW as f32;

/// The sums of |x| over the last [`WINDOW`] samples, kept up to date: a sample costs one addition and one subtraction a
/// channel, whatever the hop is.
#[derive(Debug, Clone)]
pub struct Amplitude {
    /// The last samples, rectified; the oldest is at `at`.
    samples: [[u8; CHANNELS]; WINDOW],
    at: usize,
    sums: [u16; CHANNELS],
    /// Samples until the next column.
    until: usize,
    hop: usize,
}

impl Amplitude {
    /// Nothing was sampled yet; a column comes every `hop` samples, 1 at least, the first one after [`WINDOW`].
    #[must_use]
    pub const fn new(hop: usize) -> Self {
        let hop = if hop == 0 { 1 } else { hop };
        Self { samples: [[0; CHANNELS]; WINDOW], at: 0, sums: [0; CHANNELS], until: WINDOW, hop }
    }

    /// Takes in a sample of every channel; the sums of |x| where it completes a window.
    ///
    /// A sum is at most 40 · 128: 13 bits.
    pub fn push(&mut self, sample: [i8; CHANNELS]) -> Option<[u16; CHANNELS]> {
        let sample = sample.map(i8::unsigned_abs);
        if let Some(oldest) = self.samples.get_mut(self.at) {
            for ((sum, new), old) in self.sums.iter_mut().zip(sample).zip(&*oldest) {
                *sum = sum.wrapping_add(u16::from(new)).wrapping_sub(u16::from(*old));
            }
            *oldest = sample;
        }
        self.at = if self.at + 1 < WINDOW { self.at + 1 } else { 0 };
        self.until -= 1;
        if self.until > 0 {
            return None;
        }
        self.until = self.hop;
        Some(self.sums)
    }
}
