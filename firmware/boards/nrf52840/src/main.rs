//! Sounds told apart on an nRF52840: microphone at AIN0 (P0.02), biased to half the supply.
#![no_std]
#![no_main]

use core::cell::Cell;

use cortex_m_rt::entry;
use nrf_pac::SAADC;
use nrf_pac::saadc::vals::{Gain, Psel, Refsel, Tacq, Val};

/// The core's clock after a reset.
const CLOCK: u32 = 64_000_000;

#[entry]
fn main() -> ! {
    // The converter writes here.
    let sample = Cell::new(0_i16);
    SAADC.resolution().write(|w| w.set_val(Val::_12bit));
    SAADC.ch(0).config().write(|w| {
        w.set_gain(Gain::Gain14);
        w.set_refsel(Refsel::Vdd14); // a quarter of the supply, as the gain: full scale is the supply
        w.set_tacq(Tacq::_3us);
    });
    SAADC.ch(0).pselp().write(|w| w.set_pselp(Psel::AnalogInput0));
    SAADC.result().ptr().write_value(sample.as_ptr() as u32);
    SAADC.result().maxcnt().write(|w| w.set_maxcnt(1));
    SAADC.enable().write(|w| w.set_enable(true));

    let mut core = cortex_m::Peripherals::take().expect("nobody took them before");
    tinynmf_live::run(&mut core.SYST, CLOCK, || {
        SAADC.events_started().write_value(0);
        SAADC.tasks_start().write_value(1);
        while SAADC.events_started().read() == 0 {}
        SAADC.events_end().write_value(0);
        SAADC.tasks_sample().write_value(1);
        while SAADC.events_end().read() == 0 {}
        // The converter's write is not the compiler's: it must not be read before.
        cortex_m::asm::dmb();
        (sample.get() - 2048).saturating_mul(16)
    })
}
