//! The observations: what the policy sees before every half-step, all scale-free.

use crate::Factor;
use crate::float::{limit, log, ratio};
use crate::situation::Situation;

pub use super::observe_schedule::{
    SCHEDULE_NAMES, SCHEDULE_OBSERVATIONS, SCHEDULE_SET, observe_schedule,
};

/// The number of observations.
pub const OBSERVATIONS: usize = 15;

/// The version of the list below; a policy names the one it was trained on.
pub const OBSERVATION_SET: u16 = 1;

/// Names of the observations, in order.
pub const NAMES: [&str; OBSERVATIONS] = [
    "log(F/F0)",
    "own last change of log F",
    "other's last change of log F",
    "t/T",
    "change of log|G_F|",
    "own last log(aL)",
    "own log(aL) before last",
    "log curvature",
    "last log curvature",
    "log(L*bb1)",
    "log(L*bb2)",
    "other's last log(aL)",
    "other's log curvature",
    "factor (W 0, H 1)",
    "log batch share",
];

/// No observation leaves ±[`LIMIT`].
pub const LIMIT: f32 = 12.0;

/// The observations of a situation, in the order of [`NAMES`].
///
/// None changes when V, W or H is rescaled. What a first half-step cannot know is 0.
#[must_use]
pub fn observe(at: &Situation<'_>) -> [f32; OBSERVATIONS] {
    let Situation { factor, progress, lipschitz, slope, own, other, .. } = *at;
    let known = |steps: u32, x: f32| if steps > 0 { x } else { 0.0 };
    let change = &own.change;
    let bb = |a: f32, b: f32| ratio(lipschitz * a, b).map_or(0.0, log);
    let horizon = progress.horizon.max(1) as f32;
    let observations = [
        log(slope.loss / progress.first_loss),
        own.log_loss_change,
        other.log_loss_change,
        progress.epoch as f32 / horizon,
        known(own.steps, 0.5 * log(slope.free_norm_squared / own.free_norm_squared)),
        own.log_rate[0],
        own.log_rate[1],
        slope.log_curvature(lipschitz),
        own.log_curvature,
        known(own.steps, bb(change.norm_squared, change.curvature)),
        known(own.steps, bb(change.curvature, change.image_norm_squared)),
        other.log_rate[0],
        other.log_curvature,
        match factor {
            Factor::W => 0.0,
            Factor::H => 1.0,
        },
        log(progress.share),
    ];
    observations.map(|x| limit(x, -LIMIT, LIMIT))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::situation::{Memory, Progress};
    use crate::subproblem::{Change, Slope};

    /// Every number differs, so that none can stand in for another.
    fn own() -> Memory {
        Memory {
            steps: 4,
            log_rate: [0.31, -0.42],
            log_curvature: 0.53,
            free_norm_squared: 8.0,
            log_loss_change: -0.64,
            change: Change {
                inner: -1.0,
                curvature: 0.5,
                norm_squared: 0.25,
                image_norm_squared: 3.0,
            },
            ..Memory::default()
        }
    }

    fn other() -> Memory {
        Memory { log_rate: [0.75, -9.0], log_curvature: 0.86, log_loss_change: -0.97, ..own() }
    }

    fn observed(factor: Factor, own: &Memory) -> [f32; OBSERVATIONS] {
        observe(&Situation {
            factor,
            progress: Progress { epoch: 3, horizon: 12, share: 0.125, first_loss: 40.0 },
            lipschitz: 6.0,
            slope: Slope {
                loss: 5.0,
                norm_squared: 9.0,
                free_norm_squared: 2.0,
                free_curvature: 7.0,
            },
            own,
            other: &other(),
            exponent: 0,
        })
    }

    fn check(found: [f32; OBSERVATIONS], expected: [f64; OBSERVATIONS]) {
        for ((found, expected), name) in found.iter().zip(expected).zip(NAMES) {
            assert!((f64::from(*found) - expected).abs() < 1e-6, "{name}: {found} for {expected}");
        }
    }

    #[test]
    fn each_is_what_its_name_says() {
        let ln = libm::log;
        let expected = [
            ln(5.0 / 40.0),
            -0.64,
            -0.97,
            3.0 / 12.0,
            0.5 * ln(2.0 / 8.0),
            0.31,
            -0.42,
            ln(6.0 * 2.0 / 7.0),
            0.53,
            ln(6.0 * 0.25 / 0.5),
            ln(6.0 * 0.5 / 3.0),
            0.75,
            0.86,
            0.0,
            ln(0.125),
        ];
        check(observed(Factor::W, &own()), expected);
        let mut of_h = expected;
        of_h[13] = 1.0;
        check(observed(Factor::H, &own()), of_h);
        // One step is enough to know the change of the gradient.
        check(observed(Factor::W, &Memory { steps: 1, ..own() }), expected);
    }

    #[test]
    fn what_a_first_half_step_cannot_know_is_zero() {
        let found = observed(Factor::W, &Memory { steps: 0, ..own() });
        assert_eq!([found[4], found[9], found[10]].map(f32::to_bits), [0; 3]);
        let stuck = Memory { change: Change::default(), ..own() };
        let found = observed(Factor::W, &stuck);
        assert_eq!([found[9], found[10]].map(f32::to_bits), [0; 2], "0/0");
    }

    #[test]
    fn none_leaves_the_limits() {
        let huge = Memory {
            log_rate: [f32::INFINITY, f32::NEG_INFINITY],
            log_curvature: f32::NAN,
            ..own()
        };
        let found = observed(Factor::W, &huge);
        assert_eq!(
            [found[5], found[6], found[8]].map(f32::to_bits),
            [LIMIT, -LIMIT, -LIMIT].map(f32::to_bits)
        );
    }
}
