//! The `tinynmf` program.

mod cli;

use std::io::{self, Write};
use std::process::ExitCode;

use tinynmf_host::error::Error;
use tinynmf_host::interrupt;

fn main() -> ExitCode {
    interrupt::install();
    match cli::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Where stderr is closed, the exit code alone has to do.
            let _ = writeln!(io::stderr(), "tinynmf: {error}");
            ExitCode::from(Error::EXIT_CODE)
        }
    }
}
