//! Files of a folder that change hands together, whatever kills the program.
//!
//! 1. All files are written into a temporary sub-folder. A SIGKILL here leaves the old set; the next start removes the
//!    sub-folder.
//! 2. The sub-folder is renamed to [`READY`]: from this one moment on, the new set is the one that counts.
//! 3. The old files are removed, then the new ones move to their places, then [`READY`] goes. A SIGKILL here leaves
//!    names without a file, but never an old file beside a new one; the next start that opens the folder completes it.
//!
//! A file of an earlier set that the new one lacks has a marker in the sub-folder, an empty file of its name and [`GONE`]: it
//! is removed with the old files, and its marker goes where new files move.
//!
//! A link in the place of a result is replaced by the result.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use tempfile::TempDir;

use super::{OutputFolder, files, sync, temporary};
use crate::error::{Error, Result};
use crate::interrupt::{self, Hold};

/// The sub-folder that holds a whole new set.
const READY: &str = ".tinynmf-ready";

/// The end of a marker's name.
const GONE: &str = ".tinynmf-gone";

/// A set of files on its way; dropped without a commit, it leaves no trace. Ctrl-C waits for it.
#[derive(Debug)]
pub struct Staged<'f> {
    folder: &'f OutputFolder,
    place: TempDir,
    _together: Hold,
}

impl<'f> Staged<'f> {
    pub(super) fn new(folder: &'f OutputFolder) -> Result<Self> {
        let together = interrupt::hold();
        let place = temporary::sub_folder(folder.path());
        let place = place.map_err(|source| Error::write(folder.path(), source))?;
        Ok(Self { folder, place, _together: together })
    }

    /// Writes the file that is to have this `name` in the folder.
    ///
    /// # Errors
    ///
    /// A disk that is full; a name that is used twice.
    pub fn write(
        &mut self,
        name: &str,
        content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<()> {
        File::create_new(self.place.path().join(name))
            .and_then(|mut file| files::fill(&mut file, content))
            .map_err(|source| Error::write(&self.folder.file(name), source))
    }

    /// Lets `save` write the file that is to have this `name` in the folder, at a path that is given to it.
    ///
    /// # Errors
    ///
    /// Of `save`; what cannot be written is told by its final name.
    pub fn save(&mut self, name: &str, save: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
        save(&self.place.path().join(name)).map_err(|error| match error {
            Error::Write { source, .. } => Error::write(&self.folder.file(name), source),
            other => other,
        })
    }

    /// Lets the commit remove the files in the folder whose names `is_old` and that this set does not write.
    ///
    /// # Errors
    ///
    /// A folder that cannot be read, or a disk that is full.
    pub fn drop_others(&mut self, is_old: impl Fn(&str) -> bool) -> Result<()> {
        let mark = || -> io::Result<()> {
            for entry in fs::read_dir(self.folder.path())? {
                let entry = entry?;
                let name = entry.file_name();
                let Some(text) = name.to_str().filter(|name| is_old(name)) else { continue };
                if !entry.file_type()?.is_dir() && !self.place.path().join(&name).exists() {
                    File::create_new(self.place.path().join(format!("{text}{GONE}")))?;
                }
            }
            Ok(())
        };
        mark().map_err(|source| Error::write(self.folder.path(), source))
    }

    /// Replaces the old files by the new ones, all of them.
    ///
    /// # Errors
    ///
    /// A folder that can no longer be written.
    pub fn commit(self) -> Result<()> {
        self.publish()?;
        let folder = self.folder.path();
        complete(folder)
    }

    /// From here on the new set is the one that counts.
    fn publish(&self) -> Result<()> {
        let folder = self.folder.path();
        sync(self.place.path());
        fs::rename(self.place.path(), folder.join(READY))
            .map_err(|source| Error::write(folder, source))?;
        sync(folder);
        Ok(())
    }
}

/// Completes what a killed program had published, and removes what it had not; for who has locked the folder.
pub(super) fn recover(folder: &Path) -> Result<()> {
    temporary::tidy_sub_folders(folder, READY);
    if folder.join(READY).is_dir() { complete(folder) } else { Ok(()) }
}

/// Moves a published set to its places; can be begun again wherever it was stopped.
fn complete(folder: &Path) -> Result<()> {
    for step in steps(folder)? {
        step.take(folder)?;
    }
    sync(folder);
    Ok(())
}

/// A step that is done at once, or not at all.
#[derive(Debug)]
enum Step {
    /// Removes an old file.
    Remove(OsString),
    /// Moves a new file to its place.
    Move(OsString),
    /// Removes a marker.
    Forget(OsString),
    /// Removes [`READY`].
    Finish,
}

/// The steps from a published set to one in its places: no new file appears before the last old one has gone.
fn steps(folder: &Path) -> Result<Vec<Step>> {
    let ready = folder.join(READY);
    let names = |ready: &Path| -> io::Result<Vec<OsString>> {
        fs::read_dir(ready)?.map(|entry| Ok(entry?.file_name())).collect()
    };
    let names = names(&ready).map_err(|source| Error::write(&ready, source))?;
    let marked = |name: &OsString| {
        name.to_str().and_then(|name| name.strip_suffix(GONE)).map(OsString::from)
    };
    let old = names.iter().map(|name| Step::Remove(marked(name).unwrap_or_else(|| name.clone())));
    let new = names.iter().map(|name| match marked(name) {
        Some(_) => Step::Forget(name.clone()),
        None => Step::Move(name.clone()),
    });
    Ok(old.chain(new).chain([Step::Finish]).collect())
}

impl Step {
    fn take(&self, folder: &Path) -> Result<()> {
        let ready = folder.join(READY);
        let (path, done) = match self {
            Self::Remove(name) => {
                let old = folder.join(name);
                let gone = match fs::remove_file(&old) {
                    Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
                    done => done,
                };
                (old, gone)
            }
            Self::Move(name) => {
                (folder.join(name), fs::rename(ready.join(name), folder.join(name)))
            }
            Self::Forget(name) => (ready.join(name), fs::remove_file(ready.join(name))),
            Self::Finish => (ready.clone(), fs::remove_dir(&ready)),
        };
        done.map_err(|source| Error::write(&path, source))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::tests::names;

    const NAMES: [&str; 3] = ["h.npy", "loss.csv", "w.npy"];

    fn staged<'f>(folder: &'f OutputFolder, word: &str) -> Staged<'f> {
        let mut set = folder.stage().unwrap();
        for name in NAMES {
            set.write(name, |file| file.write_all(word.as_bytes())).unwrap();
        }
        set
    }

