//! Retained state survives a brown-out, in RAM that a reset does not clear.
//!
//! Two slots hold the last two saves of a factorisation ([`Retained`]) or of a stream ([`RetainedOnline`]), each with a
//! checksum. The checksum finds every change within one word; any other change passes with a probability of 2⁻³² to 2⁻⁶⁴. A
//! save goes to the older slot, and is complete once its checksum is. If the power fails in an epoch or in a save, the other
//! slot is whole, and a restart resumes the last epoch that was saved. The resumed run has the bits of a run without
//! interruption, with two exceptions: random numbers (mini-batches, samples, `random`, `around`) restart their streams, and
//! `abbmin` and `adagrad_norm` restart their histories.
//!
//! ```
//! use tinynmf_core::rule::Learned;
//! use tinynmf_core::{Data, Nmf, Policy, Settings, policy, retained::Retained};
//!
//! // On a device: `static mut` in a section such as `.uninit`; any content is allowed.
//! let mut retained = Retained::<4, 3, 2>::new();
//!
//! static READINGS: [u8; 12] = [9, 0, 3, 8, 0, 3, 0, 7, 7, 9, 7, 9];
//! let data = Data::new(&READINGS, 4, 3, 1.0 / 16.0)?;
//! let mut rule = Learned::new(Policy::from_bytes(policy::SHIPPED)?);
//! let mut nmf = Nmf::<4, 3, 2>::new(Settings { horizon: 50, ..Settings::default() })?;
//! for _ in retained.restore(&mut nmf).unwrap_or(0)..50 {
//!     nmf.run(data)?.epoch(&mut rule);
//!     retained.save(&nmf);
//! }
//! assert_eq!(retained.restore(&mut nmf), Some(50));
//! # Ok::<(), tinynmf_core::Error>(())
//! ```

mod stream;

pub use stream::RetainedOnline;

use crate::NmfInner;
use crate::checksum::Checksum;
use crate::rows::copy;
use crate::run::check_factor;
use crate::situation::Memory;
use crate::storage::{Floats, Keeps};
use crate::subproblem::Change;

/// Numbers that a run remembers of a factor.
const REMEMBERED: usize = 15;

/// One save. Numbers only, so that any bits are a value.
#[derive(Debug, Clone, Copy)]
struct Slot<const M: usize, const N: usize, const R: usize> {
    /// Counts saves; the later of two slots has the larger one.
    save: u32,
    epoch: u32,
    first_loss: f32,
    memories: [[f32; REMEMBERED]; 2],
    directions: [[f32; R]; 2],
    w: [[f32; R]; M],
    h: [[f32; R]; N],
    checksum: u64,
}

/// The last two saves of a factorisation.
///
/// RAM: 2·((M + N + 2)·R + 35) floats, and up to 8 bytes between them.
#[derive(Debug, Clone)]
pub struct Retained<const M: usize, const N: usize, const R: usize> {
    slots: [Slot<M, N, R>; 2],
}

impl<const M: usize, const N: usize, const R: usize> Default for Retained<M, N, R> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const M: usize, const N: usize, const R: usize> Retained<M, N, R> {
    /// Nothing saved yet.
    #[must_use]
    pub const fn new() -> Self {
        let empty = Slot {
            save: 0,
            epoch: 0,
            first_loss: 0.0,
            memories: [[0.0; REMEMBERED]; 2],
            directions: [[0.0; R]; 2],
            w: [[0.0; R]; M],
            h: [[0.0; R]; N],
            checksum: 0,
        };
        Self { slots: [empty; 2] }
    }

    /// Saves a factorisation between two epochs.
    ///
    /// About 10 instructions for every float that is kept: the later save is summed, the new one copied.
    pub fn save<S: Keeps<M, N, R>>(&mut self, nmf: &NmfInner<Floats, S>) {
        let [a, b] = &self.slots;
        let turn = turn([a.save, b.save], |at| {
            self.slots.get(at).is_some_and(|slot| slot.checksum == slot.sum(nmf))
        });
        if let Some(slot) = self.slots.get_mut(turn.slot) {
            slot.write(nmf, turn.save);
        }
    }

