//! tinynmf on a Cortex-M4F.
#![no_std]
#![no_main]

use cortex_m as _; // the critical section that defmt needs
use cortex_m_rt::{ExceptionFrame, entry, exception};

#[entry]
fn main() -> ! {
    tinynmf_app::main::<256, 10, 8192>()
}

#[exception]
unsafe fn HardFault(frame: &ExceptionFrame) -> ! {
    tinynmf_app::fault(frame.pc())
}
