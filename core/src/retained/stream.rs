//! Save and restore of a stream: W, A, B and the number of columns so far.

use super::{REMEMBERED, latest, memory, numbers, turn};
use crate::Online;
use crate::checksum::Checksum;
use crate::online::Keep;
use crate::run::check_factor;

/// One save. Numbers only, so that any bits are a value.
#[derive(Debug, Clone, Copy)]
struct Slot<const F: usize> {
    /// Counts saves; the later of two slots has the larger one.
    save: u32,
    columns: u32,
    norm_squared: f32,
    memory: [f32; REMEMBERED],
    floats: [f32; F],
    checksum: u64,
}

/// The last two saves of an [`Online`] whose [`RetainedOnline::floats`] are F.
///
/// A stream goes on with the bits of one that nothing interrupted, if its rule draws no random numbers; the last
/// column's latents are not kept. RAM: 2·(F + 18) floats, and up to 16 bytes.
///
/// ```
/// use tinynmf_core::online::{Keep, Online, OnlineSettings};
/// use tinynmf_core::retained::RetainedOnline;
/// use tinynmf_core::rule::Sweeps;
/// use tinynmf_core::Data;
///
/// // On a device: `static mut` in a section such as `.uninit`; any content is allowed.
/// let mut retained = RetainedOnline::<{ RetainedOnline::<0>::floats(4, 2, Keep::Products) }>::new();
///
/// let mut memory = [0.0; Online::floats(4, 2, Keep::Products)];
/// let mut online = Online::new(4, 2, OnlineSettings::default(), &mut memory)?;
/// let mut rule = Sweeps::HALS;
/// for t in retained.restore(&mut online).unwrap_or(0)..9 {
///     let reading = [t as u8, 3, 1, 8];
///     online.column(&Data::column(&reading, 0.5)?, &mut rule)?;
///     assert!(retained.save(&online), "F is what this stream takes");
/// }
/// assert_eq!(retained.restore(&mut online), Some(9));
/// # Ok::<(), tinynmf_core::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct RetainedOnline<const F: usize> {
    slots: [Slot<F>; 2],
}

impl<const F: usize> Default for RetainedOnline<F> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const F: usize> RetainedOnline<F> {
    /// The floats of a save: W, with [`Keep::Products`] B, A and the warm start of its power iteration.
    #[must_use]
    pub const fn floats(rows: usize, rank: usize, keep: Keep) -> usize {
        let factors = match keep {
            Keep::Gram => 1,
            Keep::Products => 2,
        };
        (factors * rows + rank + 1) * rank
    }

    /// Nothing saved yet.
    #[must_use]
    pub const fn new() -> Self {
        let empty = Slot {
            save: 0,
            columns: 0,
            norm_squared: 0.0,
            memory: [0.0; REMEMBERED],
            floats: [0.0; F],
            checksum: 0,
        };
        Self { slots: [empty; 2] }
    }

    /// Saves a stream between two columns; whether F is what it takes, else nothing is done.
    #[must_use = "if F is not what the stream takes, nothing is saved"]
    pub fn save(&mut self, online: &Online<'_>) -> bool {
        if F != Self::floats(online.rows(), online.rank(), online.settings.keep) {
            return false;
        }
        let [a, b] = &self.slots;
        let turn = turn([a.save, b.save], |at| {
            self.slots.get(at).is_some_and(|slot| slot.checksum == slot.sum(online))
        });
        if let Some(slot) = self.slots.get_mut(turn.slot) {
            slot.write(online, turn.save);
        }
        true
    }

    /// Puts `online` where the last whole save left it, and returns the columns seen by then, those of zeros included.
    ///
    /// `None`, and `online` is left alone, where there is no save of a stream of this shape with the same settings.
    pub fn restore(&self, online: &mut Online<'_>) -> Option<u32> {
        if F != Self::floats(online.rows(), online.rank(), online.settings.keep) {
            return None;
        }
        let [a, b] = &self.slots;
        let slot = latest([a.save, b.save], [a, b].map(|slot| slot.is_whole(online)))?;
        let slot = self.slots.get(slot)?;
        slot.read(online);
        Some(slot.columns)
    }
}

impl<const F: usize> Slot<F> {
    fn is_whole(&self, online: &Online<'_>) -> bool {
        let (rows, rank) = (online.rows(), online.rank());
        let w = self.floats.get(..rows * rank).unwrap_or_default();
        self.checksum == self.sum(online) && check_factor(w, rows, rank).is_ok()
    }

    fn sum_of_head(&self, online: &Online<'_>) -> Checksum {
        let mut sum = Checksum::new();
        for number in [online.rows(), online.rank()].map(|x| x as u32) {
            sum.word(number);
        }
        online.sum_settings(&mut sum);
        sum.word(self.save);
        sum.word(self.columns);
        sum.floats(&[self.norm_squared]);
        sum.floats(&self.memory);
        sum
    }

