//! The observations of schedules: what a policy sees before V is touched, all scale-free.
//!
//! *Level* of a number x ≥ 0 is ln(x + 10⁻⁵): log decreases span five powers of ten. *Signed log* of x is
//! ±ln(1 + |x|). A factor's *decrease* is what its last half-step gained, log(F before / F after) on its own sample; its
//! *surprise* is log(F on its sample before it moved / F on the sample before after that had moved): how much samples
//! differ.

use crate::Factor;
use crate::float::{limit, log, project};
use crate::observe::LIMIT;
use crate::situation::{Before, Memory};

/// The number of observations.
pub const SCHEDULE_OBSERVATIONS: usize = 15;

/// The version of the list below; a policy names the one it was trained on.
pub const SCHEDULE_SET: u16 = 2;

/// What each observation is, in order.
pub const SCHEDULE_NAMES: [&str; SCHEDULE_OBSERVATIONS] = [
    "log(F/F0)",
    "level of own decrease",
    "level of other's decrease",
    "signed log of other's surprise / own decrease",
    "signed log of own surprise / own decrease",
    "level of other's surprise",
    "signed log of the epoch's net decrease / its decreases",
    "factor (W 0, H 1)",
    "log of the share so far",
    "log(l/r)",
    "log(k/r)",
    "log(cost of a sweep / cost of the sample)",
    "own first sweep's part of its decrease",
    "other's first sweep's part of its decrease",
    "log(1 + t)",
];

/// What log decreases are compared with: below it f32 tells losses apart only roughly.
const SMALL: f32 = 1e-5;

/// The observations before a half-step that would look at `share` of the inner indices if nothing changed.
///
/// None changes when V, W or H is rescaled. What a first half-step cannot know is 0.
#[must_use]
pub fn observe_schedule(before: &Before<'_>, share: f32) -> [f32; SCHEDULE_OBSERVATIONS] {
    let Before { factor, progress, own, other, shape } = *before;
    let [k, l, rank] = shape.map(|x| x as f32);
    let known = |memory: &Memory, x: f32| if memory.steps > 0 { x } else { 0.0 };
    let decreases = own.decrease() + other.decrease();
    let net = decreases - own.surprise - other.surprise;
    let first = |it: &Memory| limit(it.first_decrease / (it.decrease() + SMALL), -2.0, 2.0);
    let observations = [
        other.loss.map_or(0.0, |loss| log(loss / progress.first_loss)),
        known(own, level(own.decrease())),
        known(other, level(other.decrease())),
        known(own, signed_log(other.surprise / (own.decrease() + SMALL))),
        known(own, signed_log(own.surprise / (own.decrease() + SMALL))),
        known(other, level(other.surprise)),
        known(own, signed_log(net / (decreases + SMALL))),
        match factor {
            Factor::W => 0.0,
            Factor::H => 1.0,
        },
        log(share),
        log(l / rank),
        log(k / rank),
        log(k * rank / (share * l * (k + 0.5 * rank))),
        known(own, first(own)),
        known(other, first(other)),
        log(1.0 + progress.epoch as f32),
    ];
    observations.map(|x| limit(x, -LIMIT, LIMIT))
}

fn level(x: f32) -> f32 {
    log(project(x) + SMALL)
}

fn signed_log(x: f32) -> f32 {
    if x < 0.0 { -log(1.0 - x) } else { log(1.0 + x) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::situation::Progress;

    fn observed(own: &Memory, other: &Memory) -> [f32; SCHEDULE_OBSERVATIONS] {
        let progress = Progress { epoch: 3, horizon: 9, share: 1.0, first_loss: 8.0 };
        let shape = [30, 20, 4];
        observe_schedule(&Before { factor: Factor::H, progress, own, other, shape }, 0.25)
    }

    #[test]
    fn each_is_what_its_name_says() {
        let own = Memory {
            steps: 2,
            log_loss_change: -0.5,
            surprise: -0.1,
            first_decrease: 0.4,
            ..Memory::default()
        };
        let other = Memory {
            steps: 3,
            log_loss_change: -0.25,
            surprise: 0.3,
            first_decrease: 0.2,
            loss: Some(2.0),
            ..Memory::default()
        };
        let ln = libm::log;
        let expected = [
            ln(0.25),
            ln(0.5),
            ln(0.25),
            ln(1.6),
            -ln(1.2),
            ln(0.3),
            ln(1.0 + 0.55 / 0.75),
            1.0,
            ln(0.25),
            ln(5.0),
            ln(7.5),
            ln(30.0 * 16.0 / (30.0 * 5.0 * 4.0 + 5.0 * 8.0)),
            0.8,
            0.8,
            ln(4.0),
        ];
        let found = observed(&own, &other);
        for ((found, expected), name) in found.iter().zip(expected).zip(SCHEDULE_NAMES) {
            assert!((f64::from(*found) - expected).abs() < 1e-4, "{name}: {found} for {expected}");
        }
    }

    #[test]
    fn what_a_first_half_step_cannot_know_is_zero_and_none_leaves_the_limits() {
        let found = observed(&Memory::default(), &Memory::default());
        for place in [0, 1, 2, 3, 4, 5, 6, 12, 13] {
            assert_eq!(found[place].to_bits(), 0, "{}", SCHEDULE_NAMES[place]);
        }
        let wild = Memory {
            steps: 1,
            log_loss_change: f32::NAN,
            surprise: f32::INFINITY,
            first_decrease: f32::NEG_INFINITY,
            ..Memory::default()
        };
        assert!(observed(&wild, &wild).iter().all(|x| x.abs() <= LIMIT));
    }
}
