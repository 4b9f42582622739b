//! A model that is learnt on a workstation, from a first session.

use crate::amplitude::CHANNELS;
use crate::classifier::{Classifier, GESTURES};
use crate::features::RANK;

/// Synergies, what their past was, and what tells gestures by them.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    /// W, [`CHANNELS`] × [`RANK`], row by row; every column has the sum 1.
    pub w: [f32; CHANNELS * RANK],
    /// The past that a relearnt W begins with: the mean window of every gesture, times the square root of the windows that it
    /// stands for.
    pub past: [[f32; CHANNELS]; GESTURES],
    /// Features to a gesture.
    pub classifier: Classifier,
}
