//! A matrix in flash, of any shape.

use tinynmf_digits::images::SCALE;

/// V of M · N entries as integers of 8 and 16 bits and as floats, in flash: entries that look random.
pub struct V<const MN: usize>;

impl<const MN: usize> V<MN> {
    /// 0 to 16.
    pub const BYTES: [u8; MN] = {
        let (mut bytes, mut state, mut k) = ([0; MN], 1_u32, 0);
        while k < MN {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            bytes[k] = (state >> 24) as u8 % 17;
            k += 1;
        }
        bytes
    };
    /// Entries of 16 bits.
    pub const WORDS: [u16; MN] = {
        let (mut words, mut k) = ([0; MN], 0);
        while k < MN {
            words[k] = Self::BYTES[k] as u16 * 3901;
            k += 1;
        }
        words
    };
    /// The same times [`SCALE`].
    pub const FLOATS: [f32; MN] = {
        let (mut floats, mut k) = ([0.0; MN], 0);
        while k < MN {
            floats[k] = Self::BYTES[k] as f32 * SCALE;
            k += 1;
        }
        floats
    };
}
