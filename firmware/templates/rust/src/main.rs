//! Learns W from windows of readings, and tells how far each window is from what W knew.
#![no_std]
#![no_main]

use cortex_m as _; // the critical section that defmt needs
use cortex_m_rt::entry;
use defmt::{info, unwrap, warn};
#[cfg(not(feature = "qemu"))]
use defmt_rtt as _; // carries every log line
#[cfg(feature = "qemu")]
use defmt_semihosting as _;
use panic_probe as _; // says a panic, and stops the probe's run
use tinynmf_core::Data;
use tinynmf_core::online::{Keep, Online, OnlineSettings};
use tinynmf_core::rule::Sweeps;

/// Readings of a window.
const ROWS: usize = 16;

/// Parts that are looked for.
const RANK: usize = 2;

#[entry]
fn main() -> ! {
    let mut memory = [0.0; Online::floats(ROWS, RANK, Keep::Products)];
    let mut online = unwrap!(Online::new(ROWS, RANK, OnlineSettings::default(), &mut memory));
    let mut rule = Sweeps::HALS;
    let mut window = 0;
    loop {
        let readings: [u16; ROWS] = core::array::from_fn(|k| reading(window, k as u32));
        match online.column(&unwrap!(Data::column(&readings, 1.0 / 4096.0)), &mut rule) {
            Ok(_) => info!("window {=u32}: residual {=f32}", window, online.residual()),
            // W and all that is kept stay as they were.
            Err(error) => warn!("window {=u32} is left out: {}", window, error),
        }
        window += 1;
        #[cfg(feature = "qemu")]
        if window == 100 {
            semihosting::process::exit(0)
        }
    }
}

/// The next reading, with 12 bits: put your converter here. Until then, two slopes whose strengths change.
fn reading(window: u32, k: u32) -> u16 {
    let (rising, falling) = (window % 7, window % 5);
    (16 * (rising * k + falling * (15 - k))) as u16
}
