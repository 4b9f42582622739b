//! Sounds told apart: microphone at PA0, biased to half the supply.
#![no_std]
#![no_main]

use cortex_m_rt::entry;
use stm32f411::{CLOCK, converter};

#[entry]
fn main() -> ! {
    tinynmf_live::run(CLOCK, converter())
}
