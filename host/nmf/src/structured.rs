//! Problems with the structures that real matrices have: not only planted low rank.
//!
//! Policies that were trained on planted problems alone stay at small samples on real ones. So the kinds here have slowly
//! falling spectra, smooth parts, blocks, few entries, noise up to the structure's own size, and ranks too small and
//! too large for what is there.

use tinynmf_core::Settings;
use tinynmf_core::random::{Rng, Stream, generator, normal, uniform};

use crate::family::{Problem, entry};

/// Structure of V.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
pub enum Kind {
    /// |N(0, 1)| factors of half the rank to twice the rank, dense to sparse, of log-normal sizes.
    Planted,
    /// Two to five times the rank, part k scaled by k^−a, a from 0.3 to 1.8.
    Spectrum,
    /// Bumps along the rows, with activations that come and go along the columns.
    Smooth,
    /// Groups of rows and of columns, each pair of groups at a level of its own, with a smaller planted part on top.
    Blocks,
    /// Factors of which one entry in five to twenty is there; V is mostly zero.
    Sparse,
    /// Columns of W that share most of what they have.
    Correlated,
}

/// Ranges, both ends included, that every problem is drawn from; sizes and ranks log-uniformly.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields, default))]
pub struct Structured {
    /// The kinds to choose from.
    pub kinds: Vec<Kind>,
    /// [low, high]: the fewest and the most rows of V.
    pub rows: [usize; 2],
    /// [low, high]: the fewest and the most columns of V.
    pub columns: [usize; 2],
    /// r, and at most half the shorter side.
    pub rank: [usize; 2],
    /// m·n at most: the longer side is cut to it.
    pub entries: usize,
    /// Standard deviation of the noise on V, relative to the mean of V: mostly little, up to this.
    pub noise: f32,
}

impl Default for Structured {
    fn default() -> Self {
        use Kind::{Blocks, Correlated, Planted, Smooth, Sparse, Spectrum};
        Self {
            kinds: vec![Planted, Spectrum, Smooth, Blocks, Sparse, Correlated],
            rows: [10, 300],
            columns: [10, 300],
            rank: [2, 24],
            entries: 8000,
            noise: 0.6,
        }
    }
}

impl Structured {
    /// Why problems cannot be drawn, if so.
    #[must_use]
    pub fn fault(&self) -> Option<&'static str> {
        let sizes = [self.rows, self.columns, self.rank];
        if sizes.iter().any(|[low, high]| *low == 0 || low > high || *high > 1 << 16) {
            return Some("rows, columns and rank need [low, high] with 1 <= low <= high <= 65536");
        }
        if self.kinds.is_empty() || self.kinds.len() > 64 {
            return Some("kinds needs 1 to 64 kinds of problems");
        }
        if self.entries < 100 || !(0.0..100.0).contains(&self.noise) {
            return Some("entries must be at least 100, and noise at least 0 and below 100");
        }
        None
    }

    /// The problem of a seed; the same seed always gives the same problem.
    #[must_use]
    pub fn problem(&self, seed: u64) -> Problem {
        let rng = &mut generator(seed, Stream::Rule);
        let (mut rows, mut columns) = (size(self.rows, rng), size(self.columns, rng));
        while rows * columns > self.entries && rows.max(columns) > 10 {
            if rows > columns { rows -= rows / 8 } else { columns -= columns / 8 }
        }
        let rank = size(self.rank, rng).min(rows.min(columns).div_ceil(2));
        let kind = self.kinds[below(self.kinds.len(), rng)];
        let mut entries = kind.entries([rows, columns, rank], rng);
        let mean = entries.iter().sum::<f32>() / entries.len() as f32;
        // Half of the problems have a tenth of the range.
        let level = self.noise * uniform(rng) * if uniform(rng) < 0.5 { 0.1 } else { 1.0 };
        entries.iter_mut().for_each(|v| *v = (*v + level * mean * normal(rng)).max(0.0));
        if entries.iter().all(|v| *v <= 0.0) {
            entries[0] = 1.0;
        }
        let settings = Settings { seed, ..Settings::default() };
        Problem { rows, columns, rank, entries: entries.into(), settings, gradient_noise: 0.0 }
    }
}

