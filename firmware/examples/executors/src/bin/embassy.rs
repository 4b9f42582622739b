//! Factorises readings with embassy, while a timer's interrupt takes them and another task answers them.
#![no_std]
#![no_main]

use cortex_m_rt::exception;
use defmt::unwrap;
use embassy_executor::Spawner;
use embassy_sync::blocking_mutex::raw::CriticalSectionRawMutex;
use embassy_sync::channel::Channel;
use embassy_sync::signal::Signal;
use executors::{now, report, start, take_reading};
use tinynmf_background::learn;
use tinynmf_core::policy::{self, SchedulePolicy};
use tinynmf_core::rule::Scheduled;

static READINGS: Channel<CriticalSectionRawMutex, u16, 64> = Channel::new();

/// When the oldest reading came that has no answer yet.
static UNANSWERED: Signal<CriticalSectionRawMutex, u32> = Signal::new();

/// Takes a reading at once, whatever the tasks do.
#[exception]
fn SysTick() {
    let reading = take_reading();
    if READINGS.try_send(reading).is_err() {
        executors::lost();
    }
    if !UNANSWERED.signaled() {
        UNANSWERED.signal(now());
    }
}

/// Has its turn when the factorisation gives way: after a half-step.
#[embassy_executor::task]
async fn answer() -> ! {
    loop {
        executors::answered(UNANSWERED.wait().await);
    }
}

#[embassy_executor::main]
async fn main(spawner: Spawner) {
    let answer = unwrap!(answer());
    // Among tasks of one priority the factorisation may come first once more.
    answer.metadata().set_priority(1);
    spawner.spawn(answer);
    start(unwrap!(cortex_m::Peripherals::take()).SYST);
    let mut rule = Scheduled::new(unwrap!(SchedulePolicy::from_bytes(policy::SCHEDULE)));
    learn(&READINGS, &mut rule, report).await
}
