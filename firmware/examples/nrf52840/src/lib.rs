//! Common parts of this folder's examples: the clock and the converter of an nRF52840, the log, the panic handler.
#![no_std]

use defmt_rtt as _; // carries every log line
use nrf52840_hal::clocks::{Clocks, HFCLK_FREQ};
use nrf52840_hal::gpio::Disconnected;
use nrf52840_hal::gpio::p0::{P0_02, Parts};
use nrf52840_hal::pac::Peripherals;
use nrf52840_hal::saadc::{Oversample, Resolution, Saadc, SaadcConfig, Time};
use panic_probe as _; // says a panic, and stops the probe's run

/// The core's frequency in Hz, from the crystal.
pub const CLOCK: u32 = HFCLK_FREQ;

/// The converter at AIN0 (P0.02).
pub struct Converter {
    adc: Saadc,
    pin: P0_02<Disconnected>,
}

impl Converter {
    /// Starts the crystal and the converter.
    ///
    /// # Panics
    ///
    /// Where it was called before.
    #[must_use]
    pub fn start() -> Self {
        let chip = Peripherals::take().expect("nobody took them before");
        let _crystal = Clocks::new(chip.CLOCK).enable_ext_hfosc();
        // A conversion takes a few microseconds.
        let config = SaadcConfig {
            resolution: Resolution::_12BIT,
            oversample: Oversample::BYPASS,
            time: Time::_3US,
            ..SaadcConfig::default()
        };
        Self { adc: Saadc::new(chip.SAADC, config), pin: Parts::new(chip.P0).p0_02 }
    }

    /// Measures the voltage with 12 bits of the supply.
    pub fn read(&mut self) -> u16 {
        // Noise around 0 may be negative; a conversion that failed is the middle of the range.
        self.adc.read_channel(&mut self.pin).unwrap_or(2048).max(0).cast_unsigned()
    }
}

/// Starts the crystal and the converter; every call measures the voltage at AIN0 (P0.02) with 12 bits of the supply.
///
/// # Panics
///
/// Where it was called before.
pub fn converter() -> impl FnMut() -> u16 {
    let mut converter = Converter::start();
    move || converter.read()
}
