//! Text tables: separated by commas, semicolons or tabs, with or without a line of names on top.

use csv::{ReaderBuilder, StringRecord};

use super::{Matrix, checked};
use crate::error::{Error, Place, Result};

/// A comma may also be a decimal comma, so it comes last.
const SEPARATORS: [char; 3] = ['\t', ';', ','];

pub(super) fn parse(name: &str, bytes: &[u8]) -> Result<Matrix> {
    let text = text(name, bytes)?;
    let mut reader = ReaderBuilder::new()
        .delimiter(separator(text))
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut entries = Vec::new();
    let mut first = None;
    for (k, record) in reader.records().enumerate() {
        // The text is UTF-8 and its lines may differ in length, so nothing is left that could fail.
        let record =
            record.map_err(|error| Error::format(name, error.to_string(), "mend the file"))?;
        if is_blank(&record) || (k == 0 && is_header(&record)) {
            continue;
        }
        let &mut (first_line, cols) =
            first.get_or_insert_with(|| (line(text, &record), record.len()));
        if record.len() != cols {
            let (line, found) = (line(text, &record), record.len());
            let problem = format!("line {line} has {found} cells but line {first_line} has {cols}");
            return Err(Error::format(name, problem, "every row of a matrix has the same length"));
        }
        let row = entries.len() / cols.max(1) + 1;
        for (col, cell) in record.iter().enumerate() {
            let place = || Place::Line(row, col + 1, line(text, &record));
            entries.push(entry(name, cell.trim(), place)?);
        }
    }
    let cols = first.map_or(0, |(_, cols)| cols);
    let rows = entries.len().checked_div(cols).unwrap_or(0);
    Matrix::from_checked(name, rows, cols, entries)
}

fn text<'a>(name: &str, bytes: &'a [u8]) -> Result<&'a str> {
    let text = str::from_utf8(bytes).map_err(|error| {
        let line = line_at(bytes, error.valid_up_to());
        Error::format(
            name,
            format!("line {line} is not UTF-8 text"),
            "save the table as CSV in UTF-8",
        )
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// The separator that the first line holds.
fn separator(text: &str) -> u8 {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or("");
    SEPARATORS.into_iter().find(|&separator| first.contains(separator)).unwrap_or(',') as u8
}

/// A line with nothing in it but white space.
fn is_blank(record: &StringRecord) -> bool {
    record.len() == 1 && record[0].trim().is_empty()
}

/// A line of names: not one of its cells is a number.
fn is_header(record: &StringRecord) -> bool {
    !record.iter().any(|cell| parses(cell) || parses(&cell.replacen(',', ".", 1)))
}

fn parses(cell: &str) -> bool {
    cell.trim().parse::<f64>().is_ok()
}

/// The line, from 1, on which a record starts; the reader itself counts from the blank lines before it.
fn line(text: &str, record: &StringRecord) -> u64 {
    let start = record.position().map_or(0, |position| position.byte() as usize);
    let blank = text[start..].bytes().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
    line_at(text.as_bytes(), start + blank)
}

/// The line, from 1, of the byte at `offset`.
fn line_at(bytes: &[u8], offset: usize) -> u64 {
    bytes[..offset].split(|&byte| byte == b'\n').count() as u64
}

fn entry(name: &str, cell: &str, place: impl Fn() -> Place) -> Result<f32> {
    let fault = |problem: String, remedy| {
        Err(Error::format(name, format!("the cell at {} {problem}", place()), remedy))
    };
    if cell.is_empty() {
        return fault("is empty".to_owned(), "fill it, with 0 for nothing");
    }
    let Ok(value) = cell.parse() else {
        let shown: String = cell.chars().take(40).collect();
        let remedy = if parses(&cell.replacen(',', ".", 1)) {
            "use a point for decimals"
        } else {
            "replace it, or remove its line or column"
        };
        return fault(format!("is not a number ({shown:?})"), remedy);
    };
    checked(value).map_err(|fault| Error::Entry { path: name.to_owned(), place: place(), fault })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (usize, usize, Vec<f32>) {
        let matrix = parse("v.csv", text.as_bytes()).unwrap();
        (matrix.rows(), matrix.cols(), matrix.entries().to_vec())
    }

    fn refusal(text: &str) -> String {
        parse("v.csv", text.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn reads_the_same_matrix_however_it_is_written() {
        let wanted = (2, 3, vec![1.0, 2.5, 0.0, 4.0, 50.0, 6.0]);
        for text in [
            "1,2.5,0\n4,5e1,6\n",
            "1;2.5;0\n4;5e1;6",
            "1\t2.5\t0\r\n4\t5e1\t6\r\n",
            "\u{feff}a,b,c\n1, 2.5 ,0\n4,5e1,6\n\n\n",
            "\"first, of all\",b,c\n\"1\",2.5,-0\n4,5e1,6\n   \n",
            "\n1,2.5,0\n\n4,5e1,6\n",
        ] {
            assert_eq!(read(text), wanted, "{text:?}");
        }
        assert_eq!(read("7\n8\n"), (2, 1, vec![7.0, 8.0]));
        assert_eq!(read("7"), (1, 1, vec![7.0]));
    }

    #[test]
    fn names_row_line_and_column() {
        assert_eq!(
            refusal("a,b\n1,2\n3,-4\n"),
            "v.csv: the entry at row 2 (line 3), column 2 (counted from 1) is negative (-4); \
             NMF needs entries >= 0, so remove or replace it, or add an offset to the matrix"
        );
        assert!(
            refusal("1,2\n3,nan\n").contains("row 2 (line 2), column 2 (counted from 1) is NaN")
        );
        assert!(refusal("1,2\n3,inf\n").contains("is infinite"));
        assert!(
            refusal("1,2\n3,four\n")
                .contains("row 2 (line 2), column 2 (counted from 1) is not a number (\"four\")")
        );
        assert!(
            refusal("1,2\n3,\n").contains("row 2 (line 2), column 2 (counted from 1) is empty")
        );
        assert!(refusal("1,5;2,0\n").contains("use a point for decimals"));
        assert!(refusal("\r\na\r\n\r\n1\r\n\r\n\r\n-1\r\n").contains("row 2 (line 7), column 1"));
        assert!(refusal("x,1\n").contains("row 1 (line 1), column 1"));
    }

    #[test]
    fn refuses_ragged_empty_and_foreign_text() {
        assert_eq!(
            refusal("1,2,3\n4,5,6\n\n7,8\n"),
            "v.csv: line 4 has 2 cells but line 1 has 3; every row of a matrix has the same length"
        );
        assert!(refusal("1,2\n3,4,\n").contains("line 2 has 3 cells"));
        for text in ["", "\n\n", "a,b,c\n"] {
            assert!(refusal(text).contains("empty (0 x 0)"), "{text:?}");
        }
        assert!(refusal("0,0\n0,0\n").contains("every entry is zero"));
        let utf16 = parse("v.csv", b"1,2\n\xff\xfe1\0").unwrap_err().to_string();
        assert!(utf16.contains("line 2 is not UTF-8"), "{utf16}");
    }
}
