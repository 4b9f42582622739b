//! Updates a policy in the field. Of two slots in flash, one always holds a policy, of gradient steps or of schedules.
//!
//! An update writes to the slot that is not in use, and writes its head last. If the power fails at any moment, the next
//! boot finds the old policy or the new one. An update refuses a blob that this build would not read, and erases nothing
//! then. It writes every word once between two erasures, so that flash with error correction works. A slot that cannot be
//! read counts as empty.
//!
//! ```ignore
//! let mut slots = Slots::new(flash, 0x000f_e000, 0x1000)?; // two slots of 4 KiB
//! let mut buffer = [0; 4096];
//! let policy = match slots.load(&mut buffer)? {
//!     Some(installed) => installed.policy,
//!     None => AnyPolicy::from_bytes(policy::SCHEDULE)?, // nothing was installed yet
//! };
//! let mut rule = policy.into_rule();
//! // ... and when a new one has come in:
//! slots.install(&received, &mut scratch)?;
//! ```
//!
//! [`AnyPolicy::into_rule`] links every rule in. A program that runs one kind of policy takes less flash if it matches the
//! kind and makes that kind's rule. It then reads what it received as that kind before it installs it, so that no other
//! kind gets into a slot:
//!
//! ```ignore
//! let mut rule = match policy {
//!     AnyPolicy::Schedule(policy) => Scheduled::new(policy),
//!     AnyPolicy::Steps(_) => Scheduled::new(SchedulePolicy::from_bytes(policy::SCHEDULE)?),
//! };
//! SchedulePolicy::from_bytes(&received)?;
//! slots.install(&received, &mut scratch)?;
//! ```
//!
//! With the feature `defmt`, the errors, [`Place`] and what else is public can be logged.
//!
//! [`Slots`] waits for the flash, [`AsyncSlots`] lets other tasks run meanwhile: the same code over the traits of
//! `embedded-storage` and of `embedded-storage-async`.
//!
//! | a slot holds | bytes |
//! |---|---|
//! | head: `TNSL`, sequence number, length and CRC-32 of the blob, CRC-32 of these 16 bytes; little-endian | 20, padded to a write |
//! | the blob, see [`tinynmf_core::policy`] | its length, padded to a write |

#![no_std]
#![forbid(unsafe_code)]

mod any_policy;
mod asynchronous;
mod blocking;
mod error;
mod head;

pub use any_policy::AnyPolicy;
pub use asynchronous::AsyncSlots;
pub use blocking::Slots;
pub use error::{LayoutError, SlotError};

/// One of the two slots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Slot {
    /// The first.
    A,
    /// The one behind it.
    B,
}

impl Slot {
    /// The other one.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }
}

/// A policy from flash.
#[derive(Debug, Clone)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Installed<'b> {
    /// The policy, read from the buffer.
    pub policy: AnyPolicy<'b>,
    /// Where it came from.
    pub place: Place,
}

/// Where a policy is: for flash that is mapped into memory, its bytes can be read in place from here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Place {
    /// The slot.
    pub slot: Slot,
    /// Counts the updates.
    pub sequence: u32,
    /// Of the blob, in bytes from the start of the flash.
    pub offset: u32,
    /// Length of the blob, in bytes.
    pub length: u32,
}
