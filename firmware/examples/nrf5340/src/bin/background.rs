//! Factorises readings at AIN0 (P0.04) with embassy: the factorisation lets the converter's task run after every
//! half-step.
#![no_std]
#![no_main]

use defmt::{info, unwrap, warn};
use embassy_executor::Spawner;
use embassy_sync::blocking_mutex::raw::CriticalSectionRawMutex;
use embassy_sync::channel::Channel;
use nrf5340::Converter;
use tinynmf_background::learn;
use tinynmf_core::policy::{self, SchedulePolicy};
use tinynmf_core::rule::Scheduled;

static READINGS: Channel<CriticalSectionRawMutex, u16, 64> = Channel::new();

#[embassy_executor::task]
async fn sample(mut converter: Converter) -> ! {
    loop {
        let reading = converter.read().await;
        if READINGS.try_send(reading).is_err() {
            warn!("a reading is lost: the factorisation does not keep up");
        }
    }
}

#[embassy_executor::main]
async fn main(spawner: Spawner) {
    let sample = unwrap!(sample(Converter::new(1_000)));
    // Among tasks of one priority the factorisation may come first once more.
    sample.metadata().set_priority(1);
    spawner.spawn(sample);
    let mut rule = Scheduled::new(unwrap!(SchedulePolicy::from_bytes(policy::SCHEDULE)));
    learn(&READINGS, &mut rule, |found| match found {
        Ok(found) => info!("F {=f32}, W {}", found.loss, found.w),
        Err(error) => warn!("left out: {}", error),
    })
    .await
}
