//! Sounds told apart on an RP2040: microphone at ADC0 (GPIO 26), biased to half the supply.
#![no_std]
#![no_main]

use cortex_m_rt::entry;
use rp_pac::clocks::vals::{ClkAdcCtrlAuxsrc, ClkRefCtrlSrc};
use rp_pac::xosc::vals::{CtrlFreqRange, Enable};
use rp_pac::{ADC, CLOCKS, PADS_BANK0, RESETS, XOSC};

/// The crystal, which clocks core and converter.
const CLOCK: u32 = 12_000_000;

/// The second-stage boot loader, for the flash chip that a Pico carries.
#[unsafe(link_section = ".boot2")]
#[used]
static BOOT2: [u8; 256] = rp2040_boot2::BOOT_LOADER_W25Q080;

#[entry]
fn main() -> ! {
    XOSC.startup().write(|w| w.set_delay(47)); // 1 ms, in units of 256 cycles
    XOSC.ctrl().write(|w| {
        w.set_freq_range(CtrlFreqRange::_1_15MHZ);
        w.set_enable(Enable::ENABLE);
    });
    while !XOSC.status().read().stable() {}
    CLOCKS.clk_ref_ctrl().write(|w| w.set_src(ClkRefCtrlSrc::XOSC_CLKSRC));
    CLOCKS.clk_adc_ctrl().write(|w| {
        w.set_auxsrc(ClkAdcCtrlAuxsrc::XOSC_CLKSRC);
        w.set_enable(true);
    });
    RESETS.reset().modify(|w| {
        w.set_adc(false);
        w.set_pads_bank0(false);
    });
    while !RESETS.reset_done().read().adc() || !RESETS.reset_done().read().pads_bank0() {}
    PADS_BANK0.gpio(26).modify(|w| {
        w.set_ie(false);
        w.set_od(true);
    });
    ADC.cs().write(|w| w.set_en(true));
    while !ADC.cs().read().ready() {}

    let mut core = cortex_m::Peripherals::take().expect("nobody took them before");
    tinynmf_live::run(&mut core.SYST, CLOCK, || {
        ADC.cs().modify(|w| w.set_start_once(true));
        while !ADC.cs().read().ready() {}
        (ADC.result().read().result().cast_signed() - 2048) * 16
    })
}
