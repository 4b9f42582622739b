//! Updates a policy in the field. Of two slots in flash, one always holds a policy.
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
//!     None => Policy::from_bytes(policy::SHIPPED)?, // nothing was installed yet
//! };
//! // ... and when a new one has come in:
//! slots.install(&received, &mut scratch)?;
//! ```
//!
//! | a slot holds | bytes |
//! |---|---|
//! | head: `TNSL`, sequence number, length and CRC-32 of the blob, CRC-32 of these 16 bytes; little-endian | 20, padded to a write |
//! | the blob, see [`tinynmf_core::policy`] | its length, padded to a write |

#![no_std]
#![forbid(unsafe_code)]

mod error;
mod head;

pub use error::{LayoutError, SlotError};

use embedded_storage::nor_flash::NorFlash;
use head::Head;
use tinynmf_core::Policy;

/// Bytes that are read, written and compared at a time, on the stack.
const PAGE: usize = 256;

/// One of the two slots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
pub struct Installed<'b> {
    /// The policy, read from the buffer.
    pub policy: Policy<'b>,
    /// Where it came from.
    pub place: Place,
}

/// Where a policy is: for flash that is mapped into memory, its bytes can be read in place from here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The slot.
    pub slot: Slot,
    /// Counts the updates.
    pub sequence: u32,
    /// Of the blob, in bytes from the start of the flash.
    pub offset: u32,
    /// Of the blob, in bytes.
    pub length: u32,
}

/// Two adjacent slots in a flash.
#[derive(Debug)]
pub struct Slots<F> {
    flash: F,
    first: u32,
    size: u32,
}

impl<F: NorFlash> Slots<F> {
    /// Reads and writes of the flash begin and end at multiples of this.
    const UNIT: usize = if F::READ_SIZE > F::WRITE_SIZE { F::READ_SIZE } else { F::WRITE_SIZE };

    /// The head with its padding.
    const HEAD: u32 = Head::BYTES.next_multiple_of(Self::UNIT) as u32;

    /// Slots of `size` bytes at `first` and at `first + size`.
    ///
    /// Flash whose words are above 256 bytes, or not powers of two, does not compile.
    ///
    /// # Errors
    ///
    /// [`LayoutError`] for slots that are not whole erasable sectors, are empty, or reach beyond the flash.
    pub fn new(flash: F, first: u32, size: u32) -> Result<Self, LayoutError> {
        const {
            assert!(F::READ_SIZE.is_power_of_two() && F::WRITE_SIZE.is_power_of_two());
            assert!(Self::UNIT <= PAGE && F::ERASE_SIZE.is_multiple_of(Self::UNIT));
        }
        let sector = F::ERASE_SIZE as u32;
        if !first.is_multiple_of(sector) || !size.is_multiple_of(sector) {
            return Err(LayoutError::Sectors { sector });
        }
        if size <= Self::HEAD {
            return Err(LayoutError::Empty);
        }
        let (end, capacity) = (u64::from(first) + 2 * u64::from(size), flash.capacity());
        if end > capacity as u64 {
            return Err(LayoutError::Beyond { end, capacity });
        }
        Ok(Self { flash, first, size })
    }

    /// The longest blob that a slot holds, in bytes.
    #[must_use]
    pub fn capacity(&self) -> u32 {
        self.size - Self::HEAD
    }

    /// Gives the flash back.
    pub fn release(self) -> F {
        self.flash
    }

