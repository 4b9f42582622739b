//! The lines of a text table, cut into cells.

use csv::{Reader, ReaderBuilder, StringRecord};

/// Separator of two cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Separator {
    /// One character.
    Char(u8),
    /// Any number of blanks, which may be tabs.
    Blanks,
}

/// Line by line; comment lines (#) and blank lines are skipped.
pub(super) struct Rows<'a> {
    text: &'a str,
    lines: Lines<'a>,
    record: StringRecord,
    start: usize,
}

enum Lines<'a> {
    /// In the way of CSV: cells may be quoted.
    Separated(Box<Reader<&'a [u8]>>),
    /// From the byte at this offset.
    Blanks(usize),
}

impl<'a> Rows<'a> {
    pub(super) fn new(text: &'a str, separator: Separator) -> Self {
        let lines = match separator {
            Separator::Blanks => Lines::Blanks(0),
            Separator::Char(character) => Lines::Separated(Box::new(
                ReaderBuilder::new()
                    .delimiter(character)
                    .comment(Some(b'#'))
                    .has_headers(false)
                    .flexible(true)
                    .from_reader(text.as_bytes()),
            )),
        };
        Self { text, lines, record: StringRecord::new(), start: 0 }
    }

    /// The next line's cells, or none at the end.
    pub(super) fn next(&mut self) -> Option<&StringRecord> {
        loop {
            let more = match &mut self.lines {
                Lines::Separated(reader) => {
                    self.start = reader.position().byte() as usize;
                    // The text is UTF-8 and its lines may differ in length, so nothing is left that could fail.
                    reader.read_record(&mut self.record).unwrap_or(false)
                }
                Lines::Blanks(offset) => {
                    self.start = *offset;
                    let line = self.text[*offset..].split_inclusive('\n').next();
                    *offset += line.map_or(0, str::len);
                    self.record.clear();
                    let cells = line.filter(|line| !line.starts_with('#')).unwrap_or("");
                    tokens(cells).for_each(|cell| self.record.push_field(cell));
                    line.is_some()
                }
            };
            if !more {
                return None;
            }
            if self.record.len() > 1 || self.record.iter().any(|cell| !cell.trim().is_empty()) {
                return Some(&self.record);
            }
        }
    }

    /// The cells that the last [`Rows::next`] returned.
    pub(super) fn current(&self) -> &StringRecord {
        &self.record
    }

    /// The number of the line, from 1, on which the cells of the last [`Rows::next`] begin.
    pub(super) fn line(&self) -> u64 {
        line_of(self.text, self.start)
    }
}

/// The number, from 1, of the first line from `offset` on that is neither blank nor a comment.
fn line_of(text: &str, offset: usize) -> u64 {
    let offset = offset.min(text.len());
    let mut at = offset;
    for line in text[offset..].split_inclusive('\n') {
        if !line.trim().is_empty() && !line.starts_with('#') {
            break;
        }
        at += line.len();
    }
    text[..at].matches('\n').count() as u64 + 1
}

/// Cells between blanks; one in double quotes may hold blanks itself.
fn tokens(line: &str) -> impl Iterator<Item = &str> {
    let mut rest = line;
    std::iter::from_fn(move || {
        rest = rest.trim_start();
        let quoted = rest.strip_prefix('"').and_then(|rest| rest.split_once('"'));
        let (token, behind) = match quoted {
            Some(parts) => parts,
            None => rest.split_at(rest.find(char::is_whitespace).unwrap_or(rest.len())),
        };
        let more = !rest.is_empty();
        rest = behind;
        more.then_some(token)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str, separator: Separator) -> Vec<(u64, Vec<String>)> {
        let mut rows = Rows::new(text, separator);
        let mut all = Vec::new();
        while let Some(record) = rows.next() {
            let cells = record.iter().map(str::to_owned).collect();
            all.push((rows.line(), cells));
        }
        all
    }

    #[test]
    fn skips_comments_and_blank_lines_and_still_counts_them() {
        let text = "# a, b\r\n\r\n1,\"x, y\"\r\n# c\r\n   \r\n3,4\r\n";
        let wanted = [(3, ["1", "x, y"]), (6, ["3", "4"])];
        let found = all(text, Separator::Char(b','));
        assert_eq!(found.len(), 2);
        for ((line, cells), (wanted_line, wanted_cells)) in found.iter().zip(wanted) {
            assert_eq!((*line, &cells[..]), (wanted_line, &wanted_cells.map(str::to_owned)[..]));
        }
    }

    #[test]
    fn cuts_at_any_number_of_blanks_but_not_in_quotes() {
        let found = all("#x\n  1 \t 2.5\n\n\"a b\" \"\"  c\n", Separator::Blanks);
        assert_eq!(found[0], (2, vec!["1".into(), "2.5".into()]));
        assert_eq!(found[1], (4, vec!["a b".into(), String::new(), "c".into()]));
        assert_eq!(found.len(), 2);
        assert_eq!(all("\"open 1\n", Separator::Blanks)[0].1, ["\"open", "1"]);
    }
}
