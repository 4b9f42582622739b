//! `tinynmf factorize`.

mod earlier;
mod extras;
mod given;
mod task;

use std::path::{Path, PathBuf};

use tinynmf::error::{Error, Result};
use tinynmf::factorize::{Factorization, Init, Options, OutputFormat, Point, default_schedule};
use tinynmf::large::LargeMatrix;
use tinynmf::matrix::format;
use tinynmf::memory::{self, product};
use tinynmf::output::{self, OutputFolder};
use tinynmf::sparse::SparseMatrix;
use tinynmf::{policy_file, rule_name};
use tinynmf_core::Factor;

use self::extras::{Extras, PAGE};
use self::given::{factor, known_parts};
use self::task::Task;
use super::missing::{Entries, Mapped, Missing, V};
use super::options::{self, Penalties};
use super::{ranks, warn};

/// Factorise a matrix: V ≈ W H, written as w.npy, h.npy and loss.csv.
#[derive(Debug, clap::Args)]
#[command(after_help = format!(
    "Examples:\n  tinynmf factorize --input v.csv --rank 8 --out parts\n  \
    tinynmf factorize --input v.csv --rank 8 --out parts --start parts\n  \
    tinynmf factorize --input v.csv --rank 2..12 --out ranks\n\n\
    Ctrl-C ends the run after the epoch under way and keeps the best factors so\n\
    far; the second command goes on from them. Another Ctrl-C stops at once and\n\
    keeps nothing.\n\n{}",
    format::help()
))]
pub struct Args {
    /// Matrix to factorise; the formats are listed below
    #[arg(long, value_name = "V")]
    input: PathBuf,

    #[command(flatten)]
    reading: options::Reading,

    /// Rank: columns of W and rows of H; 2..12 compares ranks by hidden entries
    #[arg(long, value_name = "R", allow_negative_numbers = true)]
    rank: ranks::Ranks,

    /// Ends after this many epochs' worth of work; 0 writes the start
    #[arg(long, value_name = "T", default_value_t = Options::MAX_EPOCHS, allow_negative_numbers = true)]
    epochs: u32,

    /// Ends when the loss falls by less than this share of it in an epoch
    #[arg(long, value_name = "TOL", default_value_t = Options::TOL)]
    #[arg(allow_negative_numbers = true, value_parser = options::tolerance)]
    tol: f32,

    /// Share of columns and rows in a mini-batch; 1 leaves it to the rule
    #[arg(long, value_name = "F", default_value_t = 1.0, allow_negative_numbers = true)]
    #[arg(value_parser = options::share)]
    batch: f32,

    /// Policy for the rule `learned` or `schedule`, whichever it is for, instead of
    /// the one that ships
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,

    /// Rule: learned, bound(0.95), armijo, ...; if none is named, the rule that asks
    /// --policy, or else sweeps over samples that widen
    #[arg(long, value_name = "NAME")]
    rule: Option<String>,

    /// Seed of the start, of the samples and of random rules
    #[arg(long, value_name = "S", default_value_t = 0)]
    seed: u64,

    /// Start: random, nndsvd or nndsvda (from singular vectors)
    #[arg(long, value_name = "START", default_value = "random")]
    init: options::Start,

    /// Start from this W (m x r); needs --h0
    #[arg(long, value_name = "FILE", requires = "h0", conflicts_with = "init")]
    w0: Option<PathBuf>,

    /// Start from this H (r x n); needs --w0
    #[arg(long, value_name = "FILE", requires = "w0")]
    h0: Option<PathBuf>,

    /// Start from the W and H of an earlier factorisation in this folder, .npy or
    /// .csv
    #[arg(long, value_name = "DIR", conflicts_with_all = ["init", "w0"])]
    start: Option<PathBuf>,

    /// Keep the first columns of W as they are in this file (m x k): parts that
    /// are known, beside which others are found; names of rows must be V's
    #[arg(long, value_name = "FILE")]
    known_w: Option<PathBuf>,

