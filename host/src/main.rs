//! The `tinynmf` program.

mod cli;

use std::io::{self, Write};
use std::process::ExitCode;

use tinynmf::interrupt;

fn main() -> ExitCode {
    interrupt::install();
    match cli::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Where stderr is closed, the exit code alone has to do.
            let _ = writeln!(io::stderr(), "tinynmf: {}", error.sentence());
            ExitCode::from(error.exit_code())
        }
    }
}
