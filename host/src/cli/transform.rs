//! `tinynmf transform`.

use std::path::PathBuf;

use tinynmf::error::{Error, Result};
use tinynmf::factorize::{self, Factorization, Options, OutputFormat, part_names};
use tinynmf::large::LargeMatrix;
use tinynmf::matrix::{Matrix, ReadOptions, extension, format, write_npy, write_table};
use tinynmf::output;
use tinynmf::sparse::SparseMatrix;
use tinynmf::text::{readable, shown};

use super::missing::{Entries, Mapped, Missing};
use super::names::{self, Side};
use super::options::{self, Reading};
use super::print;

/// Find H for new data whose parts W are known.
#[derive(Debug, clap::Args)]
#[command(after_help = format!(
    "Example:\n  tinynmf transform --w parts/w.npy --input new.csv --out h.npy\n\n{}",
    format::help()
))]
pub struct Args {
    /// W of an earlier factorisation, m x r
    #[arg(long, value_name = "FILE")]
    w: PathBuf,

    /// New data: the rows of W, by the same names in the same order, and any
    /// number of columns
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

    #[command(flatten)]
    missing: Missing,

    #[command(flatten)]
    mapped: Mapped,

    /// File for H, r x the columns of the input: .npy, or .csv with names
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

pub fn run(args: &Args) -> Result<()> {
    let format: OutputFormat = extension(&args.out).parse().map_err(|problem: &str| {
        let problem = format!("{} has another ending: {problem}", shown(&args.out));
        Error::argument("--out", problem, "name a file like h.npy or h.csv")
    })?;
    let w = Matrix::read(&args.w, ReadOptions::default())?;
    let v = args.missing.read(args.reading, args.mapped, &args.input)?;
    let [rows, columns] = v.shape;
    if w.rows() != rows {
        let problem = format!("{rows} rows, but {} has {}", shown(&args.w), w.rows());
        return Err(Error::format(&v.name, problem, "give W and data with the same rows"));
    }
    names::agree(&shown(&args.w), w.row_names(), &v, Side::Rows)?;
    output::check(&args.out)?;
    let column_names = v.names()[1].map(<[_]>::to_vec);
    let options = Factorization::options(w.cols()).tol(args.tol).penalty_h(args.l1_h, args.l2_h);
    let w_entries = w.entries();
    let latents = match v.entries {
        Entries::All(matrix) => options.transform(&LargeMatrix::of(&matrix)?, &w_entries)?,
        Entries::Sparse(matrix) => {
            options.transform(&SparseMatrix::new(matrix.into_entries())?, &w_entries)?
        }
        Entries::Known(known) => {
            options.max_epochs(10_000).transform(&SparseMatrix::observed(known)?, &w_entries)?
        }
        Entries::Mapped(matrix) => options.transform(&matrix, &w_entries)?,
    };
    match format {
        OutputFormat::Npy => write_npy(&args.out, w.cols(), columns, &latents.h)?,
        OutputFormat::Csv => {
            let parts = w.column_names().map_or_else(|| part_names(w.cols()), <[_]>::to_vec);
            let columns = factorize::names(column_names.as_deref(), columns);
            write_table(&args.out, &parts, &columns, &latents.h)?;
        }
    }
    let ending = if latents.converged { "" } else { " (not converged)" };
    print(&format!(
        "loss            {}{ending}\n\
         relative error  {}\n\
         written         {} ({} x {})\n",
        readable(latents.loss),
        readable(latents.relative_error),
        shown(&args.out),
        w.cols(),
        columns,
    ))
}
