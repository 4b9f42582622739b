//! A flash that makes its user wait before every sector that it erases and every word that it writes.

use embassy_futures::yield_now;
use embedded_storage::nor_flash;
use embedded_storage_async::nor_flash::{ErrorType, NorFlash, ReadNorFlash};

/// Such a flash, over one that does not.
#[derive(Debug)]
pub struct Slow<F>(pub F);

impl<F: ErrorType> ErrorType for Slow<F> {
    type Error = F::Error;
}

impl<F: nor_flash::ReadNorFlash> ReadNorFlash for Slow<F> {
    const READ_SIZE: usize = F::READ_SIZE;

    async fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), Self::Error> {
        yield_now().await;
        self.0.read(offset, bytes)
    }

    fn capacity(&self) -> usize {
        self.0.capacity()
    }
}

impl<F: nor_flash::NorFlash> NorFlash for Slow<F> {
    const WRITE_SIZE: usize = F::WRITE_SIZE;
    const ERASE_SIZE: usize = F::ERASE_SIZE;

    async fn erase(&mut self, from: u32, to: u32) -> Result<(), Self::Error> {
        for sector in (from..to).step_by(F::ERASE_SIZE) {
            yield_now().await;
            self.0.erase(sector, sector + F::ERASE_SIZE as u32)?;
        }
        Ok(())
    }

    async fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Self::Error> {
        for (at, word) in (offset..).step_by(F::WRITE_SIZE).zip(bytes.chunks(F::WRITE_SIZE)) {
            yield_now().await;
            self.0.write(at, word)?;
        }
        Ok(())
    }
}