    fn sum(&self, online: &Online<'_>) -> u64 {
        let mut sum = self.sum_of_head(online);
        let mut rest = &self.floats[..];
        for part in online.kept() {
            let (own, tail) = rest.split_at_checked(part.len()).unwrap_or_default();
            sum.floats(own);
            rest = tail;
        }
        sum.value()
    }

    fn write(&mut self, online: &Online<'_>, save: u32) {
        self.checksum = !self.checksum;
        self.save = save;
        self.columns = online.progress.epoch;
        self.norm_squared = online.norm_squared;
        self.memory = numbers(online.memories.w);
        let mut sum = self.sum_of_head(online);
        let mut rest = &mut self.floats[..];
        for part in online.kept() {
            let (own, tail) = rest.split_at_mut_checked(part.len()).unwrap_or_default();
            sum.copied(own, part);
            rest = tail;
        }
        self.checksum = sum.value();
    }

    fn read(&self, online: &mut Online<'_>) {
        online.progress.epoch = self.columns;
        online.norm_squared = self.norm_squared;
        online.memories.w = memory(self.memory);
        let mut rest = &self.floats[..];
        let rows = online.rows() * online.rank();
        let started = self.floats.get(..rows).unwrap_or_default().iter().any(|w| *w > 0.0);
        for part in online.kept_mut(started) {
            let (own, tail) = rest.split_at_checked(part.len()).unwrap_or_default();
            crate::rows::copy(part, own);
            rest = tail;
        }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use crate::Data;
    use crate::online::OnlineSettings;
    use crate::rule::{Abb, Rule, Sweeps};
    use std::vec::Vec;

    const FLOATS: usize = Online::floats(6, 2, Keep::Products);
    type Kept = RetainedOnline<{ RetainedOnline::<0>::floats(6, 2, Keep::Products) }>;

    fn fresh(memory: &mut [f32], window: f32) -> Online<'_> {
        Online::new(6, 2, OnlineSettings { window, ..OnlineSettings::default() }, memory).unwrap()
    }

    fn take(online: &mut Online<'_>, t: u32, rule: &mut Rule<'_>) {
        let v: [u8; 6] = core::array::from_fn(|i| ((t * 7 + i as u32 * 5) % 13) as u8);
        online.column(&Data::column(&v, 0.25).unwrap(), rule).unwrap();
    }

    #[test]
    fn a_cut_changes_no_bit() {
        for rule in [Rule::from(Sweeps::HALS), Abb.into()] {
            let mut rule = rule;
            let mut memory = [0.0; FLOATS];
            let mut whole = fresh(&mut memory, 50.0);
            (0..20).for_each(|t| take(&mut whole, t, &mut rule));
            let bits: Vec<u32> = whole.w().iter().map(|w| w.to_bits()).collect();
            for cut in 0..20 {
                let mut retained = Kept::new();
                let mut memory = [0.0; FLOATS];
                let mut online = fresh(&mut memory, 50.0);
                for t in 0..cut {
                    take(&mut online, t, &mut rule);
                    assert!(retained.save(&online));
                }
                let mut memory = [f32::NAN; FLOATS];
                let mut online = fresh(&mut memory, 50.0);
                let done = retained.restore(&mut online).unwrap_or(0);
                assert_eq!(done, cut);
                (done..20).for_each(|t| take(&mut online, t, &mut rule));
                assert!(online.w().iter().zip(&bits).all(|(w, bits)| w.to_bits() == *bits));
            }
        }
    }

    #[test]
    fn a_damaged_save_and_other_settings_are_refused() {
        let (mut retained, mut rule) = (Kept::new(), Rule::from(Sweeps::HALS));
        let (mut memory, mut other) = ([0.0; FLOATS], [0.0; FLOATS]);
        let mut online = fresh(&mut memory, 50.0);
        assert_eq!(retained.restore(&mut online), None);
        take(&mut online, 0, &mut rule);
        assert!(retained.save(&online));
        assert_eq!(retained.restore(&mut fresh(&mut other, 60.0)), None);
        assert_eq!(retained.restore(&mut fresh(&mut other, 50.0)), Some(1));
        take(&mut online, 1, &mut rule);
        assert!(retained.save(&online));
        let whole = retained.clone();
        for slot in 0..2 {
            for at in 0..whole.slots[slot].floats.len() {
                let mut torn = whole.clone();
                let float = &mut torn.slots[slot].floats[at];
                *float = f32::from_bits(float.to_bits() ^ 1 << (at % 32));
                let left = whole.slots[1 - slot].columns;
                assert_eq!(torn.restore(&mut fresh(&mut other, 50.0)), Some(left));
                // The next save goes over what is torn.
                assert!(torn.save(&online));
                assert_eq!(torn.slots[1 - slot].columns, left);
            }
        }
        assert!(!RetainedOnline::<3>::new().save(&online));
    }
}