    /// Puts `nmf` where the last whole save left it, and returns the epochs done by then.
    ///
    /// `None`, and `nmf` is left alone, where there is no save of a factorisation with the same settings:
    /// after a cold start, say.
    pub fn restore<S: Keeps<M, N, R>>(&self, nmf: &mut NmfInner<Floats, S>) -> Option<u32> {
        let [a, b] = &self.slots;
        let slot = latest([a.save, b.save], [a, b].map(|slot| slot.is_whole(nmf)))?;
        let slot = self.slots.get(slot)?;
        slot.read(nmf);
        Some(slot.epoch)
    }
}

/// Where the next save goes, and its number.
struct Turn {
    slot: usize,
    save: u32,
}

/// The slot that says it is the later one: numbers of saves wrap.
fn later([a, b]: [u32; 2]) -> usize {
    usize::from(a.wrapping_sub(b) >= 1 << 31)
}

/// The next save goes over the later slot if that is torn, else over the earlier one: one look is enough.
///
/// If the later slot is whole, the other is no later save. If it is not, nothing is lost with it.
fn turn(saves: [u32; 2], is_whole: impl FnOnce(usize) -> bool) -> Turn {
    let (later, [a, b]) = (later(saves), saves);
    let other = if later == 0 { b } else { a };
    if is_whole(later) {
        let last = if later == 0 { a } else { b };
        Turn { slot: 1 - later, save: last.wrapping_add(1) }
    } else {
        Turn { slot: later, save: other.wrapping_add(1) }
    }
}

/// The later of the slots that are whole.
fn latest(saves: [u32; 2], whole: [bool; 2]) -> Option<usize> {
    match whole {
        [true, true] => Some(later(saves)),
        [true, false] => Some(0),
        [false, true] => Some(1),
        [false, false] => None,
    }
}

impl<const M: usize, const N: usize, const R: usize> Slot<M, N, R> {
    fn is_whole<S>(&self, nmf: &NmfInner<Floats, S>) -> bool {
        let sound = |factor: &[f32], len| check_factor(factor, len, R).is_ok();
        self.checksum == self.sum(nmf)
            && sound(self.w.as_flattened(), M)
            && sound(self.h.as_flattened(), N)
    }

    /// Of the shape, the settings and the numbers beside the factors.
    fn sum_of_head<S>(&self, nmf: &NmfInner<Floats, S>) -> Checksum {
        let mut sum = Checksum::new();
        for number in [M, N, R].map(|x| x as u32).into_iter().chain([self.save, self.epoch]) {
            sum.word(number);
        }
        nmf.sum_settings(&mut sum);
        sum.floats(&[self.first_loss]);
        sum.floats(self.memories.as_flattened());
        sum
    }

    /// The checksum of all of it.
    fn sum<S>(&self, nmf: &NmfInner<Floats, S>) -> u64 {
        let mut sum = self.sum_of_head(nmf);
        sum.floats(self.directions.as_flattened());
        sum.floats(self.w.as_flattened());
        sum.floats(self.h.as_flattened());
        sum.value()
    }

    fn write<S: Keeps<M, N, R>>(&mut self, nmf: &NmfInner<Floats, S>, save: u32) {
        self.checksum = !self.checksum;
        let state = &nmf.state;
        self.save = save;
        self.epoch = state.progress.epoch;
        self.first_loss = state.progress.first_loss;
        self.memories = [state.memories.w, state.memories.h].map(numbers);
        let mut sum = self.sum_of_head(nmf);
        let [w, h, directions] = nmf.kept();
        sum.copied(self.directions.as_flattened_mut(), directions);
        sum.copied(self.w.as_flattened_mut(), w);
        sum.copied(self.h.as_flattened_mut(), h);
        self.checksum = sum.value();
    }

