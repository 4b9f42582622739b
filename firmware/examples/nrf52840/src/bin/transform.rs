//! How much of each known profile is in a window of readings at AIN0 (P0.02): h ≥ 0 with Wh ≈ v, exactly.
#![no_std]
#![no_main]

use cortex_m::asm::delay;
use cortex_m_rt::entry;
use defmt::{info, unwrap};
use nrf52840::{CLOCK, converter};
use tinynmf_core::Data;
use tinynmf_core::transform::{Transform, TransformSettings};

const ROWS: usize = 8;
const RANK: usize = 2;

/// The profiles: a level that rises and one that falls, a row a reading. W stays in flash.
static W: [f32; ROWS * RANK] = [
    0.0, 0.7, 0.1, 0.6, 0.2, 0.5, 0.3, 0.4, //
    0.4, 0.3, 0.5, 0.2, 0.6, 0.1, 0.7, 0.0,
];

#[entry]
fn main() -> ! {
    let mut read = converter();
    let mut memory = [0.0; Transform::floats(RANK)];
    let settings = TransformSettings::default();
    let mut transform = unwrap!(Transform::new(&W, RANK, settings, &mut memory));
    loop {
        let window: [u16; ROWS] = core::array::from_fn(|_| {
            delay(CLOCK / 1_000);
            read()
        });
        let column = unwrap!(Data::column(&window, 1.0 / 4096.0));
        let (mut h, mut residual) = ([0.0; RANK], [0.0]);
        unwrap!(transform.exact(&column, &mut h, &mut residual));
        info!("h {}, residual {=f32}", h, residual[0]);
    }
}
