//! Sounds told apart: microphone at GPIO 26, biased to half the supply.
#![no_std]
#![no_main]

use cortex_m_rt::entry;
use rp2040::{CLOCK, converter};

#[entry]
fn main() -> ! {
    tinynmf_live::run(CLOCK, converter())
}