    /// Keep the first rows of H as they are in this file (k x n); names of columns
    /// must be V's
    #[arg(long, value_name = "FILE")]
    known_h: Option<PathBuf>,

    /// Also write the start, as w0.npy and h0.npy
    #[arg(long)]
    save_start: bool,

    #[command(flatten)]
    extras: Extras,

    /// Number of starts, with seeds S, S + 1, ...; the best is kept
    #[arg(long, value_name = "N", default_value_t = 1, allow_negative_numbers = true)]
    #[arg(value_parser = options::count)]
    starts: usize,

    #[command(flatten)]
    penalties: Penalties,

    #[command(flatten)]
    missing: Missing,

    #[command(flatten)]
    mapped: Mapped,

    /// Threads to use; 0 is one a core
    #[arg(long, value_name = "N", default_value_t = 0, allow_negative_numbers = true)]
    #[arg(value_parser = options::threads)]
    threads: usize,

    /// Folder for the results; made if need be. Those of an earlier run are
    /// replaced, all of them
    #[arg(long, value_name = "DIR")]
    out: PathBuf,

    /// Files for W and H: npy, or csv with the names of rows and columns
    #[arg(long, value_name = "npy|csv", default_value = "npy", hide_default_value = true)]
    output_format: OutputFormat,
}

/// A start, saved beside the results.
const START: [&str; 2] = ["w0.npy", "h0.npy"];

pub fn run(args: &Args) -> Result<()> {
    if args.rank.is_range() {
        args.fits_a_range()?;
    }
    let files = args.output_format.files();
    let starts = if args.save_start { &START[..] } else { &[] };
    let page = args.extras.report.then_some(PAGE);
    let sound = args.extras.sound(&args.input)?;
    let pictures = args.extras.pictures(&args.input)?;
    let parts: Vec<String> = args.extras.part_files(args.rank.first()).flatten().collect();
    let names: Vec<&str> = files.iter().chain(&parts).map(String::as_str).collect();
    let names: Vec<&str> = names.into_iter().chain(starts.iter().copied()).chain(page).collect();
    let results: Vec<PathBuf> = names.iter().map(|name| args.out.join(name)).collect();
    output::apart(results.iter().map(PathBuf::as_path), args.inputs())?;
    let mut blob = Vec::new();
    let path = args.policy.as_deref();
    let asked = policy_file::asked(path, args.batch, &mut blob)?;
    let rule = match &args.rule {
        None if path.is_some() => asked.rule(),
        None => default_schedule(),
        Some(rule) => rule_name::parse(rule, &asked)?,
    };
    asked.check(path, std::slice::from_ref(&rule))?;
    let name = rule_name::name(&rule);
    let v = args.missing.read(args.reading, args.mapped, &args.input)?;
    suits(&v, &args.rank)?;
    if let Some(text) = args.penalties.one_sided(args.known_w.is_some(), args.known_h.is_some()) {
        warn(&text);
    }
    if args.extras.report {
        v.has_rows_at_hand()?;
    }
    let rank = args.rank.first();
    let earlier = args.start.as_deref().map(earlier::factors).transpose()?;
    let start = match (&args.w0, &args.h0) {
        (Some(w), Some(h)) => Some([w.clone(), h.clone()]),
        _ => earlier,
    };
    let given = match &start {
        Some([w, h]) => Some([factor(w, Factor::W, &v, rank)?, factor(h, Factor::H, &v, rank)?]),
        _ => None,
    };
    let known = |path: &PathBuf, factor| known_parts(path, factor, &v, rank);
    let known_w = args.known_w.as_ref().map(|path| known(path, Factor::W)).transpose()?;
    let known_h = args.known_h.as_ref().map(|path| known(path, Factor::H)).transpose()?;
    let of_ranks = if args.rank.is_range() { Some(v.rows()?) } else { None };
    let records = product([args.epochs as usize, size_of::<Point>()]);
    memory::allow("factorize", &[("--epochs", records)])?;
    let fresh = !args.out.exists();
    let folder = OutputFolder::create(&args.out)?;
    folder.expect(&names)?;
    let options = Factorization::options(args.rank.first())
        .schedule(rule)
        .max_epochs(args.epochs)
        .tol(args.tol)
        .batch(args.batch)
        .seed(args.seed)
        .starts(args.starts)
        .penalties(args.penalties.all())
        .threads(args.threads);
    if let Some(rows) = of_ranks {
        return ranks::compare(
            &rows,
            &args.rank,
            args.seed,
            &options.init(args.init.init()),
            &folder,
        );
    }
    let init = match &given {
        Some([w, h]) => Init::Given { w, h },
        None => args.init.init(),
    };
    let mut options = options.init(init);
    if let Some(w) = &known_w {
        options = options.known_w(w);
    }
    if let Some(h) = &known_h {
        options = options.known_h(h);
    }
    let task = Task { args, name: &name, v: &v, sound, pictures, folder: &folder, fresh };
    match &v.entries {
        Entries::All(matrix) => task.run(&LargeMatrix::of(matrix)?, &options),
        Entries::Sparse(matrix) => {
            task.run(&SparseMatrix::new(matrix.entries().clone())?, &options)
        }
        Entries::Known(known) => task.run(&SparseMatrix::observed(known.clone())?, &options),
        Entries::Mapped(matrix) => task.run(matrix, &options),
    }
}

