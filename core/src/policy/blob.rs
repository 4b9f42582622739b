//! Reading a blob: everything is checked here, so that inference cannot fail.

use super::{Hidden, Last, MAGIC, MAX_LAYERS, MAX_WIDTH, Network, Policy, VERSIONS};
use crate::observe::{OBSERVATION_SET, OBSERVATIONS};
use crc::{CRC_32_ISO_HDLC, Crc, NoTable};
use heapless::Vec;

/// Bytes up to the length that a blob states, included.
const HEAD: usize = 12;

pub(super) static CRC: Crc<u32, NoTable> = Crc::<u32, NoTable>::new(&CRC_32_ISO_HDLC);

/// Why a policy blob was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum PolicyError {
    /// It does not begin with `TNMF`.
    #[error("not a tinynmf policy: it does not begin with TNMF")]
    Magic,
    /// A format version that this build does not read.
    #[error("policy format version {0} is not supported by this build")]
    Version(u16),
    /// Trained on other observations than the rule that was to ask it computes.
    #[error("the policy was trained on observation set {0}, which this rule does not compute")]
    Observations(u16),
    /// It ends within its first 12 bytes, before it states its length.
    #[error("the policy is truncated: {found} bytes, where its head alone takes {HEAD}")]
    Truncated {
        /// Bytes given.
        found: usize,
    },
    /// Its length is not the one it states.
    #[error("the policy has {found} bytes but states {stated}: it is truncated or has a tail")]
    Length {
        /// Bytes that the header states.
        stated: u32,
        /// Bytes given.
        found: usize,
    },
    /// The checksum does not match.
    #[error("the policy is corrupt: its CRC-32 is {found:#010x} where it states {stated:#010x}")]
    Checksum {
        /// Checksum at the end of the blob.
        stated: u32,
        /// Checksum of its content.
        found: u32,
    },
    /// Layers whose sizes do not fit together or exceed what this build allows.
    #[error("the policy's layers do not fit together, or exceed 4 layers or 64 units")]
    Shape,
    /// A number outside its range (limits, gains, shifts, scales).
    #[error("a number in the policy is outside its range")]
    Range,
}

/// The CRC-32 (ISO-HDLC) that a blob ends with, of all the bytes before it.
#[must_use]
pub fn checksum(bytes: &[u8]) -> u32 {
    CRC.checksum(bytes)
}

impl<'a> Policy<'a> {
    /// Reads a policy of gradient steps in place.
    ///
    /// # Errors
    ///
    /// [`PolicyError`] says which check failed; the checksum comes first after magic, version and
    /// length, so that later reasons mean a wrong exporter and not a damaged file.
    pub fn from_bytes(blob: &'a [u8]) -> Result<Self, PolicyError> {
        Self::read(blob, OBSERVATION_SET, [OBSERVATIONS, 1])
    }

    /// Reads a policy of any kind, of an observation set with so many observations and outputs.
    pub(super) fn read(
        blob: &'a [u8],
        set: u16,
        [observations, outputs]: [usize; 2],
    ) -> Result<Self, PolicyError> {
        if blob.iter().zip(&MAGIC).any(|(found, magic)| found != magic) {
            return Err(PolicyError::Magic);
        }
        if blob.len() < HEAD {
            return Err(PolicyError::Truncated { found: blob.len() });
        }
        let mut bytes = Bytes(blob);
        bytes.take(MAGIC.len())?;
        let (version, stated_set) = (bytes.u16()?, bytes.u16()?);
        if !VERSIONS.contains(&version) {
            return Err(PolicyError::Version(version));
        }
        let stated = bytes.u32()?;
        if usize::try_from(stated).ok() != Some(blob.len()) {
            return Err(PolicyError::Length { stated, found: blob.len() });
        }
        let (content, end) = blob.split_last_chunk::<4>().ok_or(PolicyError::Shape)?;
        let (stated, found) = (u32::from_le_bytes(*end), checksum(content));
        if stated != found {
            return Err(PolicyError::Checksum { stated, found });
        }
        if stated_set != set {
            return Err(PolicyError::Observations(stated_set));
        }
        bytes.drop_end(4);

        let (inputs, layers) = (usize::from(bytes.u16()?), usize::from(bytes.u16()?));
        if inputs != observations {
            return Err(PolicyError::Shape);
        }
        let (low, high) = (bytes.f32()?, bytes.f32()?);
        if !(low > -20.0 && low < high && high < 20.0) {
            return Err(PolicyError::Range);
        }
        let normaliser = bytes.take(8 * inputs)?;
        let network = Network::from_bytes(bytes.0, inputs, layers)?;
        if network.last.outputs != outputs {
            return Err(PolicyError::Shape);
        }
        let policy = Self { blob, low, high, normaliser, network };
        let proper = |[offset, gain]: [f32; 2]| offset.is_finite() && gain.is_finite();
        if policy.normaliser().all(proper) { Ok(policy) } else { Err(PolicyError::Range) }
    }
}

