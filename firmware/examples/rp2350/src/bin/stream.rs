//! Learns W from a stream: each window of 16 readings at ADC0 (GPIO 26) is seen once and forgotten.
#![no_std]
#![no_main]

use defmt::{info, unwrap, warn};
use rp2350::converter;
use tinynmf_core::Data;
use tinynmf_core::online::{Keep, Online, OnlineSettings};
use tinynmf_core::rule::Sweeps;

const ROWS: usize = 16;
const RANK: usize = 3;

#[rp235x_hal::entry]
fn main() -> ! {
    // A thousand readings a second.
    let mut read = converter(1_000);
    let mut memory = [0.0; Online::floats(ROWS, RANK, Keep::Products)];
    let mut online = unwrap!(Online::new(ROWS, RANK, OnlineSettings::default(), &mut memory));
    let mut rule = Sweeps::HALS;
    loop {
        let window: [u16; ROWS] = core::array::from_fn(|_| read());
        let column = unwrap!(Data::column(&window, 1.0 / 4096.0));
        match online.column(&column, &mut rule) {
            Ok(_) => info!("h {}, residual {=f32}", online.h(), online.residual()),
            // W and all that is kept stay as they were.
            Err(error) => warn!("left out: {}", error),
        }
    }
}
