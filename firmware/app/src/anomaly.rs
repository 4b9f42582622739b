//! A machine that is watched cycle by cycle, in integers.

use defmt::{Display2Format, println};
use tinynmf_anomaly::monitor::Learner;
use tinynmf_anomaly::session::session;

use crate::count::count;
use crate::order::Refusal;

/// The machine.
const SEED: u64 = 1;

/// Between marks: nothing, once; then the learning of W, and every cycle.
#[inline(never)]
pub fn report() -> Result<(), Refusal> {
    count(|| ());
    let outcome = session(
        SEED,
        |learner: &Learner| count(|| learner.learn()),
        |monitor, cycle| count(|| monitor.judge(cycle)),
        |_, _, _| (),
    )?;
    println!("anomaly {}", Display2Format(&outcome));
    Ok(())
}
