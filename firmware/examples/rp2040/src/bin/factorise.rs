//! Factorises what the converter measured at ADC0 (GPIO 26): 24 windows of 16 readings, a window a column of V.
#![no_std]
#![no_main]

use cortex_m::asm::delay;
use cortex_m_rt::entry;
use defmt::{info, unwrap};
use rp2040::{CLOCK, converter};
use tinynmf_core::policy::{self, SchedulePolicy};
use tinynmf_core::rule::Scheduled;
use tinynmf_core::{Data, Nmf, Settings};

const ROWS: usize = 16;
const COLUMNS: usize = 24;
const EPOCHS: u32 = 40;

#[entry]
fn main() -> ! {
    let mut read = converter();
    let mut rule = Scheduled::new(unwrap!(SchedulePolicy::from_bytes(policy::SCHEDULE)));
    loop {
        // Row by row: row i holds the i-th reading of every window.
        let mut entries = [0; ROWS * COLUMNS];
        for k in 0..entries.len() {
            delay(CLOCK / 1_000);
            entries[k % ROWS * COLUMNS + k / ROWS] = read();
        }
        let v = unwrap!(Data::new(&entries, ROWS, COLUMNS, 1.0 / 4096.0));
        let settings = Settings { horizon: EPOCHS, ..Settings::default() };
        let mut nmf = unwrap!(Nmf::<ROWS, COLUMNS, 3>::new(settings));
        let mut run = unwrap!(nmf.run(v));
        for _ in 0..EPOCHS {
            run.epoch(&mut rule);
        }
        info!("F {=f32}, W {}", run.loss(), run.w());
    }
}
