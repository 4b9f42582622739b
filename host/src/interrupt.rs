//! Ctrl-C: stops the program at once, except between the first and the last file of a result.

use std::io::{self, Write};
use std::process;
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

/// The exit code of a program that the user stopped: 128 + SIGINT.
const STOPPED: i32 = 130;

/// Held for reading while files are written.
static WRITING: RwLock<()> = RwLock::new(());

/// Makes Ctrl-C (and SIGTERM, SIGHUP) end the program with exit code 130 as soon as no [`hold`] is in the way.
pub fn install() {
    let stop = || {
        let _written = WRITING.write().unwrap_or_else(PoisonError::into_inner);
        // Below the progress bar, if there is one.
        let _ = writeln!(io::stderr(), "\ntinynmf: stopped");
        process::exit(STOPPED);
    };
    // Without a handler the system's own stops the program: nothing is lost but the wait for files.
    ctrlc::set_handler(stop).ok();
}

/// Makes Ctrl-C wait until the guard is dropped, so that files that belong together are written together.
pub fn hold() -> RwLockReadGuard<'static, ()> {
    WRITING.read().unwrap_or_else(PoisonError::into_inner)
}
