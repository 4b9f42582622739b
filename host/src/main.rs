//! The `tinynmf` program.

mod cli;

use std::io::{self, Write};
use std::process::ExitCode;
use std::{panic, thread};

use tinynmf::interrupt;
use tinynmf::matrix::TABLE_READER;

/// Leaves a panic at a damaged table unsaid: the reader makes an error of it, which is one sentence.
fn quieten_readers() {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        if thread::current().name() != Some(TABLE_READER) {
            usual(panic);
        }
    }));
}

fn main() -> ExitCode {
    interrupt::install();
    quieten_readers();
    match cli::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Where stderr is closed, the exit code alone has to do.
            let _ = writeln!(io::stderr(), "tinynmf: {}", error.sentence());
            ExitCode::from(error.exit_code())
        }
    }
}
