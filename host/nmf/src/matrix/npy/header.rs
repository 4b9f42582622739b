//! The header of a `.npy` file: a Python dictionary of three known keys, and nothing nested.
//!
//! A general parser of Python literals would follow brackets as deep as a hostile file nests them; this one knows
//! the only values that a matrix needs: a string, `True` or `False`, and a tuple of whole numbers.

use super::Refusal;
use super::element::unsupported;

/// NumPy itself refuses longer headers.
const LONGEST_HEADER: usize = 10_000;

/// NumPy's own limit is 64.
const MOST_DIMENSIONS: usize = 64;

pub(super) const MAGIC: &[u8] = b"\x93NUMPY";

const SAVE_AGAIN: &str = "save it again with numpy.save";

/// A header's fields: they describe the bytes that follow.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// The type of the entries in NumPy's spelling, like `<f4`.
    pub code: String,
    /// Whether the first index varies fastest.
    pub column_major: bool,
    /// The length along every axis.
    pub shape: Vec<usize>,
}

/// The header and the bytes of the entries.
pub(super) fn split(bytes: &[u8]) -> Result<(Header, &[u8]), Refusal> {
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
    Ok((parse(text)?, body))
}

fn parse(text: &str) -> Result<Header, Refusal> {
    let garbled = || ("the header cannot be understood".to_owned(), SAVE_AGAIN);
    let mut literal = Literal(text);
    let (mut code, mut order, mut shape) = (None, None, None);
    literal.symbol('{').ok_or_else(garbled)?;
    while literal.symbol('}').is_none() {
        let key = literal.string().ok_or_else(garbled)?;
        literal.symbol(':').ok_or_else(garbled)?;
        match key {
            "descr" if literal.symbol('[').is_some() => return Err(unsupported("structured")),
            "descr" => code = Some(literal.string().ok_or_else(garbled)?),
            "fortran_order" => order = Some(literal.boolean().ok_or_else(garbled)?),
            "shape" => shape = Some(literal.tuple().ok_or_else(garbled)?),
            _ => return Err(garbled()),
        }
        if literal.symbol(',').is_none() {
            literal.symbol('}').ok_or_else(garbled)?;
            break;
        }
    }
    match (code, order, shape) {
        (Some(code), Some(column_major), Some(shape)) if literal.0.trim().is_empty() => {
            Ok(Header { code: code.to_owned(), column_major, shape })
        }
        _ => Err(garbled()),
    }
}

/// Text that is still to be parsed. Every method takes one value off its front, or returns none.
struct Literal<'a>(&'a str);

impl<'a> Literal<'a> {
    fn symbol(&mut self, symbol: char) -> Option<()> {
        self.0 = self.0.trim_start().strip_prefix(symbol)?;
        Some(())
    }

    /// A string in single or double quotes, without escapes; Python 2 may mark it with `u` or `b`.
    fn string(&mut self) -> Option<&'a str> {
        let rest = self.0.trim_start();
        let rest = rest.strip_prefix(['u', 'b']).unwrap_or(rest);
        let quote = rest.chars().next().filter(|quote| matches!(quote, '\'' | '"'))?;
        let (string, rest) = rest[1..].split_once(quote)?;
        self.0 = rest;
        Some(string)
    }

    fn boolean(&mut self) -> Option<bool> {
        let rest = self.0.trim_start();
        let (value, rest) = match rest.strip_prefix("True") {
            Some(rest) => (true, rest),
            None => (false, rest.strip_prefix("False")?),
        };
        self.0 = rest;
        Some(value)
    }

    /// A whole number; Python 2 may write `6L`.
    fn integer(&mut self) -> Option<usize> {
        let rest = self.0.trim_start();
        let end = rest.find(|digit: char| !digit.is_ascii_digit()).unwrap_or(rest.len());
        let (digits, rest) = rest.split_at(end);
        self.0 = rest.strip_prefix('L').unwrap_or(rest);
        digits.parse().ok()
    }

    fn tuple(&mut self) -> Option<Vec<usize>> {
        self.symbol('(')?;
        let mut numbers = Vec::new();
        while self.symbol(')').is_none() {
            numbers.push(self.integer().filter(|_| numbers.len() < MOST_DIMENSIONS)?);
            if self.symbol(',').is_none() {
                self.symbol(')')?;
                break;
            }
        }
        Some(numbers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_both_pythons_write() {
        for text in [
            "{'descr': '<f4', 'fortran_order': False, 'shape': (6, 4), }   \n",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (6L, 4L), }\n",
            "{\"shape\":(6,4),\"descr\":\"<f4\",\"fortran_order\":False}",
            "{u'descr': u'<f4', u'fortran_order': False, u'shape': ( 6 , 4 ,)}",
        ] {
            let wanted = Header { code: "<f4".into(), column_major: false, shape: vec![6, 4] };
            assert_eq!(parse(text).unwrap(), wanted, "{text}");
        }
        let scalar = parse("{'descr': '|S3', 'fortran_order': True, 'shape': ()}").unwrap();
        assert_eq!((scalar.shape, scalar.column_major), (vec![], true));
    }

    #[test]
    fn refuses_everything_else_at_once() {
        let nested = format!("{}{}", "[".repeat(5000), "]".repeat(5000));
        let tuples = format!("{{'shape': {}", "(".repeat(5000));
        for text in [
            "",
            "{",
            "{}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (6, 4)} x",
            "{'descr': '<f4', 'fortran_order': False}",
            "{'descr': '<f4', 'fortran_order': Falsely, 'shape': (6, 4)}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (6, -4)}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999, 4)}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (6 4)}",
            "{'other': '<f4'}",
            &nested,
            &tuples,
        ] {
            let (problem, _) = parse(text).unwrap_err();
            assert_eq!(problem, "the header cannot be understood", "{text}");
        }
    }
}