    /// Contents of the files that are there.
    fn words(folder: &Path) -> Vec<String> {
        NAMES.iter().filter_map(|name| fs::read_to_string(folder.join(name)).ok()).collect()
    }

    /// A folder with an old set, and what is left if the program is killed after so many steps of publishing a new one.
    fn killed_after(count: usize, path: &Path) {
        let folder = OutputFolder::create(path).unwrap();
        staged(&folder, "old").commit().unwrap();
        let set = staged(&folder, "new");
        if count > 0 {
            set.publish().unwrap();
            let steps = steps(path).unwrap();
            steps.iter().take(count - 1).for_each(|step| step.take(path).unwrap());
        }
        // Dropping it would tidy up, which a killed program does not.
        std::mem::forget(set.place);
    }

    #[test]
    fn the_old_set_or_the_new_one_whenever_the_program_is_killed() {
        // To publish it, then to remove and to move every file, then to finish.
        for count in 0..=1 + 2 * NAMES.len() + 1 {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("out");
            killed_after(count, &path);
            let left = words(&path);
            assert!(left.windows(2).all(|pair| pair[0] == pair[1]), "{count}: {left:?}");
            assert!(left.len() == NAMES.len() || path.join(READY).is_dir(), "{count}: {left:?}");
            OutputFolder::create(&path).unwrap();
            assert_eq!(words(&path), [if count == 0 { "old" } else { "new" }; 3], "{count}");
            assert_eq!(names(&path), NAMES, "{count}");
        }
    }

    #[test]
    fn old_files_that_the_new_set_lacks_go_whenever_the_program_is_killed() {
        // To publish it, to remove three files, to move two and forget one, then to finish.
        for count in 0..=1 + 3 + 3 + 1 {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("out");
            let output = OutputFolder::create(&path).unwrap();
            staged(&output, "old").commit().unwrap();
            fs::write(path.join("mine.npy"), "mine").unwrap();
            let mut set = output.stage().unwrap();
            for name in ["w.csv", "loss.csv"] {
                set.write(name, |file| file.write_all(b"new")).unwrap();
            }
            set.drop_others(|name| name == "w.npy" || name == "loss.csv").unwrap();
            if count > 0 {
                set.publish().unwrap();
                let steps = steps(&path).unwrap();
                steps.iter().take(count - 1).for_each(|step| step.take(&path).unwrap());
            }
            let has = |name: &str| path.join(name).exists();
            assert!(!(has("w.csv") && has("w.npy")), "{count}");
            std::mem::forget(set.place);
            drop(output);
            OutputFolder::create(&path).unwrap();
            let wanted: &[&str] = match count {
                0 => &["h.npy", "loss.csv", "mine.npy", "w.npy"],
                _ => &["h.npy", "loss.csv", "mine.npy", "w.csv"],
            };
            assert_eq!(names(&path), wanted, "{count}");
        }
    }

    #[test]
    fn a_failure_leaves_the_old_set_and_no_trace() {
        let folder = tempfile::tempdir().unwrap();
        let folder = OutputFolder::create(folder.path().join("out")).unwrap();
        staged(&folder, "old").commit().unwrap();
        let mut set = folder.stage().unwrap();
        set.write("w.npy", |file| file.write_all(b"new")).unwrap();
        let full = set.write("h.npy", |_| Err(io::Error::from_raw_os_error(28))).unwrap_err();
        assert!(full.to_string().contains("out/h.npy: cannot be written (no space"), "{full}");
        drop(set);
        assert_eq!(words(folder.path()), ["old"; 3]);
        assert_eq!(names(folder.path()), NAMES);
    }
}
