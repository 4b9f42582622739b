//! Learns W from a stream: each window of 16 readings at GPIO 2 is seen once and forgotten.
#![no_std]
#![no_main]

use defmt::{info, unwrap, warn};
use defmt_rtt as _; // carries every log line
use esp_backtrace as _; // says a panic
use esp_hal::analog::adc::{Adc, AdcConfig, Attenuation};
use esp_hal::delay::Delay;
use esp_hal::main;
use nb::block;
use tinynmf_core::Data;
use tinynmf_core::online::{Keep, Online, OnlineSettings};
use tinynmf_core::rule::Sweeps;

const ROWS: usize = 16;
const RANK: usize = 3;

// Tells the second-stage boot loader of ESP-IDF what it starts.
esp_bootloader_esp_idf::esp_app_desc!();

#[main]
fn main() -> ! {
    let chip = esp_hal::init(esp_hal::Config::default());
    let mut config = AdcConfig::new();
    let mut pin = config.enable_pin(chip.GPIO2, Attenuation::_11dB);
    let mut adc = Adc::new(chip.ADC1, config);
    let mut memory = [0.0; Online::floats(ROWS, RANK, Keep::Products)];
    let mut online = unwrap!(Online::new(ROWS, RANK, OnlineSettings::default(), &mut memory));
    let mut rule = Sweeps::HALS;
    loop {
        let window: [u16; ROWS] = core::array::from_fn(|_| {
            Delay::new().delay_millis(1);
            unwrap!(block!(adc.read_oneshot(&mut pin)))
        });
        let column = unwrap!(Data::column(&window, 1.0 / 4096.0));
        match online.column(&column, &mut rule) {
            Ok(_) => info!("h {}, residual {=f32}", online.h(), online.residual()),
            // W and all that is kept stay as they were.
            Err(error) => warn!("left out: {}", error),
        }
    }
}
