//! How deep a stack grows, measured by painting what lies below it.
#![allow(unsafe_code)] // memory below the stack pointer has no other name

use core::arch::asm;

/// Bytes that are painted: no work in here is to go deeper.
const PAINTED: usize = 4096;

const PAINT: u32 = 0xACE0_FBA5;

/// Bytes of stack that `work` takes, its own frame and all calls; none if more than are painted.
#[inline(never)]
pub fn depth<T>(work: impl FnOnce() -> T) -> Option<usize> {
    let top = pointer();
    let bottom = top - PAINTED;
    for address in (bottom..top).step_by(size_of::<u32>()) {
        // SAFETY: below the stack pointer nothing lives, and boards leave that much room.
        unsafe { (address as *mut u32).write_volatile(PAINT) };
    }
    call(work);
    let painted = |address: usize| {
        // SAFETY: as above; the words were written.
        unsafe { (address as *const u32).read_volatile() == PAINT }
    };
    let deepest = (bottom..top).step_by(size_of::<u32>()).find(|address| !painted(*address));
    deepest.filter(|address| *address > bottom).map(|address| top - address)
}

/// A frame of its own for `work`, below the paint's upper end.
#[inline(never)]
fn call<T>(work: impl FnOnce() -> T) {
    core::hint::black_box(work());
}

/// The stack pointer of the caller.
#[inline]
fn pointer() -> usize {
    let pointer: usize;
    // SAFETY: reads a register.
    unsafe {
        #[cfg(target_arch = "arm")]
        asm!("mov {}, sp", out(reg) pointer);
        #[cfg(target_arch = "riscv32")]
        asm!("mv {}, sp", out(reg) pointer);
    }
    pointer
}
