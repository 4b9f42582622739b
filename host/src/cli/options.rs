//! Options that several commands share.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::value_parser;
use indicatif::{ProgressBar, ProgressStyle};
use tinynmf::error::Result;
use tinynmf::factorize::Init;
use tinynmf::matrix::{Choice, Input, Matrix, ReadOptions};
use tinynmf_core::penalty::{self, Penalty};

/// Options of every factorisation.
#[derive(Debug, clap::Args)]
pub struct Factorisation {
    /// Matrix to factorise; the formats are listed below
    #[arg(long, value_name = "V")]
    pub input: PathBuf,

    #[command(flatten)]
    pub reading: Reading,

    /// Rank: columns of W and rows of H
    #[arg(long, value_name = "R", allow_negative_numbers = true)]
    pub rank: usize,

    /// Epochs of a run
    #[arg(long, value_name = "T", default_value_t = 200, allow_negative_numbers = true)]
    #[arg(value_parser = value_parser!(u32).range(1..))]
    pub epochs: u32,

    /// Share of columns and rows in a mini-batch; 1 is exact gradients
    #[arg(long, value_name = "F", default_value_t = 1.0, allow_negative_numbers = true)]
    #[arg(value_parser = share)]
    pub batch: f32,

    /// Policy for the rule `learned` or `schedule`, whichever it is for, instead of
    /// the one that ships
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
}

/// How to read a table of text.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct Reading {
    /// Whether a table's first line is column names
    #[arg(long, value_name = "yes|no|auto", default_value = "auto", hide_default_value = true)]
    header: Choice,

    /// Whether a table's first column is row names
    #[arg(long, value_name = "yes|no|auto", default_value = "auto", hide_default_value = true)]
    index: Choice,
}

impl Reading {
    /// The same, for the library.
    pub fn options(self) -> ReadOptions {
        ReadOptions { header: self.header, index: self.index, missing: false }
    }

    /// Reads the file at `path`, in which entries may be missing, and tells how on stderr.
    pub fn input(self, path: &Path, missing: bool) -> Result<Input> {
        let input = Input::read(path, ReadOptions { missing, ..self.options() })?;
        tell(&input.report());
        Ok(input)
    }

    /// Reads the matrix at `path`, with all its entries, and tells how on stderr.
    pub fn matrix(self, path: &Path) -> Result<Matrix> {
        self.input(path, false)?.into_dense()
    }
}

/// A line on stderr; where that is closed, nobody wants it.
pub fn tell(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}

pub fn share(text: &str) -> Result<f32, &'static str> {
    match text.parse() {
        Ok(share) if share > 0.0 && share <= 1.0 => Ok(share),
        _ => Err("a share is above 0 and at most 1"),
    }
}

/// A tolerance, 0 to below 1.
pub fn tolerance(text: &str) -> Result<f32, &'static str> {
    match text.parse() {
        Ok(tol) if (0.0..1.0).contains(&tol) => Ok(tol),
        _ => Err("a tolerance is at least 0 and below 1"),
    }
}

/// A number of things, at least one.
pub fn count(text: &str) -> Result<usize, &'static str> {
    match text.parse() {
        Ok(count) if (1..=1_000_000).contains(&count) => Ok(count),
        _ => Err("this is a whole number from 1 to 1000000"),
    }
}

/// The most threads that a user can ask for.
const MOST_THREADS: usize = 1024;

/// A number of threads, or 0.
pub fn threads(text: &str) -> Result<usize, String> {
    let count = text.parse().ok().filter(|count| *count <= MOST_THREADS);
    count.ok_or_else(|| format!("this is a whole number from 0 to {MOST_THREADS}"))
}

fn weight(text: &str) -> Result<f32, &'static str> {
    match text.parse() {
        Ok(weight) if (0.0..f32::MAX).contains(&weight) => Ok(weight),
        _ => Err("a penalty is a finite number of at least 0"),
    }
}

/// Penalties on W and H, terms of the loss.
#[derive(Debug, clap::Args)]
pub struct Penalties {
    /// Pushes entries of W to zero: adds this times their sum to the loss. A
    /// penalty on one factor needs one on the other, which grows without it
    #[arg(long, value_name = "L", default_value_t = 0.0, hide_default_value = true)]
    #[arg(allow_negative_numbers = true, value_parser = weight)]
    l1_w: f32,

    /// Pushes entries of H to zero
    #[arg(long, value_name = "L", default_value_t = 0.0, hide_default_value = true)]
    #[arg(allow_negative_numbers = true, value_parser = weight)]
    l1_h: f32,

    /// Keeps W small: adds half of this times its sum of squares to the loss
    #[arg(long, value_name = "L", default_value_t = 0.0, hide_default_value = true)]
    #[arg(allow_negative_numbers = true, value_parser = weight)]
    l2_w: f32,

    /// Keeps H small
    #[arg(long, value_name = "L", default_value_t = 0.0, hide_default_value = true)]
    #[arg(allow_negative_numbers = true, value_parser = weight)]
    l2_h: f32,
}

impl Penalties {
    /// The same, for the library.
    pub fn all(&self) -> penalty::Penalties {
        penalty::Penalties {
            w: Penalty { l1: self.l1_w, l2: self.l2_w },
            h: Penalty { l1: self.l1_h, l2: self.l2_h },
        }
    }

    /// What a penalty on one factor alone does, where the other is not known.
    pub fn one_sided(&self, w_is_known: bool, h_is_known: bool) -> Option<String> {
        let on = |l1: f32, l2: f32| l1 > 0.0 || l2 > 0.0;
        let (small, large, option) = match (on(self.l1_w, self.l2_w), on(self.l1_h, self.l2_h)) {
            (true, false) if !h_is_known => ("W", "H", "--l2-h"),
            (false, true) if !w_is_known => ("H", "W", "--l2-w"),
            _ => return None,
        };
        Some(format!(
            "a penalty on {small} alone shrinks {small} while {large} grows, and changes little else; \
             add one on {large}, such as {option}"
        ))
    }
}

/// Where a factorisation starts.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub enum Start {
    Random,
    Nndsvd,
    Nndsvda,
}

impl Start {
    /// The same, for the library.
    pub fn init(self) -> Init<'static> {
        match self {
            Self::Random => Init::Random,
            Self::Nndsvd => Init::Nndsvd,
            Self::Nndsvda => Init::Nndsvda,
        }
    }
}

/// A bar on stderr that counts `steps` of `unit`; nothing where stderr is no terminal.
pub fn progress(steps: u64, unit: &str) -> ProgressBar {
    let template = format!("{{wide_bar}} {{human_pos}} of {{human_len}} {unit}, {{eta}} left");
    // Only a template with a typing error is refused; the default then does as well.
    let style = ProgressStyle::with_template(&template).unwrap_or(ProgressStyle::default_bar());
    ProgressBar::new(steps).with_style(style)
}