impl Args {
    /// The files that are read, but for those of a start, which may stand where its results will.
    fn inputs(&self) -> impl Iterator<Item = &Path> {
        let inputs = [Some(&self.input), self.policy.as_ref()].into_iter();
        let known = [self.known_w.as_ref(), self.known_h.as_ref()];
        inputs.chain(known).flatten().map(PathBuf::as_path).chain(self.missing.mask())
    }

    /// The files of an earlier run in the folder for the results, none of which is read as itself by this one.
    fn earlier_files(&self) -> Vec<String> {
        let start = [self.w0.as_deref(), self.h0.as_deref()];
        earlier::files(&self.out, self.inputs().chain(start.into_iter().flatten()))
    }

    /// Refuses what would be left aside where ranks are compared, which writes no factors and draws its own starts.
    fn fits_a_range(&self) -> Result<()> {
        let csv = self.output_format == OutputFormat::Csv;
        let given = [
            ("--start", self.start.is_some()),
            ("--w0", self.w0.is_some()),
            ("--save-start", self.save_start),
            ("--report", self.extras.report),
            ("--sounds", self.extras.sounds),
            ("--pictures", self.extras.pictures),
            ("--known-w", self.known_w.is_some()),
            ("--known-h", self.known_h.is_some()),
            ("--output-format", csv),
        ];
        let Some((option, _)) = given.into_iter().find(|(_, given)| *given) else { return Ok(()) };
        let problem = "ranks are compared by their errors, and no factors are written";
        Err(Error::argument(option, problem, "leave it out, or name one rank"))
    }
}

/// Refuses rank 0 and ranks beyond both sides; warns of those beyond the smaller one.
fn suits(v: &V, ranks: &ranks::Ranks) -> Result<()> {
    let [rows, columns] = v.shape;
    let (smaller, larger) = (rows.min(columns), rows.max(columns));
    let (first, last) = (ranks.first(), ranks.last());
    if first == 0 || last > larger {
        let rank = if first == 0 { first } else { last };
        let problem = format!("{rank} does not suit {}, which is {rows} x {columns}", v.name);
        let remedy = if smaller == larger {
            format!("choose a rank from 1 to {larger}")
        } else {
            format!("choose a rank from 1 to {larger}, of which {smaller} always does")
        };
        return Err(Error::argument("--rank", problem, remedy));
    }
    if last > smaller {
        warn(&format!(
            "rank {last} is above {smaller}, the smaller side, at which W H can equal V already"
        ));
    }
    Ok(())
}
