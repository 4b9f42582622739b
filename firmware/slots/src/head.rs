//! The head of a slot: what makes its blob valid.

use tinynmf_core::policy;

use crate::Slot;

const MAGIC: [u8; 4] = *b"TNSL";

/// Head of a slot: it describes the blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Counts the updates; wraps around.
    pub sequence: u32,
    /// Bytes of the blob.
    pub length: u32,
    /// The CRC-32 that the blob ends with.
    pub checksum: u32,
}

impl Head {
    /// Bytes of a head.
    pub const BYTES: usize = 20;

    /// Whether this head was written after `other`, up to 2³¹ updates apart.
    pub fn is_newer_than(&self, other: &Self) -> bool {
        self.sequence.wrapping_sub(other.sequence).cast_signed() > 0
    }

    /// As in flash.
    pub fn to_bytes(self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        let numbers = [self.sequence, self.length, self.checksum].map(u32::to_le_bytes);
        let content = MAGIC.into_iter().chain(numbers.into_iter().flatten());
        bytes.iter_mut().zip(content).for_each(|(to, from)| *to = from);
        let (content, end) = bytes.split_at_mut(Self::BYTES - 4);
        end.copy_from_slice(&policy::checksum(content).to_le_bytes());
        bytes
    }

    /// From flash, if it is whole.
    pub fn from_bytes(bytes: &[u8; Self::BYTES]) -> Option<Self> {
        let ([magic, sequence, length, checksum, _], _) = bytes.as_chunks::<4>() else {
            return None;
        };
        let [sequence, length, checksum] =
            [sequence, length, checksum].map(|number| u32::from_le_bytes(*number));
        let head = Self { sequence, length, checksum };
        (*magic == MAGIC && *bytes == head.to_bytes()).then_some(head)
    }
}

/// The heads that are there.
pub fn newest_first(a: Option<Head>, b: Option<Head>) -> [Option<(Slot, Head)>; 2] {
    let (in_a, in_b) = (a.map(|head| (Slot::A, head)), b.map(|head| (Slot::B, head)));
    match (a, b) {
        (Some(a), Some(b)) if b.is_newer_than(&a) => [in_b, in_a],
        (None, _) => [in_b, None],
        _ => [in_a, in_b],
    }
}
