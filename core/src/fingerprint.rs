//! A checksum of results, to compare targets bit by bit.

use crc::{CRC_64_XZ, Crc, NoTable};

static CRC: Crc<u64, NoTable> = Crc::<u64, NoTable>::new(&CRC_64_XZ);

/// CRC-64/XZ over the little-endian bits of every number fed to it, in order.
#[derive(Clone)]
pub struct Fingerprint(crc::Digest<'static, u64, NoTable>);

impl Default for Fingerprint {
    fn default() -> Self {
        Self(CRC.digest())
    }
}

impl Fingerprint {
    /// The fingerprint of nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Feeds one number.
    pub fn float(&mut self, x: f32) {
        self.0.update(&x.to_le_bytes());
    }

    /// Feeds numbers in their order.
    pub fn floats(&mut self, x: &[f32]) {
        for x in x {
            self.float(*x);
        }
    }

    /// Feeds a number of 64 bits, such as another fingerprint.
    pub fn word(&mut self, x: u64) {
        self.0.update(&x.to_le_bytes());
    }

    /// The checksum of what was fed so far.
    #[must_use]
    pub fn value(&self) -> u64 {
        self.0.clone().finalize()
    }
}

impl core::fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Fingerprint({:#018x})", self.value())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_signed_zeros_and_orders_apart() {
        let of = |x: &[f32]| {
            let mut f = Fingerprint::new();
            f.floats(x);
            f.value()
        };
        assert_ne!(of(&[0.0]), of(&[-0.0]));
        assert_ne!(of(&[1.0, 2.0]), of(&[2.0, 1.0]));
        assert_eq!(of(&[]), Fingerprint::new().value());
        let mut word = Fingerprint::new();
        word.word(0x4000_0000_3f80_0000);
        assert_eq!(word.value(), of(&[1.0, 2.0]));
    }
}
