//! Running normalisation of the observations: detail 7 of Huang et al. (2022).

use serde::{Deserialize, Serialize};
use tinynmf_core::observe::{NAMES, OBSERVATIONS};

/// Normalised observations stay within ±this, so that int8 inputs have 127/4 steps per deviation.
pub const CLIP: f32 = 4.0;

/// Mean and variance of every observation seen so far (Chan, Golub & LeVeque 1979).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Normaliser {
    count: f64,
    mean: [f64; OBSERVATIONS],
    squares: [f64; OBSERVATIONS],
}

impl Default for Normaliser {
    fn default() -> Self {
        Self { count: 0.0, mean: [0.0; OBSERVATIONS], squares: [0.0; OBSERVATIONS] }
    }
}

impl Normaliser {
    /// Takes in one observation vector.
    pub fn observe(&mut self, x: &[f32; OBSERVATIONS]) {
        self.count += 1.0;
        for ((mean, squares), x) in self.mean.iter_mut().zip(&mut self.squares).zip(x) {
            let difference = f64::from(*x) - *mean;
            *mean += difference / self.count;
            *squares += difference * (f64::from(*x) - *mean);
        }
    }

    /// The first field that no observations can have led to.
    pub(super) fn fault(&self) -> Option<&'static str> {
        let sound = |number: f64| number.is_finite() && number >= 0.0;
        if !sound(self.count) {
            return Some("count is not a number of at least 0");
        }
        if !self.mean.iter().all(|mean| mean.is_finite()) {
            return Some("mean holds a number that is not finite");
        }
        let sound = self.squares.iter().all(|it| sound(*it));
        (!sound).then_some("squares must be numbers of at least 0")
    }

    /// Offset and inverse deviation of every observation: the two numbers that the blob stores.
    ///
    /// An observation that never varied gets the deviation 1.
    #[must_use]
    pub fn scale(&self) -> Scale {
        let mut scale = Scale([[0.0, 1.0]; OBSERVATIONS]);
        for ((scale, mean), squares) in scale.0.iter_mut().zip(&self.mean).zip(&self.squares) {
            let deviation = (squares / self.count.max(1.0)).sqrt();
            *scale = [*mean as f32, if deviation > 1e-3 { (1.0 / deviation) as f32 } else { 1.0 }];
        }
        scale
    }
}

/// Offset and gain of every observation.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Scale(pub [[f32; 2]; OBSERVATIONS]);

impl Scale {
    /// Blind to the observations of these names: they are always seen as 0.
    #[must_use]
    pub fn without(mut self, names: &[String]) -> Self {
        for (scale, name) in self.0.iter_mut().zip(NAMES) {
            if names.iter().any(|it| it == name) {
                scale[1] = 0.0;
            }
        }
        self
    }

    /// (x − offset)·gain within ±[`CLIP`].
    #[must_use]
    pub fn normalise(&self, x: &[f32; OBSERVATIONS]) -> [f32; OBSERVATIONS] {
        std::array::from_fn(|i| ((x[i] - self.0[i][0]) * self.0[i][1]).clamp(-CLIP, CLIP))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tinynmf_core::random::{Stream, generator, normal};

    #[test]
    fn makes_zero_mean_and_unit_variance() {
        let mut rng = generator(1, Stream::Start);
        let samples: Vec<[f32; OBSERVATIONS]> =
            (0..4000).map(|_| std::array::from_fn(|i| 3.0 + normal(&mut rng) * i as f32)).collect();
        let mut normaliser = Normaliser::default();
        samples.iter().for_each(|x| normaliser.observe(x));
        let scale = normaliser.scale();
        for i in 1..OBSERVATIONS {
            let (mut sum, mut squares) = (0.0, 0.0);
            for x in &samples {
                let y = scale.normalise(x)[i];
                sum += y / 4000.0;
                squares += y * y / 4000.0;
            }
            assert!(sum.abs() < 0.01 && (squares - 1.0).abs() < 0.02, "{i}: {sum} {squares}");
        }
        assert!((scale.0[0][1] - 1.0).abs() < 1e-6, "a constant keeps the gain 1");
        let blind = scale.without(&[NAMES[3].to_owned()]).normalise(&samples[0]);
        let seen = scale.normalise(&samples[0]);
        assert!(blind[3].abs() < 1e-12 && blind[4].to_bits() == seen[4].to_bits());
    }
}
