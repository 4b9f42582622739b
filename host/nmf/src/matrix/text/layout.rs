//! Which line and which column of a table are names, and how its numbers are written.

use super::names::{Verdict, header, index};
use super::number::Decimal;
use super::survey::Survey;
use crate::error::{Error, Result};
use crate::matrix::options::{Choice, ReadOptions};
use crate::text::one_line;

/// Layout of a table: names, numbers and where they begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Layout {
    /// Whether the first line holds column names.
    pub header: bool,
    /// Whether the first column holds row names.
    pub index: bool,
    /// Whether the header lacks a cell above the row names.
    pub short: bool,
    /// Numbers in a row.
    pub columns: usize,
    /// Empty cells at the end of every row, which are left out.
    pub empty: usize,
    /// How numbers are written.
    pub decimal: Decimal,
}

impl Layout {
    /// Decides what is certain or was said in `options`, and refuses to guess the rest.
    pub(super) fn of(name: &str, survey: &Survey, options: ReadOptions) -> Result<Self> {
        let ragged = |line: u64, cells: usize, first: u64, wanted: usize| {
            let problem = format!("line {line} has {cells} cells but line {first} has {wanted}");
            Err(Error::format(name, problem, "every row of a matrix has the same length"))
        };
        let (first, width) = (survey.first.len(), survey.width);
        if let Some((line, cells)) = survey.ragged {
            let twin = if first == width { survey.first_line } else { survey.second_line };
            return ragged(line, cells, twin, width);
        }
        let alone = survey.rest == 0;
        let first_empty = survey.first.iter().rev().take_while(|cell| cell.is_empty()).count();
        // Empty cells at the end of all lines, as many as there are; a first cell is never one of them.
        let common = if alone { first_empty } else { first_empty.min(survey.trailing) };
        let (mut short, mut empty, mut kept) = (false, 0, first);
        if alone || first == width {
            empty = common.min(first.saturating_sub(1));
            kept = first - empty;
        } else if first + 1 == width && survey.trailing == 0 && options.index != Choice::No {
            short = true;
        } else if first < width && width - first <= survey.trailing {
            empty = width - first;
        } else if first > width && first - width <= first_empty {
            kept = width;
        } else {
            return ragged(survey.second_line, width, survey.first_line, first);
        }
        let cells = &survey.first[..kept];
        let is_header = header(cells, survey, short, options);
        // Only names can be one fewer or more than the cells of a row.
        if first != width && !alone && is_header == Verdict::No {
            return ragged(survey.second_line, width, survey.first_line, first);
        }
        let is_index = index(cells, survey, short, is_header, options);
        let (header, index) = decided(name, survey, is_header, is_index)?;
        // A text without cells has no column to take as row names.
        let columns = (kept + usize::from(short)).saturating_sub(usize::from(index));
        let decimal = decimal(name, survey)?;
        Ok(Self { header, index, short, columns, empty, decimal })
    }

    /// Cells of every row, the empty ones at the end included.
    pub(super) fn width(&self) -> usize {
        usize::from(self.index) + self.columns + self.empty
    }

    /// Decisions about the layout, as sentences for the user.
    pub(super) fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        match (self.header, self.index) {
            (true, true) => {
                notes.push("first line taken as column names".to_owned());
                notes.push("first column as row names".to_owned());
            }
            (true, false) => notes.push("first line taken as column names".to_owned()),
            (false, true) => notes.push("first column taken as row names".to_owned()),
            (false, false) => {}
        }
        match self.empty {
            0 => {}
            1 => notes.push("the empty last column left out".to_owned()),
            more => notes.push(format!("the {more} empty last columns left out")),
        }
        match self.decimal {
            Decimal::Point => {}
            Decimal::Comma => notes.push("commas taken as decimal commas".to_owned()),
            Decimal::Thousands => notes.push("commas taken as thousands separators".to_owned()),
            Decimal::Points => {
                let what = "commas taken as decimal commas, points as thousands separators";
                notes.push(what.to_owned());
            }
        }
        notes
    }
}

/// Both verdicts as facts, or the refusal that tells how to settle them.
fn decided(name: &str, survey: &Survey, header: Verdict, index: Verdict) -> Result<(bool, bool)> {
    const HEADER: &str = "--header yes or --header no";
    const INDEX: &str = "--index yes or --index no";
    let line = format!("line {} ({})", survey.first_line, shown(&survey.first));
    let column: Vec<&String> =
        survey.first.first().into_iter().chain(survey.second.first()).collect();
    let column = format!("the first column ({})", shown(&column));
    let (place, remedy) = match (header, index) {
        (Verdict::Unclear, Verdict::Unclear) => {
            (format!("{line} and {column}"), format!("say {HEADER}, and {INDEX}"))
        }
        (Verdict::Unclear, _) => (line, format!("say {HEADER}")),
        (_, Verdict::Unclear) => (column, format!("say {INDEX}")),
        (header, index) => return Ok((header == Verdict::Yes, index == Verdict::Yes)),
    };
    Err(Error::format(name, format!("{place} can be names or numbers of the matrix"), remedy))
}

/// The first few cells as a person would quote them.
fn shown(cells: &[impl AsRef<str>]) -> String {
    const FEW: usize = 5;
    let short = |cell: &str| one_line(&cell.chars().take(20).collect::<String>());
    let mut list: Vec<String> = cells.iter().take(FEW).map(|cell| short(cell.as_ref())).collect();
    if cells.len() > FEW {
        list.push("...".to_owned());
    }
    list.join(", ")
}

/// How numbers are written, if the commas in them leave no doubt.
fn decimal(name: &str, survey: &Survey) -> Result<Decimal> {
    let commas = &survey.commas;
    let doubtful = match (commas.points.as_ref().or(commas.decimal.as_ref()), &commas.thousands) {
        (Some(_), None) if commas.points.is_some() => return Ok(Decimal::Points),
        (None, None) => commas.unclear.as_ref(),
        (Some(_), None) => return Ok(Decimal::Comma),
        (None, Some(_)) => return Ok(Decimal::Thousands),
        (Some(decimal), Some(_)) => Some(decimal),
    };
    let Some((line, cell)) = doubtful else { return Ok(Decimal::Point) };
    let problem =
        format!("{cell:?} in line {line} has a comma that can separate thousands or decimals");
    let remedy = "write the numbers without thousands separators and with a point for decimals";
    Err(Error::format(name, problem, remedy))
}
