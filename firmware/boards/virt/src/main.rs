//! tinynmf on RISC-V, with and without an FPU.
#![no_std]
#![no_main]

use riscv::register::mepc; // the crate brings the critical section that defmt needs
use riscv_rt::{TrapFrame, entry};

#[entry]
fn main() -> ! {
    tinynmf_app::main::<24, 3, 8192>()
}

#[unsafe(export_name = "ExceptionHandler")]
fn exception(_: &TrapFrame) -> ! {
    tinynmf_app::fault(mepc::read() as u32)
}
