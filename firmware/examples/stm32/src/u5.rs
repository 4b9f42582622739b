//! An STM32U575, a Cortex-M33F.

use embassy_stm32::Config;
use embassy_stm32::adc::SampleTime;
use embassy_stm32::rcc::Sysclk;

/// The core's frequency in Hz, from the internal oscillator.
pub const CLOCK: u32 = 16_000_000;

/// How long the converter looks at a pin.
pub const SAMPLE: SampleTime = SampleTime::CYCLES19_5;

/// The core and the converter take the internal oscillator.
pub fn choose_clocks(config: &mut Config) {
    config.rcc.hsi = true;
    config.rcc.sys = Sysclk::HSI;
}
