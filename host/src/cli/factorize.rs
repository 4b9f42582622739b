//! `tinynmf factorize`.

use std::io::IsTerminal;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Instant;

use tinynmf::error::{Error, Result};
use tinynmf::factorize::{
    Factorization, Init, Options, OutputFormat, Point, Seen, check_rank, default_schedule,
};
use tinynmf::large::LargeMatrix;
use tinynmf::matrix::{Matrix, ReadOptions, format, write_npy};
use tinynmf::memory::{self, product};
use tinynmf::output::{self, OutputFolder};
use tinynmf::source::Source;
use tinynmf::sparse::SparseMatrix;
use tinynmf::text::{readable, shown};
use tinynmf::{interrupt, policy_file, rule_name};
use tinynmf_core::Rule;
use tinynmf_lab::parts::{self, About};

use super::missing::{Entries, Mapped, Missing, V};
use super::options::{self, Penalties, progress, tell};
use super::{print, ranks};

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
    #[arg(long, value_name = "T", default_value_t = 200, allow_negative_numbers = true)]
    epochs: u32,

    /// Ends when the loss falls by less than this share of it in an epoch
    #[arg(long, value_name = "TOL", default_value_t = Options::TOL)]
    #[arg(allow_negative_numbers = true, value_parser = options::tolerance)]
    tol: f32,

    /// Share of columns and rows in a mini-batch; 1 leaves it to the rule
    #[arg(long, value_name = "F", default_value_t = 1.0, allow_negative_numbers = true)]
    #[arg(value_parser = options::share)]
    batch: f32,

    /// Policy for the rule `learned`, instead of the one that ships
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,

    /// Rule: learned, bound(0.95), armijo, ...; sweeps over samples that widen if
    /// none is named
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

    /// Start from the W and H of an earlier factorisation in this folder
    #[arg(long, value_name = "DIR", conflicts_with_all = ["init", "w0"])]
    start: Option<PathBuf>,

    /// Also write the start, as w0.npy and h0.npy
    #[arg(long)]
    save_start: bool,

    /// Also write report.html: the loss, the parts drawn, the worst rows
    #[arg(long)]
    report: bool,

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
    #[arg(long, value_name = "N", default_value_t = 0)]
    threads: usize,

    /// Folder for the results; made if need be
    #[arg(long, value_name = "DIR")]
    out: PathBuf,

    /// Files for W and H: npy, or csv with the names of rows and columns
    #[arg(long, value_name = "npy|csv", default_value = "npy", hide_default_value = true)]
    output_format: OutputFormat,
}

/// The page that shows what was found.
const PAGE: &str = "report.html";

/// A start, saved beside the results.
const START: [&str; 2] = ["w0.npy", "h0.npy"];

pub fn run(args: &Args) -> Result<()> {
    let files = args.output_format.files();
    let starts = if args.save_start { &START[..] } else { &[] };
    let page = args.report.then_some(PAGE);
    let names: Vec<&str> =
        files.iter().map(String::as_str).chain(starts.iter().copied()).chain(page).collect();
    let results: Vec<PathBuf> = names.iter().map(|name| args.out.join(name)).collect();
    let inputs = [Some(&args.input), args.policy.as_ref()].into_iter().flatten();
    output::apart(results.iter().map(PathBuf::as_path), inputs.map(PathBuf::as_path))?;
    let mut blob = Vec::new();
    let policy = policy_file::read(args.policy.as_deref(), args.batch, &mut blob)?;
    let rule = match &args.rule {
        None => default_schedule(),
        Some(rule) => rule_name::parse(rule, &policy)?,
    };
    let name = rule_name::name(&rule);
    let v = args.missing.read(args.reading, args.mapped, &args.input)?;
    let [rows, columns] = v.shape;
    for rank in args.rank.all() {
        suits(&v, rank)?;
    }
    if args.report {
        v.has_rows_at_hand()?;
    }
    let rank = args.rank.first();
    let earlier = args.start.as_ref().map(|start| [&files[0], &files[1]].map(|it| start.join(it)));
    let start = match (&args.w0, &args.h0) {
        (Some(w), Some(h)) => Some([w.clone(), h.clone()]),
        _ => earlier,
    };
    let given = match &start {
        Some([w, h]) => Some([factor(w, [rows, rank])?, factor(h, [rank, columns])?]),
        _ => None,
    };
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
    let options = options.init(init);
    let task = Task { args, name: &name, v: &v, folder: &folder, fresh };
    match &v.entries {
        Entries::All(matrix) => task.run(&LargeMatrix::of(matrix)?, &options),
        Entries::Sparse(matrix) => {
            task.run(&SparseMatrix::new(matrix.entries().clone())?, &options)
        }
        Entries::Known(known) => task.run(&SparseMatrix::observed(known.clone())?, &options),
        Entries::Mapped(matrix) => task.run(matrix, &options),
    }
}

