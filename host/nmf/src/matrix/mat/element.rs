//! The elements of a `.mat` file: a type, a length, and bytes.

use std::io::Read;

use flate2::read::ZlibDecoder;

/// Bytes before the first element.
const HEADER: usize = 128;

/// zlib makes at most 1032 bytes of one.
const LARGEST_RATIO: u64 = 1032;

const MATRIX: u32 = 14;
const COMPRESSED: u32 = 15;

/// Whether the file begins as those of MATLAB 5 to 7 do.
pub(in crate::matrix) fn is_mat5(bytes: &[u8]) -> bool {
    bytes.starts_with(b"MATLAB 5.0") && matches!(bytes.get(126..HEADER), Some(b"IM" | b"MI"))
}

/// The bytes of a matrix element, copied out of compression if need be.
pub(super) struct Content {
    bytes: Vec<u8>,
    big: bool,
}

impl Content {
    pub(super) fn cursor(&self) -> Cursor<'_> {
        Cursor { bytes: &self.bytes, big: self.big }
    }
}

/// Contents of a file's matrix elements, or none if the file is damaged.
pub(super) fn unpacked(bytes: &[u8]) -> Option<Vec<Content>> {
    // The mark "MI" was written as a number: read as "IM", the other byte order is in use.
    let big = bytes.get(126..HEADER)? == b"MI";
    let mut cursor = Cursor { bytes: bytes.get(HEADER..)?, big };
    let mut content = Vec::new();
    while !cursor.bytes.is_empty() {
        let element = cursor.next()?;
        let matrix = match element.kind {
            MATRIX => element.bytes.to_vec(),
            COMPRESSED => {
                let limit = LARGEST_RATIO * element.bytes.len() as u64;
                let mut bytes = Vec::new();
                ZlibDecoder::new(element.bytes).take(limit).read_to_end(&mut bytes).ok()?;
                let inner = Cursor { bytes: &bytes, big }.next()?;
                if inner.kind != MATRIX {
                    continue;
                }
                inner.bytes.to_vec()
            }
            _ => continue,
        };
        // MATLAB writes an element without bytes for an empty place.
        if !matrix.is_empty() {
            content.push(Content { bytes: matrix, big });
        }
    }
    Some(content)
}

/// Elements that are still to be read.
pub(super) struct Cursor<'a> {
    bytes: &'a [u8],
    big: bool,
}

/// One element.
pub(super) struct Element<'a> {
    kind: u32,
    pub bytes: &'a [u8],
    big: bool,
}

impl<'a> Cursor<'a> {
    /// The next element; none at the end, or if its length is beyond it.
    pub(super) fn next(&mut self) -> Option<Element<'a>> {
        let (first, rest) = self.word(self.bytes)?;
        let (kind, length, content, used) = if first >> 16 == 0 {
            let (length, content) = self.word(rest)?;
            (first, length as usize, content, 8)
        } else {
            // Up to four bytes are kept in the tag itself.
            (first & 0xffff, (first >> 16) as usize, rest.get(..4)?, 4)
        };
        let bytes = content.get(..length)?;
        // Everything but what is compressed fills multiples of eight bytes; at the end, that may be missing.
        let whole =
            if kind == COMPRESSED { 8 + length } else { (used + length).next_multiple_of(8) };
        self.bytes = self.bytes.get(whole..).unwrap_or_default();
        Some(Element { kind, bytes, big: self.big })
    }

    fn word(&self, bytes: &'a [u8]) -> Option<(u32, &'a [u8])> {
        let (word, rest) = bytes.split_first_chunk()?;
        Some((if self.big { u32::from_be_bytes(*word) } else { u32::from_le_bytes(*word) }, rest))
    }
}

impl Element<'_> {
    /// The bytes as numbers, or none if they are none.
    pub(super) fn values(&self) -> Option<Vec<f64>> {
        /// Reads one type in the byte order of the file.
        macro_rules! values {
            ($type:ty) => {{
                let (chunks, rest) = self.bytes.as_chunks::<{ size_of::<$type>() }>();
                let value = |chunk: &[u8; size_of::<$type>()]| {
                    let value = if self.big {
                        <$type>::from_be_bytes(*chunk)
                    } else {
                        <$type>::from_le_bytes(*chunk)
                    };
                    // Integers beyond 2^53 are rounded, as any other to f32 later.
                    value as f64
                };
                rest.is_empty().then(|| chunks.iter().map(value).collect())
            }};
        }
        #[allow(clippy::cast_lossless)]
        match self.kind {
            1 => values!(i8),
            2 => values!(u8),
            3 => values!(i16),
            4 => values!(u16),
            5 => values!(i32),
            6 => values!(u32),
            7 => values!(f32),
            9 => values!(f64),
            12 => values!(i64),
            13 => values!(u64),
            _ => None,
        }
    }
}