    fn read<S: Keeps<M, N, R>>(&self, nmf: &mut NmfInner<Floats, S>) {
        nmf.state.progress.epoch = self.epoch;
        nmf.state.progress.first_loss = self.first_loss;
        let [w, h] = self.memories.map(memory);
        (nmf.state.memories.w, nmf.state.memories.h) = (w, h);
        let [w, h, directions] = nmf.kept_mut();
        copy(w, self.w.as_flattened());
        copy(h, self.h.as_flattened());
        copy(directions, self.directions.as_flattened());
    }
}

fn numbers(memory: Memory) -> [f32; REMEMBERED] {
    let Memory { steps, log_rate: [last, before], log_curvature, .. } = memory;
    let Memory { free_norm_squared, log_loss_change, change, .. } = memory;
    let Memory { share, loss, surprise, first_part, gain_change, .. } = memory;
    let Change { inner, curvature, norm_squared, image_norm_squared } = change;
    [
        f32::from_bits(steps),
        last,
        before,
        log_curvature,
        free_norm_squared,
        log_loss_change,
        inner,
        curvature,
        norm_squared,
        image_norm_squared,
        share,
        loss.unwrap_or(f32::NAN),
        surprise,
        first_part,
        gain_change,
    ]
}

fn memory(numbers: [f32; REMEMBERED]) -> Memory {
    let [steps, last, before, log_curvature, free_norm_squared, log_loss_change, rest @ ..] =
        numbers;
    let [inner, curvature, norm_squared, image_norm_squared, rest @ ..] = rest;
    let [share, loss, surprise, first_part, gain_change] = rest;
    Memory {
        steps: steps.to_bits(),
        log_rate: [last, before],
        log_curvature,
        free_norm_squared,
        log_loss_change,
        change: Change { inner, curvature, norm_squared, image_norm_squared },
        share,
        loss: (!loss.is_nan()).then_some(loss),
        surprise,
        first_part,
        gain_change,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::{Abb, Bound, Cauchy, Rule};
    use crate::{Data, Nmf, Policy, Settings, policy};

    type Kept = Retained<5, 4, 2>;
    static V: [u8; 20] = [9, 0, 3, 8, 0, 3, 0, 7, 7, 9, 7, 9, 1, 2, 0, 0, 5, 5, 1, 8];
    const EPOCHS: u32 = 12;

    fn fresh(horizon: u32) -> Nmf<5, 4, 2> {
        Nmf::new(Settings { horizon, ..Settings::default() }).unwrap()
    }

    fn epoch(nmf: &mut Nmf<5, 4, 2>, rule: &mut Rule<'_>) {
        nmf.run(Data::new(&V, 5, 4, 0.1).unwrap()).unwrap().epoch(rule);
    }

    /// firmware/README.md states both numbers.
    #[test]
    fn saves_take_the_memory_that_the_documentation_states() {
        assert_eq!(2 * 4 * ((12 + 64 + 2) * 3 + 35), 2152);
        assert_eq!(size_of::<Retained<12, 64, 3>>(), 2160);
    }

    fn bits(nmf: &Nmf<5, 4, 2>) -> std::vec::Vec<u32> {
        nmf.kept().iter().flat_map(|x| x.iter().map(|x| x.to_bits())).collect()
    }

    extern crate std;

    /// The power goes after every half-step: in the middle of an epoch, or between an epoch and its save.
    #[test]
    fn a_cut_at_any_half_step_changes_no_bit() {
        let learned = Rule::learned(Policy::from_bytes(policy::SHIPPED).unwrap());
        for rule in [learned, Abb.into(), Cauchy.into(), Bound::new(0.95).unwrap().into()] {
            let mut whole = fresh(EPOCHS);
            (0..EPOCHS).for_each(|_| epoch(&mut whole, &mut rule.clone()));
            for cut in 0..2 * EPOCHS {
                let (mut retained, mut nmf) = (Kept::new(), fresh(EPOCHS));
                for _ in 0..cut / 2 {
                    epoch(&mut nmf, &mut rule.clone());
                    retained.save(&nmf);
                }
                if cut % 2 == 1 {
                    epoch(&mut nmf, &mut rule.clone());
                }
                // Ordinary RAM is lost, and with it all that was not saved.
                nmf = fresh(EPOCHS);
                let done = retained.restore(&mut nmf).unwrap_or(0);
                assert_eq!(done, cut / 2);
                (done..EPOCHS).for_each(|_| epoch(&mut nmf, &mut rule.clone()));
                assert_eq!(bits(&nmf), bits(&whole), "cut at half-step {cut}");
            }
        }
    }

    /// The power goes within a save: the save before it is found.
    #[test]
    fn a_torn_save_is_refused() {
        let mut rule = Rule::from(Cauchy);
        let (mut retained, mut nmf) = (Kept::new(), fresh(EPOCHS));
        for _ in 0..3 {
            epoch(&mut nmf, &mut rule);
            retained.save(&nmf);
        }
        let before = retained.clone();
        epoch(&mut nmf, &mut rule);
        retained.save(&nmf);
        let written = usize::from(before.slots[1].save != retained.slots[1].save);
        let (old, new) = (before.slots[written], retained.slots[written]);
        let tear = |parts: usize| {
            let mut slot = old;
            let mut part = 0;
            let mut next = |copy: &mut dyn FnMut()| {
                if part < parts {
                    copy();
                }
                part += 1;
            };
            next(&mut || slot.checksum = !old.checksum);
            next(&mut || slot.save = new.save);
            next(&mut || slot.epoch = new.epoch);
            next(&mut || slot.first_loss = new.first_loss);
            next(&mut || slot.memories = new.memories);
            for i in 0..10 {
                next(&mut || slot.w.as_flattened_mut()[i] = new.w.as_flattened()[i]);
            }
            for i in 0..8 {
                next(&mut || slot.h.as_flattened_mut()[i] = new.h.as_flattened()[i]);
            }
            next(&mut || slot.directions = new.directions);
            next(&mut || slot.checksum = new.checksum);
            (slot, part)
        };
        let (_, parts) = tear(0);
        for cut in 0..=parts {
            let mut torn = before.clone();
            torn.slots[written] = tear(cut).0;
            let restored = torn.restore(&mut fresh(EPOCHS));
            assert_eq!(restored, Some(if cut == parts { 4 } else { 3 }), "cut at {cut} of {parts}");
        }
    }

    #[test]
    fn nothing_saved_or_other_settings_restore_nothing() {
        let mut nmf = fresh(EPOCHS);
        assert_eq!(Kept::new().restore(&mut nmf), None);
        epoch(&mut nmf, &mut Cauchy.into());
        let mut retained = Kept::new();
        retained.save(&nmf);
        assert_eq!(retained.restore(&mut fresh(EPOCHS)), Some(1));
        assert_eq!(retained.restore(&mut fresh(EPOCHS + 1)), None);
        for slot in &mut retained.slots {
            slot.w[0][0] = f32::from_bits(slot.w[0][0].to_bits() ^ 1);
        }
        assert_eq!(retained.restore(&mut fresh(EPOCHS)), None);
    }

    #[test]
    fn saves_take_turns_also_where_their_count_wraps() {
        let (mut retained, mut nmf) = (Kept::new(), fresh(EPOCHS));
        retained.save(&nmf);
        retained.slots[0].save = u32::MAX;
        retained.slots[0].checksum = retained.slots[0].sum(&nmf);
        for done in 1..5 {
            epoch(&mut nmf, &mut Cauchy.into());
            retained.save(&nmf);
            assert_eq!(retained.restore(&mut fresh(EPOCHS)), Some(done));
        }
    }
}
