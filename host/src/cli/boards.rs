//! `tinynmf boards`.

use std::path::{Path, PathBuf};
use std::time::Duration;
use tinynmf::input;
use tinynmf::output::Files;
use tinynmf::text::shown;

use tinynmf::error::{Error, Result};
use tinynmf_core::Rule;
use tinynmf_lab::device::{
    BOARDS, Board, COUNTS, Counts, DeviceError, Order, Report, identity, replace, wasm_identity,
};

use super::options::progress;
use super::print;

const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md");
const FIRMWARE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../firmware/README.md");

/// How long a processor may take.
const LIMIT: Duration = Duration::from_mins(2);

/// Run core on every emulated microcontroller: same bits, what it costs.
///
/// Costs are counted instructions, per multiply-add for products and epochs, and
/// bytes of stack and flash. Counts are the same on every machine.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  tinynmf boards --core Cortex-M4F
  tinynmf boards --core Cortex-M4F --policy policy.tnmf")]
pub struct Args {
    /// Processor, like Cortex-M4F or RV32IMAC; without it, every one
    #[arg(long, value_name = "NAME")]
    core: Option<String>,

    /// Only factorise digits on the processor with this int8 policy, and compare the bits with the host's
    #[arg(long, value_name = "FILE", requires = "core")]
    policy: Option<PathBuf>,

    /// Put the tables into README.md and firmware/README.md
    #[arg(long, conflicts_with = "core")]
    write: bool,
}

pub fn run(args: &Args) -> Result<()> {
    let wanted = |core: &str| args.core.as_ref().is_none_or(|name| name.eq_ignore_ascii_case(core));
    let boards: Vec<_> = BOARDS.iter().filter(|board| wanted(board.core)).collect();
    if boards.is_empty() {
        let names: Vec<_> = BOARDS.iter().map(|board| board.core).collect();
        let remedy = format!("use one of {}", names.join(", "));
        return Err(Error::argument("--core", "there is no such processor", remedy));
    }
    if let Some(path) = &args.policy {
        return boards.into_iter().try_for_each(|board| try_policy(board, path));
    }
    let (mut identities, mut counts) = (Vec::new(), Counts::default());
    let bar = progress(boards.len() as u64, "boards");
    for board in boards {
        let (identity, costs) = measure(board).map_err(|error| Error::Device {
            board: board.name.to_owned(),
            reason: error.to_string(),
        })?;
        identities.push(identity);
        counts.set(board, &costs);
        bar.inc(1);
    }
    if args.core.is_none() {
        let identity = wasm_identity(LIMIT).map_err(|error| {
            Error::argument("WebAssembly", error.to_string(), "see firmware/README.md")
        })?;
        identities.push(identity);
    }
    bar.finish_and_clear();
    let (identities, costs) = (identity::table(&identities), counts.table());
    if args.write {
        let mut files = Files::new();
        files.write(Path::new(COUNTS), |file| file.write_all(counts.to_csv().as_bytes()))?;
        for (path, name, content) in
            [(README, "identity", &identities), (FIRMWARE, "costs", &costs)]
        {
            let text = rewritten(Path::new(path), name, content)?;
            files.write(Path::new(path), |file| file.write_all(text.as_bytes()))?;
        }
        files.commit()?;
    }
    if counts == Counts::default() {
        return print(&identities);
    }
    print(&format!("{identities}\n{costs}"))
}

/// Factorises digits on the board with the policy in a file.
fn try_policy(board: &Board, path: &Path) -> Result<()> {
    let blob = input::read(path, input::POLICY)?;
    // Before anything is built or emulated: a file at fault is no fault of the device.
    Rule::asking(&blob).map_err(|reason| {
        let remedy = "copy it again, or make it with `tinynmf export`";
        Error::format(&shown(path), reason.to_string(), remedy)
    })?;
    let failed = |reason: String| Error::Device { board: board.name.to_owned(), reason };
    let outcome = board.build().and_then(|image| image.run(Order::Policy(&blob), LIMIT));
    let report = outcome.map_err(|error| failed(error.to_string()))?.report;
    if report != report.recompute(Order::Policy(&blob))? {
        return Err(failed("its bits are not the host's: please report it".into()));
    }
    let Report { rule, epochs, w, h, .. } = &report;
    let loss = report.loss();
    print(&format!(
        "{}: {epochs} epochs of {rule} to a loss of {loss}; W {w:016x}, H {h:016x}, the host's bits\n",
        board.core
    ))
}

fn measure(
    board: &Board,
) -> Result<(identity::Identity, Vec<tinynmf_lab::device::Cost>), DeviceError> {
    let image = board.build()?;
    let costs = if board.is_counted() { image.costs(LIMIT)? } else { Vec::new() };
    Ok((image.identity(LIMIT)?, costs))
}

/// A text file with another content in one of its parts.
fn rewritten(path: &Path, name: &str, content: &str) -> Result<String> {
    let text = input::read_text(path, input::RECORD)?;
    replace(&text, name, content).ok_or_else(|| {
        let problem = format!("it has no part `<!-- {name} -->`");
        Error::format(&shown(path), problem, "mark where the table belongs")
    })
}
