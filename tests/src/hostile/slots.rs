//! The reader of the two flash slots.

use arbitrary::{Arbitrary, Unstructured};
use tinynmf_core::policy::{NOISY, SHIPPED, checksum};
use tinynmf_slots::Slots;

use crate::flash::{Flash, TEARS};

const SLOT: usize = 4096;

/// The head of a slot, whose last word is its checksum.
const HEAD: usize = 20;

#[derive(Debug, Arbitrary)]
struct Input {
    /// Updates before the flash is damaged.
    updates: u8,
    /// Content of each slot instead, from its first byte on.
    contents: [Option<Vec<u8>>; 2],
    /// Bytes that fall over.
    edits: Vec<(u16, u8)>,
    /// Whether the checksum of each head is made right again.
    repair: [bool; 2],
    /// Where the power goes.
    cut: u16,
    /// State that that leaves behind.
    tear: u8,
}

type Chip = Flash<1, 4, 4096>;

/// Any content of the two slots and a power cut in an update: what boots is whole, and updates go on.
///
/// Returns whether the update went through.
///
/// # Panics
///
/// If a promise is broken.
#[must_use]
pub fn slots(bytes: &[u8]) -> bool {
    let Ok(input) = Input::arbitrary(&mut Unstructured::new(bytes)) else { return false };
    let mut flash = Chip::new(2 * SLOT);
    for _ in 0..input.updates % 4 {
        install(&mut flash, SHIPPED).expect("the flash is sound");
    }
    for (slot, content) in flash.bytes.chunks_exact_mut(SLOT).zip(&input.contents) {
        for (byte, new) in slot.iter_mut().zip(content.iter().flatten()) {
            *byte = *new;
        }
    }
    for (at, xor) in input.edits {
        flash.bytes[usize::from(at) % (2 * SLOT)] ^= xor;
    }
    for (slot, repair) in flash.bytes.chunks_exact_mut(SLOT).zip(input.repair) {
        if let Some((content, end)) = slot[..HEAD].split_last_chunk_mut().filter(|_| repair) {
            *end = checksum(content).to_le_bytes();
        }
    }

    let before = boot(&mut flash);
    // Without power from the start, no program runs.
    let cut = 1 + usize::from(input.cut);
    flash.cut_after(cut, TEARS[usize::from(input.tear) % TEARS.len()]);
    let done = install(&mut flash, NOISY).is_some();
    flash.restore();
    let after = boot(&mut flash);
    if done {
        assert_eq!(after.as_deref(), Some(NOISY), "an update that is done is what boots");
    } else {
        assert!(after == before || after.as_deref() == Some(NOISY), "the old policy is lost");
    }
    install(&mut flash, SHIPPED).expect("whatever the flash holds, an update goes through");
    assert_eq!(boot(&mut flash).as_deref(), Some(SHIPPED));
    done
}

/// The blob that a boot finds, whose checksum is right.
fn boot(flash: &mut Chip) -> Option<Vec<u8>> {
    let mut buffer = [0; SLOT];
    let mut slots = Slots::new(flash, 0, SLOT as u32).expect("the slots suit the flash");
    let installed = slots.load(&mut buffer).expect("the flash can be read")?;
    let blob = installed.policy.blob();
    let (content, end) = blob.split_last_chunk().expect("it has a checksum");
    assert_eq!(crc32fast::hash(content), u32::from_le_bytes(*end));
    Some(blob.to_vec())
}

fn install(flash: &mut Chip, blob: &[u8]) -> Option<()> {
    let mut buffer = [0; SLOT];
    let mut slots = Slots::new(flash, 0, SLOT as u32).expect("the slots suit the flash");
    slots.install(blob, &mut buffer).ok().map(|_| ())
}
