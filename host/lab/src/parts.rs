//! A factorisation as one HTML page: how it went, its parts drawn as what they are, and the rows that it fits worst.

use base64::prelude::{BASE64_STANDARD, Engine};
use maud::{Markup, PreEscaped, html};
use tinynmf::factorize::Factorization;
use tinynmf::text::readable;

use crate::html::page;
use crate::plot::{Figure, Images, Lines, Series};

/// A heading of every page, which tells it from others.
pub const HEADING: &str = "Parts: the rows of H";

/// Names that a table shows of each part, and rows that are fitted worst.
const SHOWN: usize = 8;

/// Parts with more numbers than this are curves, if their columns have no names.
const LONG: usize = 24;

/// Images have sides of this many pixels.
const SIDES: std::ops::RangeInclusive<usize> = 4..=64;

/// Facts on the page besides the factorisation.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    /// V's name.
    pub input: &'a str,
    /// The rule's name.
    pub rule: &'a str,
    /// Seed of the start.
    pub seed: u64,
    /// Its time.
    pub seconds: f64,
    /// The names of V's rows and columns.
    pub names: [Option<&'a [String]>; 2],
    /// A PNG file a part, where the rows of V are pictures; else none.
    pub pictures: &'a [Vec<u8>],
}

/// The page; `row` gives the known entries of a row of V with their columns.
///
/// # Errors
///
/// An error of the plotting library.
pub fn report<I: Iterator<Item = (usize, f32)>>(
    found: &Factorization,
    about: &About<'_>,
    row: impl Fn(usize) -> I,
) -> Result<String, String> {
    let Factorization { rows, columns, rank, .. } = *found;
    let title = format!("{}: {rows} x {columns}, rank {rank}", about.input);
    let facts = [
        ("rule", format!("{}, seed {}", about.rule, about.seed)),
        ("ending", found.ending("--epochs")),
        (
            "loss",
            format!("{} (start: {})", readable(found.loss), readable(found.history[0].objective)),
        ),
        ("relative error", readable(found.relative_error)),
        ("time", time(about.seconds)),
    ];
    let points = found.history.iter().map(|it| (it.cost, f64::from(it.objective)));
    let course = Lines::new("", "cost in full epochs", "F, with penalties").log_y();
    let course = Figure::new("").row([course.series(Series::points("", points))]).svg()?;
    let body = html! {
        h1 { (title) }
        table { @for (name, value) in &facts { tr { td { (name) } td { (value) } } } }
        h2 { "Loss" }
        (PreEscaped(course))
        h2 { (HEADING) }
        (parts(found, about)?)
        h2 { "Where each part is strong: the columns of W" }
        (strongest("row", rank, about.names[0], |part, i| found.w[i * rank + part], rows))
        h2 { "Rows that are fitted worst" }
        (worst(found, about.names[0], row))
    };
    Ok(page(&title, &body))
}

/// The parts as images, as curves, or by their largest entries.
fn parts(found: &Factorization, about: &About<'_>) -> Result<Markup, String> {
    let Factorization { columns, rank, .. } = *found;
    let names = about.names[1];
    let part = |k: usize| &found.h[k * columns..][..columns];
    if !about.pictures.is_empty() {
        let data = |png| format!("data:image/png;base64,{}", BASE64_STANDARD.encode(png));
        return Ok(html! {
            @for (k, png) in about.pictures.iter().enumerate() {
                img.part src=(data(png)) alt={ "part " (k + 1) };
            }
        });
    }
    let side = columns.isqrt();
    if names.is_none() && side * side == columns && SIDES.contains(&side) {
        let images = (0..rank).map(|k| part(k).to_vec());
        let drawn = Figure::new("").row([Images::new("", side, side, images)]).svg()?;
        // Nothing says that these are images: the entries have numbers below them.
        return Ok(html! {
            (PreEscaped(drawn))
            (strongest("column", rank, names, |k, column| part(k)[column], columns))
        });
    }
    let places: Option<Vec<f64>> = match names {
        None => Some((1..=columns).map(|column| column as f64).collect()),
        Some(names) => names.iter().map(|name| name.parse().ok()).collect(),
    };
    if let Some(places) = places.filter(|it| it.len() > LONG && it.is_sorted()) {
        let panels = (0..rank).map(|k| {
            let points = places.iter().copied().zip(part(k).iter().map(|h| f64::from(*h)));
            Lines::new(format!("Part {}", k + 1), "column", "").series(Series::points("", points))
        });
        return Ok(PreEscaped(Figure::new("").grid(2, panels).svg()?));
    }
    Ok(strongest("column", rank, names, |k, column| part(k)[column], columns))
}

