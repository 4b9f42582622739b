//! Families of problems: the distributions that policies are trained and evaluated on.

use std::ops::ControlFlow;
use std::sync::Arc;

use tinynmf_core::loss::loss;
use tinynmf_core::noise::GradientNoise;
use tinynmf_core::random::{Rng, Stream, generator, normal, uniform};
use tinynmf_core::{Data, Rule, Settings, policy, rule};

use crate::nmf_vec::NmfVec;
use crate::play::play;

/// Ranges, both ends included, that every problem is drawn from independently and uniformly.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields, default))]
pub struct Family {
    /// [low, high]: the fewest and the most rows of V.
    pub rows: [usize; 2],
    /// [low, high]: the fewest and the most columns of V.
    pub columns: [usize; 2],
    /// r, of the factorisation.
    pub rank: [usize; 2],
    /// Planted latents per latent of the factorisation: above 1, V has more parts than the rank can
    /// hold, as real matrices do.
    pub excess: [f32; 2],
    /// The share of non-zero entries in the planted factors.
    pub density: [f32; 2],
    /// Standard deviation of the noise on V, relative to the root mean square of V.
    pub noise: [f32; 2],
    /// How much of a common column every column of the planted W holds: 0 none, 1 all.
    pub correlation: [f32; 2],
    /// Standard deviation of the log of the planted latents' sizes.
    pub spread: [f32; 2],
    /// Batch shares to choose from; 1 is exact.
    pub batch: Vec<f32>,
    /// Levels of noise on the gradients to choose from, see [`GradientNoise::new`]; 0 is none.
    pub gradient_noise: Vec<f32>,
    /// T, epochs.
    pub horizon: [u32; 2],
    /// The share of problems whose episodes transform single columns for a W that stays.
    pub transforms: f32,
}

impl Default for Family {
    /// Small problems with exact gradients: what a microcontroller holds.
    fn default() -> Self {
        Self {
            rows: [16, 56],
            columns: [12, 48],
            rank: [2, 8],
            excess: [1.0, 1.0],
            density: [0.3, 1.0],
            noise: [0.0, 0.1],
            correlation: [0.0, 0.6],
            spread: [0.0, 0.7],
            batch: vec![1.0],
            gradient_noise: vec![0.0],
            horizon: [60, 160],
            transforms: 0.0,
        }
    }
}

