//! Matrix Market files: coordinates of a sparse matrix, or all entries of a dense one by columns.
//!
//! R. F. Boisvert, R. Pozo, K. Remington: *The Matrix Market Exchange Formats: Initial Design*, NISTIR 5935, 1996.

use std::str::SplitAsciiWhitespace;

use super::options::ReadOptions;
use super::sparse::Triplet;
use super::{Input, Matrix, Sparse, checked};
use crate::error::{Error, Fault, Place, Result};

const BANNER: &[u8] = b"%%MatrixMarket";

const AGAIN: &str = "write the file again";

pub(super) fn is_mtx(bytes: &[u8]) -> bool {
    bytes.get(..BANNER.len()).is_some_and(|start| start.eq_ignore_ascii_case(BANNER))
}

pub(super) fn parse(name: &str, bytes: &[u8], _: ReadOptions) -> Result<Input> {
    let fault = |problem: String, remedy: &str| Error::format(name, problem, remedy);
    if !is_mtx(bytes) {
        let problem = "this is not a Matrix Market file".to_owned();
        return Err(fault(problem, "its first line begins with %%MatrixMarket"));
    }
    let text =
        str::from_utf8(bytes).map_err(|_| fault("this is not a file of text".to_owned(), AGAIN))?;
    let mut lines = (1..).zip(text.lines());
    let kind =
        Kind::parse(lines.next().map_or("", |(_, line)| line)).map_err(|it| fault(it.0, it.1))?;
    let mut lines =
        lines.filter(|(_, line)| !line.trim().is_empty() && !line.trim_start().starts_with('%'));
    let bad = |line: u64, what: &str| fault(format!("line {line} {what}"), AGAIN);
    let Some((line, sizes)) = lines.next() else {
        return Err(fault("the line with the sizes is missing".to_owned(), AGAIN));
    };
    let sizes: Option<Vec<usize>> =
        sizes.split_ascii_whitespace().map(|size| size.parse().ok()).collect();
    let (rows, cols, stored) = match (sizes.as_deref(), kind.coordinates) {
        (Some(&[rows, cols, stored]), true) => (rows, cols, Some(stored)),
        (Some(&[rows, cols]), false) => (rows, cols, None),
        _ => return Err(bad(line, "does not hold the sizes")),
    };
    if kind.symmetric && rows != cols {
        return Err(bad(line, "promises a symmetric matrix that is not square"));
    }
    Sparse::plausible(name, rows, cols, bytes.len())?;
    let Some(stored) = stored else {
        return dense(name, rows, cols, kind, lines).map(Input::Dense);
    };
    // A line of an entry has at least four bytes, so a count that lies sets aside no more than the file.
    let mut triplets: Vec<Triplet> = Vec::with_capacity(stored.min(bytes.len() / 4));
    let mut found = 0_usize;
    for (line, text) in lines {
        let mut words = text.split_ascii_whitespace();
        let mut side = |most: usize| {
            let index: usize = words.next()?.parse().ok()?;
            (1..=most).contains(&index).then(|| index as u32 - 1)
        };
        let (Some(row), Some(col)) = (side(rows), side(cols)) else {
            return Err(bad(line, &format!("holds no place in a {rows} x {cols} matrix")));
        };
        let value = kind.value(&mut words).ok_or_else(|| bad(line, "holds no number"))?;
        triplets.push((row, col, value));
        if kind.symmetric && row != col {
            triplets.push((col, row, value));
        }
        found += 1;
    }
    if found != stored {
        let problem = format!("{stored} entries are promised but {found} follow");
        return Err(fault(problem, "the file is cut off or damaged, so copy or write it again"));
    }
    Sparse::from_triplets(name, rows, cols, triplets).map(Input::Sparse)
}

/// All entries column by column; of a symmetric matrix, only those from the diagonal down.
fn dense<'a>(
    name: &str,
    rows: usize,
    cols: usize,
    kind: Kind,
    lines: impl Iterator<Item = (u64, &'a str)>,
) -> Result<Matrix> {
    let entry = |fault: Fault, row: usize, col: usize| Error::Entry {
        path: name.to_owned(),
        place: Place::Row(row + 1, col + 1),
        fault,
    };
    let wanted = |col: usize| if kind.symmetric { col..rows } else { 0..rows };
    let mut places = (0..cols).flat_map(|col| wanted(col).map(move |row| (row, col)));
    let mut columns: Vec<((usize, usize), f32)> = Vec::new();
    for (line, text) in lines {
        let value = kind.value(&mut text.split_ascii_whitespace());
        let (Some(value), Some((row, col))) = (value, places.next()) else {
            let problem = format!("line {line} holds no number, or one too many");
            return Err(Error::format(name, problem, AGAIN));
        };
        columns.push(((row, col), checked(value).map_err(|fault| entry(fault, row, col))?));
    }
    if places.next().is_some() {
        let problem = format!("{} entries are too few for {rows} x {cols}", columns.len());
        let remedy = "the file is cut off or damaged, so copy or write it again";
        return Err(Error::format(name, problem, remedy));
    }
    let mut entries = vec![0.0; rows * cols];
    for ((row, col), value) in columns {
        entries[row * cols + col] = value;
        if kind.symmetric {
            entries[col * cols + row] = value;
        }
    }
    Matrix::from_checked(name, rows, cols, entries)
}

