//! The slots in a flash that is waited for.

use core::pin::pin;
use core::task::{Context, Poll, Waker};

use embedded_storage::nor_flash::{ErrorType, NorFlash, ReadNorFlash};
use embedded_storage_async::nor_flash as asynchronous;

use crate::{AsyncSlots, Installed, LayoutError, Place, SlotError};

/// Two adjacent slots in a flash.
#[derive(Debug)]
pub struct Slots<F> {
    slots: AsyncSlots<Ready<F>>,
}

impl<F: NorFlash> Slots<F> {
    /// Slots of `size` bytes at `first` and at `first + size`.
    ///
    /// Flash whose words are above 256 bytes, or not powers of two, does not compile.
    ///
    /// # Errors
    ///
    /// [`LayoutError`] for slots that are not whole erasable sectors, are empty, or reach beyond the flash.
    pub fn new(flash: F, first: u32, size: u32) -> Result<Self, LayoutError> {
        Ok(Self { slots: AsyncSlots::new(Ready(flash), first, size)? })
    }

    /// The longest blob that a slot holds, in bytes.
    #[must_use]
    pub fn capacity(&self) -> u32 {
        self.slots.capacity()
    }

    /// Gives the flash back.
    pub fn release(self) -> F {
        self.slots.release().0
    }

    /// As [`AsyncSlots::load`].
    ///
    /// # Errors
    ///
    /// [`SlotError::Buffer`].
    pub fn load<'b>(&mut self, buffer: &'b mut [u8]) -> Result<Option<Installed<'b>>, SlotError> {
        finish(self.slots.load(buffer))
    }

    /// As [`AsyncSlots::install`].
    ///
    /// # Errors
    ///
    /// Those of [`AsyncSlots::install`].
    pub fn install(&mut self, blob: &[u8], buffer: &mut [u8]) -> Result<Place, SlotError> {
        finish(self.slots.install(blob, buffer))
    }
}

/// A flash whose work is done when its methods return.
#[derive(Debug)]
struct Ready<F>(F);

impl<F: ErrorType> ErrorType for Ready<F> {
    type Error = F::Error;
}

impl<F: ReadNorFlash> asynchronous::ReadNorFlash for Ready<F> {
    const READ_SIZE: usize = F::READ_SIZE;

    async fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), Self::Error> {
        self.0.read(offset, bytes)
    }

    fn capacity(&self) -> usize {
        self.0.capacity()
    }
}

impl<F: NorFlash> asynchronous::NorFlash for Ready<F> {
    const WRITE_SIZE: usize = F::WRITE_SIZE;
    const ERASE_SIZE: usize = F::ERASE_SIZE;

    async fn erase(&mut self, from: u32, to: u32) -> Result<(), Self::Error> {
        self.0.erase(from, to)
    }

    async fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Self::Error> {
        self.0.write(offset, bytes)
    }
}

/// Runs to its end what never waits: the first look finds it done.
fn finish<T>(work: impl Future<Output = T>) -> T {
    let mut work = pin!(work);
    loop {
        if let Poll::Ready(result) = work.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return result;
        }
    }
}
