//! One cell of a text table: a number, nothing, or a name.

/// How numbers are written in a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decimal {
    /// 1042.5
    Point,
    /// 1042,5
    Comma,
    /// 1,042.5: commas between groups of three digits
    Thousands,
    /// 1.042,5: points between groups of three digits, a comma before decimals
    Points,
}

/// Kind of a cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Kind {
    /// A number, however its decimals are written.
    Number(f64),
    /// Nothing, or a word that programs write for nothing.
    Missing,
    /// Anything else.
    Name,
}

/// Meaning of all commas of the table, as one comma inside a number tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comma {
    /// It can only stand before decimals: 0,5.
    Decimal,
    /// It can only stand between thousands: 1,042,000 or 1,042.5.
    Thousands,
    /// It stands before decimals, and points between thousands: 1.042,5.
    Points,
    /// It can be either: 1,042.
    Unclear,
}

/// The words that numpy, pandas, R, Excel and MATLAB write for a missing number.
const MISSING: [&str; 12] =
    ["", "NA", "N/A", "n/a", "#N/A", "<NA>", "null", "NULL", "None", "?", "-", "."];

impl Kind {
    /// Kind of `cell`, which has no blanks around it.
    pub(super) fn of(cell: &str) -> Self {
        if MISSING.contains(&cell) {
            return Self::Missing;
        }
        let of = |decimal| number(cell, decimal);
        // Points alone between groups of digits are rather an address, or a version.
        let points = || of(Decimal::Points).filter(|_| cell.contains(','));
        let plain = of(Decimal::Point).or_else(|| of(Decimal::Comma));
        match plain.or_else(|| of(Decimal::Thousands)).or_else(points) {
            Some(value) if value.is_nan() => Self::Missing,
            Some(value) => Self::Number(value),
            None => Self::Name,
        }
    }
}

/// The number in `cell`, or none if it is no number that is written so.
pub(super) fn number(cell: &str, decimal: Decimal) -> Option<f64> {
    if decimal == Decimal::Point || !cell.contains([',', '.']) {
        return cell.parse().ok();
    }
    match decimal {
        Decimal::Comma if cell.contains('.') => None,
        Decimal::Comma => cell.replacen(',', ".", 1).parse().ok(),
        Decimal::Points if !cell.contains('.') => number(cell, Decimal::Comma),
        Decimal::Points => number(&swapped(cell), Decimal::Thousands).filter(|_| {
            // A point can only stand between thousands: 1.5 is no number that is written so.
            groups(&swapped(cell)).is_some()
        }),
        _ if !cell.contains(',') => cell.parse().ok(),
        _ => groups(cell).and_then(|_| cell.replace(',', "").parse().ok()),
    }
}

/// Meaning of the commas in `cell`, if it is a number with commas.
pub(super) fn comma(cell: &str) -> Option<Comma> {
    if !cell.contains(',') {
        return None;
    }
    if cell.contains('.') && number(cell, Decimal::Points).is_some() {
        return Some(Comma::Points);
    }
    match groups(cell) {
        Some(2) if !cell.contains('.') => Some(Comma::Unclear),
        Some(_) => Some(Comma::Thousands),
        None => number(cell, Decimal::Comma).map(|_| Comma::Decimal),
    }
}

/// With points for commas and commas for points.
fn swapped(cell: &str) -> String {
    let swap = |it| match it {
        '.' => ',',
        ',' => '.',
        other => other,
    };
    cell.chars().map(swap).collect()
}

/// How many groups the digits before the point form, if all but the first have three digits: 2 in 1,042.5.
fn groups(cell: &str) -> Option<usize> {
    let digits = cell.trim_start_matches(['+', '-']);
    let whole = digits.split('.').next()?;
    let mut groups = whole.split(',');
    let first = groups.next()?;
    let all_digits = |group: &str| group.bytes().all(|byte| byte.is_ascii_digit());
    let fits = (1..=3).contains(&first.len()) && all_digits(first) && !first.starts_with('0');
    let mut count = 1;
    for group in groups {
        if group.len() != 3 || !all_digits(group) {
            return None;
        }
        count += 1;
    }
    (fits && count > 1).then_some(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_numbers_from_names_and_from_nothing() {
        for (cell, value) in [
            ("1", 1.0),
            ("-2.5e3", -2500.0),
            ("2,5", 2.5),
            ("1,042,000.5", 1_042_000.5),
            ("1.042,5", 1042.5),
        ] {
            assert_eq!(Kind::of(cell), Kind::Number(value), "{cell}");
        }
        for cell in ["", "NA", "nan", "NaN", "?", "#N/A"] {
            assert_eq!(Kind::of(cell), Kind::Missing, "{cell}");
        }
        for cell in
            ["Na", "a", "1_Sample", "1 2", "1,2-diol", "192.168.100.200", "12:30", "A[C>A]A"]
        {
            assert_eq!(Kind::of(cell), Kind::Name, "{cell}");
        }
    }

    #[test]
    fn reads_each_way_of_writing_and_no_other() {
        assert_eq!(number("1042.5", Decimal::Point), Some(1042.5));
        assert_eq!(number("1042,5", Decimal::Point), None);
        assert_eq!(number("1,042", Decimal::Point), None);
        assert_eq!(number("1042,5", Decimal::Comma), Some(1042.5));
        assert_eq!(number("1.042,5", Decimal::Comma), None);
        assert_eq!(number("1.042", Decimal::Comma), None);
        assert_eq!(number("1,042.5", Decimal::Thousands), Some(1042.5));
        assert_eq!(number("1,42", Decimal::Thousands), None);
        assert_eq!(number("1.5,2", Decimal::Thousands), None);
        assert_eq!(number("7.25", Decimal::Thousands), Some(7.25));
        assert_eq!(number("1.042,5", Decimal::Points), Some(1042.5));
        assert_eq!(number("1.042.100", Decimal::Points), Some(1_042_100.0));
        assert_eq!(number("0,5", Decimal::Points), Some(0.5));
        assert_eq!(number("1.5", Decimal::Points), None);
        assert_eq!(number("1,042.5", Decimal::Points), None);
    }

    #[test]
    fn weighs_commas() {
        for (cell, wanted) in [
            ("5", None),
            ("a,b", None),
            ("0,5", Some(Comma::Decimal)),
            ("0,512", Some(Comma::Decimal)),
            ("1234,512", Some(Comma::Decimal)),
            ("1,042", Some(Comma::Unclear)),
            ("1,042,100", Some(Comma::Thousands)),
            ("1,042.5", Some(Comma::Thousands)),
            ("1.042,5", Some(Comma::Points)),
            ("1.5,2", None),
        ] {
            assert_eq!(comma(cell), wanted, "{cell}");
        }
    }
}
