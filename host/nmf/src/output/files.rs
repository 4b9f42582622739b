//! Files at any places that change hands together.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::{folder_of, sync, temporary};
use crate::error::{Error, Result};
use crate::interrupt::{self, Hold};

/// Files that are written beside their places first, and take their names only when all of them are whole.
///
/// A SIGKILL before [`Files::commit`] leaves every old file. One within it may leave some names without a file, but
/// never a new file beside an old one. Ctrl-C waits. What is dropped without a commit leaves no trace.
#[derive(Debug)]
pub struct Files {
    ready: Vec<(PathBuf, NamedTempFile)>,
    _together: Hold,
}

impl Files {
    /// No file yet.
    #[must_use]
    pub fn new() -> Self {
        Self { ready: Vec::new(), _together: interrupt::hold() }
    }

    /// Writes the file that is to be at `path`. What cannot be replaced, like `/dev/stdout`, is written into at once.
    ///
    /// # Errors
    ///
    /// A place that cannot be written, or a disk that is full.
    pub fn write(
        &mut self,
        path: &Path,
        content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<()> {
        let ready = prepared(path, content).map_err(|source| Error::write(path, source))?;
        self.ready.extend(ready);
        Ok(())
    }

    /// Gives all files their names.
    ///
    /// # Errors
    ///
    /// A place that can no longer be written.
    pub fn commit(self) -> Result<()> {
        if self.ready.len() > 1 {
            for (target, _) in &self.ready {
                match fs::remove_file(target) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => {
                        return Err(Error::write(target, error));
                    }
                    _ => {}
                }
            }
        }
        for (target, file) in self.ready {
            file.persist(&target).map_err(|error| Error::write(&target, error.error))?;
            sync(folder_of(&target));
        }
        Ok(())
    }
}

impl Default for Files {
    fn default() -> Self {
        Self::new()
    }
}

/// A whole temporary file beside its target; nothing for a device, which has then been written into.
fn prepared(
    path: &Path,
    content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<Option<(PathBuf, NamedTempFile)>> {
    match fs::metadata(path) {
        Ok(it) if it.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
        Ok(it) if !it.is_file() => {
            let mut device = File::options().write(true).open(path)?;
            return content(&mut device).map(|()| None);
        }
        _ => {}
    }
    // A link goes on pointing where it does: the file behind it is replaced.
    let target = if path.is_symlink() { fs::canonicalize(path)? } else { path.to_owned() };
    let mut file = temporary::file(folder_of(&target))?;
    fill(file.as_file_mut(), content)?;
    Ok(Some((target, file)))
}

/// Writes a file to the disk, all of it.
pub(super) fn fill(
    file: &mut File,
    content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let mut buffer = BufWriter::new(file);
    content(&mut buffer)?;
    buffer.flush()?;
    buffer.get_ref().sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::tests::names;

    #[test]
    fn all_files_are_new_or_all_are_old() {
        let folder = tempfile::tempdir().unwrap();
        let [a, b] = ["a.json", "b.png"].map(|name| folder.path().join(name));
        let publish = |word: &str, fails: bool| {
            let mut files = Files::new();
            files.write(&a, |file| file.write_all(word.as_bytes()))?;
            assert_ne!(fs::read(&a).unwrap_or_default(), word.as_bytes(), "not before the other");
            files.write(&b, |file| {
                file.write_all(word.as_bytes())?;
                if fails { Err(io::Error::from_raw_os_error(28)) } else { Ok(()) }
            })?;
            files.commit()
        };
        publish("old", false).unwrap();
        publish("half", true).unwrap_err();
        assert_eq!([&a, &b].map(|path| fs::read(path).unwrap()), [b"old", b"old"]);
        publish("new", false).unwrap();
        assert_eq!([&a, &b].map(|path| fs::read(path).unwrap()), [b"new", b"new"]);
        assert_eq!(names(folder.path()), ["a.json", "b.png"]);
    }
}
