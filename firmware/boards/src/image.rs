//! tinynmf on a processor that QEMU emulates; the row of `boards.txt` with the image's name says on which.
#![no_std]
#![no_main]

#[cfg(target_arch = "arm")]
use cortex_m as _; // the critical section that defmt needs
#[cfg(target_arch = "arm")]
use cortex_m_rt::{ExceptionFrame, entry, exception};
#[cfg(target_arch = "riscv32")]
use riscv::register::mepc; // the crate brings the critical section that defmt needs
#[cfg(target_arch = "riscv32")]
use riscv_rt::{TrapFrame, entry};

// IMAGES, RANK and ROOM of the row.
include!(concat!(env!("OUT_DIR"), "/", env!("CARGO_BIN_NAME"), ".rs"));

#[entry]
fn main() -> ! {
    tinynmf_app::main::<IMAGES, RANK, ROOM>()
}

#[cfg(target_arch = "arm")]
#[exception]
unsafe fn HardFault(frame: &ExceptionFrame) -> ! {
    tinynmf_app::fault(frame.pc())
}

#[cfg(target_arch = "riscv32")]
#[unsafe(export_name = "ExceptionHandler")]
fn exception(_: &TrapFrame) -> ! {
    tinynmf_app::fault(mepc::read() as u32)
}
