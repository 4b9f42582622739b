//! W from a stream: each reading is seen once and then forgotten; W follows a source that changes.
//!
//! `cargo run -p tinynmf-core --example stream`

use tinynmf_core::online::{Keep, Online, OnlineSettings};
use tinynmf_core::rule::Sweeps;
use tinynmf_core::{Data, Error};

const SENSORS: usize = 4;
const SOURCES: usize = 2;

fn main() -> Result<(), Error> {
    let mut memory = [0.0; Online::floats(SENSORS, SOURCES, Keep::Products)];
    let mut online = Online::new(SENSORS, SOURCES, OnlineSettings::default(), &mut memory)?;
    let mut rule = Sweeps::HALS;
    for t in 0..600_u32 {
        let (a, b) = (t % 7, t % 5);
        // After 200 readings, the second source sounds different.
        let readings =
            if t < 200 { [3 * a, 2 * a, b, 4 * b] } else { [3 * a, 2 * a + b, 5 * b, b] };
        let readings = readings.map(|reading| reading as u8);
        online.column(&Data::column(&readings, 1.0)?, &mut rule)?;
        if t % 50 == 49 {
            println!("{t:3}: latents {:.2?}, residual {:.4}", online.h(), online.residual());
        }
    }
    println!("W, by rows of two sources: {:.2?}", online.w());
    assert!(online.residual() < 0.1);
    Ok(())
}
