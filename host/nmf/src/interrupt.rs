//! Ctrl-C: stops the program at once, except while a result is written and where somebody listens.

use std::io::{self, Write};
use std::process;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::error::STOPPED;

/// How many results are being written.
static WRITING: Mutex<usize> = Mutex::new(0);

/// Wakes whoever waits until there are none.
static WRITTEN: Condvar = Condvar::new();

/// Whether somebody asks [`asked`] from time to time.
static LISTENED: AtomicBool = AtomicBool::new(false);

/// Whether the user has asked the program to stop.
static ASKED: AtomicBool = AtomicBool::new(false);

/// A note to the user for when the program stops.
static NOTE: Mutex<String> = Mutex::new(String::new());

/// Makes Ctrl-C (and SIGTERM, SIGHUP) end the program with exit code 130 as soon as no hold is in the way, or
/// tells whoever [`listen`]s; then a second one ends it.
pub fn install() {
    let stop = || {
        if LISTENED.load(Ordering::SeqCst) && !ASKED.swap(true, Ordering::SeqCst) {
            return;
        }
        // Kept until the end, so that nothing more is begun.
        let _written = WRITTEN.wait_while(locked(&WRITING), |count| *count > 0);
        let note = locked(&NOTE);
        // Below the progress bar, if there is one.
        let _ = writeln!(io::stderr(), "\ntinynmf: stopped{note}");
        process::exit(STOPPED.into());
    };
    // Without a handler the system's own stops the program: nothing is lost but the wait for files.
    ctrlc::set_handler(stop).ok();
}

/// A result on its way.
#[derive(Debug)]
pub(crate) struct Hold(());

/// Makes Ctrl-C wait until what is returned is dropped: whatever is written until then is written whole, and no
/// temporary file stays.
pub(crate) fn hold() -> Hold {
    *locked(&WRITING) += 1;
    Hold(())
}

impl Drop for Hold {
    fn drop(&mut self) {
        *locked(&WRITING) -= 1;
        WRITTEN.notify_all();
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Sets the note that the program adds to `stopped` from now on, such as `; go on with --resume`.
pub fn note(text: impl Into<String>) {
    *locked(&NOTE) = text.into();
}

/// Somebody who looks at [`Listener::asked`] often enough that the first Ctrl-C may be left to them.
#[derive(Debug)]
#[must_use = "nobody listens any more once this is dropped"]
pub struct Listener(());

/// Leaves the first Ctrl-C to the caller, until what is returned is dropped.
pub fn listen() -> Listener {
    LISTENED.store(true, Ordering::SeqCst);
    Listener(())
}

impl Listener {
    /// Whether the user has asked the program to stop.
    #[must_use]
    pub fn asked(&self) -> bool {
        ASKED.load(Ordering::SeqCst)
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        LISTENED.store(false, Ordering::SeqCst);
    }
}
