//! Which character separates the cells of a table, told from its first lines.

use super::number::Kind;
use super::rows::{Rows, Separator};

/// Separators of cells; the earlier wins where two explain the lines equally well.
///
/// A comma may also be a decimal comma, and blanks may surround other separators or stand in names.
const SEPARATORS: [Separator; 5] = [
    Separator::Char(b'\t'),
    Separator::Char(b';'),
    Separator::Char(b','),
    Separator::Char(b'|'),
    Separator::Blanks,
];

/// So many lines tell.
const LINES: usize = 50;

/// The separator that a first line like `sep=;` names, which Excel reads and writes, and the text from that line's end on:
/// lines keep their numbers.
pub(super) fn said(text: &str) -> (Option<Separator>, &str) {
    let end = text.find('\n').unwrap_or(text.len());
    let line = text[..end].trim_end_matches('\r').trim_matches('"');
    match line.as_bytes() {
        [s, e, p, b'=', separator]
            if [s, e, p].map(u8::to_ascii_lowercase) == *b"sep" && separator.is_ascii() =>
        {
            (Some(Separator::Char(*separator)), &text[end..])
        }
        _ => (None, text),
    }
}

/// The separator that makes numbers of the largest share of the cells, and of the most cells.
///
/// The first line counts only where it is the only one: it may hold names.
pub(super) fn separator(text: &str) -> Separator {
    let mut best = (Separator::Char(b','), 0.0, 0);
    for separator in SEPARATORS {
        let (share, numbers) = score(text, separator);
        if share > best.1 || (share >= best.1 && numbers > best.2) {
            best = (separator, share, numbers);
        }
    }
    best.0
}

/// The share of cells that are numbers or missing, and their number.
fn score(text: &str, separator: Separator) -> (f64, usize) {
    let mut rows = Rows::new(text, separator);
    let count = |record: &csv::StringRecord| {
        let good = record.iter().filter(|cell| Kind::of(cell.trim()) != Kind::Name).count();
        (good, record.len())
    };
    let first = rows.next().map_or((0, 0), count);
    let (mut good, mut all) = (0, 0);
    for _ in 0..LINES {
        let Some((more, cells)) = rows.next().map(count) else { break };
        good += more;
        all += cells;
    }
    let (good, all) = if all == 0 { first } else { (good, all) };
    (good as f64 / all.max(1) as f64, good)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_may_say_it() {
        let semicolon = Some(Separator::Char(b';'));
        for text in ["sep=;\n1;2\n", "SEP=;\n1;2\n", "\"sep=;\"\n1;2\n"] {
            assert_eq!(said(text), (semicolon, "\n1;2\n"));
        }
        assert_eq!(said("sep=\t\r\n1"), (Some(Separator::Char(b'\t')), "\n1"));
        for text in ["sep=;;\n", "sep=\n", "1;2\n", ""] {
            assert_eq!(said(text), (None, text));
        }
    }

    #[test]
    fn tells_separators_by_what_the_lines_become() {
        let (tab, semicolon, comma) = (b'\t', b';', b',');
        for (text, wanted) in [
            ("1,2\n3,4\n", comma),
            ("1, 2\n3, 4\n", comma),
            ("a b,c d\n1,2\n", comma),
            ("New York,1,2\nSan Jose,3,4\n", comma),
            ("1,5;2,5\n", semicolon),
            ("a,b;c\n1.5;2\n", semicolon),
            ("1,5\t2,5\n3,5\t4\n", tab),
            ("id, of\t1_S\t2_S\nA[C>A]A\t1\t2\n", tab),
            (",,\n\"1,042\",\"1,031\"\n", comma),
            ("a;b\n1.042,5;2.000,1\n", semicolon),
            ("1.042,5\n2.000,1\n", comma),
            ("s0|0.50|1\ns1|0.25|0\n", b'|'),
        ] {
            assert_eq!(separator(text), Separator::Char(wanted), "{text:?}");
        }
        for text in ["1.5 2.5\n3 4\n", "1,5 2,5\n3,5 4,5\n", "\"a b\" \"c\"\n\"x\" 1 2\n"] {
            assert_eq!(separator(text), Separator::Blanks, "{text:?}");
        }
    }
}
