//! Files that are there whole or not at all, and folders that are known to be writable before the work starts.

use std::fs::{self, File, Permissions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::error::{Error, Result};

/// Writes a file so that `path` holds either all of it or what it held before, even if the machine stops midway.
///
/// `content` writes into a temporary file beside `path`, which then takes its name. What cannot be replaced, like
/// `/dev/stdout`, is written into directly.
///
/// # Errors
///
/// A place that cannot be written, or a disk that is full.
pub fn write(path: &Path, content: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    try_write(path, content).map_err(|source| Error::write(path, source))
}

fn try_write(
    path: &Path,
    content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let metadata = fs::metadata(path).ok();
    if metadata.as_ref().is_some_and(|it| !it.is_file() && !it.is_dir()) {
        let mut device = File::options().write(true).open(path)?;
        return content(&mut device);
    }
    if metadata.as_ref().is_some_and(fs::Metadata::is_dir) {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    // A link goes on pointing where it does: the file behind it is replaced.
    let target = if path.is_symlink() { fs::canonicalize(path)? } else { path.to_owned() };
    let mut file = temporary(folder_of(&target))?;
    let mut buffer = BufWriter::new(&mut file);
    content(&mut buffer)?;
    buffer.flush()?;
    drop(buffer);
    file.as_file().sync_all()?;
    file.persist(&target).map_err(|error| error.error)?;
    // The new name is on the disk only when its folder is; systems that cannot sync a folder do without.
    File::open(folder_of(&target)).and_then(|folder| folder.sync_all()).ok();
    Ok(())
}

/// Checks that a file can be written at `path`, and leaves everything as it was.
///
/// # Errors
///
/// As [`write()`] would find them.
pub fn check(path: &Path) -> Result<()> {
    let probe = || match fs::metadata(path) {
        Ok(it) if it.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
        Ok(it) if !it.is_file() => Ok(()),
        _ => temporary(folder_of(path))?.write_all(b"?"),
    };
    probe().map_err(|source| Error::write(path, source))
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A file that vanishes unless it is given a name, with the permissions of any other new file.
fn temporary(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".tinynmf-");
    #[cfg(unix)]
    builder.permissions(<Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o666));
    builder.tempfile_in(folder)
}

/// A folder for results that exists and can be written.
#[derive(Debug, Clone)]
pub struct OutputFolder {
    path: PathBuf,
}

impl OutputFolder {
    /// Makes the folder with all above it if need be, and tries that files can be written there.
    ///
    /// # Errors
    ///
    /// A path that is a file, a missing permission, a full disk.
    pub fn create(path: impl Into<PathBuf>) -> Result<Self> {
        let path = path.into();
        if fs::metadata(&path).is_ok_and(|it| !it.is_dir()) {
            let problem = "this is a file, not a folder";
            return Err(Error::format(&path.display().to_string(), problem, "name another folder"));
        }
        fs::create_dir_all(&path)
            .and_then(|()| temporary(&path)?.write_all(b"?"))
            .map_err(|source| Error::write(&path, source))?;
        Ok(Self { path })
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

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let names = fs::read_dir(folder).unwrap();
        names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
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
    }

    #[test]
    fn checks_without_a_trace() {
        let folder = tempfile::tempdir().unwrap();
        check(&folder.path().join("a.json")).unwrap();
        assert!(names(folder.path()).is_empty());
        let missing = check(&folder.path().join("no/a.json")).unwrap_err().to_string();
        assert!(missing.contains("make its folder first"), "{missing}");
        let taken = check(folder.path()).unwrap_err().to_string();
        assert!(taken.contains("name a file in it"), "{taken}");
        assert!(write(folder.path(), |_| Ok(())).is_err());
    }

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
