//! The observations of schedules: what a policy sees before V is touched, all scale-free.
//!
//! None needs F: to look at F on a sample takes a sweep's price and the sample's norm, a fifth of a half-step in all, while
//! what sweeps gain is exact and free. A factor's *gain* is what its last half-step lowered F by, on its own sample. *Level* of a
//! number x ≥ 0 is ln(x + 10⁻⁷).

use crate::Factor;
use crate::float::{limit, log, project};
use crate::observe::LIMIT;
use crate::situation::{Before, Memory};

/// The number of observations.
pub const SCHEDULE_OBSERVATIONS: usize = 15;

/// The version of the list below; a policy names the one it was trained on. Set 2 looked at F on every sample.
pub const SCHEDULE_SET: u16 = 3;

/// Names of the observations, in order.
pub const SCHEDULE_NAMES: [&str; SCHEDULE_OBSERVATIONS] = [
    "log(l/r)",
    "log(k/r)",
    "log(r)",
    "factor (W 0, H 1)",
    "log(1 + t)",
    "the factor's first half-step (no 0, yes 1)",
    "log of own share",
    "log of other's share",
    "own share is all (no 0, yes 1)",
    "level of own gain / F0",
    "log(other's gain / own gain)",
    "change of log own gain",
    "change of log other's gain",
    "own first sweep's part of its gain",
    "other's first sweep's part of its gain",
];

/// Gains below it, relative to F₀, are not told apart.
const SMALL: f32 = 1e-7;

/// The observations before a half-step.
///
/// None changes when V, W or H is rescaled. What a first half-step cannot know is 0.
#[must_use]
pub fn observe_schedule(before: &Before<'_>) -> [f32; SCHEDULE_OBSERVATIONS] {
    let Before { factor, progress, own, other, shape } = *before;
    let [k, l, rank] = shape.map(|x| x as f32);
    let known = |memory: &Memory, x: f32| if memory.steps > 0 { x } else { 0.0 };
    let yes = |it: bool| if it { 1.0 } else { 0.0 };
    let [own_level, other_level] =
        [own, other].map(|it| log(project(it.gain() / progress.first_loss) + SMALL));
    let observations = [
        log(l / rank),
        log(k / rank),
        log(rank),
        yes(factor == Factor::H),
        log(1.0 + progress.epoch as f32),
        yes(own.steps == 0),
        known(own, log(own.share)),
        known(other, log(other.share)),
        yes(own.share >= 1.0),
        known(own, own_level),
        known(own, known(other, other_level - own_level)),
        own.gain_change,
        other.gain_change,
        known(own, own.first_part),
        known(other, other.first_part),
    ];
    observations.map(|x| limit(x, -LIMIT, LIMIT))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::situation::Progress;
    use crate::subproblem::Change;

    fn observed(own: &Memory, other: &Memory) -> [f32; SCHEDULE_OBSERVATIONS] {
        let progress = Progress { epoch: 3, horizon: 9, share: 1.0, first_loss: 8.0 };
        let shape = [30, 20, 4];
        observe_schedule(&Before { factor: Factor::H, progress, own, other, shape })
    }

    fn gained(gain: f32, memory: Memory) -> Memory {
        Memory { change: Change { inner: -gain, ..Change::default() }, ..memory }
    }

    #[test]
    fn each_is_what_its_name_says() {
        let memory = Memory {
            steps: 2,
            share: 0.5,
            gain_change: -0.25,
            first_part: 0.75,
            ..Memory::default()
        };
        let own = gained(0.4, memory);
        let memory = Memory {
            steps: 3,
            share: 1.0,
            gain_change: -0.5,
            first_part: 0.25,
            ..Memory::default()
        };
        let other = gained(0.2, memory);
        let ln = libm::log;
        let expected = [
            ln(5.0),
            ln(7.5),
            ln(4.0),
            1.0,
            ln(4.0),
            0.0,
            ln(0.5),
            0.0,
            0.0,
            ln(0.05 + 1e-7),
            -ln(2.0),
            -0.25,
            -0.5,
            0.75,
            0.25,
        ];
        let found = observed(&own, &other);
        for ((found, expected), name) in found.iter().zip(expected).zip(SCHEDULE_NAMES) {
            assert!((f64::from(*found) - expected).abs() < 1e-4, "{name}: {found} for {expected}");
        }
        let of_all = observed(&other, &own);
        assert!(of_all[8].to_bits() == 1.0_f32.to_bits() && of_all[6].to_bits() == 0);
    }

    #[test]
    fn what_a_first_half_step_cannot_know_is_zero_and_none_leaves_the_limits() {
        let found = observed(&Memory::default(), &Memory::default());
        assert_eq!(found[5].to_bits(), 1.0_f32.to_bits());
        for place in 6..SCHEDULE_OBSERVATIONS {
            assert_eq!(found[place].to_bits(), 0, "{}", SCHEDULE_NAMES[place]);
        }
        let memory = Memory {
            steps: 1,
            share: f32::NAN,
            gain_change: f32::INFINITY,
            first_part: f32::NEG_INFINITY,
            ..Memory::default()
        };
        let wild = gained(f32::NAN, memory);
        assert!(observed(&wild, &wild).iter().all(|x| x.abs() <= LIMIT));
    }
}
