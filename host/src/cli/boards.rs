//! `tinynmf boards`.

use std::fs;
use std::path::Path;
use std::time::Duration;

use tinynmf_host::device::{BOARDS, Board, COUNTS, Counts, DeviceError, identity, replace};
use tinynmf_host::error::{Error, Result};
use tinynmf_host::output;

use super::options::progress;
use super::print;

const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md");
const FIRMWARE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../firmware/README.md");

/// Run core on every emulated microcontroller: same bits, what it costs.
///
/// Costs are counted instructions, per multiply-add for products and epochs, and
/// bytes of stack and flash. Counts are the same on every machine.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  tinynmf boards --core Cortex-M4F")]
pub struct Args {
    /// Processor, like Cortex-M4F or RV32IMAC; without it, every one
    #[arg(long, value_name = "NAME")]
    core: Option<String>,

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
    let (mut identities, mut counts) = (Vec::new(), Counts::default());
    let bar = progress(boards.len() as u64, "boards");
    for board in boards {
        let (identity, costs) = measure(board).map_err(|error| {
            Error::argument(board.name, error.to_string(), "see firmware/README.md")
        })?;
        identities.push(identity);
        counts.set(board, &costs);
        bar.inc(1);
    }
    bar.finish_and_clear();
    let (identities, costs) = (identity::table(&identities), counts.table());
    if args.write {
        output::write(Path::new(COUNTS), |file| file.write_all(counts.to_csv().as_bytes()))?;
        rewrite(README, "identity", &identities)?;
        rewrite(FIRMWARE, "costs", &costs)?;
    }
    print(&format!("{identities}\n{costs}"))
}

fn measure(
    board: &Board,
) -> Result<(identity::Identity, Vec<tinynmf_host::device::Cost>), DeviceError> {
    const LIMIT: Duration = Duration::from_mins(2);
    let image = board.build()?;
    Ok((image.identity(LIMIT)?, image.costs(LIMIT)?))
}

/// Replaces a part of a text file.
fn rewrite(path: &str, name: &str, content: &str) -> Result<()> {
    let path = Path::new(path);
    let text = fs::read_to_string(path).map_err(|error| Error::read(path, error))?;
    let text = replace(&text, name, content).ok_or_else(|| {
        let problem = format!("it has no part `<!-- {name} -->`");
        Error::format(&path.display().to_string(), problem, "mark where the table belongs")
    })?;
    output::write(path, |file| file.write_all(text.as_bytes()))
}
