//! W across a restart: kept in RAM that no start-up code clears, with a checksum.
//!
//! A supply that breaks down in the middle of a step leaves W half new and half old, or with bits fallen over.
//! So W goes into one of two copies in turn after every whole column, its checksum last: whenever the
//! power fails, at least one copy is whole, and the newest whole one is W after a whole column.

/// Two copies of N floats. Any content is allowed, as RAM has it after power-up.
#[derive(Debug, Clone, Copy)]
#[repr(C)]
pub struct Retained<const N: usize> {
    copies: [Slot<N>; 2],
}

#[derive(Debug, Clone, Copy)]
#[repr(C)]
struct Slot<const N: usize> {
    /// Columns taken in.
    columns: u32,
    /// The bits of W.
    w: [u32; N],
    checksum: u32,
}

impl<const N: usize> Slot<N> {
    /// Fletcher's two sums (1982) over words, from values that neither zeroed nor untouched RAM has.
    fn sum(&self) -> u32 {
        let (mut low, mut high) = (0x7E57_ED01_u32, 0x0DD_BA11_u32);
        for word in core::iter::once(&self.columns).chain(&self.w) {
            low = low.rotate_left(5).wrapping_add(*word);
            high = high.wrapping_mul(31).wrapping_add(low);
        }
        low ^ high
    }

    fn is_whole(&self) -> bool {
        self.checksum == self.sum()
    }
}

impl<const N: usize> Default for Retained<N> {
    fn default() -> Self {
        let empty = Slot { columns: 0, w: [0; N], checksum: 0 };
        Self { copies: [empty; 2] }
    }
}

impl<const N: usize> Retained<N> {
    /// Keeps W as it is after so many columns: over the older copy, whose checksum is broken first.
    pub fn keep(&mut self, columns: u32, w: &[f32]) {
        let newest = self.newest();
        let [first, second] = &mut self.copies;
        let slot = if newest == Some(0) { second } else { first };
        slot.checksum = !slot.sum();
        slot.columns = columns;
        slot.w.iter_mut().zip(w).for_each(|(kept, w)| *kept = w.to_bits());
        slot.checksum = slot.sum();
    }

    /// The newest whole copy: columns, and W. `None` after power-up.
    #[must_use]
    pub fn latest(&self) -> Option<(u32, [f32; N])> {
        let slot = self.copies.get(self.newest()?)?;
        Some((slot.columns, slot.w.map(f32::from_bits)))
    }

    fn newest(&self) -> Option<usize> {
        let [first, second] = &self.copies;
        match (first.is_whole(), second.is_whole()) {
            (true, true) => Some(usize::from(second.columns > first.columns)),
            (true, false) => Some(0),
            (false, true) => Some(1),
            (false, false) => None,
        }
    }

    /// The words as they lie in memory, for tests that damage them.
    pub fn words(&mut self) -> impl Iterator<Item = &mut u32> {
        self.copies.iter_mut().flat_map(|slot| {
            core::iter::once(&mut slot.columns).chain(&mut slot.w).chain([&mut slot.checksum])
        })
    }
}
