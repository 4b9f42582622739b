//! MATLAB's `.mat` files of level 5 (versions 5 to 7): the only matrix of numbers in the file, full or sparse.
//!
//! MathWorks, *MAT-File Format*, level 5. What a file claims is checked against the bytes that are there.

mod element;
#[cfg(test)]
mod tests;

use self::element::{Cursor, Element, is_mat5};
use super::options::ReadOptions;
use super::{Collected, Entries, Input, Matrix, Sparse};
use crate::error::{Error, Place, Result};

const AGAIN: &str = "save it again in MATLAB with save(..., '-v7')";

/// Classes of arrays, and flags.
const SPARSE: u32 = 5;
const NUMBERS: std::ops::RangeInclusive<u32> = 6..=15;
const BYTES: u32 = 9;
const COMPLEX: u32 = 0x0800;

/// A variable in the file.
struct Variable<'a> {
    name: String,
    class: u32,
    complex: bool,
    sides: Vec<usize>,
    rest: Cursor<'a>,
}

pub(super) fn parse(name: &str, bytes: &[u8], options: ReadOptions) -> Result<Input> {
    let fault = |problem: String| Error::format(name, problem, AGAIN);
    if !is_mat5(bytes) {
        return Err(fault("this is not a .mat file of MATLAB 5 to 7".to_owned()));
    }
    let damaged = || fault("the file is cut off or damaged".to_owned());
    let content = element::unpacked(bytes).ok_or_else(damaged)?;
    let mut variables = Vec::new();
    for content in &content {
        variables.push(Variable::parse(content.cursor()).ok_or_else(damaged)?);
    }
    let all = variables.len();
    let named = variables.iter().filter(|it| it.is_matrix()).map(|it| it.name.clone());
    let names: Vec<String> = named.take(8).collect();
    let matrices = variables.iter().filter(|it| it.is_matrix()).count();
    let chosen = variables.into_iter().find(|it| it.is_matrix() && matrices == 1);
    let Some(variable) = chosen else {
        let problem = format!(
            "{matrices} of the {all} variables are matrices of numbers ({})",
            names.join(", ")
        );
        return Err(Error::format(name, problem, "save the one to factorise alone"));
    };
    if variable.complex {
        let problem = format!("the variable {:?} holds complex numbers", variable.name);
        return Err(Error::format(name, problem, "save their absolute values, abs(v)"));
    }
    let note = format!("variable {:?} of the file", variable.name);
    if variable.class == SPARSE {
        return Ok(Input::Sparse(variable.sparse(name, bytes.len(), damaged)?.with_notes([note])));
    }
    Ok(Input::Dense(variable.dense(name, options.missing, damaged)?.with_notes([note])))
}

impl<'a> Variable<'a> {
    /// The variable in a matrix element; none if the element is not laid out as one.
    fn parse(mut rest: Cursor<'a>) -> Option<Self> {
        let flags = *rest.next()?.values()?.first()? as u32;
        let (class, complex) = (flags & 0xff, flags & COMPLEX != 0);
        // Text, structures and objects are nothing to factorise, and the latter are laid out in other ways.
        if class != SPARSE && !NUMBERS.contains(&class) {
            return Some(Self { name: String::new(), class, complex, sides: Vec::new(), rest });
        }
        let sides = rest.next()?.values()?;
        let sides = sides.iter().map(|side| *side as usize).collect();
        let letters = rest.next()?;
        let name = letters.bytes.iter().filter(|it| **it != 0).map(|it| char::from(*it)).collect();
        Some(Self { name, class, complex, sides, rest })
    }

    /// Whether it is numbers in rows and columns, more than one of each.
    fn is_matrix(&self) -> bool {
        matches!(self.sides[..], [rows, columns] if rows > 1 && columns > 1)
    }

    fn dense(
        mut self,
        name: &str,
        accepts_missing: bool,
        damaged: impl Fn() -> Error,
    ) -> Result<Matrix> {
        let (rows, cols) = (self.sides[0], self.sides[1]);
        let count = rows.checked_mul(cols);
        let element: Element<'_> = self.rest.next().ok_or_else(&damaged)?;
        let values = element.values().filter(|it| Some(it.len()) == count).ok_or_else(&damaged)?;
        let by_rows = (0..rows).flat_map(|row| (0..cols).map(move |col| (row, col)));
        let mut missing = Vec::new();
        let entries: Entries = if self.class == BYTES {
            by_rows.map(|(row, col)| values[col * rows + row] as u8).collect::<Vec<u8>>().into()
        } else {
            let mut collected = Collected::new(rows * cols, accepts_missing);
            for (row, col) in by_rows {
                collected.set(row * cols + col, values[col * rows + row]).map_err(|fault| {
                    let place = Place::Row(row + 1, col + 1);
                    Error::Entry { path: name.to_owned(), place, fault }
                })?;
            }
            let (entries, unknown) = collected.finish();
            missing = unknown;
            entries.into()
        };
        Matrix::from_known(name, rows, cols, entries, missing)
    }

    fn sparse(mut self, name: &str, bytes: usize, damaged: impl Fn() -> Error) -> Result<Sparse> {
        let (rows, cols) = (self.sides[0], self.sides[1]);
        Sparse::plausible(name, rows, cols, bytes)?;
        let mut next = || self.rest.next().and_then(|it| it.values()).ok_or_else(&damaged);
        let (row, starts, values) = (next()?, next()?, next()?);
        let ascend = starts.is_sorted() && starts.len() == cols + 1 && starts[0] == 0.0;
        let count = starts.last().map_or(0, |count| *count as usize);
        // MATLAB may set aside room for more entries than there are.
        if !ascend || count > row.len() || count > values.len() {
            return Err(damaged());
        }
        let mut triplets = Vec::with_capacity(count);
        for (col, range) in starts.windows(2).enumerate() {
            for at in range[0] as usize..range[1] as usize {
                triplets.push((row[at] as u32, col as u32, values[at]));
            }
        }
        Sparse::from_triplets(name, rows, cols, triplets)
    }
}
