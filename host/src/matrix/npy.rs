//! NumPy's `.npy` files. The header is a Python literal, which `py_literal` parses; its claims are checked against
//! the file's true length before anything is allocated.

use std::io::{self, Write};
use std::path::Path;

use py_literal::Value;

use super::{Matrix, checked};
use crate::error::{Error, Place, Result};
use crate::output;

const MAGIC: &[u8] = b"\x93NUMPY";

/// NumPy itself refuses longer headers.
const LONGEST_HEADER: usize = 10_000;

const SAVE_AGAIN: &str = "save it again with numpy.save";

/// The part of a header that says how to read the rest.
struct Header {
    rows: usize,
    cols: usize,
    element: Element,
    column_major: bool,
}

/// One kind of entry: how many bytes it has and how they become a number.
#[derive(Clone, Copy)]
struct Element {
    size: usize,
    decode: fn(&[u8]) -> f64,
}

pub(super) fn parse(name: &str, bytes: &[u8]) -> Result<Matrix> {
    let fault = |(problem, remedy): (String, &str)| Error::format(name, problem, remedy);
    let (text, body) = split(bytes).map_err(fault)?;
    let header = Header::parse(text).map_err(fault)?;
    let Header { rows, cols, element, column_major } = header;
    let expected = rows.checked_mul(cols).and_then(|count| count.checked_mul(element.size));
    if expected != Some(body.len()) {
        let claims =
            format!("the header promises {rows} x {cols} entries of {} bytes", element.size);
        let problem = format!("{claims} but {} bytes follow", body.len());
        return Err(fault((problem, "the file is cut off or damaged, so copy or save it again")));
    }
    let mut entries = vec![0.0; rows * cols];
    for (k, raw) in body.chunks_exact(element.size).enumerate() {
        let (row, col) = if column_major { (k % rows, k / rows) } else { (k / cols, k % cols) };
        entries[row * cols + col] = checked((element.decode)(raw)).map_err(|fault| {
            Error::Entry { path: name.to_owned(), place: Place::Row(row + 1, col + 1), fault }
        })?;
    }
    Matrix::from_checked(name, rows, cols, entries)
}

