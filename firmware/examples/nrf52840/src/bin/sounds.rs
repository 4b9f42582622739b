//! Sounds told apart: microphone at P0.02, biased to half the supply.
#![no_std]
#![no_main]

use cortex_m_rt::entry;
use nrf52840::{CLOCK, converter};

#[entry]
fn main() -> ! {
    tinynmf_live::run(CLOCK, converter())
}
