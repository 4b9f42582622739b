//! `tinynmf transform`.

use std::path::PathBuf;

use tinynmf::error::{Error, Result};
use tinynmf::factorize::{Factorization, Options};
use tinynmf::large::LargeMatrix;
use tinynmf::matrix::{Matrix, ReadOptions, write_npy};
use tinynmf::output;
use tinynmf::sparse::{Compressed, SparseMatrix};
use tinynmf::text::{readable, shown};

use super::options::{self, Missing, Reading};
use super::print;

/// Find H for new data whose parts W are known.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  tinynmf transform --w parts/w.npy --input new.csv --out h.npy")]
pub struct Args {
    /// W of an earlier factorisation, m x r
    #[arg(long, value_name = "FILE")]
    w: PathBuf,

    /// New data: as many rows as W, any number of columns
    #[arg(long, value_name = "V")]
    input: PathBuf,

    #[command(flatten)]
    reading: Reading,

    /// Ends when a sweep gains less than a thousandth of this share of the loss
    #[arg(long, value_name = "TOL", default_value_t = Options::TOL)]
    #[arg(allow_negative_numbers = true, value_parser = options::tolerance)]
    tol: f32,

    /// Pushes entries of H to zero: this much times their sum
    #[arg(long, value_name = "L", default_value_t = 0.0, allow_negative_numbers = true)]
    l1_h: f32,

    /// Keeps entries of H small: half of this times the sum of squares
    #[arg(long, value_name = "L", default_value_t = 0.0, allow_negative_numbers = true)]
    l2_h: f32,

    /// Take zeros for entries that are not known, and fit the others
    #[arg(long, value_name = "zero")]
    missing: Option<Missing>,

    /// File for H, r x the columns of the input, .npy
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

pub fn run(args: &Args) -> Result<()> {
    let w = Matrix::read(&args.w, ReadOptions::default())?;
    let v = args.reading.matrix(&args.input)?;
    if w.rows() != v.rows() {
        let problem = format!("{} rows, but {} has {}", v.rows(), shown(&args.w), w.rows());
        return Err(Error::format(v.name(), problem, "give W and data with the same rows"));
    }
    output::check(&args.out)?;
    let options = Factorization::options(w.cols()).tol(args.tol).penalty_h(args.l1_h, args.l2_h);
    let latents = if args.missing.is_some() {
        let rows = Compressed::from_dense(&v.entries(), v.rows(), v.cols(), |v| v > 0.0)?;
        options.max_epochs(10_000).transform(&SparseMatrix::observed(rows)?, &w.entries())?
    } else {
        options.transform(&LargeMatrix::of(&v)?, &w.entries())?
    };
    write_npy(&args.out, w.cols(), v.cols(), &latents.h)?;
    let ending = if latents.converged { "" } else { " (not converged)" };
    print(&format!(
        "loss            {}{ending}\n\
         relative error  {}\n\
         written         {} ({} x {})\n",
        readable(latents.loss),
        readable(latents.relative_error),
        shown(&args.out),
        w.cols(),
        v.cols(),
    ))
}
