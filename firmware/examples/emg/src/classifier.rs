//! Features to a gesture: multinomial logistic regression, of which a device needs the largest score alone.

use crate::features::{FEATURES, Features};

/// Rest, flexion, extension, radial and ulnar deviation, pronation, supination, fist.
pub const GESTURES: usize = 8;

/// Their names, in the order of their numbers.
pub const NAMES: [&str; GESTURES] =
    ["rest", "flexion", "extension", "radial", "ulnar", "pronation", "supination", "fist"];

/// The scores of gestures are b + Ux; the probabilities of a gesture go with their exponentials.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Classifier {
    /// U, a row a gesture.
    pub weights: [[f32; FEATURES]; GESTURES],
    /// b.
    pub bias: [f32; GESTURES],
}

impl Classifier {
    /// b + Ux.
    #[must_use]
    pub fn scores(&self, features: &Features) -> [f32; GESTURES] {
        let mut scores = self.bias;
        for (score, weights) in scores.iter_mut().zip(&self.weights) {
            *score = weights.iter().zip(features).fold(*score, |sum, (u, x)| sum + u * x);
        }
        scores
    }

    /// The gesture of the largest score, the first one if there are several.
    #[must_use]
    pub fn gesture(&self, features: &Features) -> u8 {
        largest(&self.scores(features))
    }
}

/// The place of the largest number, the first one if there are several.
pub(crate) fn largest<T: PartialOrd + Copy>(numbers: &[T; GESTURES]) -> u8 {
    let mut best = (0, numbers[0]);
    for (place, number) in (0..).zip(numbers) {
        if *number > best.1 {
            best = (place, *number);
        }
    }
    best.0
}
