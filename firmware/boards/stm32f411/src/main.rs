//! Sounds told apart on an STM32F411: microphone at ADC1 channel 0 (PA0), biased to half the supply.
#![no_std]
#![no_main]

use cortex_m_rt::entry;
use stm32_metapac::gpio::vals::Moder;
use stm32_metapac::{ADC1, GPIOA, RCC};

/// The internal oscillator, which clocks the core after a reset.
const CLOCK: u32 = 16_000_000;

#[entry]
fn main() -> ! {
    RCC.ahb1enr().modify(|w| w.set_gpioaen(true));
    RCC.apb2enr().modify(|w| w.set_adc1en(true));
    GPIOA.moder().modify(|w| w.set_moder(0, Moder::ANALOG));
    // After a reset the sequence is channel 0 alone, at 12 bits.
    ADC1.cr2().write(|w| w.set_adon(true));
    cortex_m::asm::delay(CLOCK / 100_000); // the converter is stable after 3 µs

    let mut core = cortex_m::Peripherals::take().expect("nobody took them before");
    tinynmf_live::run(&mut core.SYST, CLOCK, || {
        ADC1.cr2().modify(|w| w.set_swstart(true));
        while !ADC1.sr().read().eoc() {}
        (ADC1.dr().read().data().cast_signed() - 2048) * 16
    })
}
