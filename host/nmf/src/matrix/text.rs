//! Text tables: separated by tabs, semicolons, commas or blanks, with or without names.

mod decode;
mod dialect;
mod layout;
pub(super) mod names;
mod number;
mod rows;
mod survey;
#[cfg(test)]
mod tests;

use self::layout::Layout;
use self::number::{Kind, number};
use self::rows::Rows;
use self::survey::Survey;
use super::options::ReadOptions;
use super::{Input, Matrix, checked};
use crate::error::{Error, MISSING, Place, Result};

pub(super) fn parse(name: &str, bytes: &[u8], options: ReadOptions) -> Result<Input> {
    let (text, encoding) = decode::text(name, bytes)?;
    let (said, text) = dialect::said(&text);
    let separator = said.unwrap_or_else(|| dialect::separator(text));
    let survey = Survey::of(text, separator);
    let layout = Layout::of(name, &survey, options)?;
    let mut rows = Rows::new(text, separator);
    if layout.header {
        rows.next();
    }
    let (mut entries, mut missing) = (Vec::new(), Vec::new());
    let mut row_names = Vec::new();
    let mut row = 0;
    while rows.next().is_some() {
        row += 1;
        let record = rows.current();
        // The survey saw lines of one width; only a header may differ.
        debug_assert_eq!(record.len(), layout.width());
        let mut cells = record.iter().map(str::trim).take(record.len() - layout.empty);
        if layout.index {
            row_names.push(cells.next().unwrap_or("").to_owned());
        }
        for (column, cell) in cells.enumerate() {
            let value = number(cell, layout.decimal).map(checked);
            if let Some(Ok(value)) = value {
                entries.push(value);
                continue;
            }
            if options.missing && Kind::of(cell) == Kind::Missing {
                missing.push(entries.len());
                entries.push(0.0);
                continue;
            }
            // Columns are counted as the file has them, row names included.
            let column = column + 1 + usize::from(layout.index);
            let place = Place::Line(row, column, rows.line());
            return Err(match value {
                Some(Err(fault)) => Error::Entry { path: name.to_owned(), place, fault },
                _ => refusal(name, cell, place, &layout),
            });
        }
    }
    let columns = layout.columns;
    let matrix = Matrix::from_known(name, row, columns, entries, missing)?;
    let column_names = layout.header.then(|| column_names(&survey, &layout));
    let comments = comments(text);
    let notes = layout.notes().into_iter().chain(comments).chain(encoding);
    Ok(Input::Dense(
        matrix.with_names(layout.index.then_some(row_names), column_names).with_notes(notes),
    ))
}

/// The names in the first line that stand above numbers.
fn column_names(survey: &Survey, layout: &Layout) -> Vec<String> {
    let corner = usize::from(layout.index && !layout.short);
    survey.first.iter().skip(corner).take(layout.columns).cloned().collect()
}

/// How many lines are comments, if any.
fn comments(text: &str) -> Option<String> {
    match text.lines().filter(|line| line.starts_with('#')).count() {
        0 => None,
        1 => Some("1 line that begins with # left out".to_owned()),
        more => Some(format!("{more} lines that begin with # left out")),
    }
}

/// Why a cell is no number, and what helps.
fn refusal(name: &str, cell: &str, place: Place, layout: &Layout) -> Error {
    let shown: String = cell.chars().take(40).collect();
    let problem = |what: String| format!("the cell at {place} {what}");
    if Kind::of(cell) == Kind::Missing {
        let what =
            if cell.is_empty() { "is empty".to_owned() } else { format!("is missing ({shown:?})") };
        return Error::format(name, problem(what), MISSING);
    }
    let first = matches!(place, Place::Line(_, 1, _)) && !layout.index;
    let remedy = match Kind::of(cell) {
        Kind::Number(_) => {
            "write all numbers of the table in the same way, with a point for decimals"
        }
        _ if first => "correct it, or say --index yes if the first column holds row names",
        _ => "correct it, or leave out its row or column",
    };
    Error::format(name, problem(format!("is not a number ({shown:?})")), remedy)
}
