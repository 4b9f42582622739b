//! What every board does: factorise handwritten digits held in flash, and report to the host through
//! semihosting.
//!
//! | command line of the image | step rule |
//! |---|---|
//! | (nothing) | learned, with the policy in flash |
//! | `bound` | bound(0.95) |
//! | a file name | learned, with the policy in that file of the host |
//!
//! Exit codes: 0 reported; 1 refused, with the reason logged; 101 panicked; 102 faulted.

#![no_std]
#![forbid(unsafe_code)]

mod digits;
mod order;
mod report;

use core::panic::PanicInfo;
use core::sync::atomic::{AtomicBool, Ordering};

use defmt_semihosting as _; // carries every log line
use order::{Order, Refusal};
use semihosting::process;

/// Factorises the first `IMAGES` digits with rank `RANK`, reports, and ends the emulation.
pub fn main<const IMAGES: usize, const RANK: usize>() -> ! {
    match work::<IMAGES, RANK>() {
        Ok(()) => process::exit(0),
        Err(refusal) => {
            defmt::error!("{}", defmt::Display2Format(&refusal));
            process::exit(1)
        }
    }
}

fn work<const IMAGES: usize, const RANK: usize>() -> Result<(), Refusal> {
    let mut file = [0; order::MAX_POLICY];
    let order = Order::read(&mut file)?;
    report::factorise::<IMAGES, RANK>(order)?;
    Ok(())
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
