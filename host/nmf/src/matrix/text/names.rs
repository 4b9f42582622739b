//! Whether a line or a column is names: what programs write, and what nobody can tell.
//!
//! Certain are names that are no numbers, an empty corner (pandas, R's `write.csv`), a header one cell shorter
//! than the rows (R's `write.table`), and a column under a title like "id". Numbers that count up may be names,
//! as pandas and others number them, or a ramp; only the user knows.

use super::number::Kind;
use super::survey::Survey;
use crate::matrix::options::{Choice, ReadOptions};

/// An answer, or that there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Yes,
    No,
    Unclear,
}

/// Titles of columns that hold row names, in lower case.
const TITLES: [&str; 12] = [
    "id",
    "index",
    "name",
    "names",
    "rowname",
    "rownames",
    "row",
    "row.names",
    "row_names",
    "unnamed: 0",
    "level_0",
    "sample",
];

/// Whether the first line, with the `cells` that count, holds column names.
pub(super) fn header(
    cells: &[String],
    survey: &Survey,
    short: bool,
    options: ReadOptions,
) -> Verdict {
    match options.header {
        Choice::Yes => return Verdict::Yes,
        Choice::No => return Verdict::No,
        Choice::Auto => {}
    }
    let lead_names = survey.lead.names > 0 && survey.lead.numbers.is_empty();
    let tail = cells.get(1..).unwrap_or_default();
    if short {
        // Names of rows are names, numbered or not: so the line above them is names as well.
        let named = lead_names || counts(&survey.lead.numbers, None);
        return if named || tally(cells).numbers == 0 { Verdict::Yes } else { Verdict::No };
    }
    let (Some(first), all) = (cells.first(), tally(cells)) else { return Verdict::No };
    let after = tally(tail);
    let first_kind = Kind::of(first);
    let is_named = lead_names || options.index == Choice::Yes;
    if is_named && first_kind == Kind::Name && after.names == 0 && !tail.is_empty() {
        // A title above names, with numbers that name columns; or a row with its name, which no title, no missing
        // cell alone and no number twice can tell.
        return if after.numbers == 0 || has_twins(&after.values) {
            Verdict::No
        } else if is_title(first) {
            Verdict::Yes
        } else {
            Verdict::Unclear
        };
    }
    if options.index == Choice::Yes {
        return line(tail, survey.second.get(1..).unwrap_or_default(), survey.rest);
    }
    if first.is_empty() && after.numbers + after.names == tail.len() && survey.rest > 0 {
        // An empty corner; but beside numbers and above numbers, it may be a missing cell.
        let numbered = counts(&survey.lead.numbers, None) && survey.lead.names == 0;
        let certain = after.names > 0 || lead_names || numbered;
        return if certain && !tail.is_empty() { Verdict::Yes } else { Verdict::Unclear };
    }
    if first_kind == Kind::Name && after.numbers == tail.len() && !tail.is_empty() {
        return if is_title(first) && survey.rest > 0 { Verdict::Yes } else { Verdict::Unclear };
    }
    if all.numbers == cells.len() && lead_names && survey.rest > 0 {
        return Verdict::Unclear;
    }
    line(cells, &survey.second, survey.rest)
}

/// Whether `cells` are column names above a row that begins with `next`.
fn line(cells: &[String], next: &[String], rest: usize) -> Verdict {
    let tally = tally(cells);
    match (tally.names, tally.numbers) {
        (0, 0) => Verdict::No,
        (_, 0) => Verdict::Yes,
        (0, _) if tally.numbers < cells.len() || rest == 0 => Verdict::No,
        (0, _) if counts(&tally.values, next.first().map(String::as_str)) => Verdict::Unclear,
        (0, _) => Verdict::No,
        _ => Verdict::Unclear,
    }
}

/// Whether the first column holds row names, below the first line's `cells` or with them.
pub(super) fn index(
    cells: &[String],
    survey: &Survey,
    short: bool,
    header: Verdict,
    options: ReadOptions,
) -> Verdict {
    if short {
        return Verdict::Yes;
    }
    match options.index {
        Choice::Yes => return Verdict::Yes,
        Choice::No => return Verdict::No,
        Choice::Auto => {}
    }
    let Some(first) = cells.first().filter(|_| cells.len() > 1) else { return Verdict::No };
    let lead = &survey.lead;
    let (mut names, below) = (lead.names, &lead.numbers);
    let mut all = below.clone();
    if header != Verdict::Yes {
        match Kind::of(first) {
            Kind::Number(value) => all.insert(0, value),
            Kind::Name => names += 1,
            Kind::Missing => {}
        }
    }
    if header != Verdict::No && survey.rest > 0 && (first.is_empty() || is_title(first)) {
        return Verdict::Yes;
    }
    // Two numbers are too few to tell a column that counts.
    let column = |numbers: &[f64]| numbers.len() > 2 && counts(numbers, None);
    let counted = column(&all) || (header == Verdict::Unclear && column(below));
    let row = tally(cells).values;
    let next = survey.second.first().map(String::as_str);
    let ramp = row.len() == cells.len() && continues(&row, next);
    // The title itself is no number, so it is not counted as a name of the column.
    let keys = is_key(first) && lead.names == 0 && lead.missing == 0 && are_keys(below);
    if names > 0 && all.is_empty() {
        Verdict::Yes
    } else if header != Verdict::No && keys || names == 0 && lead.missing == 0 && counted && !ramp {
        Verdict::Unclear
    } else {
        Verdict::No
    }
}

