//! Marks between which the host counts instructions, see `firmware/counts/counter.c`.
#![allow(unsafe_code)] // the marks need names that the host finds, and a body that stays

use core::arch::asm;

/// Begins a count. It does nothing, and the compiler cannot know.
#[unsafe(no_mangle)]
#[inline(never)]
extern "C" fn tinynmf_count_start() {
    // SAFETY: `nop` has no effect.
    unsafe { asm!("nop") }
}

/// Ends it. Its body differs from the other, so that the two are not merged into one.
#[unsafe(no_mangle)]
#[inline(never)]
extern "C" fn tinynmf_count_stop() {
    // SAFETY: `nop` has no effect.
    unsafe { asm!("nop", "nop") }
}

/// Does `work` between the marks.
#[inline] // a call between the marks would be counted
pub fn count<T>(work: impl FnOnce() -> T) -> T {
    tinynmf_count_start();
    let result = work();
    tinynmf_count_stop();
    result
}
