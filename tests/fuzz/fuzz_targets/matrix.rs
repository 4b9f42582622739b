//! `hostile::matrix` under libFuzzer.
#![no_main]

use std::path::Path;
use std::{panic, thread};

use tinynmf::matrix::TABLE_READER;

/// Leaves panics of the crates that read typed tables alone, since the reader makes errors of them; one in a line of this
/// repository still ends the run.
fn pass_over_crates() {
    let abort = panic::take_hook();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2);
    panic::set_hook(Box::new(move |panic| {
        let ours = panic
            .location()
            .zip(root)
            .is_none_or(|(at, root)| Path::new(at.file()).starts_with(root));
        if ours || thread::current().name() != Some(TABLE_READER) {
            abort(panic);
        }
    }));
}

libfuzzer_sys::fuzz_target!(init: pass_over_crates(), |bytes: &[u8]| {
    let _ = tinynmf_tests::hostile::matrix(bytes);
});
