//! Real matrices to measure on.

use std::path::{Path, PathBuf};

use tinynmf::digits;
use tinynmf::error::{Error, Result};
use tinynmf::matrix::{Matrix, ReadOptions, format};
use tinynmf::text::{one_line, shown};

/// The bundled digits, and every other matrix in the folder, by name.
///
/// # Errors
///
/// A folder that cannot be read, that has no file of a known format, or one that is no matrix to factorise.
pub fn matrices(folder: Option<(&Path, ReadOptions)>) -> Result<Vec<Matrix>> {
    let mut all = vec![digits::all()];
    let Some((folder, options)) = folder else { return Ok(all) };
    let entries = std::fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let entries = entries.map_err(|source| Error::read(folder, source))?;
    let mut paths: Vec<PathBuf> = entries.iter().map(std::fs::DirEntry::path).collect();
    paths.retain(|path| format::is_known(path));
    paths.sort();
    if paths.is_empty() {
        let problem = format!("{} holds no {} file", shown(folder), format::endings("or"));
        return Err(Error::argument("--data", problem, "name a folder with matrices"));
    }
    for path in paths {
        let matrix = Matrix::read(&path, options)?;
        if matrix.rows() != all[0].rows() || matrix.entries() != all[0].entries() {
            all.push(matrix);
        }
    }
    Ok(all)
}

/// The file's name without its ending, cut to a table's width.
#[must_use]
pub fn short_name(matrix: &Matrix) -> String {
    let stem = Path::new(matrix.name()).file_stem().unwrap_or_default();
    one_line(&stem.to_string_lossy()).chars().take(17).collect()
}