impl<'a> Network<'a> {
    /// Reads `layers` layers in place, the first of which takes `inputs`: the layers of a blob.
    ///
    /// # Errors
    ///
    /// [`PolicyError::Shape`] and [`PolicyError::Range`].
    pub fn from_bytes(
        bytes: &'a [u8],
        mut inputs: usize,
        layers: usize,
    ) -> Result<Self, PolicyError> {
        if inputs > MAX_WIDTH || layers == 0 || layers > MAX_LAYERS {
            return Err(PolicyError::Shape);
        }
        let (mut bytes, mut hidden) = (Bytes(bytes), Vec::new());
        for _ in 1..layers {
            let layer = bytes.hidden(inputs)?;
            inputs = layer.outputs;
            hidden.push(layer).map_err(|_| PolicyError::Shape)?;
        }
        let last = bytes.last(inputs)?;
        if bytes.0.is_empty() { Ok(Self { hidden, last }) } else { Err(PolicyError::Shape) }
    }
}

/// The bytes not yet read.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, n: usize) -> Result<&'a [u8], PolicyError> {
        let Some((taken, rest)) = self.0.split_at_checked(n) else {
            return Err(PolicyError::Shape);
        };
        self.0 = rest;
        Ok(taken)
    }

    fn drop_end(&mut self, n: usize) {
        self.0 = self.0.get(..self.0.len().saturating_sub(n)).unwrap_or_default();
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], PolicyError> {
        self.take(N)?.first_chunk::<N>().copied().ok_or(PolicyError::Shape)
    }

    fn u16(&mut self) -> Result<u16, PolicyError> {
        self.array().map(u16::from_le_bytes)
    }

    fn u32(&mut self) -> Result<u32, PolicyError> {
        self.array().map(u32::from_le_bytes)
    }

    fn f32(&mut self) -> Result<f32, PolicyError> {
        self.array().map(f32::from_le_bytes)
    }

    /// The sizes of a layer that takes `inputs`.
    fn sizes(&mut self, inputs: usize) -> Result<usize, PolicyError> {
        let (stated, outputs) = (usize::from(self.u16()?), usize::from(self.u16()?));
        if stated == inputs && (1..=MAX_WIDTH).contains(&outputs) {
            Ok(outputs)
        } else {
            Err(PolicyError::Shape)
        }
    }

    fn hidden(&mut self, inputs: usize) -> Result<Hidden<'a>, PolicyError> {
        let outputs = self.sizes(inputs)?;
        let layer = Hidden {
            inputs,
            outputs,
            bias: self.take(4 * outputs)?,
            multiplier: self.take(4 * outputs)?,
            shift: self.take(outputs)?,
            weights: self.take(outputs * inputs)?,
        };
        let biases = layer.bias.as_chunks::<4>().0.iter();
        let multipliers = layer.multiplier.as_chunks::<4>().0.iter();
        // Half of i32 leaves room for the sum of 64 products of int8.
        let proper = biases.into_iter().all(|b| i32::from_le_bytes(*b).unsigned_abs() < 1 << 30)
            && multipliers.into_iter().all(|m| i32::from_le_bytes(*m) >= 0)
            && layer.shift.iter().all(|shift| *shift < 32);
        if proper { Ok(layer) } else { Err(PolicyError::Range) }
    }

    fn last(&mut self, inputs: usize) -> Result<Last<'a>, PolicyError> {
        let outputs = self.sizes(inputs)?;
        let layer = Last {
            inputs,
            outputs,
            bias: self.take(4 * outputs)?,
            scale: self.take(4 * outputs)?,
            weights: self.take(outputs * inputs)?,
        };
        let mut channels = layer.channels();
        let proper =
            channels.all(|(bias, scale)| bias.unsigned_abs() < 1 << 30 && scale.is_finite());
        if proper { Ok(layer) } else { Err(PolicyError::Range) }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use crate::policy::SHIPPED;
    use std::vec::Vec;

    /// The shipped blob with bytes changed and the checksum made right again.
    fn forged(change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
        let mut blob = SHIPPED[..SHIPPED.len() - 4].to_vec();
        change(&mut blob);
        blob.extend(checksum(&blob).to_le_bytes());
        blob
    }

    fn refusal(blob: &[u8]) -> PolicyError {
        Policy::from_bytes(blob).unwrap_err()
    }

    #[test]
    fn the_shipped_policy_is_read_in_place() {
        let policy = Policy::from_bytes(SHIPPED).unwrap();
        assert_eq!(policy.blob().as_ptr(), SHIPPED.as_ptr());
        assert_eq!(policy.checksum(), checksum(&SHIPPED[..SHIPPED.len() - 4]));
        assert!(SHIPPED.len() <= 4096);
    }

    #[test]
    fn every_truncation_and_every_flipped_bit_is_refused() {
        for len in 0..SHIPPED.len() {
            assert!(Policy::from_bytes(&SHIPPED[..len]).is_err());
        }
        let mut blob = SHIPPED.to_vec();
        for bit in 0..8 * SHIPPED.len() {
            blob[bit / 8] ^= 1 << (bit % 8);
            assert!(Policy::from_bytes(&blob).is_err(), "bit {bit}");
            blob[bit / 8] ^= 1 << (bit % 8);
        }
    }

    #[test]
    fn each_reason_is_told() {
        for blob in [&b"PK\x03\x04...."[..], b"P", b"TNMP", b"TNMf\x01\0\x01\0\x99\0\0\0\0"] {
            assert_eq!(refusal(blob), PolicyError::Magic);
        }
        for found in 0..HEAD {
            assert_eq!(refusal(&SHIPPED[..found]), PolicyError::Truncated { found });
        }
        let stated = SHIPPED.len() as u32;
        for found in HEAD..SHIPPED.len() {
            assert_eq!(refusal(&SHIPPED[..found]), PolicyError::Length { stated, found });
        }
        assert_eq!(refusal(&forged(|b| b[4] = 9)), PolicyError::Version(9));
        assert_eq!(refusal(&forged(|b| b[6] = 9)), PolicyError::Observations(9));
        assert!(matches!(refusal(&forged(|b| b.push(0))), PolicyError::Length { .. }));
        let mut blob = SHIPPED.to_vec();
        blob[30] ^= 1;
        assert!(matches!(refusal(&blob), PolicyError::Checksum { .. }));
        assert_eq!(refusal(&forged(|b| b[12] = 3)), PolicyError::Shape);
        assert_eq!(refusal(&forged(|b| b[14] = 9)), PolicyError::Shape);
        assert_eq!(refusal(&forged(|b| b[14] = 0)), PolicyError::Shape);
        let nan = f32::NAN.to_le_bytes();
        assert_eq!(refusal(&forged(|b| b[16..20].copy_from_slice(&nan))), PolicyError::Range);
        assert_eq!(refusal(&forged(|b| b[24..28].copy_from_slice(&nan))), PolicyError::Range);
    }
}
