//! Checks of the outputs before the work begins rather than after it.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::{folder_of, temporary};
use crate::error::{Error, Result};
use crate::text::shown;

/// Checks that a file can be written at `path`, and leaves everything as it was, but for temporary files of programs
/// that were killed.
///
/// # Errors
///
/// As [`write()`](super::write()) would find them; a file there that is write-protected.
pub fn check(path: &Path) -> Result<()> {
    let probe = || {
        if replaceable(path)? {
            let folder = folder_of(path);
            temporary::tidy(folder);
            temporary::file(folder)?.write_all(b"?")?;
        }
        Ok(())
    };
    probe().map_err(|source| Error::write(path, source))
}

/// Whether `path` is, or can become, a file that another one may replace; a device is written into instead.
pub(super) fn replaceable(path: &Path) -> io::Result<bool> {
    match fs::metadata(path) {
        Ok(it) if it.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
        Ok(it) if it.is_file() && it.permissions().readonly() => {
            Err(io::ErrorKind::PermissionDenied.into())
        }
        Ok(it) => Ok(it.is_file()),
        Err(_) => Ok(true),
    }
}

/// Checks that no result would go into a file that is read, nor two into the same one. Links are followed; devices
/// may be named as often as one likes.
///
/// # Errors
///
/// The first result that would.
pub fn apart<'p>(
    results: impl IntoIterator<Item = &'p Path>,
    inputs: impl IntoIterator<Item = &'p Path>,
) -> Result<()> {
    let inputs: Vec<PathBuf> = inputs.into_iter().filter_map(place).collect();
    let mut taken: Vec<PathBuf> = Vec::new();
    for path in results {
        let Some(place) = place(path) else { continue };
        let refuse = |problem| Err(Error::format(&shown(path), problem, "name another file"));
        if inputs.contains(&place) {
            return refuse("the result would overwrite this input");
        }
        if taken.contains(&place) {
            return refuse("two results would go into this file");
        }
        taken.push(place);
    }
    Ok(())
}

/// Where a file really is, or would be; `None` for devices, and where there is no such folder.
fn place(path: &Path) -> Option<PathBuf> {
    if fs::metadata(path).is_ok_and(|it| !it.is_file()) {
        return None;
    }
    let there = fs::canonicalize(path).ok();
    there.or_else(|| Some(fs::canonicalize(folder_of(path)).ok()?.join(path.file_name()?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::tests::names;

    #[test]
    fn checks_without_a_trace() {
        let folder = tempfile::tempdir().unwrap();
        check(&folder.path().join("a.json")).unwrap();
        assert!(names(folder.path()).is_empty());
        let missing = check(&folder.path().join("no/a.json")).unwrap_err().to_string();
        assert!(missing.contains("make its folder first"), "{missing}");
        let taken = check(folder.path()).unwrap_err().to_string();
        assert!(taken.contains("name a file in it"), "{taken}");
        let path = folder.path().join("kept.json");
        fs::write(&path, "old").unwrap();
        let mut rights = fs::metadata(&path).unwrap().permissions();
        rights.set_readonly(true);
        fs::set_permissions(&path, rights).unwrap();
        let protected = check(&path).unwrap_err().to_string();
        assert!(protected.contains("give yourself permission to write there"), "{protected}");
    }

    #[cfg(unix)]
    #[test]
    fn an_input_is_known_by_any_of_its_names() {
        let folder = tempfile::tempdir().unwrap();
        let [v, link, new] = ["v.npy", "link.npy", "new.npy"].map(|name| folder.path().join(name));
        fs::write(&v, "V").unwrap();
        std::os::unix::fs::symlink("v.npy", &link).unwrap();
        let round_about = folder.path().join("../").join(folder.path().file_name().unwrap());
        for name in [v.clone(), link.clone(), round_about.join("v.npy")] {
            let refusal = apart([&*name], [&*v]).unwrap_err().to_string();
            assert!(refusal.contains("overwrite this input"), "{refusal}");
        }
        let twice = apart([&*new, &*round_about.join("new.npy")], [&*v]).unwrap_err().to_string();
        assert!(twice.contains("two results"), "{twice}");
        let null = Path::new("/dev/null");
        apart([&*new, null, null], [&*v, null]).unwrap();
    }
}
