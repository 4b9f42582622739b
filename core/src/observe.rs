//! The observations: what the policy sees before every half-step, all scale-free.

use crate::float::{limit, log, ratio};
use crate::situation::{Factor, Situation};

/// The number of observations.
pub const OBSERVATIONS: usize = 15;

/// The version of the list below; a policy names the one it was trained on.
pub const OBSERVATION_SET: u16 = 1;

/// What each observation is, in order.
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
    let Situation { factor, progress, lipschitz, slope, own, other } = *at;
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
