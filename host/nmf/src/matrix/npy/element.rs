//! The types of NumPy's entries: how many bytes one has, and how they become a number.

#[cfg(feature = "half")]
use half::f16;

use super::Refusal;

/// One kind of entry.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Element {
    /// Bytes of an entry.
    pub size: usize,
    /// An entry's bytes as a number.
    pub decode: fn(&[u8]) -> f64,
    /// Many entries at once, as floats that nobody has checked.
    #[cfg_attr(
        not(feature = "mapped"),
        expect(dead_code, reason = "for files that stay on the disk")
    )]
    pub floats: fn(&[u8], &mut [f32]),
    /// Whether an entry is one byte that is its own value.
    pub is_byte: bool,
}

/// Why entries of this type are not read, and what helps.
pub(super) fn unsupported(code: &str) -> Refusal {
    let (what, remedy) = match code.trim_start_matches(['<', '>', '|', '=']).chars().next() {
        Some('c') => ("complex numbers", "save their absolute values, numpy.abs(v)"),
        Some('O') => (
            "pickled Python objects, which are not read because they can hold any code",
            "save it as a numeric array, v.astype(float), if every object is a number",
        ),
        Some('U' | 'S' | 'a') => ("text", "save only the columns that are numbers"),
        Some('M' | 'm') => ("dates or times", "save only the columns that are numbers"),
        Some('f') if code.ends_with("f2") => (
            "floats of 16 bits, which this program was built without",
            "build it with cargo's --features half, or save it as v.astype('float32')",
        ),
        Some('f') => {
            ("floats longer than 64 bits", "save it as 64-bit floats, v.astype('float64')")
        }
        _ => (
            "records of several types",
            "save the fields that are numbers as the columns of one array",
        ),
    };
    (format!("the entries (type '{code}') are {what}"), remedy)
}

impl Element {
    /// The element type that NumPy writes as `code`, like `<f4`.
    pub(super) fn named(code: &str) -> Result<Self, Refusal> {
        let refusal = || unsupported(code);
        let (order, kind) = code.split_at_checked(1).ok_or_else(refusal)?;
        let big = match order {
            ">" => true,
            "<" | "|" | "=" => false,
            _ => return Err(refusal()),
        };
        /// Reads one type in the byte order that the header names.
        macro_rules! element {
            ($type:ty, $number:expr) => {{
                fn value(raw: &[u8], from: fn([u8; size_of::<$type>()]) -> $type) -> f64 {
                    raw.try_into().map_or(f64::NAN, |raw| $number(from(raw)))
                }
                fn values(
                    raw: &[u8],
                    out: &mut [f32],
                    from: impl Fn([u8; size_of::<$type>()]) -> $type,
                ) {
                    for (out, raw) in out.iter_mut().zip(raw.as_chunks().0) {
                        *out = $number(from(*raw)) as f32;
                    }
                }
                let little = |raw: &[u8]| value(raw, <$type>::from_le_bytes);
                let big_endian = |raw: &[u8]| value(raw, <$type>::from_be_bytes);
                let decode: fn(&[u8]) -> f64 = if big { big_endian } else { little };
                let little_floats =
                    |raw: &[u8], out: &mut [f32]| values(raw, out, <$type>::from_le_bytes);
                let big_floats =
                    |raw: &[u8], out: &mut [f32]| values(raw, out, <$type>::from_be_bytes);
                let floats: fn(&[u8], &mut [f32]) = if big { big_floats } else { little_floats };
                let is_byte = matches!(kind, "b1" | "u1");
                Self { size: size_of::<$type>(), decode, floats, is_byte }
            }};
        }
        Ok(match kind {
            "b1" | "u1" => element!(u8, f64::from),
            "u2" => element!(u16, f64::from),
            "u4" => element!(u32, f64::from),
            // Integers beyond 2^53 are rounded, as any other to f32 later.
            "u8" => element!(u64, |it| it as f64),
            "i1" => element!(i8, f64::from),
            "i2" => element!(i16, f64::from),
            "i4" => element!(i32, f64::from),
            "i8" => element!(i64, |it| it as f64),
            #[cfg(feature = "half")]
            "f2" => element!(f16, f64::from),
            "f4" => element!(f32, f64::from),
            "f8" => element!(f64, f64::from),
            _ => return Err(refusal()),
        })
    }
}