/// Refuses rank 0 and ranks beyond both sides; warns of those beyond the smaller one.
fn suits(v: &V, rank: usize) -> Result<()> {
    let [rows, columns] = v.shape;
    if rank == 0 || rank > rows.max(columns) {
        return check_rank(&v.name, v.shape, rank);
    }
    if rank > rows.min(columns) {
        tell(&format!(
            "warning: rank {rank} is above {}, the smaller side, at which W H can equal V already",
            rows.min(columns)
        ));
    }
    Ok(())
}

/// A factor from a file, of the shape that is needed.
pub fn factor(path: &Path, [rows, columns]: [usize; 2]) -> Result<Vec<f32>> {
    let factor = Matrix::read(path, ReadOptions::default())?;
    let found = [factor.rows(), factor.cols()];
    if found == [rows, columns] {
        return Ok(factor.entries().into_owned());
    }
    let problem = format!("this is {} x {}, but {rows} x {columns} fits", found[0], found[1]);
    let name = shown(path);
    Err(Error::format(&name, problem, "name the factor of this matrix and rank"))
}

/// A factorisation that the command line asks for.
struct Task<'a> {
    args: &'a Args,
    name: &'a str,
    v: &'a V,
    folder: &'a OutputFolder,
    /// Whether the folder was made for this.
    fresh: bool,
}

impl Task<'_> {
    fn run<V: Source>(&self, v: &V, options: &Options<'_, Rule<'_>>) -> Result<()> {
        let Self { args, folder, v: v_read, .. } = self;
        let begun = Instant::now();
        let steps = u64::from(args.epochs) * args.starts as u64;
        let bar = progress(steps, "epochs");
        let is_shown = std::io::stderr().is_terminal();
        let costs = std::sync::Mutex::new(vec![0.0_f64; args.starts]);
        let listener = interrupt::listen();
        let observer = |seen: &Seen<'_>| {
            if is_shown && let Ok(mut costs) = costs.lock() {
                costs[seen.start] = seen.cost;
                bar.set_position((costs.iter().sum::<f64>() as u64).min(steps));
            }
            if listener.asked() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let found = options.clone().observer(&observer).fit(v)?;
        drop(listener);
        bar.finish_and_clear();
        if found.diverged {
            if self.fresh {
                // Empty unless somebody else uses it by now.
                let _ = std::fs::remove_dir(folder.path());
            }
            let problem = format!("{} made this run diverge; nothing was written", self.name);
            return Err(Error::argument(
                "--rule",
                problem,
                "choose another rule or a smaller step",
            ));
        }
        let seconds = begun.elapsed().as_secs_f64();
        let mut results = folder.stage()?;
        if args.save_start {
            let start = options.clone().max_epochs(0).starts(1).fit(v)?;
            results.save(START[0], |path| write_npy(path, start.rows, start.rank, &start.w))?;
            results.save(START[1], |path| write_npy(path, start.rank, start.columns, &start.h))?;
        }
        found.save(&mut results, v_read.names(), args.output_format)?;
        if args.report {
            let page = self.page(&found, seconds)?;
            results.write(PAGE, |file| file.write_all(page.as_bytes()))?;
        }
        results.commit()?;
        self.report(&found)
    }

    /// The page that shows what was found.
    fn page(&self, found: &Factorization, seconds: f64) -> Result<String> {
        let about = About {
            input: &self.v.name,
            rule: self.name,
            seed: self.args.seed.wrapping_add(found.start as u64),
            seconds,
            names: self.v.names(),
        };
        let page = parts::report(found, &about, |row| self.v.row(row));
        page.map_err(|problem| Error::argument("--report", problem, "leave --report out"))
    }

    fn report(&self, found: &Factorization) -> Result<()> {
        let Self { args, name, folder, .. } = self;
        let ending = args.output_format.extension();
        let page = if args.report { ", report.html" } else { "" };
        let best = if args.starts > 1 {
            format!(" (the best of {} starts)", args.starts)
        } else {
            String::new()
        };
        print(&format!(
            "rule            {name}, seed {}{best}\n\
             ending          {}\n\
             loss            {} (start: {})\n\
             relative error  {}\n\
             written         {}: w.{ending} ({} x {}), h.{ending} ({} x {}), loss.csv{page}\n",
            args.seed.wrapping_add(found.start as u64),
            found.ending("--epochs"),
            readable(found.loss),
            readable(found.history[0].objective),
            readable(found.relative_error),
            shown(folder.path()),
            found.rows,
            found.rank,
            found.rank,
            found.columns,
        ))?;
        if !found.stopped {
            return Ok(());
        }
        let place = shown(&args.out);
        Err(Error::Stopped {
            when: format!(
                "after {} epochs' worth of work, and {place} holds the best so far",
                readable(found.cost as f32)
            ),
            remedy: format!("add --start {place} to go on from there"),
        })
    }
}