impl Family {
    /// Why problems cannot be drawn from this family, if so.
    #[must_use]
    pub fn fault(&self) -> Option<&'static str> {
        let sizes = [self.rows, self.columns, self.rank];
        let shares = [self.density, self.correlation];
        if sizes.iter().any(|[low, high]| *low == 0 || low > high) {
            return Some("rows, columns and rank need [low, high] with 1 <= low <= high");
        }
        if self.rank[1] > self.rows[0].min(self.columns[0]) {
            return Some("the largest rank must not exceed the smallest side");
        }
        if shares.iter().any(|[low, high]| !(*low >= 0.0 && low <= high && *high <= 1.0)) {
            return Some("density and correlation need [low, high] within 0 and 1");
        }
        let positive = |[low, high]: [f32; 2]| low >= 0.0 && low <= high && high < 100.0;
        if !positive(self.noise) || !positive(self.spread) {
            return Some("noise and spread need [low, high] with 0 <= low <= high");
        }
        if !(self.excess[0] >= 1.0 && self.excess[0] <= self.excess[1] && self.excess[1] <= 100.0) {
            return Some("excess needs [low, high] with 1 <= low <= high <= 100");
        }
        if self.batch.is_empty() || self.batch.iter().any(|b| !(*b > 0.0 && *b <= 1.0)) {
            return Some("batch needs at least one share in (0, 1]");
        }
        if self.gradient_noise.is_empty()
            || self.gradient_noise.iter().any(|level| !(*level >= 0.0 && *level < 100.0))
        {
            return Some("gradient_noise needs at least one level of at least 0");
        }
        if self.horizon[0] == 0 || self.horizon[0] > self.horizon[1] {
            return Some("horizon needs [low, high] with 1 <= low <= high");
        }
        if !(0.0..=1.0).contains(&self.transforms) {
            return Some("transforms needs a share within 0 and 1");
        }
        None
    }

    /// The problem of a seed; the same seed always gives the same problem.
    #[must_use]
    pub fn problem(&self, seed: u64) -> Problem {
        let mut rng = generator(seed, Stream::Rule);
        let rng = &mut rng;
        let (rows, columns) = (whole(self.rows, rng), whole(self.columns, rng));
        let rank = whole(self.rank, rng);
        let excess = within(self.excess, &mut generator(seed, Stream::Noise));
        let planted = (rank as f32 * excess).round() as usize;
        let (density, noise) = (within(self.density, rng), within(self.noise, rng));
        let (correlation, spread) = (within(self.correlation, rng), within(self.spread, rng));
        let (settings, gradient_noise) = self.settings(seed, rng);
        let sizes: Vec<f32> = (0..planted).map(|_| libm::expf(spread * normal(rng))).collect();
        let mut factor = |len: usize, correlation: f32| {
            let mut entries = Vec::with_capacity(len * planted);
            for _ in 0..len {
                let common = entry(density, rng);
                for size in &sizes {
                    let own = entry(density, rng);
                    entries.push(size.sqrt() * (correlation * common + (1.0 - correlation) * own));
                }
            }
            entries
        };
        let (w, h) = (factor(rows, correlation), factor(columns, 0.0));
        let mut entries: Vec<f32> = w
            .chunks_exact(planted)
            .flat_map(|w| {
                h.chunks_exact(planted).map(move |h| w.iter().zip(h).map(|(w, h)| w * h).sum())
            })
            .collect();
        let mean_square = entries.iter().map(|v| v * v).sum::<f32>() / entries.len() as f32;
        let deviation = noise * mean_square.sqrt();
        entries.iter_mut().for_each(|v| *v = (*v + deviation * normal(rng)).max(0.0));
        if entries.iter().all(|v| *v <= 0.0) {
            entries[0] = 1.0;
        }
        Problem { rows, columns, rank, entries: entries.into(), settings, gradient_noise }
    }

    /// Whether a problem of this family is one of those that transform columns.
    #[must_use]
    pub fn transforms(&self, problem: &Problem) -> bool {
        uniform(&mut generator(problem.settings.seed, Stream::Batch)) < self.transforms
    }

    /// Horizon and batch share, and the level of noise on gradients, drawn in this order.
    #[must_use]
    pub fn settings(&self, seed: u64, rng: &mut Rng) -> (Settings, f32) {
        let horizon = whole(self.horizon.map(|t| t as usize), rng) as u32;
        let batch = self.batch[whole([0, self.batch.len() - 1], rng)];
        let noise = self.gradient_noise[whole([0, self.gradient_noise.len() - 1], rng)];
        (Settings { horizon, batch, seed, ..Settings::default() }, noise)
    }
}

/// A matrix to factorise, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// m, the rows of V.
    pub rows: usize,
    /// n, the columns of V.
    pub columns: usize,
    /// The rank r: latents of a factorisation, from 1 to min(m, n).
    pub rank: usize,
    /// V, row by row; problems that differ in their starts share it.
    pub entries: Arc<[f32]>,
    /// Horizon, batch share and the seed of the start.
    pub settings: Settings,
    /// The level of noise on gradients, see [`GradientNoise::new`]; 0 is none.
    pub gradient_noise: f32,
}

