//! The work of real boards: tell sounds apart with a microphone at their converter, and log it.
//!
//! A window of samples is taken at an even pace, then worked on, then the next is taken: nothing is
//! converted in between, and a slow core makes fewer columns, not other ones.

#![no_std]
#![forbid(unsafe_code)]

use cortex_m::Peripherals;
use cortex_m::peripheral::syst::SystClkSource;
use defmt::{error, info};
use tinynmf_stream::Separator;
use tinynmf_stream::separator::FLOATS;

/// Samples a second.
const RATE: u32 = 8_000;

/// Columns from one line of the log to the next.
const EVERY: u32 = 10;

/// Separates what `convert` measures, for ever.
///
/// `clock` is the core's frequency in Hz, from which its `SysTick` counts the 8000 samples a second; `convert`
/// measures once, with 12 bits, silence in the middle.
///
/// # Panics
///
/// Where somebody took the core's peripherals before.
pub fn run(clock: u32, mut convert: impl FnMut() -> u16) -> ! {
    let mut syst = Peripherals::take().expect("nobody took them before").SYST;
    syst.set_clock_source(SystClkSource::Core);
    syst.set_reload(clock / RATE - 1);
    syst.clear_current();
    syst.enable_counter();

    let mut memory = [0.0; FLOATS];
    let mut separator = match Separator::new(&mut memory) {
        Ok(separator) => separator,
        Err(reason) => stop(&reason),
    };
    let mut columns: u32 = 0;
    loop {
        while !syst.has_wrapped() {}
        let step = match separator.sample((convert().cast_signed() - 2048).saturating_mul(16)) {
            Ok(None) => continue,
            Ok(Some(step)) => step,
            Err(reason) => stop(&reason),
        };
        separator.pause();
        columns = columns.wrapping_add(1);
        if columns.is_multiple_of(EVERY) {
            let (loss, rate) = (step.slope.loss, step.rate * step.lipschitz);
            info!("column {=u32}: loss {=f32}, alpha*L {=f32}", columns, loss, rate);
            info!("sources {=[?]}", separator.h());
        }
    }
}

fn stop(reason: &dyn core::fmt::Display) -> ! {
    error!("{}", defmt::Display2Format(reason));
    loop {
        cortex_m::asm::wfi();
    }
}
