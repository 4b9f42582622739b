//! One run: what it had cost and how far it was after every epoch.

use std::ops::ControlFlow;

use tinynmf::family::Problem;
use tinynmf::play::play;
use tinynmf_core::Schedule;

use super::{BUDGET, GAPS};

/// Cost, in full epochs, and F over all of V: at the start, and after every epoch.
#[derive(Debug, Clone, PartialEq)]
pub struct Course {
    /// From 0.
    pub cost: Vec<f32>,
    /// From F₀.
    pub loss: Vec<f32>,
    /// The share of V that W's half-step of every epoch looked at, and its sweeps.
    pub share: Vec<(f32, usize)>,
    /// Half-steps in which a policy's safeguard acted.
    pub guarded: u32,
}

impl Course {
    /// Plays `rule` on `problem` until [`BUDGET`] is spent.
    ///
    /// # Panics
    ///
    /// If the problem is not valid; families and matrices that were read make none such.
    #[must_use]
    pub fn play(problem: &Problem, rule: &mut impl Schedule) -> Self {
        let unit = problem.full_epoch();
        let mut memory = problem.memory();
        let mut run = memory.run(problem.data()).expect("the memory was made for this shape");
        let mut course =
            Self { cost: vec![0.0], loss: vec![run.loss()], share: Vec::new(), guarded: 0 };
        let mut cost = 0.0;
        play(&mut run, rule, u32::MAX, |run, epoch| {
            let price = (epoch.w.cost + epoch.h.cost) as f32 / unit;
            if price <= 0.0 {
                // Nothing is left to do.
                return ControlFlow::Break(());
            }
            cost += price;
            course.cost.push(cost);
            course.loss.push(run.loss());
            course.share.push((epoch.w.share, epoch.w.moves.as_slice().len()));
            if cost < BUDGET { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        course
    }

    /// The lowest loss.
    #[must_use]
    pub fn lowest(&self) -> f32 {
        self.loss.iter().copied().fold(f32::INFINITY, f32::min)
    }

    /// The last loss.
    #[must_use]
    pub fn last(&self) -> f32 {
        self.loss.last().copied().unwrap_or(f32::INFINITY)
    }

    /// The cost to each of [`GAPS`] above `best`; the budget where it was not reached.
    #[must_use]
    pub fn costs(&self, best: f32) -> [f32; 3] {
        GAPS.map(|gap| {
            let level = best + gap * (self.loss[0] - best);
            let place = self.loss.iter().position(|loss| *loss <= level);
            place.map_or(BUDGET, |place| self.cost[place].min(BUDGET))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_is_reached_where_the_loss_first_falls_below_its_level() {
        let course = Course {
            cost: vec![0.0, 2.0, 5.0, 9.0],
            loss: vec![11.0, 2.0, 1.05, 1.0],
            share: vec![(1.0, 2); 3],
            guarded: 0,
        };
        // Levels of 2, 1.1 and 1.01 above a best of 1.
        assert_eq!(course.costs(1.0).map(f32::to_bits), [2.0_f32, 5.0, 9.0].map(f32::to_bits));
        assert_eq!(course.costs(0.0).map(f32::to_bits), [5.0, BUDGET, BUDGET].map(f32::to_bits));
        assert_eq!((course.lowest(), course.last()), (1.0, 1.0));
    }
}
