//! The memory of a factorisation: the pages beyond those that the module began with. Nothing else grows memory.

use core::arch::wasm32::{memory_grow, memory_size};
use core::slice;

/// Bytes of a page.
const PAGE: usize = 65_536;

/// So many floats, then so many indices, at the first page that the module did not begin with.
pub struct Room {
    first_page: usize,
    floats: usize,
    indices: usize,
}

impl Room {
    /// No room yet.
    pub const fn empty() -> Self {
        Self { first_page: 0, floats: 0, indices: 0 }
    }

    /// Makes room for so many numbers; `false` if memory does not grow so far. What was there is not cleared.
    pub fn claim(&mut self, floats: usize, indices: usize) -> bool {
        if self.first_page == 0 {
            self.first_page = memory_size::<0>();
        }
        (self.floats, self.indices) = (0, 0);
        let bytes = floats.checked_add(indices).and_then(|words| words.checked_mul(4));
        let Some(bytes) = bytes else { return false };
        let missing = (self.first_page + bytes.div_ceil(PAGE)).saturating_sub(memory_size::<0>());
        if missing > 0 && memory_grow::<0>(missing) == usize::MAX {
            return false;
        }
        (self.floats, self.indices) = (floats, indices);
        true
    }

    /// Where its floats begin.
    pub fn start(&mut self) -> *mut f32 {
        core::ptr::with_exposed_provenance_mut(self.first_page * PAGE)
    }

    /// The numbers.
    pub fn numbers(&mut self) -> (&mut [f32], &mut [u32]) {
        let (floats, indices) = (self.floats, self.indices);
        let start = self.start();
        // SAFETY: memory has grown so far; the two do not overlap, nobody else uses these pages while `self` is lent,
        // and every bit pattern is a number.
        unsafe {
            let behind = start.add(floats).cast();
            (slice::from_raw_parts_mut(start, floats), slice::from_raw_parts_mut(behind, indices))
        }
    }
}
