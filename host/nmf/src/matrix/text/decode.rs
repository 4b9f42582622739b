//! Text from bytes: UTF-8, UTF-16, or the code page of Windows for names with accents.

use std::borrow::Cow;

#[cfg(feature = "encodings")]
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use crate::error::{Error, Result};

/// The mark that may begin a text in UTF-8.
#[cfg(not(feature = "encodings"))]
const MARK: &[u8] = b"\xef\xbb\xbf";

/// So many bytes tell whether a text without a mark at its start is UTF-16.
#[cfg(feature = "encodings")]
const SAMPLE: usize = 4096;

/// The text of a table, and what had to be assumed about its letters.
pub(super) fn text<'a>(name: &str, bytes: &'a [u8]) -> Result<(Cow<'a, str>, Option<String>)> {
    let (text, note) = decoded(bytes);
    let text = with_newlines(text);
    // Text decoded wrongly, or data that are no text, give themselves away by such characters.
    let odd = |character: char| character.is_control() && !character.is_whitespace();
    if let Some(at) = text.find(|character| odd(character) || character == '\u{fffd}') {
        let line = text[..at].matches('\n').count() + 1;
        let problem = format!("line {line} holds bytes that are not text");
        return Err(Error::format(name, problem, "save the table as CSV in UTF-8"));
    }
    Ok((text, note))
}

/// The text, and the encoding if that is not UTF-8.
#[cfg(feature = "encodings")]
fn decoded(bytes: &[u8]) -> (Cow<'_, str>, Option<String>) {
    let (encoding, assumed) = encoding(bytes);
    let (text, encoding, _) = encoding.decode(bytes);
    let note = (assumed || encoding != UTF_8).then(|| format!("text taken as {}", encoding.name()));
    (text, note)
}

/// The text in UTF-8; anything else is full of characters that no table has.
#[cfg(not(feature = "encodings"))]
fn decoded(bytes: &[u8]) -> (Cow<'_, str>, Option<String>) {
    (String::from_utf8_lossy(bytes.strip_prefix(MARK).unwrap_or(bytes)), None)
}

/// The encoding, and whether it had to be guessed.
#[cfg(feature = "encodings")]
fn encoding(bytes: &[u8]) -> (&'static Encoding, bool) {
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        return (encoding, false);
    }
    // Digits and separators of UTF-16 have every other byte zero.
    let sample = &bytes[..bytes.len().min(SAMPLE) & !1];
    let zeros = |from: usize| sample.iter().skip(from).step_by(2).filter(|it| **it == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    if odd > sample.len() / 4 && even == 0 {
        (UTF_16LE, true)
    } else if even > sample.len() / 4 && odd == 0 {
        (UTF_16BE, true)
    } else if str::from_utf8(bytes).is_ok() {
        (UTF_8, false)
    } else {
        // Numbers are the same in every code page; only names may come out with other accents.
        (WINDOWS_1252, true)
    }
}

/// Lines that end as on old Macs, with a carriage return alone, end as everywhere else.
fn with_newlines(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.contains('\r') && !text.contains('\n') {
        Cow::Owned(text.replace('\r', "\n"))
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(feature = "encodings")]
    fn utf16(text: &str, big: bool) -> Vec<u8> {
        let unit = |unit: u16| if big { unit.to_be_bytes() } else { unit.to_le_bytes() };
        text.encode_utf16().flat_map(unit).collect()
    }

    #[test]
    fn reads_utf_8_with_a_mark_and_without() {
        for bytes in ["µ,b\n1,2\n", "\u{feff}µ,b\n1,2\n"] {
            let (text, note) = text("v.csv", bytes.as_bytes()).unwrap();
            assert_eq!((&*text, note), ("µ,b\n1,2\n", None));
        }
    }

    #[cfg(not(feature = "encodings"))]
    #[test]
    fn another_encoding_is_refused_with_the_remedy() {
        for bytes in [&b"\xb5,2\n"[..], b"1\0,\x002\0\n\0", b"\xff\xfe1\0\n\0"] {
            let refusal = text("v.csv", bytes).unwrap_err().to_string();
            assert!(refusal.contains("line 1 holds bytes that are not text"), "{refusal}");
            assert!(refusal.contains("save the table as CSV in UTF-8"), "{refusal}");
        }
    }

    #[cfg(feature = "encodings")]
    #[test]
    fn reads_the_same_text_in_every_encoding() {
        let wanted = "µ,b\n1,2\n";
        let (text_of, note) = text("v.csv", wanted.as_bytes()).unwrap();
        assert_eq!((&*text_of, note), (wanted, None));
        let marked = format!("\u{feff}{wanted}");
        for bytes in [marked.clone().into_bytes(), utf16(&marked, false), utf16(&marked, true)] {
            assert_eq!(text("v.csv", &bytes).unwrap().0, wanted);
        }
        for (bytes, name) in [
            (utf16("1,2\n", false), "UTF-16LE"),
            (utf16("1,2\n", true), "UTF-16BE"),
            (b"\xb5,2\n".to_vec(), "windows-1252"),
        ] {
            let (_, note) = text("v.csv", &bytes).unwrap();
            assert_eq!(note.unwrap(), format!("text taken as {name}"));
        }
        assert_eq!(text("v.csv", b"1,2\r3,4\r").unwrap().0, "1,2\n3,4\n");
    }

    #[test]
    fn what_is_no_text_is_refused_with_its_line() {
        for bytes in [&b"1,2\n\xff\xfe1\0"[..], b"1,2\n3\x07,4", b"1\n\x81\x8d\x00\x01"] {
            let refusal = text("v.csv", bytes).unwrap_err().to_string();
            assert!(refusal.contains("line 2 holds bytes that are not text"), "{refusal}");
        }
        // One zero among twelve bytes makes no UTF-16.
        for bytes in [b"a,b\n1\0,2\n333", b"a,b\n\x001,2\n333"] {
            let refusal = text("v.csv", bytes).unwrap_err().to_string();
            assert!(refusal.contains("line 2 holds bytes that are not text"), "{refusal}");
        }
    }
}
