//! The bytes of a file or of standard input, never more than a stated limit.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use crate::error::{Error, Result};

/// The largest file that is read: 16 GiB.
pub const LARGEST_FILE: u64 = 16 << 30;

/// The most that is read from standard input: 1 GiB.
pub const LARGEST_STREAM: u64 = 1 << 30;

/// The name that stands for standard input.
pub(super) const STDIN: &str = "-";

/// Everything in the file at `path`, or on standard input if it is `-`.
pub(crate) fn bytes(path: &Path) -> Result<Vec<u8>> {
    let shown = path.display().to_string();
    if path == Path::new(STDIN) {
        return limited(&shown, io::stdin().lock(), 0, LARGEST_STREAM);
    }
    let metadata = fs::metadata(path).map_err(|source| Error::read(path, source))?;
    if metadata.is_dir() {
        return Err(Error::read(path, io::ErrorKind::IsADirectory.into()));
    }
    if !metadata.is_file() {
        let problem = "this is not a regular file, and may have no end";
        return Err(Error::format(
            &shown,
            problem,
            "name a file, or pipe up to 1 GiB to --input -",
        ));
    }
    let file = File::open(path).map_err(|source| Error::read(path, source))?;
    limited(&shown, file, metadata.len(), LARGEST_FILE)
}

/// All of `reader`, which says that it has `length` bytes, up to `limit`.
fn limited(name: &str, reader: impl Read, length: u64, limit: u64) -> Result<Vec<u8>> {
    let too_long = || {
        let problem = format!("this has more than {} GiB", limit >> 30);
        Error::format(name, problem, "select fewer rows or columns")
    };
    if length > limit {
        return Err(too_long());
    }
    let mut bytes = Vec::new();
    bytes
        .try_reserve_exact(length as usize)
        .and_then(|()| bytes.try_reserve(1))
        .map_err(|_| Error::read(Path::new(name), io::ErrorKind::OutOfMemory.into()))?;
    let read = reader.take(limit + 1).read_to_end(&mut bytes);
    read.map_err(|source| Error::read(Path::new(name), source))?;
    if bytes.len() as u64 > limit { Err(too_long()) } else { Ok(bytes) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stops_at_the_limit() {
        assert_eq!(limited("v", &b"12345"[..], 5, 5).unwrap(), b"12345");
        assert!(limited("v", io::repeat(b'1'), 0, 5).is_err());
        let large = limited("v", &b""[..], 6 << 30, 5 << 30).unwrap_err().to_string();
        assert_eq!(large, "v: this has more than 5 GiB; select fewer rows or columns");
    }

    #[test]
    fn reads_a_file_and_no_folder() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("v.csv");
        fs::write(&path, "1,2").unwrap();
        assert_eq!(bytes(&path).unwrap(), b"1,2");
        assert!(bytes(folder.path()).unwrap_err().to_string().contains("name a file in it"));
        assert_eq!((LARGEST_FILE, LARGEST_STREAM), (17_179_869_184, 1_073_741_824));
    }

    #[cfg(unix)]
    #[test]
    fn refuses_what_has_no_end() {
        let refusal = bytes(Path::new("/dev/zero")).unwrap_err().to_string();
        assert!(refusal.starts_with("/dev/zero: this is not a regular file"), "{refusal}");
    }
}
