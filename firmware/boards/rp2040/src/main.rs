//! Sounds told apart on an RP2040: microphone at ADC0 (GPIO 26), biased to half the supply.
#![no_std]
#![no_main]

use cortex_m_rt::entry;
use rp2040_hal::adc::AdcPin;
use rp2040_hal::clocks::init_clocks_and_plls;
use rp2040_hal::gpio::Pins;
use rp2040_hal::{Adc, Clock, Sio, Watchdog, pac};

/// The crystal of a Pico, in Hz.
const CRYSTAL: u32 = 12_000_000;

/// The second-stage boot loader, for the flash chip that a Pico carries.
#[unsafe(link_section = ".boot2")]
#[used]
static BOOT2: [u8; 256] = rp2040_boot2::BOOT_LOADER_W25Q080;

#[entry]
fn main() -> ! {
    let mut chip = pac::Peripherals::take().expect("nobody took them before");
    let clocks = init_clocks_and_plls(
        CRYSTAL,
        chip.XOSC,
        chip.CLOCKS,
        chip.PLL_SYS,
        chip.PLL_USB,
        &mut chip.RESETS,
        &mut Watchdog::new(chip.WATCHDOG),
    )
    .unwrap_or_else(|_| panic!("the clocks do not start"));
    let bank = Sio::new(chip.SIO).gpio_bank0;
    let pins = Pins::new(chip.IO_BANK0, chip.PADS_BANK0, bank, &mut chip.RESETS);
    let mut pin = AdcPin::new(pins.gpio26.into_floating_input()).expect("the converter has it");
    let mut adc = Adc::new(chip.ADC, &mut chip.RESETS);

    let mut core = cortex_m::Peripherals::take().expect("nobody took them before");
    tinynmf_live::run(&mut core.SYST, clocks.system_clock.freq().to_Hz(), || {
        // A conversion that failed is silence.
        (adc.read(&mut pin).unwrap_or(2048).cast_signed() - 2048) * 16
    })
}