impl Kind {
    fn entries(self, [rows, columns, rank]: [usize; 3], rng: &mut Rng) -> Vec<f32> {
        match self {
            Self::Planted => {
                let parts = times(rank, 0.5, 2.0, rng);
                let (density, spread) = (within(0.2, 1.0, rng), uniform(rng));
                let sizes: Vec<f32> =
                    (0..parts).map(|_| libm::expf(spread * normal(rng))).collect();
                sum(
                    &planted(rows, parts, density, rng),
                    &planted(columns, parts, density, rng),
                    &sizes,
                )
            }
            Self::Spectrum => {
                let (parts, fall) = (times(rank, 2.0, 5.0, rng), within(0.3, 1.8, rng));
                let sizes: Vec<f32> = (1..=parts).map(|k| libm::powf(k as f32, -fall)).collect();
                let density = within(0.3, 1.0, rng);
                sum(
                    &planted(rows, parts, density, rng),
                    &planted(columns, parts, density, rng),
                    &sizes,
                )
            }
            Self::Smooth => {
                let parts = times(rank, 0.7, 3.0, rng);
                let (bumps, activations) =
                    (bumps(rows, parts, rng), bumps(columns, 2 * parts, rng));
                let joint: Vec<Vec<f32>> = activations
                    .chunks_exact(2)
                    .map(|pair| pair[0].iter().zip(&pair[1]).map(|(a, b)| a + b).collect())
                    .collect();
                let sizes: Vec<f32> = (0..parts).map(|_| libm::expf(0.7 * normal(rng))).collect();
                sum(&bumps, &joint, &sizes)
            }
            Self::Blocks => {
                let [of_rows, of_columns] = [0; 2].map(|_| times(rank, 0.7, 2.0, rng));
                let levels: Vec<f32> =
                    (0..of_rows * of_columns).map(|_| entry(0.5, rng) * 2.0).collect();
                let groups: Vec<usize> = (0..columns).map(|_| below(of_columns, rng)).collect();
                let small = within(0.05, 0.5, rng);
                let parts = times(rank, 1.0, 3.0, rng);
                let [w, h] = [rows, columns].map(|len| planted(len, parts, 0.5, rng));
                let mut entries = sum(&w, &h, &vec![small / parts as f32; parts]);
                for row in entries.chunks_exact_mut(columns) {
                    let group = below(of_rows, rng);
                    let strength = within(0.5, 1.5, rng);
                    for (v, column) in row.iter_mut().zip(&groups) {
                        *v += strength * levels[group * of_columns + column];
                    }
                }
                entries
            }
            Self::Sparse => {
                let parts = times(rank, 0.7, 2.0, rng);
                let density = within(0.05, 0.2, rng);
                sum(
                    &planted(rows, parts, density, rng),
                    &planted(columns, parts, 2.0 * density, rng),
                    &vec![1.0; parts],
                )
            }
            Self::Correlated => {
                let parts = times(rank, 0.7, 1.5, rng);
                let shared = within(0.3, 0.8, rng);
                let mut w = planted(rows, parts, 0.7, rng);
                let common: Vec<f32> = (0..rows).map(|_| entry(0.9, rng)).collect();
                for part in &mut w {
                    for (x, common) in part.iter_mut().zip(&common) {
                        *x = shared * common + (1.0 - shared) * *x;
                    }
                }
                sum(&w, &planted(columns, parts, 0.7, rng), &vec![1.0; parts])
            }
        }
    }
}

/// Parts of |N(0, 1)| entries.
fn planted(len: usize, parts: usize, density: f32, rng: &mut Rng) -> Vec<Vec<f32>> {
    (0..parts).map(|_| (0..len).map(|_| entry(density, rng)).collect()).collect()
}

/// Parts that are one bump each, an eightieth to a fifth of the length wide.
fn bumps(len: usize, parts: usize, rng: &mut Rng) -> Vec<Vec<f32>> {
    let mut bump = || {
        let (centre, width) = (uniform(rng), within(0.0125, 0.2, rng));
        let at = |i: usize| ((i as f32 + 0.5) / len as f32 - centre) / width;
        (0..len).map(|i| libm::expf(-0.5 * at(i) * at(i))).collect()
    };
    (0..parts).map(|_| bump()).collect()
}

/// Σ size·wₖhₖᵀ, row by row.
fn sum(w: &[Vec<f32>], h: &[Vec<f32>], sizes: &[f32]) -> Vec<f32> {
    let (rows, columns) = (w[0].len(), h[0].len());
    let mut entries = vec![0.0; rows * columns];
    for ((w, h), size) in w.iter().zip(h).zip(sizes) {
        for (row, w) in entries.chunks_exact_mut(columns).zip(w) {
            row.iter_mut().zip(h).for_each(|(v, h)| *v += size * w * h);
        }
    }
    entries
}

fn times(rank: usize, low: f32, high: f32, rng: &mut Rng) -> usize {
    ((rank as f32 * within(low, high, rng)).round() as usize).max(1)
}

fn size([low, high]: [usize; 2], rng: &mut Rng) -> usize {
    let drawn = low as f32 * libm::powf(high as f32 / low as f32, uniform(rng));
    (drawn.round() as usize).clamp(low, high)
}

fn below(count: usize, rng: &mut Rng) -> usize {
    ((uniform(rng) * count as f32) as usize).min(count - 1)
}

fn within(low: f32, high: f32, rng: &mut Rng) -> f32 {
    low + (high - low) * uniform(rng)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problems_are_valid_within_the_ranges_and_repeatable() {
        let them = Structured::default();
        for seed in 0..200 {
            let problem = them.problem(seed);
            assert_eq!(problem, them.problem(seed));
            assert!((10..=300).contains(&problem.rows) && (10..=300).contains(&problem.columns));
            assert!(problem.rows * problem.columns <= 8000, "{}", problem.rows * problem.columns);
            assert!(problem.rank >= 2 && 2 * problem.rank <= problem.rows.min(problem.columns) + 1);
            assert!(problem.data().norm_squared() > 0.0);
            drop(problem.memory());
        }
    }

    #[test]
    fn kinds_differ_in_what_they_are_made_of() {
        let zeros = |kind| {
            let them = Structured { kinds: vec![kind], noise: 0.0, ..Structured::default() };
            let share = |seed| {
                let problem = them.problem(seed);
                let zeros = problem.entries.iter().filter(|v| **v <= 0.0).count();
                zeros as f32 / problem.entries.len() as f32
            };
            (0..20).map(share).sum::<f32>() / 20.0
        };
        assert!(zeros(Kind::Sparse) > 0.5);
        assert!(zeros(Kind::Correlated) < 0.1 && zeros(Kind::Spectrum) < 0.2);
        assert!(Structured { kinds: vec![], ..Structured::default() }.fault().is_some());
    }
}
