//! An STM32H743, a Cortex-M7F.

use embassy_stm32::Config;
use embassy_stm32::adc::SampleTime;
use embassy_stm32::rcc::mux::Adcsel;

/// The core's frequency in Hz, from the internal oscillator.
pub const CLOCK: u32 = 64_000_000;

/// How long the converter looks at a pin.
pub const SAMPLE: SampleTime = SampleTime::CYCLES32_5;

/// The converter takes the internal oscillator, as the core does.
pub fn choose_clocks(config: &mut Config) {
    config.rcc.mux.adcsel = Adcsel::PER;
}
