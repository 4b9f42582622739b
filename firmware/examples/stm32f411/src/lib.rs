//! Common parts of this folder's examples: the clock and the converter of an STM32F411, the log, the panic handler.
#![no_std]

use defmt_rtt as _; // carries every log line
use panic_probe as _; // says a panic, and stops the probe's run
use stm32f4xx_hal::adc::Adc;
use stm32f4xx_hal::adc::config::{AdcConfig, SampleTime};
use stm32f4xx_hal::gpio::GpioExt;
use stm32f4xx_hal::pac::Peripherals;
use stm32f4xx_hal::rcc::{Config, RccExt};
use stm32f4xx_hal::time::Hertz;

/// The core's frequency in Hz, from the internal oscillator, which every board has.
pub const CLOCK: u32 = 96_000_000;

/// Starts the clock and the converter; every call measures the voltage at ADC1's channel 0 (PA0) with 12 bits.
///
/// # Panics
///
/// Where it was called before.
pub fn converter() -> impl FnMut() -> u16 {
    let chip = Peripherals::take().expect("nobody took them before");
    let mut rcc = chip.RCC.freeze(Config::hsi().sysclk(Hertz::Hz(CLOCK)));
    let pin = chip.GPIOA.split(&mut rcc).pa0.into_analog();
    let mut adc = Adc::new(chip.ADC1, true, AdcConfig::default(), &mut rcc);
    move || adc.convert(&pin, SampleTime::Cycles_84)
}
