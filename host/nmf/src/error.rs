//! The one error type of the host: each error reads as one sentence that names the file, the place and the remedy.

use std::fmt;
use std::io;
use std::path::Path;

use crate::text::{one_line, shown};

/// Meaning of every exit code, as `tinynmf --help` shows it.
pub const EXIT_CODES: &str = "Exit codes:\n  \
    0    done, also where whoever reads the output has read enough\n  \
    1    a result could not be written, or an emulated device failed\n  \
    2    the command line or a file that it names cannot be used\n  \
    3    another tinynmf writes into the same folder\n  \
    101  a bug in tinynmf: please report it\n  \
    130  stopped by Ctrl-C, SIGTERM or SIGHUP";

/// Result with the host's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error that a user can put right: a file, a value or an option that cannot be used, with its remedy.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file that cannot be read.
    #[error("{path}: cannot be read ({}); {}", reason(source), read_remedy(source))]
    Read {
        /// The file as the user named it.
        path: String,
        /// The operating system's message.
        source: io::Error,
    },

    /// A file whose name ends in none of the endings that are understood there.
    #[error("{path}: unknown file type; expected {known}")]
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
        /// The fault and its place.
        problem: String,
        /// The remedy.
        remedy: String,
    },

    /// An entry that a matrix to factorise cannot have.
    #[error("{path}: the entry at {place} is {fault}; {}", fault.remedy())]
    Entry {
        /// The file or the name of the matrix.
        path: String,
        /// Where the entry stands.
        place: Place,
        /// Its fault.
        fault: Fault,
    },

    /// A matrix that has nothing to factorise.
    #[error("{path}: {problem}; {remedy}")]
    Matrix {
        /// The file or the name of the matrix.
        path: String,
        /// The fault of the matrix as a whole.
        problem: String,
        /// The remedy.
        remedy: &'static str,
    },

    /// A file or folder that cannot be written.
    #[error("{path}: cannot be written ({}); {}", reason(source), write_remedy(source))]
    Write {
        /// The file or folder as the user named it.
        path: String,
        /// The operating system's message.
        source: io::Error,
    },

    /// A folder that another process writes its results into.
    #[error(
        "{path}: another tinynmf writes into this folder; wait until it is done, or name another folder"
    )]
    Busy {
        /// The folder as the user named it.
        path: String,
    },

    /// An emulated device that did not do what it was asked for; its log may follow, line by line.
    #[error("{board}: {reason}; see firmware/README.md")]
    Device {
        /// The board's name.
        board: String,
        /// The reason.
        reason: String,
    },

    /// The user stopped the program, and what was done until then is kept.
    #[error("stopped {when}; {remedy}")]
    Stopped {
        /// How far it had come, and where the results are.
        when: String,
        /// How to go on.
        remedy: String,
    },

    /// An option or an argument with a value that cannot be used.
    #[error("{name}: {problem}; {remedy}")]
    Argument {
        /// The option as the user typed it, like `--rank`.
        name: String,
        /// The fault of its value.
        problem: String,
        /// The remedy.
        remedy: String,
    },

    /// An input that core refuses although the host's own checks let it pass.
    #[error(transparent)]
    Core(#[from] tinynmf_core::Error),
}

/// The exit code of a program that the user stopped: 128 + SIGINT.
pub const STOPPED: u8 = 130;

/// Remedy where a number is missing.
pub(crate) const MISSING: &str = "NMF needs a number in every cell, so leave out its row or column, \
                                  or factorise with --missing nan, which fits what is known";

/// Where an entry stands; everything is counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Row and column of a matrix.
    Row(usize, usize),
    /// Row and column of a matrix, and the line of the text file that the row stands in.
    Line(usize, usize, u64),
}

/// Reason why an entry cannot be used.
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
    /// The exit code of a program that stops at this error; [`EXIT_CODES`] explains it.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Write { .. } | Self::Device { .. } => 1,
            Self::Busy { .. } => 3,
            Self::Stopped { .. } => STOPPED,
            _ => 2,
        }
    }

    /// The error as it is printed: control characters of paths and of what files hold are written out. One line,
    /// but for a device's log.
    #[must_use]
    pub fn sentence(&self) -> String {
        let text = self.to_string();
        match self {
            Self::Device { .. } => text.lines().map(one_line).collect::<Vec<_>>().join("\n"),
            _ => one_line(&text),
        }
    }

    /// `source` happened while the file at `path` was read.
    #[must_use]
    pub fn read(path: &Path, source: io::Error) -> Self {
        Self::Read { path: shown(path), source }
    }

    /// `source` happened while the file or folder at `path` was written.
    #[must_use]
    pub fn write(path: &Path, source: io::Error) -> Self {
        Self::Write { path: shown(path), source }
    }

    /// The content of `path` has a `problem`, and `remedy` helps. The problem may quote the content, so it becomes one line.
    pub fn format(path: &str, problem: impl AsRef<str>, remedy: impl Into<String>) -> Self {
        let problem = one_line(problem.as_ref());
        Self::Format { path: path.to_owned(), problem, remedy: remedy.into() }
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
            Self::NaN => MISSING,
            Self::Infinite => {
                "NMF needs finite entries, so look for what made it infinite: \
                 a division by zero, a logarithm of zero"
            }
            Self::Negative(_) => {
                "NMF needs entries >= 0, so look for what made it negative: \
                 centring, a background taken off, a logarithm"
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
             NMF needs a number in every cell, so leave out its row or column, or factorise with --missing nan, which fits what is known"
        );
    }

    #[test]
    fn tells_a_full_disk_from_a_missing_permission() {
        let full = Error::write(Path::new("out/w.npy"), io::Error::from_raw_os_error(28));
        assert_eq!(
            full.to_string(),
            "out/w.npy: cannot be written (no space left on device); free some space, or write to another disk"
        );
        assert_eq!(full.exit_code(), 1);
        let denied = Error::write(Path::new("out"), io::ErrorKind::PermissionDenied.into());
        assert!(denied.to_string().contains("give yourself permission"));
    }

    #[test]
    fn is_one_line_whatever_a_path_holds() {
        let error = Error::Extension { path: "two\nlines\u{1b}[31m".into(), known: ".npy or .csv" };
        let sentence = error.sentence();
        assert!(sentence.starts_with("two\\nlines\\u{1b}[31m: unknown file type"), "{sentence}");
        let quoted = Error::format("c.json", "unknown field `a\nb`", "leave it out");
        assert_eq!(quoted.to_string(), "c.json: unknown field `a\\nb`; leave it out");
        let log = "it stopped:\nline 1\nline\u{7}2".to_owned();
        let device = Error::Device { board: "microbit".into(), reason: log };
        assert_eq!(device.sentence().lines().count(), 3);
        assert!(device.sentence().contains("line\\u{7}2"));
    }

    #[test]
    fn every_exit_code_is_in_the_table() {
        let busy = Error::Busy { path: "out".into() };
        let stopped = Error::Stopped { when: "early".into(), remedy: "go on".into() };
        let used = Error::argument("--rank", "0", "1");
        for (error, code) in [(busy, 3), (stopped, 130), (used, 2)] {
            assert_eq!(error.exit_code(), code);
            assert!(EXIT_CODES.contains(&format!("\n  {code:<5}")), "{code}");
        }
    }
}