impl Problem {
    /// V (m × n), as core takes it.
    ///
    /// # Panics
    ///
    /// If V is not a valid matrix; [`Family::problem`] makes none such.
    #[must_use]
    pub fn data(&self) -> Data<'_, f32> {
        Data::new(&self.entries, self.rows, self.columns, 1.0)
            .expect("a family draws valid matrices")
    }

    /// The noise on gradients: `noise.on(problem.data())` is V as a run of this problem sees it.
    ///
    /// # Panics
    ///
    /// If the level is none; [`Family::problem`] makes none such.
    #[must_use]
    pub fn noise(&self) -> GradientNoise {
        GradientNoise::new(self.gradient_noise, self.settings.seed)
            .expect("a family draws levels of at least 0")
    }

    /// The blob of the policy that ships for its gradients.
    #[must_use]
    pub fn shipped_policy(&self) -> &'static [u8] {
        if self.gradient_noise > 0.0 { policy::NOISY } else { self.settings.shipped_policy() }
    }

    /// Memory for a factorisation, at its start.
    ///
    /// # Panics
    ///
    /// If rank or batch do not fit; [`Family::problem`] makes none such.
    #[must_use]
    pub fn memory(&self) -> NmfVec {
        NmfVec::new(self.rows, self.columns, self.rank, self.settings)
            .expect("a family draws ranks and batches that fit")
    }

    /// Multiply-adds of a full epoch, 2mnr + (m + n)r²/2: the unit of cost.
    #[must_use]
    pub fn full_epoch(&self) -> f32 {
        let [m, n, r] = [self.rows, self.columns, self.rank].map(|x| x as f32);
        2.0 * m * n * r + 0.5 * (m + n) * r * r
    }

    /// F₀ and the lowest F that twice the horizon of exact abb epochs reach from the same start.
    ///
    /// # Panics
    ///
    /// As [`Problem::memory`].
    #[must_use]
    pub fn reference(&self) -> [f32; 2] {
        let [first, last] = [0, 2 * self.settings.horizon].map(|epochs| {
            let [w, h] = self.solved(epochs);
            loss(&self.data(), &w, &h, self.rank)
        });
        [first, last.min(0.5 * first)]
    }

    /// W and H after so many exact epochs of abb.
    ///
    /// # Panics
    ///
    /// As [`Problem::memory`].
    #[must_use]
    pub fn solved(&self, epochs: u32) -> [Vec<f32>; 2] {
        let settings = Settings { batch: 1.0, ..self.settings };
        let exact = Self { settings, ..self.clone() };
        let mut memory = exact.memory();
        let mut run = memory.run(exact.data()).expect("the memory was made for this shape");
        let mut rule = Rule::from(rule::Abb);
        play(&mut run, &mut rule, epochs, |_, _| ControlFlow::Continue(()));
        [memory.w().to_vec(), memory.h().to_vec()]
    }
}

fn whole([low, high]: [usize; 2], rng: &mut Rng) -> usize {
    (low + (uniform(rng) * (high - low + 1) as f32) as usize).min(high)
}

fn within([low, high]: [f32; 2], rng: &mut Rng) -> f32 {
    low + (high - low) * uniform(rng)
}

/// |N(0, 1)| with probability `density`, else 0: an entry of a planted factor.
#[must_use]
pub fn entry(density: f32, rng: &mut Rng) -> f32 {
    let size = normal(rng).abs();
    if uniform(rng) < density { size } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problems_are_valid_within_the_ranges_and_repeatable() {
        let family = Family::default();
        for seed in 0..200 {
            let problem = family.problem(seed);
            assert_eq!(problem, family.problem(seed));
            assert!((family.rows[0]..=family.rows[1]).contains(&problem.rows));
            assert!((family.rank[0]..=family.rank[1]).contains(&problem.rank));
            let [first, best] = problem.reference();
            assert!(best >= 0.0 && best < first);
        }
    }

    #[test]
    fn faults_are_named() {
        let wrong = |change: fn(&mut Family)| {
            let mut family = Family::default();
            change(&mut family);
            family.fault().is_some()
        };
        assert!(Family::default().fault().is_none());
        assert!(wrong(|f| f.rank = [2, 20]) && wrong(|f| f.rows = [9, 3]));
        assert!(wrong(|f| f.density = [0.5, 1.5]) && wrong(|f| f.batch = vec![]));
        assert!(wrong(|f| f.excess = [0.5, 1.0]));
        assert!(wrong(|f| f.noise = [f32::NAN, 1.0]) && wrong(|f| f.horizon = [0, 3]));
    }
}
