//! The synthetic families, as data.

use tinynmf::family::Family;

/// T, the epochs of every run.
pub const HORIZON: u32 = 200;

/// m, n and r of the synthetic families.
const SIZES: [[usize; 3]; 4] = [[40, 30, 4], [64, 48, 8], [100, 80, 12], [200, 150, 20]];

/// Noise on V relative to its root mean square.
const NOISES: [f32; 3] = [0.0, 0.05, 0.1];

/// Columns x = c·z + (1 − c)·y with z common to all and y their own have the correlation c²/(c² + (1 − c)²): 0.9.
const CORRELATED: f32 = 0.75;

/// Standard deviation of the log of the latents' sizes: two in three lie within a factor e of the median.
const SPREAD: f32 = 1.0;

/// A family of one size, well conditioned, with exact gradients and V without noise.
fn plain([m, n, r]: [usize; 3]) -> (String, Family) {
    let family = Family {
        rows: [m; 2],
        columns: [n; 2],
        rank: [r; 2],
        excess: [1.0; 2],
        density: [0.3, 1.0],
        noise: [0.0; 2],
        correlation: [0.0; 2],
        spread: [0.0; 2],
        batch: vec![1.0],
        gradient_noise: vec![0.0],
        horizon: [HORIZON; 2],
        transforms: 0.0,
    };
    (format!("{m}x{n} r{r}"), family)
}

/// Exact gradients: four sizes at three levels of noise, and two sizes ill conditioned in two ways.
#[must_use]
pub fn exact() -> Vec<(String, Family)> {
    let mut all = Vec::new();
    for (name, family) in SIZES.map(plain) {
        for noise in NOISES {
            all.push((format!("{name} +{noise}"), Family { noise: [noise; 2], ..family.clone() }));
        }
    }
    for (name, family) in SIZES[1..3].iter().copied().map(plain) {
        let family = Family { noise: [0.0, 0.1], ..family };
        let correlated = Family { correlation: [CORRELATED; 2], ..family.clone() };
        all.push((format!("{name} cor"), correlated));
        all.push((format!("{name} log"), Family { spread: [SPREAD; 2], ..family }));
    }
    all
}

/// Stochastic gradients: two sizes, two shares of a mini-batch, two levels of noise on the gradients.
#[must_use]
pub fn stochastic() -> Vec<(String, Family)> {
    let mut all = Vec::new();
    for (name, family) in SIZES[1..3].iter().copied().map(plain) {
        let family = Family { noise: [0.0, 0.1], ..family };
        for batch in [0.25, 0.05] {
            let name = format!("{name} {}%", 100.0 * batch);
            all.push((name, Family { batch: vec![batch], ..family.clone() }));
        }
        for level in [0.1, 0.5] {
            let name = format!("{name} ~{level}");
            all.push((name, Family { gradient_noise: vec![level], ..family.clone() }));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_can_be_drawn_from_and_have_names_that_fit() {
        let all = [exact(), stochastic()].concat();
        assert_eq!(all.len(), 16 + 8);
        for (name, family) in all {
            assert!(name.len() <= 17, "{name}");
            assert_eq!(family.fault(), None, "{name}");
        }
    }
}
