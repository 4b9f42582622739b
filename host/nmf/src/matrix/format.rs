#![doc = include_str!("../../FORMATS.md")]

use std::path::Path;

use super::options::ReadOptions;
use super::source::STDIN;
use super::{Input, extension, foreign, mtx, npy};
use crate::error::{Error, Result};

/// A reader: of the name, the bytes and the options of a file.
type Parse = fn(&str, &[u8], ReadOptions) -> Result<Input>;

/// A kind of file that holds a matrix.
#[derive(Debug)]
pub struct Format {
    /// Its name.
    pub name: &'static str,
    /// The endings of its files' names, without the dot.
    pub extensions: &'static [&'static str],
    /// How it is told from others.
    pub known_by: &'static str,
    /// The matrix that it is read as.
    pub read_as: &'static str,
    /// The cargo feature that its reader needs, if any.
    pub feature: Option<&'static str>,
    /// Whether the first bytes are those of this format.
    recognise: fn(&[u8]) -> bool,
    /// The reader, if its feature is on.
    parse: Option<Parse>,
}

/// Every format, those that are known by their first bytes before those that are known by name only.
pub static FORMATS: [Format; 8] = [
    Format {
        name: "NumPy array",
        extensions: &["npy"],
        known_by: "first bytes",
        read_as: "an array of two axes and any numeric type",
        feature: None,
        recognise: npy::is_npy,
        parse: Some(npy::parse),
    },
    Format {
        name: "NumPy archive",
        extensions: &["npz"],
        known_by: "first bytes, and every member is a .npy",
        read_as: "its only matrix, or a sparse matrix of SciPy (csr, csc, coo)",
        feature: Some("npz"),
        #[cfg(feature = "npz")]
        recognise: super::npz::is_npz,
        #[cfg(not(feature = "npz"))]
        recognise: |_| false,
        #[cfg(feature = "npz")]
        parse: Some(super::npz::parse),
        #[cfg(not(feature = "npz"))]
        parse: None,
    },
    Format {
        name: "Matrix Market",
        extensions: &["mtx"],
        known_by: "first line %%MatrixMarket",
        read_as: "a sparse matrix (coordinate) or a dense one (array)",
        feature: None,
        recognise: mtx::is_mtx,
        parse: Some(mtx::parse),
    },
    Format {
        name: "WAV sound",
        extensions: &["wav"],
        known_by: "first bytes RIFF ... WAVE",
        read_as: "its spectrogram: frequencies by times",
        feature: Some("wav"),
        recognise: |bytes| bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WAVE"),
        #[cfg(feature = "wav")]
        parse: Some(super::wav::parse),
        #[cfg(not(feature = "wav"))]
        parse: None,
    },
    Format {
        name: "MATLAB file",
        extensions: &["mat"],
        known_by: "first bytes MATLAB 5.0",
        read_as: "its only matrix, full or sparse (versions 5 to 7)",
        feature: Some("mat"),
        recognise: |bytes| bytes.starts_with(b"MATLAB 5.0"),
        #[cfg(feature = "mat")]
        parse: Some(super::mat::parse),
        #[cfg(not(feature = "mat"))]
        parse: None,
    },
    Format {
        name: "Parquet table",
        extensions: &["parquet"],
        known_by: "first bytes PAR1",
        read_as: "its columns of numbers, with their names and the index as row names",
        feature: Some("parquet"),
        recognise: |bytes| bytes.starts_with(b"PAR1"),
        #[cfg(feature = "parquet")]
        parse: Some(super::parquet::parse),
        #[cfg(not(feature = "parquet"))]
        parse: None,
    },
    Format {
        name: "Arrow table",
        extensions: &["arrow", "feather"],
        known_by: "first bytes ARROW1",
        read_as: "as a Parquet table (Feather of version 2 is one, a stream is not)",
        feature: Some("arrow"),
        recognise: |bytes| bytes.starts_with(b"ARROW1"),
        #[cfg(feature = "arrow")]
        parse: Some(super::arrow::parse),
        #[cfg(not(feature = "arrow"))]
        parse: None,
    },
    Format {
        name: "table of text",
        extensions: &["csv", "tsv", "txt", "dat"],
        known_by: "name; separator, decimals and letters by content",
        read_as: "numbers between tabs, semicolons, commas, pipes or blanks, named or not",
        feature: Some("files"),
        recognise: |_| false,
        #[cfg(feature = "files")]
        parse: Some(super::text::parse),
        #[cfg(not(feature = "files"))]
        parse: None,
    },
];

/// Reads the `bytes` of a file called `path`.
pub(super) fn parse(path: &Path, bytes: &[u8], options: ReadOptions) -> Result<Input> {
    let name = path.display().to_string();
    let format = recognised(path, bytes)?;
    let Some(parse) = format.parse else {
        let feature = format.feature.unwrap_or_default();
        let problem = format!("this is a {}, which this program was built without", format.name);
        let remedy = format!("build it with cargo's --features {feature}");
        return Err(Error::format(&name, problem, remedy));
    };
    parse(&name, bytes, options)
}