type Refusal = (String, &'static str);

/// The header's text and the bytes of the entries.
fn split(bytes: &[u8]) -> Result<(&str, &[u8]), Refusal> {
    let cut = || {
        ("the file ends inside its header".to_owned(), "it is cut off, so copy or save it again")
    };
    let rest = bytes
        .strip_prefix(MAGIC)
        .ok_or(("this is not a .npy file".to_owned(), "save the matrix with numpy.save"))?;
    let (version, rest) = rest.split_first_chunk::<2>().ok_or_else(cut)?;
    let (length, rest) = match version[0] {
        1 => {
            let (length, rest) = rest.split_first_chunk().ok_or_else(cut)?;
            (usize::from(u16::from_le_bytes(*length)), rest)
        }
        2 | 3 => {
            let (length, rest) = rest.split_first_chunk().ok_or_else(cut)?;
            (u32::from_le_bytes(*length) as usize, rest)
        }
        other => return Err((format!("version {other} of .npy is not known"), SAVE_AGAIN)),
    };
    if length > LONGEST_HEADER {
        return Err((
            format!("the header has {length} bytes"),
            "a matrix needs fewer, so save it again",
        ));
    }
    let (text, body) = rest.split_at_checked(length).ok_or_else(cut)?;
    let text =
        str::from_utf8(text).map_err(|_| ("the header is not text".to_owned(), SAVE_AGAIN))?;
    Ok((text, body))
}

impl Header {
    fn parse(text: &str) -> Result<Self, Refusal> {
        let garbled = || ("the header cannot be understood".to_owned(), SAVE_AGAIN);
        let Ok(Value::Dict(pairs)) = text.trim_end().parse() else { return Err(garbled()) };
        let field = |key: &str| {
            let matching =
                |(name, _): &&(Value, Value)| name.as_string().is_some_and(|name| name == key);
            pairs.iter().find(matching).map(|(_, value)| value)
        };
        let Some(Value::Boolean(column_major)) = field("fortran_order") else {
            return Err(garbled());
        };
        let Some(Value::Tuple(shape)) = field("shape") else { return Err(garbled()) };
        let [rows, cols] = shape.as_slice() else {
            let problem = format!("the array has {} dimension(s)", shape.len());
            return Err((problem, "NMF needs two, rows and columns, so reshape it"));
        };
        let (Some(rows), Some(cols)) = (size(rows), size(cols)) else { return Err(garbled()) };
        let element = match field("descr") {
            Some(Value::String(code)) => Element::named(code).ok_or_else(|| unsupported(code))?,
            Some(Value::List(_)) => return Err(unsupported("structured")),
            _ => return Err(garbled()),
        };
        Ok(Self { rows, cols, element, column_major: *column_major })
    }
}

fn size(value: &Value) -> Option<usize> {
    value.as_integer().and_then(|size| usize::try_from(size).ok())
}

fn unsupported(code: &str) -> Refusal {
    let problem = format!("entries of type '{code}' are not supported");
    (problem, "convert it, for example with astype('float32')")
}

impl Element {
    /// The element type that NumPy writes as `code`, like `<f4`.
    fn named(code: &str) -> Option<Self> {
        let (order, kind) = code.split_at_checked(1)?;
        let big = match order {
            ">" => true,
            "<" | "|" | "=" => false,
            _ => return None,
        };
        /// Reads one type in the byte order that the header names.
        macro_rules! element {
            ($type:ty) => {{
                fn value(raw: &[u8], from: fn([u8; size_of::<$type>()]) -> $type) -> f64 {
                    // Integers beyond 2^53 are rounded, as any other to f32 later.
                    #[allow(clippy::cast_lossless)]
                    raw.try_into().map_or(f64::NAN, |raw| from(raw) as f64)
                }
                let little = |raw: &[u8]| value(raw, <$type>::from_le_bytes);
                let big_endian = |raw: &[u8]| value(raw, <$type>::from_be_bytes);
                let decode: fn(&[u8]) -> f64 = if big { big_endian } else { little };
                Self { size: size_of::<$type>(), decode }
            }};
        }
        Some(match kind {
            "b1" | "u1" => element!(u8),
            "u2" => element!(u16),
            "u4" => element!(u32),
            "u8" => element!(u64),
            "i1" => element!(i8),
            "i2" => element!(i16),
            "i4" => element!(i32),
            "i8" => element!(i64),
            "f4" => element!(f32),
            "f8" => element!(f64),
            _ => return None,
        })
    }
}

/// Writes `rows` × `cols` `entries`, row by row, as a `.npy` file of f32 that `numpy.load` reads.
///
/// # Errors
///
/// A file that cannot be written.
///
/// # Panics
///
/// If there are not `rows * cols` entries.
pub fn write_npy(path: &Path, rows: usize, cols: usize, entries: &[f32]) -> Result<()> {
    assert_eq!(entries.len(), rows * cols, "entries of a {rows} x {cols} matrix");
    output::write(path, |file| write_to(file, rows, cols, entries))
}

fn write_to(file: &mut dyn Write, rows: usize, cols: usize, entries: &[f32]) -> io::Result<()> {
    let header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({rows}, {cols}), }}");
    // The entries start at a multiple of 64 bytes; ten bytes precede the header and a newline ends it.
    let length = (header.len() + 11).next_multiple_of(64) - 10;
    file.write_all(MAGIC)?;
    file.write_all(&[1, 0])?;
    file.write_all(&u16::try_from(length).unwrap_or(u16::MAX).to_le_bytes())?;
    writeln!(file, "{header:<width$}", width = length - 1)?;
    entries.iter().try_for_each(|entry| file.write_all(&entry.to_le_bytes()))
}

#[cfg(test)]
mod tests;
