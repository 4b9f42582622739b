//! Why slots, or an update, were refused.

use embedded_storage::nor_flash::{NorFlashError, NorFlashErrorKind};
use thiserror::Error;
use tinynmf_core::policy::PolicyError;

/// A fault in the place of the slots.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum LayoutError {
    /// Erasing a slot would erase more than the slot.
    #[error("slots begin and end at multiples of {sector} bytes, which is what this flash erases")]
    Sectors {
        /// Bytes that are erased together.
        sector: u32,
    },
    /// No room for a policy.
    #[error("a slot holds nothing beyond its head")]
    Empty,
    /// The slots do not fit.
    #[error("the slots end at byte {end} of a flash of {capacity}")]
    Beyond {
        /// Where the second slot ends.
        end: u64,
        /// Bytes of the flash.
        capacity: usize,
    },
}

/// Why a policy was not loaded or not installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum SlotError {
    /// The blob is not a policy that this build reads.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// The blob does not fit into a slot.
    #[error("the policy has {found} bytes, a slot takes {capacity}")]
    TooLong {
        /// Bytes that a slot takes.
        capacity: u32,
        /// Bytes given.
        found: usize,
    },
    /// The buffer is too small for an installed policy.
    #[error("the buffer has {found} bytes, the installed policy needs {needed}")]
    Buffer {
        /// Bytes needed.
        needed: usize,
        /// Bytes given.
        found: usize,
    },
    /// The flash failed.
    #[error("the flash failed: {0}")]
    Flash(NorFlashErrorKind),
    /// The flash does not hold what was written to it.
    #[error("the flash does not hold what was written to it: it may be worn out")]
    Verify,
}

impl SlotError {
    pub(crate) fn flash(error: &impl NorFlashError) -> Self {
        Self::Flash(error.kind())
    }
}
