//! NumPy's `.npz` archives: one dense array, or a sparse matrix of SciPy.

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use zip::ZipArchive;

use super::npy::{self, Array};
use super::options::ReadOptions;
use super::source::LARGEST_FILE;
use super::sparse::Triplet;
use super::{Input, Sparse};
use crate::error::{Error, Result};

/// Deflate makes at most 1032 bytes of one, so an archive that claims more is damaged or hostile.
const LARGEST_RATIO: u64 = 1032;

const START: &[u8] = b"PK\x03\x04";

type Members = BTreeMap<String, Vec<u8>>;

/// Whether the bytes are an archive in which every file is a `.npy` file.
pub(super) fn is_npz(bytes: &[u8]) -> bool {
    let is_array = |name: Result<Cow<'_, str>, _>| name.is_ok_and(|name| name.ends_with(".npy"));
    let arrays = |archive: ZipArchive<_>| !archive.is_empty() && archive.file_names().all(is_array);
    bytes.starts_with(START) && ZipArchive::new(Cursor::new(bytes)).is_ok_and(arrays)
}

pub(super) fn parse(name: &str, bytes: &[u8], options: ReadOptions) -> Result<Input> {
    let members = unpack(name, bytes)?;
    if members.contains_key("format") && members.contains_key("data") {
        return sparse(name, &members, bytes.len()).map(Input::Sparse);
    }
    let arrays: Vec<(&String, Result<Array<'_>>)> =
        members.iter().map(|(member, bytes)| (member, Array::parse(name, bytes))).collect();
    let is_matrix =
        |it: &Result<Array<'_>>| it.as_ref().is_ok_and(|array| array.layout.shape.len() == 2);
    let all = arrays.len();
    let matrices = arrays.iter().filter(|(_, array)| is_matrix(array)).count();
    // The only array, whatever is wrong with it; or the only matrix among others.
    let chosen =
        arrays.into_iter().find(|(_, array)| all == 1 || (matrices == 1 && is_matrix(array)));
    let Some((member, array)) = chosen else {
        let list: Vec<&str> = members.keys().map(String::as_str).take(8).collect();
        let problem = format!("{matrices} of the {all} arrays are matrices ({})", list.join(", "));
        return Err(Error::format(name, problem, "save the one to factorise with numpy.save"));
    };
    let matrix = array?.matrix(name, options.missing)?;
    Ok(Input::Dense(matrix.with_notes([format!("array {member:?} of the archive")])))
}

/// The files of the archive by name, without the ending.
fn unpack(name: &str, bytes: &[u8]) -> Result<Members> {
    let fault = |problem: String| {
        Error::format(name, problem, "save it again with numpy.savez or scipy.sparse.save_npz")
    };
    let unreadable =
        |error: &dyn std::error::Error| fault(format!("the archive cannot be read ({error})"));
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| unreadable(&error))?;
    let mut members = Members::new();
    let mut left = LARGEST_FILE.min(LARGEST_RATIO * bytes.len() as u64);
    for index in 0..archive.len() {
        let file = archive.by_index(index).map_err(|error| unreadable(&error))?;
        let member = file.name().map_err(|error| unreadable(&error))?;
        let member = member.trim_end_matches(".npy").to_owned();
        let mut content = Vec::new();
        file.take(left + 1).read_to_end(&mut content).map_err(|error| unreadable(&error))?;
        left = left
            .checked_sub(content.len() as u64)
            .ok_or_else(|| fault("the archive unpacks to more than it can hold".to_owned()))?;
        members.insert(member, content);
    }
    if members.is_empty() { Err(fault("the archive is empty".to_owned())) } else { Ok(members) }
}

/// A matrix that `scipy.sparse.save_npz` wrote: by rows (csr), by columns (csc) or by coordinates (coo).
fn sparse(name: &str, members: &Members, bytes: usize) -> Result<Sparse> {
    let fault = |problem: String| {
        Error::format(name, problem, "save it again with scipy.sparse.save_npz(file, v.tocsr())")
    };
    let array = |member: &str| {
        let missing = || fault(format!("the array {member:?} of the sparse matrix is missing"));
        Array::parse(name, members.get(member).ok_or_else(missing)?)
    };
    let integers = |member: &str| -> Result<Vec<usize>> {
        // Negative and broken numbers become larger than any matrix.
        let index = |value: f64| if value >= 0.0 { value as usize } else { usize::MAX };
        Ok(array(member)?.values().map(index).collect())
    };
    let format = members.get("format").and_then(|bytes| npy::word(bytes)).unwrap_or_default();
    let shape = integers("shape")?;
    let [rows, cols] = shape[..] else {
        return Err(fault(format!("the sparse array has {} dimensions", shape.len())));
    };
    let unpacked = members.values().map(Vec::len).sum();
    Sparse::plausible(name, rows, cols, bytes.max(unpacked))?;
    let values = array("data")?;
    let count = values.values().count();
    let (major, minor) = match &*format {
        "csr" | "csc" => (expanded(&integers("indptr")?, count), integers("indices")?),
        "coo" if members.contains_key("row") => (Some(integers("row")?), integers("col")?),
        _ => return Err(fault(format!("the sparse format {format:?} is not read"))),
    };
    let Some(major) = major.filter(|it| (it.len(), minor.len()) == (count, count)) else {
        return Err(fault("the arrays of the sparse matrix do not fit together".to_owned()));
    };
    let narrow = |index: usize| u32::try_from(index).unwrap_or(u32::MAX);
    let triplet = |((major, minor), value): ((usize, usize), f64)| -> Triplet {
        let (row, column) = if format == "csc" { (minor, major) } else { (major, minor) };
        (narrow(row), narrow(column), value)
    };
    let triplets = major.into_iter().zip(minor).zip(values.values()).map(triplet).collect();
    Ok(Sparse::from_triplets(name, rows, cols, triplets)?.with_notes([format!("format {format}")]))
}

/// The row of each of `count` entries from where the rows start, or none if they do not ascend from 0 to `count`.
fn expanded(starts: &[usize], count: usize) -> Option<Vec<usize>> {
    if !starts.is_sorted() || starts.first() != Some(&0) || starts.last() != Some(&count) {
        return None;
    }
    let of = |(row, range): (usize, &[usize])| std::iter::repeat_n(row, range[1] - range[0]);
    Some(starts.windows(2).enumerate().flat_map(of).collect())
}
