//! Which inner indices a half-step looks at, in either arithmetic: all of them, given ones, or drawn ones.

use crate::Factor;
use crate::random;
use crate::situation::{Before, Memories};
use crate::state::State;
use crate::step::Schedule;

/// The inner indices of a half-step.
#[derive(Clone, Copy)]
pub(crate) enum Batch<'a> {
    /// As the schedule wants.
    Free,
    All,
    Given(&'a [u32]),
    /// From here to there in the shuffled order.
    Drawn([usize; 2]),
}

impl<'a> Batch<'a> {
    /// The indices, of the shuffled `order`; `None` for all of them.
    pub fn indices(self, order: &'a [u32]) -> Option<&'a [u32]> {
        match self {
            Self::Free | Self::All => None,
            Self::Given(indices) => Some(indices),
            Self::Drawn([from, to]) => order.get(from..to),
        }
    }
}

impl State {
    /// The situation before a half-step of `factor` looks at V; X is k × r, Y is l × r.
    pub(crate) fn before(&self, factor: Factor, shape: [usize; 3]) -> Before<'_> {
        let Memories { w, h } = &self.memories;
        let (own, other) = match factor {
            Factor::W => (w, h),
            Factor::H => (h, w),
        };
        Before { factor, progress: self.progress, own, other, shape }
    }

    /// A mini-batch where the settings want one, else what the schedule will choose.
    pub(crate) fn batch(&mut self, order: &mut [u32]) -> Batch<'static> {
        let share = self.progress.share;
        if share >= 1.0 {
            return Batch::Free;
        }
        Batch::Drawn([0, random::batch(order, share, &mut self.batches).len()])
    }

    /// Draws a sample of so large a share, at least `least` indices of `order`, the next of a reshuffled pass if samples
    /// come by `passes`; nothing is drawn for all of them.
    pub(crate) fn draw(
        &mut self,
        factor: Factor,
        order: &mut [u32],
        least: usize,
        share: f32,
        passes: bool,
    ) -> Batch<'static> {
        // Nothing to draw from is all. First of all, so that where a schedule never samples the compiler sees that nothing is drawn.
        if share >= 1.0 || order.is_empty() {
            return Batch::All;
        }
        let l = order.len();
        let least = least.min(l) as f32 / l as f32;
        if least >= 1.0 {
            return Batch::All;
        }
        let share = if share > least { share } else { least };
        let Self { batches, seen: [columns, rows], .. } = self;
        let seen = if factor == Factor::W { columns } else { rows };
        if passes {
            let size = random::pass(order, seen, share, batches).len();
            // Where a pass ends within the sample, the sample comes first.
            let from = (*seen as usize).saturating_sub(size);
            Batch::Drawn([from, from + size])
        } else {
            Batch::Drawn([0, random::batch(order, share, batches).len()])
        }
    }

    /// [`State::draw`] of what the schedule wants, where it may choose.
    pub(crate) fn choose<'a>(
        &mut self,
        schedule: &mut impl Schedule,
        factor: Factor,
        shape: [usize; 3],
        order: &mut [u32],
        least: usize,
        batch: Batch<'a>,
    ) -> Batch<'a> {
        match batch {
            Batch::Free => {
                let share = schedule.share(&self.before(factor, shape));
                self.draw(factor, order, least, share, schedule.passes())
            }
            batch => batch,
        }
    }
}
