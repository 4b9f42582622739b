//! `tinynmf monitor`.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use tinynmf::input;
use tinynmf::text::{one_line, shown};

use console::Term;
use tinynmf::error::{Error, Result};
use tinynmf_lab::device::Formats;
use tinynmf_lab::monitor::Monitor;

use super::print;

/// Draw loss and step size of a device live, from its defmt log.
///
/// The log comes from QEMU or from a probe (RTT, serial, or a dump of either).
/// Where the output is no terminal, the log is printed line by line.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  qemu-system-arm ... -kernel IMAGE | tinynmf monitor --elf IMAGE"
)]
pub struct Args {
    /// The image that runs on the device, an ELF file: it holds the log's texts
    #[arg(long, value_name = "IMAGE")]
    elf: PathBuf,

    /// File with the log; without it, standard input
    log: Option<PathBuf>,
}

pub fn run(args: &Args) -> Result<()> {
    let image = input::read(&args.elf, input::IMAGE)?;
    let formats = Formats::parse(&image).map_err(|error| {
        Error::format(&shown(&args.elf), error.to_string(), "give the image that the device runs")
    })?;
    let mut input: Box<dyn Read> = match &args.log {
        Some(path) => Box::new(File::open(path).map_err(|error| Error::read(path, error))?),
        None => Box::new(io::stdin().lock()),
    };
    let terminal = Term::stdout();
    let (mut monitor, mut drawn, mut printed) = (Monitor::default(), 0, Ok(()));
    let damaged = formats.follow(&mut input, |line| {
        if printed.is_err() {
            return;
        }
        // Whatever the device says, it does not get to move the cursor.
        let line = &one_line(line);
        printed = if !terminal.is_term() {
            print(&format!("{line}\n"))
        } else if monitor.line(line) {
            let picture = monitor.draw();
            let cleared = terminal.clear_last_lines(drawn);
            drawn = picture.lines().count();
            cleared.map_err(output).and_then(|()| print(&picture))
        } else {
            drawn = 0;
            print(&format!("{line}\n"))
        };
    });
    printed?;
    let source = args.log.as_deref().unwrap_or(Path::new("standard input"));
    let damaged = damaged.map_err(|error| {
        let remedy = "give the image that the device runs, and nothing but its defmt stream";
        Error::format(&shown(source), error.to_string(), remedy)
    })?;
    if damaged > 0 {
        print(&format!("{damaged} damaged frames were left out\n"))?;
    }
    Ok(())
}

fn output(error: io::Error) -> Error {
    Error::write(Path::new("standard output"), error)
}
