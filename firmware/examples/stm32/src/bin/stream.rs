//! Learns W from a stream: each window of 16 readings at PA0 is seen once and forgotten.
#![no_std]
#![no_main]

use cortex_m::asm::delay;
use cortex_m_rt::entry;
use defmt::{info, unwrap, warn};
use stm32::{CLOCK, converter};
use tinynmf_core::Data;
use tinynmf_core::online::{Keep, Online, OnlineSettings};
use tinynmf_core::rule::Sweeps;

const ROWS: usize = 16;
const RANK: usize = 3;

#[entry]
fn main() -> ! {
    let mut read = converter();
    let mut memory = [0.0; Online::floats(ROWS, RANK, Keep::Products)];
    let mut online = unwrap!(Online::new(ROWS, RANK, OnlineSettings::default(), &mut memory));
    let mut rule = Sweeps::HALS;
    loop {
        let window: [u16; ROWS] = core::array::from_fn(|_| {
            delay(CLOCK / 1_000);
            read()
        });
        let column = unwrap!(Data::column(&window, 1.0 / 4096.0));
        match online.column(&column, &mut rule) {
            Ok(_) => info!("h {}, residual {=f32}", online.h(), online.residual()),
            // W and all that is kept stay as they were.
            Err(error) => warn!("left out: {}", error),
        }
    }
}
