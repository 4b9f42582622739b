//! A first look at the whole table: what its lines have in common, before a number is read.

use csv::StringRecord;

use super::number::{Comma, Kind, comma};
use super::rows::{Rows, Separator};

/// Common properties of a table's lines.
#[derive(Debug, Default)]
pub(super) struct Survey {
    /// The first line's cells, without blanks around them.
    pub first: Vec<String>,
    /// The number of the first line.
    pub first_line: u64,
    /// The second line's cells.
    pub second: Vec<String>,
    /// Lines after the first.
    pub rest: usize,
    /// Cells of the second line.
    pub width: usize,
    /// The number of the second line.
    pub second_line: u64,
    /// Number and cells of the first line that is not as wide as the second.
    pub ragged: Option<(u64, usize)>,
    /// Empty cells at the end that all lines after the first have in common.
    pub trailing: usize,
    /// The first cells of the lines after the first.
    pub lead: Lead,
    /// Meaning of commas inside numbers.
    pub commas: Commas,
}

/// The first column without its first cell.
#[derive(Debug, Default)]
pub(super) struct Lead {
    /// The numbers in it.
    pub numbers: Vec<f64>,
    /// How many cells are names.
    pub names: usize,
    /// How many cells are missing.
    pub missing: usize,
}

/// Where a comma inside a number was seen first, by what it tells: line and cell.
#[derive(Debug, Default)]
pub(super) struct Commas {
    pub decimal: Option<(u64, String)>,
    pub thousands: Option<(u64, String)>,
    pub points: Option<(u64, String)>,
    pub unclear: Option<(u64, String)>,
}

impl Survey {
    pub(super) fn of(text: &str, separator: Separator) -> Self {
        let mut survey = Self::default();
        let mut rows = Rows::new(text, separator);
        let Some(first) = rows.next() else { return survey };
        survey.first = first.iter().map(|cell| cell.trim().to_owned()).collect();
        survey.first_line = rows.line();
        let has_commas = text.contains(',');
        while let Some(record) = rows.next() {
            let (width, trailing) = (record.len(), trailing(record));
            survey.lead.add(record.get(0).unwrap_or("").trim());
            if has_commas {
                let found = record.iter().find_map(|cell| survey.commas.news(cell.trim()));
                if let Some((kind, cell)) = found {
                    survey.commas.add(kind, rows.line(), cell);
                }
            }
            if survey.rest == 0 {
                let second = rows.current();
                survey.second = second.iter().map(|cell| cell.trim().to_owned()).collect();
                (survey.width, survey.trailing) = (width, trailing);
                survey.second_line = rows.line();
            } else if width != survey.width && survey.ragged.is_none() {
                survey.ragged = Some((rows.line(), width));
            }
            survey.trailing = survey.trailing.min(trailing);
            survey.rest += 1;
        }
        if has_commas {
            // Names in a first line are no numbers with commas, so the line may be looked at, too.
            let cells = std::mem::take(&mut survey.first);
            for cell in &cells {
                if let Some((kind, cell)) = survey.commas.news(cell) {
                    survey.commas.add(kind, survey.first_line, cell);
                }
            }
            survey.first = cells;
        }
        survey
    }
}

/// How many cells at the end are empty.
fn trailing(record: &StringRecord) -> usize {
    let empty = |index: &usize| record.get(*index).is_some_and(|cell| cell.trim().is_empty());
    (0..record.len()).rev().take_while(empty).count()
}

impl Lead {
    fn add(&mut self, cell: &str) {
        match Kind::of(cell) {
            Kind::Number(value) => self.numbers.push(value),
            Kind::Missing => self.missing += 1,
            Kind::Name => self.names += 1,
        }
    }
}

impl Commas {
    /// Meaning of the comma of `cell`, if it is not yet known.
    fn news(&self, cell: &str) -> Option<(Comma, String)> {
        let kind = comma(cell)?;
        let known = match kind {
            Comma::Decimal => &self.decimal,
            Comma::Thousands => &self.thousands,
            Comma::Points => &self.points,
            Comma::Unclear => &self.unclear,
        };
        known.is_none().then(|| (kind, cell.to_owned()))
    }

    fn add(&mut self, kind: Comma, line: u64, cell: String) {
        let slot = match kind {
            Comma::Decimal => &mut self.decimal,
            Comma::Thousands => &mut self.thousands,
            Comma::Points => &mut self.points,
            Comma::Unclear => &mut self.unclear,
        };
        slot.get_or_insert((line, cell));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sees_what_the_lines_have_in_common() {
        let survey = Survey::of("a,b,\nx,2,\n7,\"0,5\",\n,\"1,042\",,\n", Separator::Char(b','));
        assert_eq!(survey.first, ["a", "b", ""]);
        assert_eq!(survey.second, ["x", "2", ""]);
        assert_eq!((survey.rest, survey.width, survey.trailing), (3, 3, 1));
        assert_eq!(survey.ragged, Some((4, 4)));
        assert_eq!((survey.lead.names, survey.lead.missing), (1, 1));
        assert_eq!(survey.lead.numbers, [7.0]);
        assert_eq!(survey.commas.decimal, Some((3, "0,5".to_owned())));
        assert_eq!(survey.commas.unclear, Some((4, "1,042".to_owned())));
        assert_eq!(survey.commas.thousands, None);
        assert_eq!(Survey::of("", Separator::Blanks).rest, 0);
    }
}
