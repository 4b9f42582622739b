//! Writes tables of text with names, as pandas and R read them.

use std::path::Path;

use crate::error::Result;
use crate::output;

/// Writes `entries`, row by row, as a CSV file: an empty corner, the names of the columns, and each row after its name.
///
/// pandas reads it with `index_col=0`, R with `row.names=1`, and this program by the empty corner. Numbers are the
/// shortest that read back as the same f32.
///
/// # Errors
///
/// A file that cannot be written.
///
/// # Panics
///
/// If there is not one entry for every two names.
pub fn write_table(
    path: &Path,
    row_names: &[String],
    column_names: &[String],
    entries: &[f32],
) -> Result<()> {
    let columns = column_names.len();
    assert_eq!(entries.len(), row_names.len() * columns, "an entry for every row and column");
    output::write(path, |file| {
        let mut table = csv::Writer::from_writer(file);
        table.write_field("")?;
        table.write_record(column_names)?;
        for (name, row) in row_names.iter().zip(entries.chunks(columns.max(1))) {
            table.write_field(name)?;
            // Debug, unlike Display, writes 1e-20 in few letters.
            table.write_record(row.iter().map(|entry| format!("{entry:?}")))?;
        }
        table.flush()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matrix::{Matrix, ReadOptions};

    #[test]
    fn comes_back_with_its_names() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("w.csv");
        let names = |names: [&str; 2]| names.map(str::to_owned);
        let (rows, columns) = (names(["1", "a, \"b\""]), names(["part 1", "0"]));
        write_table(&path, &rows, &columns, &[1.0, 1e-20, 0.25, 3e9]).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text, ",part 1,0\n1,1.0,1e-20\n\"a, \"\"b\"\"\",0.25,3000000000.0\n");
        let matrix = Matrix::read(&path, ReadOptions::default()).unwrap();
        assert_eq!(matrix.entries().as_ref(), [1.0, 1e-20, 0.25, 3e9]);
        assert_eq!(
            (matrix.row_names(), matrix.column_names()),
            (Some(&rows[..]), Some(&columns[..]))
        );
    }
}
