//! Files on their way to a name, and the removal of those whose program was killed.
//!
//! Every temporary file begins with [`PREFIX`] and is locked by the process that writes it. Such a lock is advisory:
//! the operating system drops it with the process, however that ends. So a temporary file that can be locked belongs
//! to nobody, and whoever comes next to its folder removes it.

use std::fs::{self, File, Permissions};
use std::io;
use std::path::Path;

use tempfile::{NamedTempFile, TempDir};

/// How the names of temporary files and folders begin.
pub const PREFIX: &str = ".tinynmf-";

/// A file in `folder` that vanishes unless it is given a name, with the permissions of any other new file.
pub(super) fn file(folder: &Path) -> io::Result<NamedTempFile> {
    loop {
        let mut builder = tempfile::Builder::new();
        builder.prefix(PREFIX);
        #[cfg(unix)]
        builder.permissions(<Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o666));
        let file = builder.tempfile_in(folder)?;
        // Where files cannot be locked, nobody can take this one for abandoned either.
        file.as_file().lock().ok();
        // Between its creation and its lock, somebody else may have taken it for abandoned.
        if file.path().exists() {
            return Ok(file);
        }
    }
}

/// A folder in `folder` that vanishes unless it is given a name.
pub(super) fn sub_folder(folder: &Path) -> io::Result<TempDir> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(PREFIX);
    #[cfg(unix)]
    builder.permissions(<Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o777));
    builder.tempdir_in(folder)
}

/// Removes the temporary files in `folder` that belong to nobody. What cannot be removed stays.
pub(super) fn tidy(folder: &Path) {
    for path in leftovers(folder).filter(|path| path.is_file()) {
        let abandoned = File::options().write(true).open(&path).and_then(|file| {
            file.try_lock()?;
            // Its lock is held until it has gone, so that nobody takes it up meanwhile.
            fs::remove_file(&path)
        });
        abandoned.ok();
    }
}

/// Removes the temporary sub-folders in `folder`, which only the process that holds the folder makes, but for `but`.
pub(super) fn tidy_sub_folders(folder: &Path, but: &str) {
    let folders = leftovers(folder).filter(|path| path.is_dir() && !path.is_symlink());
    for path in folders.filter(|path| path.file_name().is_some_and(|name| name != but)) {
        fs::remove_dir_all(&path).ok();
    }
}

fn leftovers(folder: &Path) -> impl Iterator<Item = std::path::PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let ours =
        entries.filter(|it| it.file_name().as_encoded_bytes().starts_with(PREFIX.as_bytes()));
    ours.map(|entry| entry.path())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::tests::names;

    #[test]
    fn what_a_killed_program_left_goes_and_what_is_in_use_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        fs::write(path.join(".tinynmf-abandoned"), "half").unwrap();
        fs::write(path.join(".other-program"), "mine").unwrap();
        let used = file(path).unwrap();
        tidy(path);
        let name = used.path().file_name().unwrap().to_str().unwrap();
        assert_eq!(names(path), [".other-program", name]);
        drop(used);
        fs::create_dir(path.join(".tinynmf-a")).unwrap();
        fs::create_dir(path.join(".tinynmf-b")).unwrap();
        tidy_sub_folders(path, ".tinynmf-b");
        assert_eq!(names(path), [".other-program", ".tinynmf-b"]);
    }
}
