//! What every board does: factorise handwritten digits held in flash, and report to the host through
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
//! Exit codes: 0 reported; 1 refused, with the reason logged; 101 panicked; 102 faulted.

#![no_std]
#![deny(unsafe_code)]

mod brownout;
mod costs;
mod count;
mod digits;
mod faults;
mod identity;
mod kept;
mod order;
mod report;
mod resume;
mod stack;
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
        Some("identity") => identity::report(),
        Some("stream") => stream::report(),
        Some("faults") => faults::report(),
        Some("brownout") => brownout::report(),
        Some("resume") => resume::report(),
        Some("costs") => costs::report::<ROOM>(),
        word => report::digits::<IMAGES, RANK, ROOM>(word),
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
