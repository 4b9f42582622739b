//! Look-ahead oracles: before every half-step they try each action of a grid and take the one that lowers the gap most for
//! its cost.
//!
//! They are told what nobody can know: F over all of V after each trial, and the lowest loss that others reach. Only the action
//! that is taken is paid for. An oracle chooses by **(ln g before − ln g after)/cost**. One that looks 0 half-steps further does so
//! right after its action, and does not see what pays off later. One that looks n half-steps further lets the rule `widening`
//! make n half-steps after each action, and counts them in: it improves on that rule as far as one deviation at a time can. The
//! actions are those of a policy of schedules ([`Outside`]), under the same safeguard.

use rayon::prelude::*;
use tinynmf::family::Problem;
use tinynmf::nmf_vec::NmfVec;
use tinynmf_core::policy::SCHEDULE_OUTPUTS;
use tinynmf_core::rule::Widening;
use tinynmf_core::{Factor, HalfStep};
use tinynmf_train::schedule::Outside;

use super::BUDGET;
use super::course::Course;

/// Factors of the sample's size: 1.04, 1.3, 2.1, 3.9 times the last one.
const GROWTHS: [f32; 4] = [-0.45, 0.0, 1.0, 2.2];

/// First relaxations of 1, 1.2 and 1.5.
const RELAXATIONS: [f32; 3] = [-1.0, 0.0, 1.5];

/// Gain that another sweep needs: 0.16, 0.7 and 1.9 of the half-step so far.
const WORTHS: [f32; 3] = [-1.5, 0.0, 1.0];

/// Extrapolated by 0, 0.5 and 0.9, where all of V is looked at.
const EXTRAPOLATIONS: [f32; 3] = [-2.5, 0.0, 2.0];

/// Gaps below this are all the same.
const SMALLEST: f32 = 1e-5;

/// Plays the oracle that looks `further` half-steps beyond its action on `problem` until [`BUDGET`] is spent, or the gap
/// above `best` is gone.
///
/// # Panics
///
/// If the problem is not valid; families and matrices that were read make none such.
#[must_use]
pub fn play(problem: &Problem, further: usize, best: f32) -> Course {
    let unit = problem.full_epoch();
    let mut memory = problem.memory();
    let first = memory.run(problem.data()).expect("the memory was made for this shape").loss();
    let log_gap = |loss: f32| libm::logf(((loss - best) / (first - best)).max(SMALLEST));
    let mut course = Course { cost: vec![0.0], loss: vec![first], share: Vec::new(), guarded: 0 };
    let (mut cost, mut gap, mut shares) = (0.0, 0.0, [0.0; 2]);
    while cost < BUDGET && gap > libm::logf(SMALLEST) {
        let mut shown = (0.0, 0);
        for (at, factor) in [Factor::W, Factor::H].into_iter().enumerate() {
            let trials: Vec<Trial> = actions(shares[at] >= 1.0)
                .into_par_iter()
                .map(|outputs| Trial::of(&memory, problem, factor, outputs, further))
                .collect();
            let worth = |it: &Trial| (gap - log_gap(it.later)) / it.cost.max(1) as f32;
            let chosen = trials.into_iter().max_by(|a, b| worth(a).total_cmp(&worth(b)));
            let Some(Trial { memory: next, half, loss, .. }) = chosen else { return course };
            (memory, gap, shares[at]) = (next, log_gap(loss), half.share);
            cost += half.cost as f32 / unit;
            if factor == Factor::W {
                shown = (half.share, half.moves.as_slice().len());
            } else {
                course.loss.push(loss);
            }
        }
        if course.cost.last().is_some_and(|last| *last >= cost) {
            course.loss.pop();
            // Nothing is left to do.
            break;
        }
        course.cost.push(cost);
        course.share.push(shown);
    }
    course
}

/// A half-step on a copy of everything.
struct Trial {
    memory: NmfVec,
    half: HalfStep,
    loss: f32,
    /// F after the half-steps that follow, and the cost of all.
    later: f32,
    cost: u64,
}

impl Trial {
    fn of(
        memory: &NmfVec,
        problem: &Problem,
        factor: Factor,
        outputs: Outputs,
        further: usize,
    ) -> Self {
        let mut memory = memory.clone();
        let mut run = memory.run(problem.data()).expect("the memory was made for this shape");
        let half = run.half_step(&mut Outside::new(outputs, 0), factor);
        let loss = run.loss();
        let (mut later, mut cost) = (loss, half.cost);
        if further > 0 {
            let mut memory = memory.clone();
            let mut run = memory.run(problem.data()).expect("the same shape");
            let turns = [factor.other(), factor].into_iter().cycle().take(further);
            let mut rule = Widening::DEFAULT;
            cost += turns.map(|factor| run.half_step(&mut rule, factor).cost).sum::<u64>();
            later = run.loss();
        }
        Self { memory, half, loss, later, cost }
    }
}

type Outputs = [f32; SCHEDULE_OUTPUTS];

/// The grid; the sample cannot grow beyond all of V, and nothing is extrapolated before.
fn actions(all: bool) -> Vec<Outputs> {
    let growths = if all { &GROWTHS[1..2] } else { &GROWTHS[..] };
    let extrapolations = if all { &EXTRAPOLATIONS[..] } else { &EXTRAPOLATIONS[1..2] };
    let mut actions = Vec::new();
    for growth in growths {
        for relaxation in RELAXATIONS {
            for worth in WORTHS {
                let with = |beta: &f32| [*growth, relaxation, 0.0, worth, *beta];
                actions.extend(extrapolations.iter().map(with));
            }
        }
    }
    actions
}
