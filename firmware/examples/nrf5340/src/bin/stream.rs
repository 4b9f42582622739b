//! Learns W from a stream: each window of 16 readings at AIN0 (P0.04) is seen once and forgotten.
#![no_std]
#![no_main]
#![expect(clippy::used_underscore_binding)] // by the macro of `main`

use defmt::{info, unwrap, warn};
use embassy_executor::Spawner;
use nrf5340::Converter;
use tinynmf_core::Data;
use tinynmf_core::online::{Keep, Online, OnlineSettings};
use tinynmf_core::rule::Sweeps;

const ROWS: usize = 16;
const RANK: usize = 3;

#[embassy_executor::main]
async fn main(_spawner: Spawner) {
    let mut converter = Converter::new(1_000);
    let mut memory = [0.0; Online::floats(ROWS, RANK, Keep::Products)];
    let mut online = unwrap!(Online::new(ROWS, RANK, OnlineSettings::default(), &mut memory));
    let mut rule = Sweeps::HALS;
    loop {
        let mut window = [0; ROWS];
        for reading in &mut window {
            *reading = converter.read().await;
        }
        let column = unwrap!(Data::column(&window, 1.0 / 4096.0));
        match online.column(&column, &mut rule) {
            Ok(_) => info!("h {}, residual {=f32}", online.h(), online.residual()),
            // W and all that is kept stay as they were.
            Err(error) => warn!("left out: {}", error),
        }
    }
}
