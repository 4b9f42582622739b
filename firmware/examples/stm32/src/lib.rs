//! Common parts of this folder's examples: the clock and the converter of an STM32H743 or an STM32U575, the log, the
//! panic handler.
#![no_std]

use cortex_m as _; // the critical section that defmt needs
use defmt_rtt as _; // carries every log line
use embassy_stm32::adc::{Adc, AdcConfig, Resolution};
use embassy_stm32::{Config, init};
use panic_probe as _; // says a panic, and stops the probe's run

#[cfg(stm32h7)]
mod h7;
#[cfg(stm32u5)]
mod u5;

#[cfg(stm32h7)]
use h7 as chip;
#[cfg(stm32u5)]
use u5 as chip;

pub use chip::CLOCK;

/// Starts the clocks and the converter; every call measures the voltage at PA0 with 12 bits of the supply.
///
/// # Panics
///
/// Where it was called before.
pub fn converter() -> impl FnMut() -> u16 {
    let mut config = Config::default();
    chip::choose_clocks(&mut config);
    let chip = init(config);
    let mut pin = chip.PA0;
    let config = AdcConfig { resolution: Some(Resolution::BITS12), ..AdcConfig::default() };
    let mut adc = Adc::new_with_config(chip.ADC1, config);
    move || adc.blocking_read(&mut pin, chip::SAMPLE)
}
