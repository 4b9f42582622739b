//! Every step rule on the problem that processors are compared by.

use tinynmf_core::{Error, Fingerprint};
use tinynmf_digits::{Report, identity};

use crate::line::say;

/// Does every run; `each` gets its report.
fn reports(mut each: impl FnMut(&Report)) -> Result<(), Error> {
    for k in 0..identity::RUNS {
        each(&identity::run(k)?.report(|_, _, _| ())?);
    }
    Ok(())
}

/// Prints what a board prints, a report a line; 0 once all are done.
#[unsafe(no_mangle)]
pub extern "C" fn identity() -> u32 {
    let mut said = true;
    let done = reports(|report| said &= say(format_args!("report {report}")));
    u32::from(done.is_err() || !said)
}

/// One number for W, H and the losses of all runs, as the table of processors has it; 0 if one failed.
#[unsafe(no_mangle)]
pub extern "C" fn fingerprint() -> u64 {
    let mut all = Fingerprint::new();
    let done = reports(|report| report.fingerprints().into_iter().for_each(|word| all.word(word)));
    done.map_or(0, |()| all.value())
}

/// How many runs those are.
#[unsafe(no_mangle)]
pub extern "C" fn runs() -> u32 {
    identity::RUNS as u32
}
