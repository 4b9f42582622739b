//! Numbers to compare machines by.

use tinynmf_core::Fingerprint;

use crate::memory::numbers;

/// A checksum of floats, to compare machines bit by bit: CRC-64/XZ of their little-endian bytes; 0 for null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tinynmf_fingerprint(floats: *const f32, count: usize) -> u64 {
    // SAFETY: C's promise.
    unsafe { numbers(floats, count) }.map_or(0, |floats| {
        let mut fingerprint = Fingerprint::new();
        fingerprint.floats(floats);
        fingerprint.value()
    })
}
