//! Which rank: a table and a curve of errors over hidden entries.

use std::fmt::Write as _;
use std::str::FromStr;

use tinynmf::error::Result;
use tinynmf::factorize::{Options, Score, cross_validate};
use tinynmf::output::{self, OutputFolder};
use tinynmf::sparse::Compressed;
use tinynmf::text::shown;
use tinynmf_core::Rule;

use super::print;

/// Times that a part of the entries is hidden, and its share.
const FOLDS: usize = 5;

/// Width of the longest bar of the curve.
const BAR: f32 = 40.0;

/// One rank, or a range with both ends.
#[derive(Debug, Clone, Copy)]
pub struct Ranks {
    first: usize,
    last: usize,
}

impl FromStr for Ranks {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const NEEDS: &str = "this is a whole number like 8, or a range like 2..12";
        let number = |text: &str| text.trim().parse().map_err(|_| NEEDS);
        let (first, last) = match text.split_once("..") {
            None => (number(text)?, number(text)?),
            Some((first, last)) => (number(first)?, number(last.trim_start_matches('='))?),
        };
        if first > last { Err("the range ends before it begins") } else { Ok(Self { first, last }) }
    }
}

impl Ranks {
    /// The only rank, or the lowest.
    pub fn first(&self) -> usize {
        self.first
    }

    /// The only rank, or the highest.
    pub fn last(&self) -> usize {
        self.last
    }

    /// Whether there are several.
    pub fn is_range(&self) -> bool {
        self.last > self.first
    }

    /// The lowest and the highest.
    pub fn all(&self) -> impl Iterator<Item = usize> + use<> {
        self.first..=self.last
    }
}

/// Compares ranks, prints table and curve and writes `ranks.csv`.
pub fn compare(
    rows: &Compressed,
    ranks: &Ranks,
    seed: u64,
    options: &Options<'_, Rule<'_>>,
    folder: &OutputFolder,
) -> Result<()> {
    let ranks: Vec<usize> = ranks.all().collect();
    let scores = cross_validate(rows, &ranks, FOLDS, seed, options)?;
    output::write(&folder.file("ranks.csv"), |file| {
        writeln!(file, "rank,error,standard_error")?;
        scores.iter().try_for_each(|it| writeln!(file, "{},{},{}", it.rank, it.error, it.spread))
    })?;
    print(&format!("{}written  {}: ranks.csv\n", table(&scores), shown(folder.path())))
}

/// A line a rank: its error over hidden entries, the standard error, and both drawn.
fn table(scores: &[Score]) -> String {
    let mut text = format!(
        "Relative error over hidden entries: {FOLDS} times, another fifth of the entries is hidden\n\
         (Wold 1978), the rest factorised, and the fit judged by what was hidden.\n\n\
         rank  error     +/-\n"
    );
    let of = |score: &Score| if score.error.is_nan() { f32::INFINITY } else { score.error };
    let lowest = scores.iter().map(of).fold(f32::INFINITY, f32::min);
    let highest = scores.iter().map(of).filter(|error| error.is_finite()).fold(lowest, f32::max);
    for score in scores {
        let Score { rank, error, spread } = score;
        let bar = "#".repeat((BAR * (error / highest)).clamp(0.0, BAR) as usize);
        let best = if *error <= lowest { "  lowest" } else { "" };
        let _ = writeln!(text, "{rank:>4}  {error:<8.5}  {spread:<8.5}  {bar}{best}");
    }
    // The simplest rank that is as good as the lowest, as far as the folds can tell.
    let best = scores.iter().find(|score| score.error <= lowest);
    let enough =
        best.and_then(|best| scores.iter().find(|score| score.error <= best.error + best.spread));
    if let Some(enough) = enough {
        let _ = writeln!(
            text,
            "\nrank {} is the lowest within one standard error of the best\n",
            enough.rank
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rank_or_a_range_is_read() {
        let read = |text: &str| text.parse::<Ranks>().map(|ranks| ranks.all().collect::<Vec<_>>());
        assert_eq!(read("8"), Ok(vec![8]));
        assert_eq!(read("2..4"), Ok(vec![2, 3, 4]));
        assert!(read("4..2").is_err() && read("2..x").is_err() && read("-1").is_err());
    }

    #[test]
    fn the_table_names_the_simplest_rank_that_is_as_good() {
        let score = |rank, error| Score { rank, error, spread: 0.02 };
        let text = table(&[score(1, 0.5), score(2, 0.21), score(3, 0.2), score(4, 0.3)]);
        assert!(text.contains("rank 2 is the lowest within"), "{text}");
        assert!(text.lines().any(|line| line.starts_with("   3") && line.ends_with("lowest")));
    }
}
