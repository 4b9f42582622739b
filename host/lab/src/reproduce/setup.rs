//! The paper's problem at two scales.

use serde::{Deserialize, Serialize};
use tinynmf::descent::Workload;
use tinynmf::family::Problem;
use tinynmf::family::entry;
use tinynmf::seeds::{Purpose, mix, problem_seed};
use tinynmf_core::product::{Left, product};
use tinynmf_core::random::{Stream, generator};
use tinynmf_core::{Factor, Settings};

/// How large everything is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Scale {
    /// 500 x 200, rank 10, five seeds: minutes
    Small,
    /// 10000 x 1000, rank 100, one seed: hours
    Paper,
}

/// Everything that a scale decides.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Setup {
    /// m, the rows of V.
    pub rows: usize,
    /// n, the columns of V.
    pub columns: usize,
    /// The rank r: latents of a factorisation, from 1 to min(m, n).
    pub rank: usize,
    /// The share of columns (W) and rows (H) in a mini-batch.
    pub batch: f32,
    /// Epochs of a run, and of an episode.
    pub epochs: u32,
    /// The loss is measured after so many epochs each, and after every one of the first 20.
    pub stride: u32,
    /// The share of rows that an agent's loss is measured on.
    pub sample: f32,
    /// Random schedules in Figures 3 and 4.
    pub trials: u64,
    /// Runs of each schedule that random ones are set against; they differ in their batches.
    pub repeats: u64,
    /// Agents trained, each on an instance of its own.
    pub agents: u64,
    /// Instances that nobody was trained on, to try agents on.
    pub fresh: u64,
    /// Environment steps after which an agent is looked at.
    pub budgets: [usize; 4],
    /// Environment steps between two updates of an agent at least.
    pub update: usize,
    /// Rows of a factor in the experiments on Theorem A.3.
    pub slice: usize,
    /// Epochs of a line search there.
    pub searched: u32,
    /// Whether products are GEMM's; otherwise everything is bit-identical on every machine.
    pub gemm: bool,
}

/// An episode is solved below this.
pub const SOLVED: f32 = 10.0;

/// The loss is measured after each of so many first epochs.
const DENSE: u32 = 20;

impl Setup {
    /// The setup of a scale.
    #[must_use]
    pub fn new(scale: Scale) -> Self {
        let small = Self {
            rows: 500,
            columns: 200,
            rank: 10,
            batch: 0.1,
            epochs: 1000,
            stride: 1,
            sample: 0.2,
            trials: 25,
            repeats: 5,
            agents: 5,
            fresh: 5,
            budgets: [10_000, 20_000, 50_000, 100_000],
            update: 2000,
            slice: 200,
            searched: 50,
            gemm: false,
        };
        match scale {
            Scale::Small => small,
            Scale::Paper => Self {
                rows: 10_000,
                columns: 1000,
                rank: 100,
                stride: 10,
                sample: 0.02,
                repeats: 3,
                agents: 1,
                slice: 50,
                searched: 10,
                gemm: true,
                ..small
            },
        }
    }

    /// Options of a run.
    #[must_use]
    pub fn settings(&self, seed: u64) -> Settings {
        Settings { horizon: self.epochs, batch: self.batch, seed, ..Settings::default() }
    }

    /// Whether the loss is measured after so many epochs.
    #[must_use]
    pub fn measured(&self, epoch: u32) -> bool {
        epoch <= DENSE || epoch.is_multiple_of(self.stride)
    }

    /// Whether what was measured after so many epochs is written into a figure's table: all of the first
    /// hundred, and every tenth.
    #[must_use]
    pub fn written(&self, epoch: usize) -> bool {
        self.measured(epoch as u32) && (epoch <= 100 || epoch.is_multiple_of(10))
    }

    /// An instance of the problem: V = WH of planted random sparse factors, without noise.
    ///
    /// Their entries are |N(0, 1)| with probability 1/√r, otherwise 0, so that an entry of V is a sum of one
    /// product on average. V is then scaled to √(mn)·mean V = 10π: from a balanced start the first bound 2/L
    /// is about 0.1, for both factors and at any size, and the first loss about 1,250.
    #[must_use]
    pub fn instance(&self, purpose: Purpose, index: u64) -> Workload {
        let Self { rows, columns, rank, .. } = *self;
        let seed = problem_seed(purpose, 0, [rows as u64, index]);
        let mut rng = generator(seed, Stream::Rule);
        let density = 1.0 / (rank as f32).sqrt();
        let w: Vec<f32> = (0..rows * rank).map(|_| entry(density, &mut rng)).collect();
        let h: Vec<f32> = (0..rank * columns).map(|_| entry(density, &mut rng)).collect();
        let mut v = vec![0.0; rows * columns];
        let left = Left { entries: &w[..], columns: rank };
        product(left, Factor::W, None, &h, 1.0, &mut v, columns);
        let sum: f64 = v.iter().map(|v| f64::from(*v)).sum();
        let target = 10.0 * std::f64::consts::PI / ((rows * columns) as f64).sqrt();
        let scale = (target * (rows * columns) as f64 / sum) as f32;
        v.iter_mut().for_each(|v| *v *= scale);
        let settings = self.settings(mix(seed, [0, 0]));
        let problem =
            Problem { rows, columns, rank, entries: v.into(), settings, gradient_noise: 0.0 };
        if self.gemm { Workload::gemm(problem) } else { Workload::core(problem) }
    }
}

#[cfg(test)]
impl Setup {
    /// So small that everything takes seconds without optimisation.
    #[must_use]
    pub fn tiny() -> Self {
        Self {
            rows: 60,
            columns: 40,
            rank: 4,
            batch: 0.25,
            epochs: 40,
            trials: 4,
            repeats: 2,
            agents: 2,
            fresh: 3,
            budgets: [80, 120, 160, 200],
            update: 80,
            slice: 20,
            searched: 5,
            ..Self::new(Scale::Small)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tinynmf_core::Rule;
    use tinynmf_core::rule::Fixed;
    use tinynmf_train::paper::first_factors;

    #[test]
    fn the_first_bounds_are_about_a_tenth_and_the_first_loss_is_not_far_from_1250() {
        let setup = Setup::new(Scale::Small);
        let work = setup.instance(Purpose::Training, 0);
        let start = first_factors(work.problem(), 1, true);
        let exact = Settings { batch: 1.0, ..setup.settings(1) };
        let mut run = work.descent(exact, &start, true);
        let loss = run.loss();
        let first = run.epoch(&mut Rule::from(Fixed::new(1e-6).unwrap()));
        for bound in [first.w.bound, first.h.bound] {
            assert!((0.08..0.12).contains(&bound), "{bound}");
        }
        assert!((1000.0..1500.0).contains(&loss), "{loss}");
        assert!(work.problem().entries.iter().filter(|v| **v <= 0.0).count() > 20_000);
    }
}
