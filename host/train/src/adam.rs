//! Adam (Kingma & Ba 2015), with ε = 10⁻⁵ as PPO uses it, after clipping the gradient's norm.

use serde::{Deserialize, Serialize};

const BETA_1: f32 = 0.9;
const BETA_2: f32 = 0.999;
const EPSILON: f32 = 1e-5;

/// First and second moments of a gradient.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Adam {
    first: Vec<f32>,
    second: Vec<f32>,
    /// β₁ᵗ and β₂ᵗ.
    powers: [f32; 2],
}

impl Adam {
    /// A state for so many parameters.
    #[must_use]
    pub fn new(parameters: usize) -> Self {
        Self { first: vec![0.0; parameters], second: vec![0.0; parameters], powers: [1.0; 2] }
    }

    /// Reason why it does not fit so many parameters, if there is one.
    pub(super) fn fault(&self, parameters: usize) -> Option<String> {
        for (name, moments) in [("first", &self.first), ("second", &self.second)] {
            if moments.len() != parameters {
                let found = moments.len();
                return Some(format!("{name} has {found} numbers where {parameters} are needed"));
            }
            if !moments.iter().all(|x| x.is_finite()) {
                return Some(format!("{name} holds a number that is not finite"));
            }
        }
        if self.second.iter().any(|x| *x < 0.0) {
            return Some("second holds a number below 0".to_owned());
        }
        let odd = self.powers.iter().any(|power| !(0.0..=1.0).contains(power));
        odd.then(|| "powers are not within 0 and 1".to_owned())
    }

    /// One step down `gradient`, its norm clipped to `max_norm`.
    pub fn step(&mut self, parameters: &mut [f32], gradient: &[f32], rate: f32, max_norm: f32) {
        let norm = gradient.iter().map(|g| g * g).sum::<f32>().sqrt();
        let scale = if norm > max_norm { max_norm / norm } else { 1.0 };
        self.powers = [self.powers[0] * BETA_1, self.powers[1] * BETA_2];
        let moments = self.first.iter_mut().zip(&mut self.second);
        for ((p, g), (first, second)) in parameters.iter_mut().zip(gradient).zip(moments) {
            let g = g * scale;
            *first = BETA_1 * *first + (1.0 - BETA_1) * g;
            *second = BETA_2 * *second + (1.0 - BETA_2) * g * g;
            let unbiased = (*second / (1.0 - self.powers[1])).sqrt();
            *p -= rate * (*first / (1.0 - self.powers[0])) / (unbiased + EPSILON);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_step_has_the_rate_as_its_size() {
        let mut p = [1.0, 1.0];
        Adam::new(2).step(&mut p, &[0.3, -0.2], 0.01, 10.0);
        assert!((p[0] - 0.99).abs() < 1e-5 && (p[1] - 1.01).abs() < 1e-5);
    }

    #[test]
    fn minimises_a_parabola() {
        let (mut p, mut adam) = ([3.0, -2.0], Adam::new(2));
        for _ in 0..2000 {
            let gradient = [p[0] - 1.0, 10.0 * (p[1] - 2.0)];
            adam.step(&mut p, &gradient, 0.01, 0.5);
        }
        assert!((p[0] - 1.0).abs() < 0.01 && (p[1] - 2.0).abs() < 0.01, "{p:?}");
    }
}
