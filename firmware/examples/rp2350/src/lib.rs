//! Common parts of this folder's examples: the clocks and the converter of an RP2350, the log, the panic handler.
#![no_std]

use core::panic::PanicInfo;

use defmt_rtt as _; // carries every log line
use rp235x_hal::adc::AdcPin;
use rp235x_hal::block::ImageDef;
use rp235x_hal::clocks::init_clocks_and_plls;
use rp235x_hal::gpio::Pins;
use rp235x_hal::{Adc, Sio, Timer, Watchdog, pac};

/// The crystal of a Pico 2, in Hz.
const CRYSTAL: u32 = 12_000_000;

/// Tells the boot ROM what it starts; on a Hazard3 it stands behind the entry, within the first 4 KB of flash.
#[cfg_attr(target_arch = "arm", unsafe(link_section = ".boot_block"))]
#[cfg_attr(target_arch = "riscv32", unsafe(link_section = ".init.rust"))]
#[used]
static IMAGE: ImageDef = ImageDef::secure_exe();

/// Starts the clocks and the converter; calls measure the voltage at ADC0 (GPIO 26) with 12 bits, `rate` times a second.
///
/// # Panics
///
/// Where it was called before, or the crystal does not start.
pub fn converter(rate: u32) -> impl FnMut() -> u16 {
    let mut chip = pac::Peripherals::take().expect("nobody took them before");
    let watchdog = &mut Watchdog::new(chip.WATCHDOG);
    let resets = &mut chip.RESETS;
    let (usb, system) = (chip.PLL_USB, chip.PLL_SYS);
    let clocks =
        init_clocks_and_plls(CRYSTAL, chip.XOSC, chip.CLOCKS, system, usb, resets, watchdog)
            .unwrap_or_else(|_| panic!("the clocks do not start"));
    let timer = Timer::new_timer0(chip.TIMER0, resets, &clocks);
    let bank = Sio::new(chip.SIO).gpio_bank0;
    let pins = Pins::new(chip.IO_BANK0, chip.PADS_BANK0, bank, resets);
    let mut pin = AdcPin::new(pins.gpio26.into_floating_input()).expect("the converter has it");
    let mut adc = Adc::new(chip.ADC, resets);
    let period = u64::from(1_000_000 / rate);
    let mut next = timer.get_counter().ticks();
    move || {
        next += period;
        while timer.get_counter().ticks() < next {}
        // A conversion that failed is the middle of the range.
        adc.read(&mut pin).unwrap_or(2048)
    }
}

#[panic_handler]
fn panic(info: &PanicInfo) -> ! {
    defmt::error!("{}", defmt::Display2Format(info));
    loop {}
}
