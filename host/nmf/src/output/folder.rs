//! A folder for results that belongs to one process.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::check::replaceable;
use super::{Staged, staged, temporary};
use crate::error::{Error, Result};
use crate::text::shown;

/// A folder for results that exists, can be written, and is locked against every other tinynmf until this value and
/// its clones are dropped.
///
/// The lock is advisory and is on the folder itself, so that nothing of it is ever to be seen. It is the operating
/// system's, which drops it with the process however that ends: there are no stale locks to recognise. On systems
/// that cannot lock a folder it is on an empty file in it, which stays; a stale one locks nobody out.
#[derive(Debug, Clone)]
pub struct OutputFolder {
    path: PathBuf,
    _lock: Arc<File>,
}

/// The file that is locked where folders cannot be.
const LOCK: &str = ".tinynmf.lock";

impl OutputFolder {
    /// Makes the folder with all above it if need be, locks it, tries that files can be written there, finishes what a
    /// killed program had begun to publish, and removes its temporary files.
    ///
    /// # Errors
    ///
    /// A path that is a file, a missing permission, a full disk; [`Error::Busy`] while another process has it.
    pub fn create(path: impl Into<PathBuf>) -> Result<Self> {
        let path = path.into();
        if fs::metadata(&path).is_ok_and(|it| !it.is_dir()) {
            let problem = "this is a file, not a folder";
            return Err(Error::format(&shown(&path), problem, "name another folder"));
        }
        let failed = |source| Error::write(&path, source);
        fs::create_dir_all(&path).map_err(failed)?;
        let lock = locked(&path).map_err(failed)?;
        let lock = lock.ok_or_else(|| Error::Busy { path: shown(&path) })?;
        temporary::file(&path).and_then(|mut probe| probe.write_all(b"?")).map_err(failed)?;
        staged::recover(&path)?;
        temporary::tidy(&path);
        Ok(Self { path, _lock: Arc::new(lock) })
    }

    /// Checks that files of these names can be published, before the work begins.
    ///
    /// # Errors
    ///
    /// A name that a folder has, or a write-protected file.
    pub fn expect(&self, names: &[&str]) -> Result<()> {
        names.iter().map(|name| self.file(name)).try_for_each(|path| {
            replaceable(&path).map(drop).map_err(|source| Error::write(&path, source))
        })
    }

    /// Begins a set of files that change hands together.
    ///
    /// # Errors
    ///
    /// A folder that can no longer be written.
    pub fn stage(&self) -> Result<Staged<'_>> {
        Staged::new(self)
    }

    /// The folder itself.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The path of the file `name` in the folder.
    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }
}

/// The file that keeps the folder locked while it is open; `None` if another process has locked it.
fn locked(path: &Path) -> io::Result<Option<File>> {
    let folder = File::open(path);
    let attempt = |file: io::Result<File>| -> Result<Option<File>, io::Error> {
        let file = file?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    };
    // Some network file systems lock nothing but files that are open for writing.
    attempt(folder).or_else(|_| {
        let file = File::options().create(true).truncate(false).write(true).open(path.join(LOCK));
        attempt(file)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::tests::names;
    use crate::output::write;

    #[test]
    fn makes_folders_and_refuses_a_file_in_their_place() {
        let folder = tempfile::tempdir().unwrap();
        let output = OutputFolder::create(folder.path().join("a/b")).unwrap();
        assert!(output.path().is_dir());
        let file = output.file("w.npy");
        write(&file, |file| file.write_all(b"1")).unwrap();
        let taken = OutputFolder::create(&file).unwrap_err().to_string();
        assert!(taken.ends_with("this is a file, not a folder; name another folder"), "{taken}");
        let below = OutputFolder::create(file.join("c")).unwrap_err().to_string();
        assert!(below.contains("cannot be written (not a directory)"), "{below}");
        fs::create_dir(output.file("h.npy")).unwrap();
        output.expect(&["w.npy", "loss.csv"]).unwrap();
        let folder = output.expect(&["w.npy", "h.npy"]).unwrap_err().to_string();
        assert!(folder.contains("b/h.npy: cannot be written (is a directory)"), "{folder}");
    }

    #[test]
    fn belongs_to_one_at_a_time_and_shows_nothing_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");
        let first = OutputFolder::create(&path).unwrap();
        let clone = first.clone();
        drop(first);
        let second = OutputFolder::create(&path).unwrap_err();
        assert!(matches!(second, Error::Busy { .. }), "{second}");
        assert!(second.to_string().contains("another tinynmf writes into this folder"), "{second}");
        drop(clone);
        OutputFolder::create(&path).unwrap();
        assert!(names(&path).is_empty());
    }
}
