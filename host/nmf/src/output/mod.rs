//! Results on the disk: whole or not at all, together or not at all, and never two programs' results mixed.
//!
//! | what | in |
//! |---|---|
//! | a file, or some files anywhere that belong together | [`write()`], [`Files`] |
//! | a folder that belongs to one process as long as that runs | [`OutputFolder`] |
//! | the files of a folder that change hands together | [`Staged`] |
//! | what is checked before the work begins | [`check`], [`apart`], [`OutputFolder::create`] |
//! | files that a killed program has left behind | [`temporary`] |

mod check;
mod files;
mod folder;
mod staged;
pub mod temporary;

use std::io::{self, Write};
use std::path::Path;

pub use check::{apart, check};
pub use files::Files;
pub use folder::OutputFolder;
pub use staged::Staged;

use crate::error::Result;

/// Writes a file so that `path` holds either all of it or what it held before, even if the machine stops midway.
///
/// `content` writes into a temporary file beside `path`, which then takes its name. What cannot be replaced, like
/// `/dev/stdout`, is written into directly.
///
/// # Errors
///
/// A place that cannot be written, or a disk that is full.
pub fn write(path: &Path, content: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    let mut files = Files::new();
    files.write(path, content)?;
    files.commit()
}

/// The folder that a file is in.
fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Makes new names durable: they are on the disk only when their folder is. Systems that cannot sync a folder do
/// without.
fn sync(folder: &Path) {
    std::fs::File::open(folder).and_then(|folder| folder.sync_all()).ok();
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    /// Names of a folder's entries, sorted.
    pub fn names(folder: &Path) -> Vec<String> {
        let names = fs::read_dir(folder).unwrap();
        let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<_> = names.collect();
        names.sort();
        names
    }

    #[test]
    fn replaces_whole_files_and_leaves_nothing_beside_them() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("loss.csv");
        write(&path, |file| file.write_all(b"old")).unwrap();
        write(&path, |file| file.write_all(b"new")).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        let failed = write(&path, |file| {
            file.write_all(b"half")?;
            Err(io::Error::from_raw_os_error(28))
        });
        assert!(failed.unwrap_err().to_string().contains("free some space"));
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(names(folder.path()), ["loss.csv"]);
        assert!(write(folder.path(), |_| Ok(())).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn keeps_links_and_the_usual_permissions() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let (real, link) = (folder.path().join("real"), folder.path().join("link"));
        fs::write(&real, "old").unwrap();
        symlink(&real, &link).unwrap();
        let usual = fs::metadata(&real).unwrap().permissions().mode();
        write(&link, |file| file.write_all(b"new")).unwrap();
        assert!(link.is_symlink());
        assert_eq!(fs::read(&real).unwrap(), b"new");
        assert_eq!(fs::metadata(&real).unwrap().permissions().mode(), usual);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn tells_of_a_full_disk_and_leaves_devices_in_place() {
        let full = write(Path::new("/dev/full"), |file| file.write_all(b"1")).unwrap_err();
        assert!(full.to_string().contains("no space left on device"), "{full}");
        assert!(!fs::metadata("/dev/full").unwrap().is_file());
    }
}
