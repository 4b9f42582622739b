//! The sparse matrix: only entries that are not zero are stored, by rows (compressed sparse row, CSR).

use super::dense::{report, something};
use super::{Matrix, checked};
use crate::error::{Error, Place, Result};
use crate::sparse::Compressed;

/// A matrix of which every stored entry is finite and >= 0 and at least one is well above 0.
#[derive(Debug, Clone, PartialEq)]
pub struct Sparse {
    name: String,
    entries: Compressed,
    notes: Vec<String>,
}

/// An entry with its row and column, counted from 0.
pub(super) type Triplet = (u32, u32, f64);

/// Rows or columns that a file may promise beyond its own length: empty ones cost no more memory than this.
const SPARE_SIDE: usize = 1 << 24;

impl Sparse {
    /// The matrix of entries in any order; those of the same place are added, as SciPy does.
    ///
    /// # Errors
    ///
    /// An entry that NMF cannot use, or a place outside `rows` × `cols`, both counted from 1; a matrix in which
    /// there is nothing to factorise.
    pub(super) fn from_triplets(
        name: &str,
        rows: usize,
        cols: usize,
        mut triplets: Vec<Triplet>,
    ) -> Result<Self> {
        triplets.sort_by_key(|(row, column, _)| (*row, *column));
        let given = triplets.len();
        triplets.dedup_by(|next, first| {
            let same = (next.0, next.1) == (first.0, first.1);
            first.2 += if same { next.2 } else { 0.0 };
            same
        });
        let mut starts = vec![0; rows + 1];
        let mut columns = Vec::with_capacity(triplets.len());
        let mut values = Vec::with_capacity(triplets.len());
        for (row, column, value) in &triplets {
            let (i, j) = (*row as usize, *column as usize);
            if i >= rows || j >= cols {
                let place = Place::Row(i + 1, j + 1);
                let problem =
                    format!("an entry at {place} lies outside the {rows} x {cols} matrix");
                return Err(Error::format(name, problem, "write the file again"));
            }
            let value = checked(*value).map_err(|fault| Error::Entry {
                path: name.to_owned(),
                place: Place::Row(i + 1, j + 1),
                fault,
            })?;
            if value > 0.0 {
                starts[i + 1] += 1;
                columns.push(*column);
                values.push(value);
            }
        }
        for row in 0..rows {
            starts[row + 1] += starts[row];
        }
        something(name, rows, cols, values.iter().copied().fold(0.0, f32::max))?;
        let added = given - triplets.len();
        let mut notes = vec![format!("{} of them above zero", values.len())];
        if added > 0 {
            notes.push(format!("{added} that share a place with another added to it"));
        }
        let entries = Compressed::new(cols, starts, columns, values)?;
        Ok(Self { name: name.to_owned(), entries, notes })
    }

    /// Refuses a shape that the file cannot mean, before memory is set aside for it.
    pub(super) fn plausible(name: &str, rows: usize, cols: usize, bytes: usize) -> Result<()> {
        if rows.max(cols) <= SPARE_SIDE.max(bytes) {
            return Ok(());
        }
        let problem = format!("the shape {rows} x {cols} does not go with a file of {bytes} bytes");
        Err(Error::format(
            name,
            problem,
            "the file is cut off or damaged, so copy or save it again",
        ))
    }

    /// With more remarks on how the file was read.
    #[cfg(any(feature = "mat", feature = "npz"))]
    pub(super) fn with_notes(mut self, notes: impl IntoIterator<Item = String>) -> Self {
        self.notes.extend(notes);
        self
    }

    /// The path that the matrix was read from.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Number of rows, m.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.entries.len()
    }

    /// Number of columns, n.
    #[must_use]
    pub fn cols(&self) -> usize {
        self.entries.width()
    }

    /// Number of stored entries; all are above zero.
    #[must_use]
    pub fn stored(&self) -> usize {
        self.entries.stored()
    }

    /// The stored entries, by rows.
    #[must_use]
    pub fn entries(&self) -> &Compressed {
        &self.entries
    }

    /// The stored entries, by rows, without a copy.
    #[must_use]
    pub fn into_entries(self) -> Compressed {
        self.entries
    }

    /// One line that tells what was read.
    #[must_use]
    pub fn report(&self) -> String {
        report(&self.name, [self.rows(), self.cols()], &self.notes)
    }

    /// All entries, if they are at most `most`.
    ///
    /// # Errors
    ///
    /// More than `most` entries; the sentence tells how many.
    pub fn to_dense(&self, most: usize) -> Result<Matrix> {
        let (rows, cols) = (self.rows(), self.cols());
        let count = rows.checked_mul(cols).filter(|count| *count <= most);
        let Some(count) = count else {
            let stored = self.stored();
            let problem = format!(
                "this sparse matrix is {rows} x {cols} (entries above zero: {stored}), \
                 and this command works on all entries, zeros included, of at most {most}"
            );
            return Err(Error::format(&self.name, problem, "select fewer rows or columns"));
        };
        let mut entries = vec![0.0; count];
        for (index, row) in entries.chunks_exact_mut(cols).enumerate() {
            self.entries.slice(index).for_each(|(column, value)| row[column] = value);
        }
        let matrix = Matrix::from_checked(&self.name, rows, cols, entries)?;
        Ok(matrix.with_notes(self.notes.iter().cloned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stores_by_rows_what_is_above_zero() {
        let triplets = vec![(2, 1, 5.0), (0, 3, 1.0), (0, 0, 2.0), (2, 1, 1.5), (1, 1, 0.0)];
        let it = Sparse::from_triplets("v", 3, 4, triplets).unwrap();
        assert_eq!((it.name(), it.rows(), it.cols(), it.stored()), ("v", 3, 4, 3));
        assert_eq!(it.entries().starts(), [0, 2, 2, 3]);
        assert_eq!(it.entries().places(), [0, 3, 1]);
        assert_eq!(it.entries().values(), [2.0, 1.0, 6.5]);
        let dense = it.to_dense(12).unwrap();
        assert_eq!(*dense.entries(), [2.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 6.5, 0.0, 0.0]);
        assert_eq!(
            it.report(),
            "read 3 x 4 numbers from v: 3 of them above zero, 1 that share a place with another added to it"
        );
        let large = it.to_dense(11).unwrap_err().to_string();
        assert!(large.contains("3 x 4 (entries above zero: 3)"), "{large}");
    }

    #[test]
    fn refuses_places_and_entries_that_cannot_be_counted_from_one() {
        let refusal =
            |triplet| Sparse::from_triplets("v", 2, 2, vec![triplet]).unwrap_err().to_string();
        assert!(
            refusal((2, 0, 1.0))
                .contains("row 3, column 1 (counted from 1) lies outside the 2 x 2")
        );
        assert!(refusal((1, 0, -1.0)).contains("row 2, column 1 (counted from 1) is negative"));
        assert!(refusal((1, 0, 0.0)).contains("every entry is zero"));
        assert!(Sparse::plausible("v", 1 << 25, 2, 70).is_err());
        assert!(Sparse::plausible("v", 1 << 24, 2, 70).is_ok());
    }
}
