//! Common parts of this folder's examples: a converter that is none, a clock, and the log, which says how long readings
//! waited for their answer.
#![no_std]

use core::panic::PanicInfo;
use core::sync::atomic::{AtomicU32, Ordering::Relaxed};

use cortex_m::peripheral::SYST;
use cortex_m::peripheral::syst::SystClkSource;
use defmt_semihosting as _; // carries every log line
use lm3s6965 as _; // interrupts and memory
use semihosting::process;
use tinynmf_background::{COLUMNS, Found, ROWS, signal};
use tinynmf_core::{Error, Fingerprint};

/// Ticks of the core's clock from reading to reading: 80 readings a second at 12.5 MHz. Without a floating-point unit a
/// half-step takes four times as long.
const PERIOD: u32 = 12_500_000 / 80;

/// Factorisations until the emulation ends.
const MATRICES: u32 = 2;

static TAKEN: AtomicU32 = AtomicU32::new(0);
static LOST: AtomicU32 = AtomicU32::new(0);
static FOUND: AtomicU32 = AtomicU32::new(0);
static LONGEST: AtomicU32 = AtomicU32::new(0);

/// Starts the timer, whose interrupt takes the readings.
pub fn start(mut timer: SYST) {
    timer.set_clock_source(SystClkSource::Core);
    timer.set_reload(PERIOD - 1);
    timer.clear_current();
    timer.enable_interrupt();
    timer.enable_counter();
}

/// The next reading, for the timer's interrupt: read your converter here.
pub fn take_reading() -> u16 {
    signal(TAKEN.fetch_add(1, Relaxed) as usize)
}

/// There was no room for a reading: the factorisation does not keep up.
pub fn lost() {
    LOST.fetch_add(1, Relaxed);
}

/// A reading that came at the time `since` has its answer.
pub fn answered(since: u32) {
    LONGEST.fetch_max(now().wrapping_sub(since), Relaxed);
}

/// Ticks since the start.
#[must_use]
pub fn now() -> u32 {
    loop {
        let taken = TAKEN.load(Relaxed);
        let within = PERIOD - 1 - SYST::get_current();
        // Where the timer's interrupt came in between, the two do not belong together.
        if taken == TAKEN.load(Relaxed) {
            return taken.wrapping_mul(PERIOD).wrapping_add(within);
        }
    }
}

/// Logs what a matrix came to, and ends the emulation after the last.
pub fn report(found: Result<Found<'_>, Error>) {
    let found = match found {
        Ok(found) => found,
        Err(error) => {
            defmt::error!("left out: {}", error);
            process::exit(1)
        }
    };
    let [w, h] = [found.w, found.h].map(|factor| {
        let mut fingerprint = Fingerprint::new();
        fingerprint.floats(factor);
        fingerprint.value()
    });
    let number = FOUND.fetch_add(1, Relaxed) + 1;
    // Those that came since the matrix was whole.
    let meanwhile = TAKEN.load(Relaxed) - number * (ROWS * COLUMNS) as u32;
    defmt::info!(
        "found {{\"loss\":{=u32},\"w\":{=u64},\"h\":{=u64},\"meanwhile\":{=u32},\"lost\":{=u32},\"longest\":{=u32}}}",
        found.loss.to_bits(),
        w,
        h,
        meanwhile,
        LOST.load(Relaxed),
        LONGEST.load(Relaxed)
    );
    if number == MATRICES {
        process::exit(0)
    }
}

#[panic_handler]
fn panic(info: &PanicInfo) -> ! {
    defmt::error!("{}", defmt::Display2Format(info));
    process::exit(101)
}
