//! `tinynmf reproduce`.

use std::path::PathBuf;
use tinynmf::input;
use tinynmf::text::shown;

use tinynmf::error::{Error, Result};
use tinynmf::interrupt;
use tinynmf::output::{self, OutputFolder};
use tinynmf_lab::reproduce::lab::{Event, Lab};
use tinynmf_lab::reproduce::plate::Plate;
use tinynmf_lab::reproduce::setup::{Scale, Setup};
use tinynmf_lab::reproduce::{Figure, epochs, report, reproduce};

use super::options::progress;
use super::print;

/// Where runs and agents are kept, and what they were made for.
const RUNS: &str = "runs";
const PLAN: &str = "plan.json";

/// Remake the experiments of the paper that this program grew from.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    tinynmf reproduce --out out/small\n  \
    tinynmf reproduce --figure 1a,3 --scale paper --out out/paper\n  \
    tinynmf reproduce --scale paper --out out/paper --resume\n\n\
    Writes a CSV, a PNG and an SVG for every figure, report.html with the\n\
    paper's claims beside what was measured, and claims.csv. Runs and agents are\n\
    kept in DIR/runs: what was stopped, by Ctrl-C too, goes on with --resume.")]
pub struct Args {
    /// Figures of the paper, or a3 for its theorem; all without
    #[arg(long, value_name = "LIST", value_delimiter = ',', hide_possible_values = true)]
    figure: Vec<String>,

    /// Size of the problem
    #[arg(long, value_enum, default_value = "small")]
    scale: Scale,

    /// Folder for everything
    #[arg(long, value_name = "DIR")]
    out: PathBuf,

    /// Go on with what is in DIR
    #[arg(long)]
    resume: bool,
}

pub fn run(args: &Args) -> Result<()> {
    let figures = figures(&args.figure)?;
    let setup = Setup::new(args.scale);
    let (folder, runs) = open(args, &setup)?;
    let bar = progress(epochs(&setup, &figures), "epochs");
    let each = |event| match event {
        Event::Done(epochs) => bar.inc(epochs),
        Event::Spared(epochs) => bar.dec_length(epochs),
    };
    let lab = Lab::new(&setup, runs, &each);
    let plates = reproduce(&lab, &figures, |plate| save(plate, &folder))?;
    bar.finish_and_clear();
    let html = report::html(args.scale, &setup, &plates).map_err(|problem| {
        let (path, problem) =
            (folder.file("report.html"), format!("the report cannot be drawn ({problem})"));
        Error::format(&shown(&path), problem, "report this as a bug")
    })?;
    let mut results = folder.stage()?;
    results.write("report.html", |file| file.write_all(html.as_bytes()))?;
    results.write("claims.csv", |file| report::claims(args.scale, &plates).write(file))?;
    results.commit()?;
    let place = shown(folder.path());
    print(&format!(
        "{}\nreport.html, claims.csv and the figures are in {place}\n",
        report::text(&plates)
    ))
}

/// The figures that a list names, in the paper's order, each once.
fn figures(list: &[String]) -> Result<Vec<Figure>> {
    let all = Figure::all();
    if list.is_empty() || list.iter().any(|name| name == "all") {
        return Ok(all);
    }
    let known = || all.iter().map(|figure| figure.id()).collect::<Vec<_>>().join(", ");
    for name in list {
        if all.iter().all(|figure| figure.id() != *name) {
            let problem = format!("there is no figure '{name}'");
            return Err(Error::argument(
                "--figure",
                problem,
                format!("use some of {}, or all", known()),
            ));
        }
    }
    Ok(all.into_iter().filter(|figure| list.contains(&figure.id())).collect())
}

/// The folder, and the one in it where runs are kept; refused if it holds runs that were not asked for.
fn open(args: &Args, setup: &Setup) -> Result<(OutputFolder, OutputFolder)> {
    let path = args.out.join(PLAN);
    let there = path.exists().then(|| input::read(&path, input::RECORD)).transpose()?;
    if let Some(there) = &there {
        if !args.resume {
            let problem = format!("{} holds a reproduction", shown(&args.out));
            return Err(Error::argument("--out", problem, "add --resume, or name another folder"));
        }
        if serde_json::from_slice::<Setup>(there).ok().as_ref() != Some(setup) {
            let problem =
                format!("{} holds a reproduction of another scale or version", shown(&args.out));
            return Err(Error::argument("--out", problem, "name another folder"));
        }
    }
    let folder = OutputFolder::create(&args.out)?;
    interrupt::note("; add --resume to go on");
    let runs = OutputFolder::create(args.out.join(RUNS))?;
    if there.is_none() {
        output::write(&path, |file| Ok(serde_json::to_writer(file, setup)?))?;
    }
    Ok((folder, runs))
}

/// Writes a figure's files.
fn save(plate: &Plate, folder: &OutputFolder) -> Result<()> {
    let mut results = folder.stage()?;
    let name = |what: &str| format!("figure-{}{what}", plate.id);
    for (table, what) in [(&plate.curves, ".csv"), (&plate.summary, "-summary.csv")] {
        if !table.rows.is_empty() {
            results.write(&name(what), |file| table.write(file))?;
        }
    }
    results.save(&name(".png"), |path| plate.picture.save(path))?;
    results.save(&name(".svg"), |path| plate.picture.save(path))?;
    results.commit()
}
