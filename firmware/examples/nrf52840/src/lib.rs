//! What the examples of this folder share: the clock and the converter of an nRF52840, the log, the panic handler.
#![no_std]

use defmt_rtt as _; // carries every log line
use nrf52840_hal::clocks::{Clocks, HFCLK_FREQ};
use nrf52840_hal::gpio::p0::Parts;
use nrf52840_hal::pac::Peripherals;
use nrf52840_hal::saadc::{Oversample, Resolution, Saadc, SaadcConfig, Time};
use panic_probe as _; // says a panic, and stops the probe's run

/// The core's frequency in Hz, from the crystal.
pub const CLOCK: u32 = HFCLK_FREQ;

/// Starts the crystal and the converter; every call measures the voltage at AIN0 (P0.02) with 12 bits of the supply.
///
/// # Panics
///
/// Where it was called before.
pub fn converter() -> impl FnMut() -> u16 {
    let chip = Peripherals::take().expect("nobody took them before");
    let _crystal = Clocks::new(chip.CLOCK).enable_ext_hfosc();
    let mut pin = Parts::new(chip.P0).p0_02;
    // A conversion takes a few microseconds.
    let config = SaadcConfig {
        resolution: Resolution::_12BIT,
        oversample: Oversample::BYPASS,
        time: Time::_3US,
        ..SaadcConfig::default()
    };
    let mut converter = Saadc::new(chip.SAADC, config);
    // Noise around 0 may be negative; a conversion that failed is the middle of the range.
    move || converter.read_channel(&mut pin).unwrap_or(2048).max(0).cast_unsigned()
}
