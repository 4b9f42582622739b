//! A matrix in flash, of any shape.

use crate::digits::SCALE;

/// V of M · N entries as integers and as floats, in flash: entries that look random.
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
