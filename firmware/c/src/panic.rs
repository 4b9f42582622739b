//! The panic handler that Rust demands of a library without an operating system; no program contains it.

use core::panic::PanicInfo;

/// Stops for ever. Nothing in this library panics, so that linkers drop it: a test looks for its name in
/// a finished image.
#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    tinynmf_panicked()
}

#[inline(never)]
#[unsafe(no_mangle)]
extern "C" fn tinynmf_panicked() -> ! {
    loop {
        core::hint::spin_loop();
    }
}
