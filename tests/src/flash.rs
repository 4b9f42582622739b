//! Simulated NOR flash whose power goes at a chosen byte of a write or an erase.

use embedded_storage::nor_flash::{
    ErrorType, NorFlash, NorFlashError, NorFlashErrorKind, ReadNorFlash, check_erase, check_read,
    check_write,
};
use tinynmf_core::random::{Rng, Stream, generator, uniform};

/// State that a write or an erase leaves behind where the power went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tear {
    /// The bytes before that point are done, the others are not begun.
    Clean,
    /// Some bits of the word (write) or of the sector (erase) are done.
    Partial,
    /// The word, or the sector, holds anything.
    Anything,
    /// The word, or the sector, cannot be read: its error correction reports it.
    Unreadable,
}

/// Every kind.
pub const TEARS: [Tear; 4] = [Tear::Clean, Tear::Partial, Tear::Anything, Tear::Unreadable];

/// Why the flash did nothing, or not everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The power is gone.
    Power,
    /// Error correction found a word that was torn.
    Unreadable,
    /// The arguments do not suit this flash.
    Arguments(NorFlashErrorKind),
}

impl NorFlashError for Fault {
    fn kind(&self) -> NorFlashErrorKind {
        match self {
            Self::Power | Self::Unreadable => NorFlashErrorKind::Other,
            Self::Arguments(kind) => *kind,
        }
    }
}

/// How a word stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    Erased,
    Written,
    Unreadable,
}

/// A flash that reads, writes and erases so many bytes at once.
#[derive(Debug, Clone)]
pub struct Flash<const READ: usize, const WRITE: usize, const ERASE: usize> {
    /// The content.
    pub bytes: Vec<u8>,
    words: Vec<Word>,
    /// Bytes that will still be written or erased before the power goes.
    left: Option<usize>,
    /// Bytes written or erased so far.
    pub done: usize,
    /// A byte whose cells are worn out: it reads as all ones.
    pub worn: Option<usize>,
    tear: Tear,
    rng: Rng,
}

impl<const READ: usize, const WRITE: usize, const ERASE: usize> Flash<READ, WRITE, ERASE> {
    /// Erased.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self {
            bytes: vec![0xff; capacity],
            words: vec![Word::Erased; capacity / WRITE],
            left: None,
            done: 0,
            worn: None,
            tear: Tear::Clean,
            rng: generator(0, Stream::Start),
        }
    }

    /// Cuts the power after so many more bytes.
    pub fn cut_after(&mut self, bytes: usize, tear: Tear) {
        self.left = Some(bytes);
        self.tear = tear;
        self.rng = generator(bytes as u64, Stream::Noise);
    }

    /// The power is back.
    pub fn restore(&mut self) {
        self.left = None;
    }

    /// One byte more, or the end of the power.
    fn spend(&mut self) -> Result<(), Fault> {
        match &mut self.left {
            Some(0) => return Err(Fault::Power),
            Some(left) => *left -= 1,
            None => (),
        }
        self.done += 1;
        Ok(())
    }

    /// Writes or erases the bytes from `from` on, which end in the given state; where the power goes, so
    /// does what was begun.
    fn change(&mut self, from: usize, new: &[u8], word: Word) -> Result<(), Fault> {
        let words = from / WRITE..(from + new.len()) / WRITE;
        for (at, byte) in (from..).zip(new) {
            if let Err(cut) = self.spend() {
                for (old, new) in self.bytes[from..].iter_mut().zip(new) {
                    let random = (256.0 * uniform(&mut self.rng)) as u8;
                    match self.tear {
                        Tear::Partial => *old = (*old & random) | (*new & !random),
                        Tear::Anything => *old = random,
                        Tear::Clean | Tear::Unreadable => (),
                    }
                }
                let torn =
                    if self.tear == Tear::Unreadable { Word::Unreadable } else { Word::Written };
                self.words[words].fill(torn);
                return Err(cut);
            }
            self.bytes[at] = *byte;
        }
        self.words[words].fill(word);
        if let Some(worn) = self.worn {
            self.bytes[worn] = 0xff;
        }
        Ok(())
    }
}

impl<const READ: usize, const WRITE: usize, const ERASE: usize> ErrorType
    for Flash<READ, WRITE, ERASE>
{
    type Error = Fault;
}

impl<const READ: usize, const WRITE: usize, const ERASE: usize> ReadNorFlash
    for Flash<READ, WRITE, ERASE>
{
    const READ_SIZE: usize = READ;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), Fault> {
        check_read(self, offset, bytes.len()).map_err(Fault::Arguments)?;
        if self.left == Some(0) {
            return Err(Fault::Power);
        }
        let (from, to) = (offset as usize, offset as usize + bytes.len());
        if self.words[from / WRITE..to.div_ceil(WRITE)].contains(&Word::Unreadable) {
            return Err(Fault::Unreadable);
        }
        bytes.copy_from_slice(&self.bytes[from..to]);
        Ok(())
    }

    fn capacity(&self) -> usize {
        self.bytes.len()
    }
}

impl<const READ: usize, const WRITE: usize, const ERASE: usize> NorFlash
    for Flash<READ, WRITE, ERASE>
{
    const WRITE_SIZE: usize = WRITE;
    const ERASE_SIZE: usize = ERASE;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), Fault> {
        check_erase(self, from, to).map_err(Fault::Arguments)?;
        let mut sectors = (from as usize..to as usize).step_by(ERASE);
        sectors.try_for_each(|sector| self.change(sector, &[0xff; ERASE], Word::Erased))
    }

    /// # Panics
    ///
    /// At a word that was written since it was erased: flash with error correction cannot do that.
    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Fault> {
        check_write(self, offset, bytes.len()).map_err(Fault::Arguments)?;
        for (at, word) in (offset as usize..).step_by(WRITE).zip(bytes.chunks(WRITE)) {
            assert_eq!(self.words[at / WRITE], Word::Erased, "byte {at} is written twice");
            self.change(at, word, Word::Written)?;
        }
        Ok(())
    }
}