/// By content; what has no mark of its own, by name.
fn recognised(path: &Path, bytes: &[u8]) -> Result<&'static Format> {
    if let Some(format) = FORMATS.iter().find(|format| (format.recognise)(bytes)) {
        return Ok(format);
    }
    let name = path.display().to_string();
    let ending = if path == Path::new(STDIN) { "txt".to_owned() } else { extension(path) };
    let named = FORMATS.iter().find(|format| format.extensions.contains(&&*ending));
    // A damaged archive of arrays is no workbook.
    if ending != "npz" {
        foreign::refuse(&name, bytes)?;
    }
    named.ok_or_else(|| {
        Error::format(&name, "unknown file type", format!("expected {}", endings("or")))
    })
}

/// Whether the name's ending is that of a format.
#[must_use]
pub fn is_known(path: &Path) -> bool {
    let ending = extension(path);
    FORMATS.iter().any(|format| format.extensions.contains(&&*ending))
}

/// All endings: ".npy, .npz or .csv".
#[must_use]
pub fn endings(last: &str) -> String {
    let all: Vec<String> =
        FORMATS.iter().flat_map(|it| it.extensions).map(|it| format!(".{it}")).collect();
    all.split_last()
        .map_or(String::new(), |(end, rest)| format!("{} {last} {end}", rest.join(", ")))
}

/// The table as lines of at most 80 columns for `--help`.
#[must_use]
pub fn help() -> String {
    let line = |format: &Format| {
        let endings: Vec<String> = format.extensions.iter().map(|it| format!(".{it}")).collect();
        let lacks = if format.parse.is_none() { " (not in this build)" } else { "" };
        format!("  {}, {}{lacks}:\n      {}\n", format.name, endings.join(" "), format.read_as)
    };
    let lines: String = FORMATS.iter().map(line).collect();
    let folders = if cfg!(feature = "images") {
        "  a folder of .png pictures of one size, a picture a row,\n"
    } else {
        ""
    };
    format!("Matrices are read from\n{lines}{folders}  and from standard input, called -.")
}

/// The table in Markdown for documents.
#[must_use]
pub fn markdown() -> String {
    let line = |format: &Format| {
        let endings: Vec<String> = format.extensions.iter().map(|it| format!("`.{it}`")).collect();
        let feature = format.feature.map_or("always".to_owned(), |it| format!("`{it}`"));
        let Format { name, known_by, read_as, .. } = format;
        format!("| {name} | {} | {known_by} | {read_as} | {feature} |\n", endings.join(" "))
    };
    let lines: String = FORMATS.iter().map(line).collect();
    format!("| format | endings | known by | read as | feature |\n|---|---|---|---|---|\n{lines}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_has_this_table() {
        let document = include_str!("../../FORMATS.md");
        assert!(document.contains(&markdown()), "{}", markdown());
        assert_eq!(markdown().lines().count(), 2 + FORMATS.len());
    }

    #[test]
    fn help_names_every_format_on_lines_of_a_terminal() {
        let help = help();
        assert!(help.lines().all(|line| line.len() <= 80), "{help}");
        assert!(FORMATS.iter().all(|format| help.contains(format.name)), "{help}");
        assert_eq!(help.matches("not in this build").count(), lacking());
    }

    /// Formats without a reader.
    fn lacking() -> usize {
        FORMATS.iter().filter(|format| format.parse.is_none()).count()
    }

    #[test]
    fn names_are_known_by_their_ending() {
        assert!(is_known(Path::new("v.MTX")) && is_known(Path::new("v.feather")));
        assert!(!is_known(Path::new("v.foo")) && !is_known(Path::new("npy")));
    }

    #[test]
    fn content_goes_before_names() {
        let format = |path: &str, bytes: &[u8]| recognised(Path::new(path), bytes).unwrap().name;
        assert_eq!(format("v.csv", b"\x93NUMPY\x01"), "NumPy array");
        assert_eq!(format("v", b"%%MatrixMarket matrix"), "Matrix Market");
        assert_eq!(format("v.csv", b"ARROW1\0\0"), "Arrow table");
        assert_eq!(format("v.TSV", b"1\t2"), "table of text");
        assert_eq!(format("-", b"1 2"), "table of text");
        assert_eq!(format("v.npy", b"1,2"), "NumPy array");
        assert_eq!(format("v.npz", b"PK\x03\x04"), "NumPy archive");
    }

    #[test]
    fn an_unknown_file_type_is_refused_with_all_endings() {
        let refusal = recognised(Path::new("v.foo"), b"1,2").unwrap_err().to_string();
        assert_eq!(
            refusal,
            "v.foo: unknown file type; \
             expected .npy, .npz, .mtx, .wav, .mat, .parquet, .arrow, .feather, .csv, .tsv, .txt or .dat"
        );
    }
}
