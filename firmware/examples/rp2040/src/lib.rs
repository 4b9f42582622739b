//! Common parts of this folder's examples: the clocks and the converter of an RP2040, the log, the panic handler.
#![no_std]

use defmt_rtt as _; // carries every log line
use panic_probe as _; // says a panic, and stops the probe's run
use rp2040_hal::adc::AdcPin;
use rp2040_hal::clocks::init_clocks_and_plls;
use rp2040_hal::gpio::Pins;
use rp2040_hal::{Adc, Sio, Watchdog, pac};

/// The core's frequency in Hz, from the crystal.
pub const CLOCK: u32 = 125_000_000;

/// The crystal of a Pico, in Hz.
const CRYSTAL: u32 = 12_000_000;

/// The second-stage boot loader, for the flash chip that a Pico carries.
#[unsafe(link_section = ".boot2")]
#[used]
static BOOT2: [u8; 256] = rp2040_boot2::BOOT_LOADER_W25Q080;

/// Starts the clocks and the converter; every call measures the voltage at ADC0 (GPIO 26) with 12 bits.
///
/// # Panics
///
/// Where it was called before, or the crystal does not start.
pub fn converter() -> impl FnMut() -> u16 {
    let mut chip = pac::Peripherals::take().expect("nobody took them before");
    let watchdog = &mut Watchdog::new(chip.WATCHDOG);
    let resets = &mut chip.RESETS;
    let (usb, system) = (chip.PLL_USB, chip.PLL_SYS);
    init_clocks_and_plls(CRYSTAL, chip.XOSC, chip.CLOCKS, system, usb, resets, watchdog)
        .unwrap_or_else(|_| panic!("the clocks do not start"));
    let bank = Sio::new(chip.SIO).gpio_bank0;
    let pins = Pins::new(chip.IO_BANK0, chip.PADS_BANK0, bank, resets);
    let mut pin = AdcPin::new(pins.gpio26.into_floating_input()).expect("the converter has it");
    let mut adc = Adc::new(chip.ADC, resets);
    // A conversion that failed is the middle of the range.
    move || adc.read(&mut pin).unwrap_or(2048)
}
