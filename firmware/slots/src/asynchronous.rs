//! The slots in a flash that others share the core with while it erases and writes.

use embedded_storage_async::nor_flash::NorFlash;

use crate::head::{Head, newest_first};
use crate::{AnyPolicy, Installed, LayoutError, Place, Slot, SlotError};

/// Bytes that are read, written and compared at a time, on the stack or in the future.
const PAGE: usize = 256;

/// Two adjacent slots in a flash of `embedded-storage-async`, for executors such as embassy's and RTIC's.
///
/// It is [`Slots`](crate::Slots) with other waits. A future that is dropped is like a power cut: the old policy or the
/// new one is there.
#[derive(Debug)]
pub struct AsyncSlots<F> {
    flash: F,
    first: u32,
    size: u32,
}

impl<F: NorFlash> AsyncSlots<F> {
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
    pub async fn load<'b>(
        &mut self,
        buffer: &'b mut [u8],
    ) -> Result<Option<Installed<'b>>, SlotError> {
        let Some((slot, head)) = self.newest(buffer).await? else { return Ok(None) };
        // Once more: the last slot that was looked at may have been the other one.
        let blob = self.blob(slot, &head, buffer).await?.unwrap_or_default();
        let policy = AnyPolicy::from_bytes(blob)?;
        let Head { sequence, length, .. } = head;
        let place = Place { slot, sequence, offset: self.start(slot) + Self::HEAD, length };
        Ok(Some(Installed { policy, place }))
    }

    /// Installs a policy, of either kind, in the slot that is not in use; returns where.
    ///
    /// `buffer` as for [`Self::load`]; it takes the installed policies in turn.
    ///
    /// # Errors
    ///
    /// Before anything is erased: [`SlotError::Policy`] with the reason, [`SlotError::TooLong`] and
    /// [`SlotError::Buffer`]. After: [`SlotError::Flash`] and [`SlotError::Verify`]; the policy that was
    /// in use is still there and still in use.
    pub async fn install(&mut self, blob: &[u8], buffer: &mut [u8]) -> Result<Place, SlotError> {
        let checksum = AnyPolicy::from_bytes(blob)?.checksum();
        let (capacity, found) = (self.capacity(), blob.len());
        let length = u32::try_from(found).unwrap_or(u32::MAX);
        if length > capacity {
            return Err(SlotError::TooLong { capacity, found });
        }
        let in_use = self.newest(buffer).await?;
        // Where this build reads neither, the newest stays: another build may read it.
        let [newest, _] = newest_first(self.head(Slot::A).await, self.head(Slot::B).await);
        let stays = in_use.or(newest);
        let slot = stays.map_or(Slot::A, |(slot, _)| slot.other());
        let sequence = stays.map_or(0, |(_, head)| head.sequence.wrapping_add(1));
        let head = Head { sequence, length, checksum };

        let (start, offset) = (self.start(slot), self.start(slot) + Self::HEAD);
        self.flash
            .erase(start, start + self.size)
            .await
            .map_err(|error| SlotError::flash(&error))?;
        self.write(offset, blob).await?;
        // The head makes the slot valid: it comes last, and once the blob is known to be there.
        self.write(start, &head.to_bytes()).await?;
        Ok(Place { slot, sequence, offset, length })
    }

    /// The newest slot with a policy that this build reads.
    async fn newest(&mut self, buffer: &mut [u8]) -> Result<Option<(Slot, Head)>, SlotError> {
        let heads = newest_first(self.head(Slot::A).await, self.head(Slot::B).await);
        for (slot, head) in heads.into_iter().flatten() {
            let blob = self.blob(slot, &head, buffer).await?;
            let policy = blob.and_then(|blob| AnyPolicy::from_bytes(blob).ok());
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
    async fn head(&mut self, slot: Slot) -> Option<Head> {
        let mut page = [0; PAGE];
        let bytes = page.get_mut(..Self::HEAD as usize)?;
        self.flash.read(self.start(slot), bytes).await.ok()?;
        let head = Head::from_bytes(bytes.first_chunk()?)?;
        (head.length <= self.capacity()).then_some(head)
    }

    /// The blob that a head announces; `None` if the flash does not give it.
    async fn blob<'b>(
        &mut self,
        slot: Slot,
        head: &Head,
        buffer: &'b mut [u8],
    ) -> Result<Option<&'b [u8]>, SlotError> {
        let length = head.length as usize;
        let (needed, found) = (length.next_multiple_of(F::READ_SIZE), buffer.len());
        let bytes = buffer.get_mut(..needed).ok_or(SlotError::Buffer { needed, found })?;
        match self.flash.read(self.start(slot) + Self::HEAD, bytes).await {
            Ok(()) => Ok(bytes.get(..length)),
            Err(_) => Ok(None),
        }
    }

    /// Writes bytes, padded with erased ones, and reads them back.
    async fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), SlotError> {
        let mut at = offset;
        for part in bytes.chunks(PAGE) {
            let (mut page, mut back) = ([0xff; PAGE], [0; PAGE]);
            let length = part.len().next_multiple_of(Self::UNIT);
            let padded = page.get_mut(..length).ok_or(SlotError::Verify)?;
            let back = back.get_mut(..length).ok_or(SlotError::Verify)?;
            padded.iter_mut().zip(part).for_each(|(to, from)| *to = *from);
            self.flash.write(at, padded).await.map_err(|error| SlotError::flash(&error))?;
            self.flash.read(at, back).await.map_err(|error| SlotError::flash(&error))?;
            if back != padded {
                return Err(SlotError::Verify);
            }
            at += length as u32;
        }
        Ok(())
    }
}
