//! Writes `.npy` files.

use std::io::{self, Write};
use std::path::Path;

use super::header::MAGIC;
use crate::error::Result;
use crate::output;

/// Writes `rows` × `cols` `entries`, row by row, as a `.npy` file of f32 that `numpy.load` reads.
///
/// # Errors
///
/// A file that cannot be written.
///
/// # Panics
///
/// If there are not `rows * cols` entries.
pub fn write_npy(path: &Path, rows: usize, cols: usize, entries: &[f32]) -> Result<()> {
    assert_eq!(entries.len(), rows * cols, "entries of a {rows} x {cols} matrix");
    output::write(path, |file| write_to(file, rows, cols, entries))
}

fn write_to(file: &mut dyn Write, rows: usize, cols: usize, entries: &[f32]) -> io::Result<()> {
    let header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({rows}, {cols}), }}");
    // The entries start at a multiple of 64 bytes; ten bytes precede the header and a newline ends it.
    let length = (header.len() + 11).next_multiple_of(64) - 10;
    file.write_all(MAGIC)?;
    file.write_all(&[1, 0])?;
    file.write_all(&u16::try_from(length).unwrap_or(u16::MAX).to_le_bytes())?;
    writeln!(file, "{header:<width$}", width = length - 1)?;
    entries.iter().try_for_each(|entry| file.write_all(&entry.to_le_bytes()))
}