/// Content of the first line.
#[derive(Debug, Clone, Copy)]
struct Kind {
    coordinates: bool,
    pattern: bool,
    symmetric: bool,
}

impl Kind {
    fn parse(line: &str) -> Result<Self, (String, &'static str)> {
        let line = line.to_ascii_lowercase();
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        let [_, "matrix", format, field, symmetry] = words[..] else {
            return Err(("the first line does not describe a matrix".to_owned(), AGAIN));
        };
        let unknown =
            |what: &str, remedy| Err((format!("a matrix that is {what} is not read"), remedy));
        if field == "complex" {
            return unknown(field, "write the absolute values");
        }
        if !matches!(field, "real" | "double" | "integer" | "unsigned-integer" | "pattern") {
            return unknown(field, "write it as real");
        }
        if !matches!(symmetry, "general" | "symmetric") {
            return unknown(
                symmetry,
                "NMF needs entries >= 0, and such a matrix has negative ones",
            );
        }
        if !matches!(format, "coordinate" | "array") || (format, field) == ("array", "pattern") {
            return unknown(format, "write it as coordinate or array");
        }
        Ok(Self {
            coordinates: format == "coordinate",
            pattern: field == "pattern",
            symmetric: symmetry == "symmetric",
        })
    }

    /// The number that ends a line; a pattern's entries are all 1.
    fn value(self, words: &mut SplitAsciiWhitespace<'_>) -> Option<f64> {
        let value = if self.pattern { Some(1.0) } else { words.next()?.parse().ok() };
        value.filter(|_| words.next().is_none())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Input> {
        parse("v.mtx", text.as_bytes(), ReadOptions::default())
    }

    fn sparse(text: &str) -> Sparse {
        let Input::Sparse(sparse) = read(text).unwrap() else { panic!("dense: {text}") };
        sparse
    }

    #[test]
    fn reads_coordinates_without_filling_in_zeros() {
        let it = sparse(
            "%%MatrixMarket matrix coordinate real general\n%\n3 2 3\n1 1 7\n3 1 1e1\n3 2 0.5\n",
        );
        assert_eq!((it.rows(), it.cols()), (3, 2));
        assert_eq!(
            (it.entries().starts(), it.entries().places()),
            (&[0, 1, 1, 3][..], &[0, 0, 1][..])
        );
        assert_eq!(it.entries().values(), [7.0, 10.0, 0.5]);
        assert_eq!(it.report(), "read 3 x 2 numbers from v.mtx: 3 of them above zero");
        let it = sparse("%%MatrixMarket matrix coordinate pattern symmetric\n2 2 2\n1 1\n2 1\n");
        assert_eq!((it.entries().places(), it.entries().values()), (&[0, 1, 0][..], &[1.0; 3][..]));
    }

    #[test]
    fn reads_arrays_column_by_column() {
        for (text, wanted) in [
            ("array integer general\n2 2\n1\n2\n3\n4\n", [1.0, 3.0, 2.0, 4.0]),
            ("array real symmetric\n2 2\n1\n2\n3\n", [1.0, 2.0, 2.0, 3.0]),
        ] {
            let Input::Dense(it) = read(&format!("%%MatrixMarket matrix {text}")).unwrap() else {
                panic!("sparse: {text}")
            };
            assert_eq!(*it.entries(), wanted);
        }
    }

    #[test]
    fn refuses_what_is_damaged_or_cannot_be_factorised() {
        for (text, wanted) in [
            ("coordinate complex general\n1 1 1\n1 1 1 2\n", "write the absolute values"),
            ("coordinate real skew-symmetric\n1 1 1\n1 1 1\n", "skew-symmetric is not read"),
            ("coordinate real general\n", "sizes is missing"),
            ("coordinate real general\n2 2\n1 1 1\n", "line 2 does not hold the sizes"),
            ("coordinate real general\n2 2 1\n3 1 1\n", "line 3 holds no place in a 2 x 2 matrix"),
            ("coordinate real general\n2 2 1\n0 1 1\n", "line 3 holds no place"),
            ("coordinate real general\n2 2 1\n1 1 x\n", "line 3 holds no number"),
            ("coordinate real general\n2 2 2\n1 1 1\n", "2 entries are promised but 1 follow"),
            (
                "coordinate real general\n2 2 1\n2 1 -1\n",
                "row 2, column 1 (counted from 1) is negative",
            ),
            ("coordinate real general\n9999999999 2 1\n2 1 1\n", "does not go with a file"),
            ("coordinate real symmetric\n3 2 1\n2 1 1\n", "not square"),
            ("array real general\n2 2\n1\n2\n3\n", "3 entries are too few for 2 x 2"),
            ("array real general\n1 2\n1\n2\n3\n", "line 5 holds no number, or one too many"),
            ("array real general\n16777216 16777216\n1\n", "too few"),
            (
                "array real general\n2 3\n1\n2\n3\n4\n5\n-6\n",
                "row 2, column 3 (counted from 1) is neg",
            ),
            ("array pattern general\n2 2\n", "a matrix that is array is not read"),
            ("band real general\n2 2\n1\n", "a matrix that is band is not read"),
        ] {
            let refusal = read(&format!("%%MatrixMarket matrix {text}")).unwrap_err().to_string();
            assert!(refusal.contains(wanted), "{text}: {refusal}");
        }
    }
}
