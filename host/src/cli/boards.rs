//! `tinynmf boards`.

use std::time::Duration;

use tinynmf_host::device::{BOARDS, Counts};
use tinynmf_host::error::{Error, Result};

use super::print;

/// Count what core costs on each emulated microcontroller, in instructions.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  tinynmf boards --core Cortex-M4F")]
pub struct Args {
    /// Processor, like Cortex-M4F or RV32IMAC; without it, every one
    #[arg(long, value_name = "NAME")]
    core: Option<String>,
}

pub fn run(args: &Args) -> Result<()> {
    const LIMIT: Duration = Duration::from_mins(2);
    let wanted = |core: &str| args.core.as_ref().is_none_or(|name| name.eq_ignore_ascii_case(core));
    let boards: Vec<_> = BOARDS.iter().filter(|board| wanted(board.core)).collect();
    if boards.is_empty() {
        let names: Vec<_> = BOARDS.iter().map(|board| board.core).collect();
        let remedy = format!("use one of {}", names.join(", "));
        return Err(Error::argument("--core", "there is no such processor", remedy));
    }
    let mut counts = Counts::default();
    for board in boards {
        let costs = board.build().and_then(|image| image.costs(LIMIT));
        let costs = costs.map_err(|error| {
            Error::argument(board.name, error.to_string(), "see firmware/README.md")
        })?;
        counts.set(board, &costs);
    }
    print(&counts.table())
}
