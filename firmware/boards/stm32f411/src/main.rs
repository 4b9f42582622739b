//! Sounds told apart on an STM32F411: microphone at ADC1 channel 0 (PA0), biased to half the supply.
#![no_std]
#![no_main]

use cortex_m_rt::entry;
use stm32f4xx_hal::adc::Adc;
use stm32f4xx_hal::adc::config::{AdcConfig, SampleTime};
use stm32f4xx_hal::gpio::GpioExt;
use stm32f4xx_hal::pac::Peripherals;
use stm32f4xx_hal::rcc::{Config, RccExt};
use stm32f4xx_hal::time::Hertz;

#[entry]
fn main() -> ! {
    let chip = Peripherals::take().expect("nobody took them before");
    // From the internal oscillator, which every board has.
    let mut rcc = chip.RCC.freeze(Config::hsi().sysclk(Hertz::MHz(96)));
    let pin = chip.GPIOA.split(&mut rcc).pa0.into_analog();
    let mut adc = Adc::new(chip.ADC1, true, AdcConfig::default(), &mut rcc);

    let mut core = cortex_m::Peripherals::take().expect("nobody took them before");
    tinynmf_live::run(&mut core.SYST, rcc.clocks.sysclk().raw(), || {
        let sample = adc.convert(&pin, SampleTime::Cycles_84);
        (sample.cast_signed() - 2048) * 16
    })
}
