//! Options that several commands share.

use std::path::PathBuf;

use clap::value_parser;
use indicatif::{ProgressBar, ProgressStyle};

/// What every factorisation is told.
#[derive(Debug, clap::Args)]
pub struct Factorisation {
    /// Matrix to factorise, .npy or .csv
    #[arg(long, value_name = "V")]
    pub input: PathBuf,

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

    /// Policy for the rule `learned`, instead of the one that ships
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
}

fn share(text: &str) -> Result<f32, &'static str> {
    match text.parse() {
        Ok(share) if share > 0.0 && share <= 1.0 => Ok(share),
        _ => Err("a share is above 0 and at most 1"),
    }
}

/// A bar on stderr that counts `steps` of `unit`; nothing where stderr is no terminal.
pub fn progress(steps: u64, unit: &str) -> ProgressBar {
    let template = format!("{{wide_bar}} {{human_pos}} of {{human_len}} {unit}, {{eta}} left");
    // Only a template with a typing error is refused; the default then does as well.
    let style = ProgressStyle::with_template(&template).unwrap_or(ProgressStyle::default_bar());
    ProgressBar::new(steps).with_style(style)
}
