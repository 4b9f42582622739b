//! Learns what is normal at ADC1 channel 0 (PA0) for 500 windows, then tells the windows that W cannot explain.
#![no_std]
#![no_main]

use cortex_m::asm::delay;
use cortex_m_rt::entry;
use defmt::{info, unwrap, warn};
use stm32f411::{CLOCK, converter};
use tinynmf_core::Data;
use tinynmf_core::online::{Keep, Online, OnlineSettings};
use tinynmf_core::rule::Sweeps;
use tinynmf_core::transform::{Transform, TransformSettings};

const ROWS: usize = 16;
const RANK: usize = 3;

#[entry]
fn main() -> ! {
    let mut read = converter();
    let mut window = || -> [u16; ROWS] {
        core::array::from_fn(|_| {
            delay(CLOCK / 1_000);
            read()
        })
    };
    let mut memory = [0.0; Online::floats(ROWS, RANK, Keep::Products)];
    let mut online = unwrap!(Online::new(ROWS, RANK, OnlineSettings::default(), &mut memory));
    let mut rule = Sweeps::HALS;
    let mut limit = 0.0;
    for t in 0..500 {
        let readings = window();
        unwrap!(online.column(&unwrap!(Data::column(&readings, 1.0)), &mut rule));
        // The second half sets the limit: three times the worst of what is normal.
        limit = if t < 250 { 0.0 } else { f32::max(limit, 3.0 * online.residual()) };
    }
    let mut memory = [0.0; Transform::floats(RANK)];
    let settings = TransformSettings::default();
    let mut known = unwrap!(Transform::new(online.w(), RANK, settings, &mut memory));
    loop {
        let (readings, mut h, mut residual) = (window(), [0.0; RANK], [0.0]);
        unwrap!(known.exact(&unwrap!(Data::column(&readings, 1.0)), &mut h, &mut residual));
        match residual[0] {
            far if far > limit => warn!("unlike all before: {=f32}, limit {=f32}", far, limit),
            near => info!("normal: {=f32}", near),
        }
    }
}
