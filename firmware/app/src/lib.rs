//! The work of every board: factorise handwritten digits held in flash, and report to the host through
//! semihosting.
//!
//! | command line of the image | does |
//! |---|---|
//! | (nothing) | factorises digits with the policy in flash |
//! | `bound` | the same with bound(0.95) |
//! | a file name | the same with the policy in that file of the host |
//! | `identity` | factorises a few digits with every step rule |
//! | `stream` | tells two synthesised sounds apart as they come |
//! | `faults` | feeds the columns of failing sensors to online NMF |
//! | `brownout` | restarts in the middle of a step of a stream, and goes on |
//! | `resume` | restarts in the middle of epochs of a factorisation, and ends as if nothing had been |
//! | `costs` | runs every piece of core between the marks of QEMU's counting plugin |
//!
//! The features `runs` and `costs`, both on by default, leave out the last line, or all lines from `identity` to
//! `resume`: not every flash holds them all. An image with the feature `emg` alone recognises gestures instead:
//!
//! | command line of the image | recognises the gestures of the session in the host's file `emg.bin` |
//! |---|---|
//! | `fixed` | with the synergies of the first session |
//! | `relearnt` | with synergies that follow the electrodes |
//! | `integers`, `integers-relearnt` | the same in integers |
//!
//! An image with the feature `anomaly` alone watches a synthetic machine when the command line is `watch`.
//!
//! Exit codes: 0 reported; 1 refused, with the reason logged; 101 panicked; 102 faulted.

#![no_std]
#![deny(unsafe_code)]

#[cfg(feature = "anomaly")]
mod anomaly;
#[cfg(feature = "runs")]
mod brownout;
#[cfg(feature = "costs")]
mod costs;
#[cfg(any(feature = "anomaly", feature = "costs", feature = "emg"))]
mod count;
#[cfg(feature = "emg")]
mod emg;
#[cfg(feature = "runs")]
mod faults;
#[cfg(feature = "runs")]
mod kept;
// Without runs nobody asks for a policy file.
#[cfg_attr(not(feature = "runs"), allow(dead_code))]
mod order;
#[cfg(feature = "runs")]
mod report;
#[cfg(feature = "runs")]
mod resume;
#[cfg(feature = "costs")]
mod stack;
#[cfg(feature = "runs")]
mod stream;

use core::panic::PanicInfo;
use core::sync::atomic::{AtomicBool, Ordering};

use defmt_semihosting as _; // carries every log line
use order::{CommandLine, Refusal};
use semihosting::process;

/// Does what the command line asks for, on the first `IMAGES` digits with rank `RANK`, and ends the
/// emulation. `ROOM` bytes of stack are there to spare, for a policy file.
pub fn main<const IMAGES: usize, const RANK: usize, const ROOM: usize>() -> ! {
    match work::<IMAGES, RANK, ROOM>() {
        Ok(()) => process::exit(0),
        Err(refusal) => {
            defmt::error!("{}", defmt::Display2Format(&refusal));
            process::exit(1)
        }
    }
}

fn work<const IMAGES: usize, const RANK: usize, const ROOM: usize>() -> Result<(), Refusal> {
    let line = CommandLine::read()?;
    match line.word()? {
        #[cfg(feature = "runs")]
        Some("identity") => report::identity(),
        #[cfg(feature = "runs")]
        Some("stream") => stream::report(),
        #[cfg(feature = "runs")]
        Some("faults") => faults::report(),
        #[cfg(feature = "runs")]
        Some("brownout") => brownout::report(),
        #[cfg(feature = "runs")]
        Some("resume") => resume::report(),
        #[cfg(feature = "costs")]
        Some("costs") => costs::report::<ROOM>(),
        #[cfg(feature = "anomaly")]
        Some("watch") => anomaly::report(),
        #[cfg(all(feature = "runs", not(feature = "emg")))]
        word => report::digits::<IMAGES, RANK, ROOM>(word),
        #[cfg(feature = "emg")]
        word => emg::report(word),
        #[cfg(not(any(feature = "runs", feature = "emg")))]
        _ => Err(Refusal::CommandLine),
    }
}

/// Ends the emulation after a processor fault at address `pc`: boards call it from their handler.
pub fn fault(pc: u32) -> ! {
    defmt::error!("fault at {=u32:#010x}", pc);
    process::exit(102)
}

#[panic_handler]
fn panic(info: &PanicInfo) -> ! {
    // The logger itself may be what panicked: say it once at most.
    static PANICKED: AtomicBool = AtomicBool::new(false);
    if !PANICKED.load(Ordering::Relaxed) {
        PANICKED.store(true, Ordering::Relaxed);
        defmt::error!("{}", defmt::Display2Format(info));
    }
    process::exit(101)
}
