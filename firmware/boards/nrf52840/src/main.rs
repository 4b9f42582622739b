//! Sounds told apart on an nRF52840: microphone at AIN0 (P0.02), biased to half the supply.
#![no_std]
#![no_main]

use cortex_m_rt::entry;
use nrf52840_hal::clocks::{Clocks, HFCLK_FREQ};
use nrf52840_hal::gpio::p0::Parts;
use nrf52840_hal::pac::Peripherals;
use nrf52840_hal::saadc::{Oversample, Resolution, Saadc, SaadcConfig, Time};

#[entry]
fn main() -> ! {
    let chip = Peripherals::take().expect("nobody took them before");
    let _crystal = Clocks::new(chip.CLOCK).enable_ext_hfosc();
    let mut pin = Parts::new(chip.P0).p0_02;
    // Full scale is the supply; a conversion takes a few microseconds of the 125 between samples.
    let config = SaadcConfig {
        resolution: Resolution::_12BIT,
        oversample: Oversample::BYPASS,
        time: Time::_3US,
        ..SaadcConfig::default()
    };
    let mut converter = Saadc::new(chip.SAADC, config);

    let mut core = cortex_m::Peripherals::take().expect("nobody took them before");
    tinynmf_live::run(&mut core.SYST, HFCLK_FREQ, || {
        // A conversion that failed is silence.
        (converter.read_channel(&mut pin).unwrap_or(2048) - 2048).saturating_mul(16)
    })
}
