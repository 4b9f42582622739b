//! Memory that the start-up code leaves alone, and the restart that it survives.
#![allow(unsafe_code)] // a variable that no start-up code clears, and a reset

use core::mem::MaybeUninit;

/// Room for what any of the commands keeps.
type Kept = [u64; 280];

#[unsafe(link_section = ".uninit.kept")]
static mut KEPT: MaybeUninit<Kept> = MaybeUninit::uninit();

/// Memory that is kept, with the content that the last life left, or any after power-up.
///
/// # Safety
///
/// Called once in a life, and every bit pattern is a value of T.
pub unsafe fn kept<T>() -> &'static mut T {
    const { assert!(size_of::<T>() <= size_of::<Kept>() && align_of::<T>() <= align_of::<Kept>()) };
    // SAFETY: it fits, and the reference is the only one; the rest is the caller's promise.
    unsafe { &mut *(&raw mut KEPT).cast::<T>() }
}

/// Restarts, as a supply that comes back does.
pub fn restart() -> ! {
    #[cfg(target_arch = "arm")]
    cortex_m::peripheral::SCB::sys_reset();
    #[cfg(target_arch = "riscv32")]
    loop {
        // SAFETY: the test device of QEMU's `virt`, where this word means a reset.
        unsafe { (0x10_0000 as *mut u32).write_volatile(0x7777) };
    }
}