/// A table of the largest of `count` entries of every part, with their names or numbers.
fn strongest(
    kind: &str,
    rank: usize,
    names: Option<&[String]>,
    entry: impl Fn(usize, usize) -> f32,
    count: usize,
) -> Markup {
    let largest = |part: usize| {
        let mut all: Vec<(usize, f32)> = (0..count).map(|at| (at, entry(part, at))).collect();
        all.sort_by(|a, b| b.1.total_cmp(&a.1));
        let top = all.first().map_or(1.0, |it| it.1.max(f32::MIN_POSITIVE));
        let shown = all.into_iter().take(SHOWN).filter(|it| it.1 > 0.0);
        let shown = shown.map(|(at, x)| format!("{} ({:.2})", name(kind, names, at), x / top));
        shown.collect::<Vec<_>>().join(", ")
    };
    html! {
        table.words {
            tr { th { "part" } th { "largest entries, relative to the largest" } }
            @for part in 0..rank { tr { td { (part + 1) } td { (largest(part)) } } }
        }
    }
}

/// A table of the rows whose relative error is largest.
fn worst<I: Iterator<Item = (usize, f32)>>(
    found: &Factorization,
    names: Option<&[String]>,
    row: impl Fn(usize) -> I,
) -> Markup {
    let Factorization { rows, columns, rank, .. } = *found;
    let error = |i: usize| {
        let w = &found.w[i * rank..][..rank];
        let (mut missed, mut all) = (0.0_f64, 0.0_f64);
        for (j, v) in row(i) {
            let fit: f32 = w.iter().enumerate().map(|(k, w)| w * found.h[k * columns + j]).sum();
            missed += f64::from(v - fit).powi(2);
            all += f64::from(v).powi(2);
        }
        if all > 0.0 { (missed / all).sqrt() } else { 0.0 }
    };
    let mut errors: Vec<(usize, f64)> = (0..rows).map(|i| (i, error(i))).collect();
    errors.sort_by(|a, b| b.1.total_cmp(&a.1));
    html! {
        table {
            tr { th { "row" } th { "relative error" } }
            @for (i, error) in errors.iter().take(SHOWN) {
                tr { td { (name("row", names, *i)) } td { (format!("{error:.3}")) } }
            }
        }
    }
}

/// A time in the unit that suits it.
fn time(seconds: f64) -> String {
    if seconds < 1.0 {
        format!("{} ms", readable((1e3 * seconds) as f32))
    } else {
        format!("{seconds:.2} s")
    }
}

/// The file's name of a row or column, else its number from 1.
fn name(kind: &str, names: Option<&[String]>, at: usize) -> String {
    names.map_or_else(|| format!("{kind} {}", at + 1), |names| names[at].clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use tinynmf::large::LargeMatrix;

    /// The page of a matrix of one part, 3 × `columns`, whose last row is not of that part.
    fn page_of(columns: usize, names: Option<&[String]>) -> String {
        page_with(columns, names, &[])
    }

    fn page_with(columns: usize, names: Option<&[String]>, pictures: &[Vec<u8>]) -> String {
        let entry = |at: usize| match at / columns {
            2 => f32::from(at.is_multiple_of(3)),
            row => ((row + 1) * (at % columns + 1)) as f32,
        };
        let entries: Vec<f32> = (0..3 * columns).map(entry).collect();
        let v = LargeMatrix::new(entries.clone().into(), 3, columns).unwrap();
        let found = Factorization::options(1).fit(&v).unwrap();
        let names = [None, names];
        let (input, rule) = ("a<b.csv", "hals");
        let about = About { input, rule, seed: 7, seconds: 0.5, names, pictures };
        report(&found, &about, |i| entries[i * columns..][..columns].iter().copied().enumerate())
            .unwrap()
    }

    #[test]
    fn parts_are_drawn_as_what_they_are() {
        let names = |of: fn(usize) -> String| (0..30).map(of).collect::<Vec<_>>();
        let pictures = |page: &str| page.matches("<svg").count();
        let (images, curves) = (page_of(16, None), page_of(30, None));
        assert_eq!((pictures(&images), pictures(&curves)), (2, 2));
        assert!(images.contains("column 16 (1.00)") && images.contains("500.0 ms"), "{images}");
        assert!(images.matches("<rect").count() > curves.matches("<rect").count());
        assert_eq!(pictures(&page_of(30, Some(&names(|k| k.to_string())))), 2);
        let pixels = names(|k| format!("row 1 column {k}"));
        let shown = page_with(30, Some(&pixels), &[b"png".to_vec()]);
        assert!(shown.contains(r#"src="data:image/png;base64,cG5n" alt="part 1""#), "{shown}");
        let words = page_of(30, Some(&names(|k| format!("word {k}"))));
        assert_eq!(pictures(&words), 1);
        assert!(words.contains("word 29 (1.00), word 28 (0.9"), "{words}");
        assert!(words.contains("a&lt;b.csv: 3 x 30, rank 1") && words.contains("hals, seed 7"));
        let worst = words.split("fitted worst").nth(1).unwrap();
        assert!(worst.find("row 3") < worst.find("row 1"), "{worst}");
    }
}