/// How many cells are what, and the numbers among them.
struct Tally {
    names: usize,
    numbers: usize,
    values: Vec<f64>,
}

fn tally(cells: &[String]) -> Tally {
    let mut tally = Tally { names: 0, numbers: 0, values: Vec::new() };
    for cell in cells {
        match Kind::of(cell) {
            Kind::Number(value) => {
                tally.values.push(value);
                tally.numbers += 1;
            }
            Kind::Name => tally.names += 1,
            Kind::Missing => {}
        }
    }
    tally
}

/// Whether a column under this title holds row names.
pub(in crate::matrix) fn is_title(cell: &str) -> bool {
    TITLES.contains(&cell.to_lowercase().as_str())
}

/// Whether a column under this title, like `user_id`, `userId` or `year`, can hold row names.
pub(in crate::matrix) fn is_key(cell: &str) -> bool {
    let lower = cell.to_lowercase();
    let ends =
        |cell: &str, end: &str, fits: fn(&str) -> bool| cell.strip_suffix(end).is_some_and(fits);
    // A lower letter tells userId from a word in capitals that ends so.
    let camel = |stem: &str| stem.ends_with(|it: char| it.is_lowercase() || it.is_ascii_digit());
    matches!(&*lower, "year" | "date")
        || ["_id", " id", "-id", ".id"].iter().any(|end| ends(&lower, end, |stem| !stem.is_empty()))
        || ["Id", "ID"].iter().any(|end| ends(cell, end, camel))
}

/// Whether `values` are whole and all different, as keys are.
pub(in crate::matrix) fn are_keys(values: &[f64]) -> bool {
    values.len() > 1 && values.iter().all(|value| value.fract() == 0.0) && !has_twins(values)
}

/// Whether a number is there twice.
fn has_twins(values: &[f64]) -> bool {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.windows(2).any(|pair| pair[0] >= pair[1])
}

/// Whether `values` count as names do: 0, 1, …; 1, 2, 3, …; or four or more in equal steps, like years. Not so
/// where the `next` line goes on counting: that is a matrix filled in turn.
pub(in crate::matrix) fn counts(values: &[f64], next: Option<&str>) -> bool {
    let [first, second, ..] = *values else { return false };
    let step = second - first;
    let even =
        |pair: &[f64]| (pair[1] - pair[0] - step).abs() <= 1e-9 * step.abs().max(first.abs());
    if step == 0.0 || !values.windows(2).all(even) || continues(values, next) {
        return false;
    }
    let by_one = (step - 1.0).abs() < 1e-9;
    let least = match first {
        0.0 if by_one => 2,
        1.0 if by_one => 3,
        _ => 4,
    };
    values.len() >= least
}

/// Whether the `next` line begins with the number after the last of `values`.
fn continues(values: &[f64], next: Option<&str>) -> bool {
    let [first, second, ..] = *values else { return false };
    let Some(Kind::Number(next)) = next.map(Kind::of) else { return false };
    let expected = values.last().map_or(f64::NAN, |last| last + second - first);
    (next - expected).abs() < 1e-9
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_titles_of_keys_from_others() {
        for title in ["user_id", "userId", "customer id", "Year", "date", "orderID"] {
            assert!(is_key(title), "{title}");
        }
        for title in ["_id", "Id", "acid", "said", "years", "height", "idle", "HYBRID", "PyramID"] {
            assert_eq!(is_key(title), title == "PyramID", "{title}");
        }
        assert!(are_keys(&[17.0, 9.0, 21.0]) && !are_keys(&[1.0, 2.5]) && !are_keys(&[3.0, 3.0]));
    }

    #[test]
    fn tells_numbers_that_count_from_others() {
        for values in [&[0.0, 1.0][..], &[1.0, 2.0, 3.0], &[1990.0, 1995.0, 2000.0, 2005.0]] {
            assert!(counts(values, Some("7")), "{values:?}");
        }
        for values in [&[0.0][..], &[1.0, 2.0], &[3.0, 4.0, 5.0], &[5.0; 5], &[0.0, 1.0, 3.0]] {
            assert!(!counts(values, None), "{values:?}");
        }
        for values in [&[0.0, 2.0, 4.0][..], &[1.0, 3.0, 5.0], &[0.0, 0.001, 0.002_000_5, 0.003]] {
            assert!(!counts(values, None), "{values:?}");
        }
        assert!(continues(&[-2.0, -1.0], Some("0")) && !continues(&[-2.0, -1.0], Some("1e-9")));
        assert!(!counts(&[1.0, 2.0, 3.0], Some("4")), "a matrix that counts");
    }
}
