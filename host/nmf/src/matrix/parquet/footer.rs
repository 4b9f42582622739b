//! The lists in a file's footer, whose claims are checked before the crate believes them.
//!
//! The crate passes over fields that it does not know element by element, and over booleans in a list without moving on: one
//! list of 2³¹ took seconds, and a few bytes are a list. In truth each element of a list has a byte of its own.

/// Structures within each other that the crate follows.
const DEPTH: u32 = 64;

/// The footer's own kind in Thrift's compact protocol.
const STRUCTURE: u8 = 12;

/// Whether lists in the file's footer claim more elements than it has bytes. What is damaged otherwise is for the crate to tell.
pub(super) fn overclaims(file: &[u8]) -> bool {
    let footer = file.split_last_chunk::<8>().and_then(|(rest, end)| {
        let length = u32::from_le_bytes(*end.first_chunk()?) as usize;
        rest.get(rest.len().checked_sub(length)?..)
    });
    let bytes = footer.unwrap_or_default();
    let mut fields = Fields { bytes, left: bytes.len() as u64, overclaims: false };
    let _ = fields.pass(STRUCTURE, DEPTH);
    fields.overclaims
}

/// Fields that are still to be passed over; every method returns none at their end.
struct Fields<'a> {
    bytes: &'a [u8],
    /// Elements that the lists to come may have.
    left: u64,
    overclaims: bool,
}

impl Fields<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.bytes.split_first()?;
        self.bytes = rest;
        Some(*first)
    }

    fn skip(&mut self, count: u64) -> Option<()> {
        self.bytes = self.bytes.get(usize::try_from(count).ok()?..)?;
        Some(())
    }

    /// Seven bits a byte, from the lowest on.
    fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    fn pass(&mut self, kind: u8, depth: u32) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        match kind {
            // Booleans in a field have no bytes, and the crate reads none in a list.
            1 | 2 => Some(()),
            3 => self.skip(1),
            4..=6 => self.number().map(|_| ()),
            7 => self.skip(8),
            8 => {
                let length = self.number()?;
                self.skip(length)
            }
            9 | 10 => {
                let head = self.byte()?;
                let short = u64::from(head >> 4);
                let count = if short < 15 { short } else { self.number()? };
                self.pass_all(count, &[head & 15], depth)
            }
            11 => match self.number()? {
                0 => Some(()),
                count => {
                    let kinds = self.byte()?;
                    self.pass_all(count, &[kinds >> 4, kinds & 15], depth)
                }
            },
            STRUCTURE => loop {
                let head = self.byte()?;
                let kind = head & 15;
                if kind == 0 {
                    return Some(());
                }
                if head >> 4 == 0 {
                    self.number()?;
                }
                self.pass(kind, depth)?;
            },
            13 => self.skip(16),
            _ => None,
        }
    }

    fn pass_all(&mut self, count: u64, kinds: &[u8], depth: u32) -> Option<()> {
        let left = self.left.checked_sub(count);
        self.overclaims |= left.is_none();
        self.left = left?;
        (0..count).try_for_each(|_| kinds.iter().try_for_each(|kind| self.pass(*kind, depth)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file with that footer.
    fn file(footer: &[u8]) -> Vec<u8> {
        [b"PAR1", footer, &(footer.len() as u32).to_le_bytes(), b"PAR1"].concat()
    }

    #[test]
    fn a_list_has_at_most_an_element_a_byte() {
        let long = [0xff, 0xff, 0xff, 0xff, 7];
        let fields =
            [
                // A boolean, a byte, numbers, a text, a list of two texts, a map, a structure in a structure, sixteen bytes.
                &[
                    0x11, 0x13, 9, 0x15, 0x80, 1, 0x16, 2, 0x18, 2, b'a', b'b', 0x19, 0x28, 1,
                    b'a', 0,
                ][..],
                &[0x1b, 1, 0x83, 1, b'a', 9, 0x1b, 0, 0x1c, 0x1c, 0x11, 0, 0, 0x0d, 40],
                &[0; 16],
                &[0x17, 0, 0, 0, 0, 0, 0, 0, 0],
                // A text of 128 letters, whose length takes two bytes.
                &[0x18, 0x80, 1],
                &[0xff; 128],
            ]
            .concat();
        assert!(!overclaims(&file(&[&fields[..], &[0]].concat())));
        for last in [
            &[&[0x19, 0xf2], &long[..]].concat()[..],
            &[&[0x1b], &long[..], &[0x11]].concat(),
            &[&[0x1c, 0x1a, 0xf1], &long[..]].concat(),
        ] {
            assert!(overclaims(&file(&[&fields, last, &[0, 0]].concat())), "{last:?}");
        }
        // Lists share the bytes that there are.
        let list = [&[0x19, 0xe2][..], &[0; 12]].concat();
        assert!(!overclaims(&file(&list)) && overclaims(&file(&list[..13])));
        assert!(overclaims(&file(&[&list[..2], &list].concat())));
    }

    #[test]
    fn what_is_damaged_otherwise_is_not_told_here() {
        let deep = [0x1c].repeat(1000);
        for footer in
            [&b""[..], &[0x19], &[0x18, 9], &[0x1f, 0], &[0x15, 0x80], &[0x19, 0x28, 9], &deep]
        {
            assert!(!overclaims(&file(footer)), "{footer:?}");
        }
        for bytes in [&b""[..], b"PAR1", b"PAR1\xff\xff\xff\xffPAR1"] {
            assert!(!overclaims(bytes), "{bytes:?}");
        }
    }
}