    /// The newest policy that this build reads, or `None` before the first update.
    ///
    /// `buffer` takes the blob, padded to the flash's reads.
    ///
    /// # Errors
    ///
    /// [`SlotError::Buffer`].
    pub fn load<'b>(&mut self, buffer: &'b mut [u8]) -> Result<Option<Installed<'b>>, SlotError> {
        let Some((slot, head)) = self.newest(buffer)? else { return Ok(None) };
        // Once more: the last slot that was looked at may have been the other one.
        let blob = self.blob(slot, &head, buffer)?.unwrap_or_default();
        let policy = Policy::from_bytes(blob)?;
        let Head { sequence, length, .. } = head;
        let place = Place { slot, sequence, offset: self.start(slot) + Self::HEAD, length };
        Ok(Some(Installed { policy, place }))
    }

    /// Installs a policy in the slot that is not in use; returns where.
    ///
    /// `buffer` as for [`Self::load`]; it takes the installed policies in turn.
    ///
    /// # Errors
    ///
    /// Before anything is erased: [`SlotError::Policy`] with the reason, [`SlotError::TooLong`] and
    /// [`SlotError::Buffer`]. After: [`SlotError::Flash`] and [`SlotError::Verify`]; the policy that was
    /// in use is still there and still in use.
    pub fn install(&mut self, blob: &[u8], buffer: &mut [u8]) -> Result<Place, SlotError> {
        let checksum = Policy::from_bytes(blob)?.checksum();
        let (capacity, found) = (self.capacity(), blob.len());
        let length = u32::try_from(found).unwrap_or(u32::MAX);
        if length > capacity {
            return Err(SlotError::TooLong { capacity, found });
        }
        let in_use = self.newest(buffer)?;
        // Where this build reads neither, the newest stays: another build may read it.
        let [newest, _] = newest_first(self.head(Slot::A), self.head(Slot::B));
        let stays = in_use.or(newest);
        let slot = stays.map_or(Slot::A, |(slot, _)| slot.other());
        let sequence = stays.map_or(0, |(_, head)| head.sequence.wrapping_add(1));
        let head = Head { sequence, length, checksum };

        let (start, offset) = (self.start(slot), self.start(slot) + Self::HEAD);
        self.flash.erase(start, start + self.size).map_err(|error| SlotError::flash(&error))?;
        self.write(offset, blob)?;
        // The head makes the slot valid: it comes last, and once the blob is known to be there.
        self.write(start, &head.to_bytes())?;
        Ok(Place { slot, sequence, offset, length })
    }

    /// The newest slot with a policy that this build reads.
    fn newest(&mut self, buffer: &mut [u8]) -> Result<Option<(Slot, Head)>, SlotError> {
        let heads = newest_first(self.head(Slot::A), self.head(Slot::B));
        for (slot, head) in heads.into_iter().flatten() {
            let blob = self.blob(slot, &head, buffer)?;
            let policy = blob.and_then(|blob| Policy::from_bytes(blob).ok());
            if policy.is_some_and(|policy| policy.checksum() == head.checksum) {
                return Ok(Some((slot, head)));
            }
        }
        Ok(None)
    }

    fn start(&self, slot: Slot) -> u32 {
        match slot {
            Slot::A => self.first,
            Slot::B => self.first + self.size,
        }
    }

    /// The head of a slot, if it is intact.
    fn head(&mut self, slot: Slot) -> Option<Head> {
        let mut page = [0; PAGE];
        let bytes = page.get_mut(..Self::HEAD as usize)?;
        self.flash.read(self.start(slot), bytes).ok()?;
        let head = Head::from_bytes(bytes.first_chunk()?)?;
        (head.length <= self.capacity()).then_some(head)
    }

    /// The blob that a head announces; `None` if the flash does not give it.
    fn blob<'b>(
        &mut self,
        slot: Slot,
        head: &Head,
        buffer: &'b mut [u8],
    ) -> Result<Option<&'b [u8]>, SlotError> {
        let length = head.length as usize;
        let (needed, found) = (length.next_multiple_of(F::READ_SIZE), buffer.len());
        let bytes = buffer.get_mut(..needed).ok_or(SlotError::Buffer { needed, found })?;
        match self.flash.read(self.start(slot) + Self::HEAD, bytes) {
            Ok(()) => Ok(bytes.get(..length)),
            Err(_) => Ok(None),
        }
    }

    /// Writes bytes, padded with erased ones, and reads them back.
    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), SlotError> {
        let mut at = offset;
        for part in bytes.chunks(PAGE) {
            let (mut page, mut back) = ([0xff; PAGE], [0; PAGE]);
            let length = part.len().next_multiple_of(Self::UNIT);
            let padded = page.get_mut(..length).ok_or(SlotError::Verify)?;
            let back = back.get_mut(..length).ok_or(SlotError::Verify)?;
            padded.iter_mut().zip(part).for_each(|(to, from)| *to = *from);
            self.flash.write(at, padded).map_err(|error| SlotError::flash(&error))?;
            self.flash.read(at, back).map_err(|error| SlotError::flash(&error))?;
            if back != padded {
                return Err(SlotError::Verify);
            }
            at += length as u32;
        }
        Ok(())
    }
}

/// The heads that are there.
fn newest_first(a: Option<Head>, b: Option<Head>) -> [Option<(Slot, Head)>; 2] {
    let (in_a, in_b) = (a.map(|head| (Slot::A, head)), b.map(|head| (Slot::B, head)));
    match (a, b) {
        (Some(a), Some(b)) if b.is_newer_than(&a) => [in_b, in_a],
        (None, _) => [in_b, None],
        _ => [in_a, in_b],
    }
}
