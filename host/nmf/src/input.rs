//! Files that are read whole: never more than a stated number of bytes, so that no device or link to one fills the memory.
//!
//! | file | at most |
//! |---|---:|
//! | policy (`.tnmf`) | 64 KiB |
//! | configuration, float policy (`.safetensors`) | 1 MiB |
//! | record of a run, snapshot of an agent | 64 MiB |
//! | image of a device (ELF), TensorBoard's events | 256 MiB |
//! | checkpoint | 512 MiB |
//!
//! A pipe is read like a file, until whoever writes to it has closed it.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::error::{Error, Result};
use crate::text::shown;

/// A kind of file and the most that is read of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    what: &'static str,
    bytes: u64,
}

/// Above every policy that core accepts.
pub const POLICY: Limit = Limit { what: "policy", bytes: 1 << 16 };
/// Configuration of a training, in TOML.
pub const CONFIGURATION: Limit = Limit { what: "configuration", bytes: 1 << 20 };
/// Above four layers of 64 units.
pub const FLOAT_POLICY: Limit = Limit { what: "float policy", bytes: 1 << 20 };
/// Record of a run, in a reproduction.
pub const RECORD: Limit = Limit { what: "record", bytes: 64 << 20 };
/// An image that a debugger or QEMU loads.
pub const IMAGE: Limit = Limit { what: "image of a device", bytes: 256 << 20 };
/// Events for TensorBoard.
pub const EVENTS: Limit = Limit { what: "event file", bytes: 256 << 20 };
/// Above that of the largest networks which a configuration may ask for.
pub const CHECKPOINT: Limit = Limit { what: "checkpoint", bytes: 512 << 20 };

impl Limit {
    /// The same kind with another limit, for tests and for callers with less memory.
    #[must_use]
    pub const fn of_bytes(self, bytes: u64) -> Self {
        Self { bytes, ..self }
    }

    fn text(self) -> String {
        match self.bytes {
            bytes if bytes >= 1 << 20 => format!("{} MiB", bytes >> 20),
            bytes if bytes >= 1 << 10 => format!("{} KiB", bytes >> 10),
            bytes => format!("{bytes} bytes"),
        }
    }
}

/// The bytes of the file at `path`.
///
/// # Errors
///
/// A file that cannot be read, or that is longer than `limit`.
pub fn read(path: &Path, limit: Limit) -> Result<Vec<u8>> {
    let bytes = try_read(path, limit).map_err(|source| Error::read(path, source))?;
    if bytes.len() as u64 > limit.bytes {
        let problem = format!("it has more than {}, which no {} has", limit.text(), limit.what);
        return Err(Error::format(&shown(path), problem, "check that it is the right file"));
    }
    Ok(bytes)
}

/// The text of the file at `path`.
///
/// # Errors
///
/// As [`read`]; bytes that are not UTF-8.
pub fn read_text(path: &Path, limit: Limit) -> Result<String> {
    String::from_utf8(read(path, limit)?).map_err(|error| {
        let text = String::from_utf8_lossy(&error.as_bytes()[..error.utf8_error().valid_up_to()]);
        let line = 1 + text.matches('\n').count();
        let problem = format!("line {line} holds bytes that are no text in UTF-8");
        Error::format(&shown(path), problem, "save it as UTF-8")
    })
}

/// One byte more than the limit where the file is longer.
fn try_read(path: &Path, limit: Limit) -> io::Result<Vec<u8>> {
    let file = File::open(path)?;
    let length = file.metadata()?.len().min(limit.bytes + 1);
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
    file.take(limit.bytes + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limits_are_those_of_the_table() {
        for (limit, wanted) in [
            (POLICY, "64 KiB"),
            (CONFIGURATION, "1 MiB"),
            (FLOAT_POLICY, "1 MiB"),
            (RECORD, "64 MiB"),
            (IMAGE, "256 MiB"),
            (EVENTS, "256 MiB"),
            (CHECKPOINT, "512 MiB"),
            (POLICY.of_bytes(1023), "1023 bytes"),
        ] {
            assert_eq!(limit.text(), wanted);
        }
    }

    #[test]
    fn reads_up_to_the_limit_and_refuses_one_byte_more() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("p.tnmf");
        std::fs::write(&path, [7; 1025]).unwrap();
        assert_eq!(read(&path, POLICY.of_bytes(1025)).unwrap(), [7; 1025]);
        let long = read(&path, POLICY.of_bytes(1024)).unwrap_err().to_string();
        let expected = "p.tnmf: it has more than 1 KiB, which no policy has; check that it is";
        assert!(long.contains(expected), "{long}");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_device_without_an_end_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("endless.toml");
        std::os::unix::fs::symlink("/dev/zero", &link).unwrap();
        for path in [Path::new("/dev/zero"), &link] {
            let endless = read(path, CONFIGURATION).unwrap_err().to_string();
            assert!(endless.contains("more than 1 MiB"), "{endless}");
        }
        assert!(read(folder.path(), POLICY).unwrap_err().to_string().contains("name a file in it"));
    }

    #[test]
    fn bytes_that_are_no_text_are_told_with_their_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("c.toml");
        std::fs::write(&path, b"seed = 1\n# \xff\n").unwrap();
        let binary = read_text(&path, CONFIGURATION).unwrap_err().to_string();
        assert!(binary.contains("line 2 holds bytes that are no text"), "{binary}");
    }
}
