//! The one error type of the host: each error reads as one sentence that names the file, the place and the remedy.

use std::fmt;
use std::io;
use std::path::Path;

/// Result with the host's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What a user can put right: a file, a value or an option that cannot be used, and what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file that cannot be read.
    #[error("{path}: cannot be read ({}); {}", reason(source), read_remedy(source))]
    Read {
        /// The file as the user named it.
        path: String,
        /// What the operating system said.
        source: io::Error,
    },

    /// A file whose name ends in none of the endings that are understood there.
    #[error("{path}: the name tells no known format; use one that ends in {known}")]
    Extension {
        /// The file as the user named it.
        path: String,
        /// The known endings, as they are shown: ".npy or .csv".
        known: &'static str,
    },

    /// A file whose content is not what its format asks for.
    #[error("{path}: {problem}; {remedy}")]
    Format {
        /// The file as the user named it.
        path: String,
        /// What is wrong, and where.
        problem: String,
        /// What to do about it.
        remedy: String,
    },

    /// An entry that a matrix to factorise cannot have.
    #[error("{path}: the entry at {place} is {fault}; {}", fault.remedy())]
    Entry {
        /// The file or the name of the matrix.
        path: String,
        /// Where the entry stands.
        place: Place,
        /// What is wrong with it.
        fault: Fault,
    },

    /// A matrix that has nothing to factorise.
    #[error("{path}: {problem}; {remedy}")]
    Matrix {
        /// The file or the name of the matrix.
        path: String,
        /// What is wrong with the matrix as a whole.
        problem: String,
        /// What to do about it.
        remedy: &'static str,
    },

    /// A file or folder that cannot be written.
    #[error("{path}: cannot be written ({}); {}", reason(source), write_remedy(source))]
    Write {
        /// The file or folder as the user named it.
        path: String,
        /// What the operating system said.
        source: io::Error,
    },

    /// An option or an argument with a value that cannot be used.
    #[error("{name}: {problem}; {remedy}")]
    Argument {
        /// The option as the user typed it, like `--rank`.
        name: String,
        /// What is wrong with its value.
        problem: String,
        /// What to do about it.
        remedy: String,
    },

    /// What core refuses although the host's own checks let it pass.
    #[error(transparent)]
    Core(#[from] tinynmf_core::Error),
}

/// Where an entry stands; everything is counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Row and column of a matrix.
    Row(usize, usize),
    /// Row and column of a matrix, and the line of the text file that the row stands in.
    Line(usize, usize, u64),
}

/// What makes an entry unusable.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Fault {
    /// Not a number.
    NaN,
    /// Infinite, of either sign.
    Infinite,
    /// Below zero.
    Negative(f64),
    /// Above [`LARGEST`](crate::matrix::LARGEST).
    TooLarge(f64),
}

impl Error {
    /// The exit code of a program that stops at this error.
    pub const EXIT_CODE: u8 = 2;

    /// `source` happened while the file at `path` was read.
    #[must_use]
    pub fn read(path: &Path, source: io::Error) -> Self {
        Self::Read { path: path.display().to_string(), source }
    }

    /// `source` happened while the file or folder at `path` was written.
    #[must_use]
    pub fn write(path: &Path, source: io::Error) -> Self {
        Self::Write { path: path.display().to_string(), source }
    }

    /// The content of `path` has a `problem`, and `remedy` helps.
    pub fn format(path: &str, problem: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::Format { path: path.to_owned(), problem: problem.into(), remedy: remedy.into() }
    }

    /// The option `name` has a value with a `problem`, and `remedy` helps.
    pub fn argument(
        name: impl Into<String>,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self::Argument { name: name.into(), problem: problem.into(), remedy: remedy.into() }
    }
}

impl Fault {
    fn remedy(self) -> &'static str {
        match self {
            Self::NaN | Self::Infinite => "NMF needs finite entries >= 0, so remove or replace it",
            Self::Negative(_) => {
                "NMF needs entries >= 0, so remove or replace it, or add an offset to the matrix"
            }
            Self::TooLarge(_) => {
                "entries above 2^40 leave the range of 32-bit arithmetic, so rescale the matrix"
            }
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NaN => f.write_str("NaN"),
            Self::Infinite => f.write_str("infinite"),
            Self::Negative(value) => write!(f, "negative ({value})"),
            Self::TooLarge(value) => write!(f, "too large ({value:e})"),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Row(row, column) => write!(f, "row {row}, column {column} (counted from 1)"),
            Self::Line(row, column, line) => {
                write!(f, "row {row} (line {line}), column {column} (counted from 1)")
            }
        }
    }
}

/// The system's words without its error number, which helps nobody.
fn reason(source: &io::Error) -> String {
    let text = source.to_string();
    let plain = text.split(" (os error").next().unwrap_or(&text);
    let mut letters = plain.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

fn read_remedy(source: &io::Error) -> &'static str {
    match source.kind() {
        io::ErrorKind::NotFound => "check the spelling of its name and the folder",
        io::ErrorKind::PermissionDenied => "give yourself permission to read it",
        io::ErrorKind::IsADirectory => "name a file in it",
        _ => "check the file and its disk",
    }
}

fn write_remedy(source: &io::Error) -> &'static str {
    match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "free some space, or write to another disk"
        }
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "give yourself permission to write there, or choose another place"
        }
        io::ErrorKind::NotFound => "make its folder first",
        io::ErrorKind::IsADirectory => "name a file in it",
        _ => "choose another place",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_file_place_and_remedy_in_one_sentence() {
        let error =
            Error::Entry { path: "piano.npy".into(), place: Place::Row(3, 7), fault: Fault::NaN };
        assert_eq!(
            error.to_string(),
            "piano.npy: the entry at row 3, column 7 (counted from 1) is NaN; \
             NMF needs finite entries >= 0, so remove or replace it"
        );
    }

    #[test]
    fn tells_a_full_disk_from_a_missing_permission() {
        let full = Error::write(Path::new("out/w.npy"), io::Error::from_raw_os_error(28));
        assert_eq!(
            full.to_string(),
            "out/w.npy: cannot be written (no space left on device); free some space, or write to another disk"
        );
        let denied = Error::write(Path::new("out"), io::ErrorKind::PermissionDenied.into());
        assert!(denied.to_string().contains("give yourself permission"));
    }
}
