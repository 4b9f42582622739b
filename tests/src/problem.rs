//! Problems: drawn at random for properties, or given.

use crate::float64::{Half, Matrix, by_rows};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, RngSeed, TestRunner};
use std::ops::Range;
use tinynmf::nmf_vec::NmfVec;
use tinynmf_core::product::TILE;
use tinynmf_core::random::{Noise, Rng, Stream, generator, normal, uniform};
use tinynmf_core::subproblem::{Dense, Held, Scratch, Subproblem as _};
use tinynmf_core::{Data, Factor, Settings};

/// V with a start.
#[derive(Debug, Clone)]
pub struct Problem {
    /// m.
    pub rows: usize,
    /// n.
    pub columns: usize,
    /// r.
    pub rank: usize,
    /// V by rows.
    pub v: Vec<f32>,
    /// W₀ by rows.
    pub w: Vec<f32>,
    /// H₀ by columns.
    pub h: Vec<f32>,
}

impl Problem {
    /// V.
    ///
    /// # Panics
    ///
    /// If core refuses V.
    #[must_use]
    pub fn data(&self) -> Data<'_, f32> {
        Data::new(&self.v, self.rows, self.columns, 1.0).unwrap()
    }

    /// A factorisation at its start.
    ///
    /// # Panics
    ///
    /// If core refuses the start.
    #[must_use]
    pub fn nmf(&self, settings: Settings) -> NmfVec {
        let mut nmf = NmfVec::new(self.rows, self.columns, self.rank, settings).unwrap();
        nmf.set(&self.w, &self.h).unwrap();
        nmf
    }

    /// Vᵀ with the factors swapped.
    #[must_use]
    pub fn transposed(&self) -> Self {
        let (rows, columns) = (self.columns, self.rows);
        let v = (0..rows * columns).map(|k| self.v[k % columns * rows + k / columns]).collect();
        Self { rows, columns, rank: self.rank, v, w: self.h.clone(), h: self.w.clone() }
    }

    /// The factor that moves.
    #[must_use]
    pub fn factor(&self, factor: Factor) -> Matrix {
        by_rows(if factor == Factor::W { &self.w } else { &self.h }, self.rank)
    }

    /// The half-step's problem in float64, at this W and H.
    #[must_use]
    pub fn half(&self, factor: Factor) -> Half {
        let v = by_rows(&self.v, self.columns);
        match factor {
            Factor::W => Half { v, y: self.factor(Factor::H) },
            Factor::H => Half { v: v.transpose(), y: self.factor(Factor::W) },
        }
    }

    /// F in float64.
    #[must_use]
    pub fn loss(&self) -> f64 {
        self.half(Factor::W).loss(&self.factor(Factor::W))
    }

    /// |√F' − √F| of a reported loss F', in units of ε(‖V‖ + √F): what F' can be off however small F gets.
    #[must_use]
    pub fn loss_error(&self, reported: f32) -> f64 {
        let (v, exact) = (self.half(Factor::W).v.norm(), self.loss().sqrt());
        let error = (f64::from(reported).sqrt() - exact).abs();
        // Both sides are 0 where V is fitted exactly and is itself 0.
        error / (f64::from(f32::EPSILON) * (v + exact)).max(f64::MIN_POSITIVE)
    }

    /// Core's G in a half-step on `batch`.
    #[must_use]
    pub fn gradient(&self, factor: Factor, batch: Option<&[u32]>) -> Matrix {
        let (x, y) = match factor {
            Factor::W => (&self.w, &self.h),
            Factor::H => (&self.h, &self.w),
        };
        let (mut x, mut y, mut gradient) = (x.clone(), y.clone(), vec![0.0; x.len()]);
        let mut before = x.clone();
        let (r, tile) = (self.rank, TILE * self.rank);
        let (mut gram, mut direction) = (vec![0.0; r * r], vec![1.0; r]);
        let (mut rows, mut image) = (vec![0.0; tile], vec![0.0; tile]);
        let scratch = Scratch {
            gram: &mut gram,
            direction: &mut direction,
            rows: &mut rows,
            image: &mut image,
        };
        let mut block = Dense {
            matrix: &self.data(),
            factor,
            batch,
            x: &mut x,
            y: &mut y,
            gradient: &mut gradient,
            before: &mut before,
            noise: &mut Noise::new(0.0, generator(0, Stream::Noise)),
            penalties: Default::default(),
            tried: None,
            images: 0,
            held: Held::Nothing,
            scratch,
            rank: r,
        };
        block.sample();
        block.gradient();
        drop(block);
        by_rows(&gradient, r)
    }
}

/// Shape (m, n, r), small enough for many cases.
fn shape() -> impl Strategy<Value = [usize; 3]> {
    (1_usize..=18, 1_usize..=18)
        .prop_flat_map(|(m, n)| (Just(m), Just(n), 1..=m.min(n).min(7)))
        .prop_map(|(m, n, r)| [m, n, r])
}

/// Problems as they come: V of scale 10⁻⁶ to 10⁶ and any density, WH of V's scale, W and H out of
/// balance by up to 10⁴.
pub fn ordinary() -> impl Strategy<Value = Problem> {
    scaled(-6.0..6.0, -2.0..2.0)
}

/// Problems of any density, V of scale 1 and factors in balance.
pub fn plain() -> impl Strategy<Value = Problem> {
    scaled(0.0..1e-3, 0.0..1e-3)
}

/// V of scale 10ˢ, W and H 10ᵇ and 10⁻ᵇ times their balanced scale.
fn scaled(s: Range<f32>, b: Range<f32>) -> impl Strategy<Value = Problem> {
    (shape(), any::<u64>(), 0.05_f32..=1.0, s, b).prop_map(
        |([rows, columns, rank], seed, density, scale, balance)| {
            let mut rng = generator(seed, Stream::Start);
            let mut draw = |len: usize, density: f32, scale: f32| -> Vec<f32> {
                (0..len).map(|_| entry(&mut rng, density) * scale).collect()
            };
            let scale = 10_f32.powf(scale);
            let factor = (scale / rank as f32).sqrt();
            let mut v = draw(rows * columns, density, scale);
            v[0] = v[0].max(scale * 0.1);
            let w = draw(rows * rank, density.sqrt(), factor * 10_f32.powf(balance));
            let h = draw(columns * rank, density.sqrt(), factor / 10_f32.powf(balance));
            Problem { rows, columns, rank, v, w, h }
        },
    )
}

fn entry(rng: &mut Rng, density: f32) -> f32 {
    let x = normal(rng).abs();
    if uniform(rng) < density { x } else { 0.0 }
}

/// Problems at the edges: entries from zero and subnormal to the largest allowed in one matrix, zero
/// and repeated rows and columns, factors that are partly or wholly zero.
pub fn hostile() -> impl Strategy<Value = Problem> {
    (shape(), any::<u64>(), 1_usize..=LEVELS.len(), 0_usize..LEVELS.len()).prop_map(
        |([rows, columns, rank], seed, levels, first)| {
            let mut rng = generator(seed, Stream::Start);
            let mut draw = |rows: usize, columns: usize| {
                hostile_matrix(&mut rng, rows, columns, levels, first)
            };
            let (mut v, w, h) = (draw(rows, columns), draw(rows, rank), draw(columns, rank));
            if v.iter().sum::<f32>() <= 0.0 {
                v[0] = LEVELS[first].max(1e-38);
            }
            Problem { rows, columns, rank, v, w, h }
        },
    )
}

/// What hostile entries are multiples of; the last is the largest that core allows.
const LEVELS: [f32; 9] =
    [0.0, 1e-42, 1e-30, 1e-15, 1e-6, 1.0, 1e6, 1e10, tinynmf_core::data::MAX_ENTRY];

fn hostile_matrix(
    rng: &mut Rng,
    rows: usize,
    columns: usize,
    levels: usize,
    first: usize,
) -> Vec<f32> {
    let mut pick = |n: usize| (uniform(rng) * n as f32) as usize;
    let mut x: Vec<f32> =
        (0..rows * columns).map(|_| LEVELS[(first + pick(levels)) % LEVELS.len()]).collect();
    let (from, to) = (pick(rows), pick(rows));
    x.copy_within(from * columns..(from + 1) * columns, to * columns);
    match pick(4) {
        0 => x[to * columns..(to + 1) * columns].fill(0.0),
        1 => {
            let column = pick(columns);
            x.iter_mut().skip(column).step_by(columns).for_each(|x| *x = 0.0);
        }
        2 if pick(4) == 0 => x.fill(0.0),
        _ => {}
    }
    x
}

/// Reproducible on any machine, and no files written; an eighth of the cases in debug builds.
#[must_use]
pub fn config(cases: u32) -> Config {
    let cases = if cfg!(debug_assertions) { cases.div_ceil(8) } else { cases };
    Config { cases, rng_seed: RngSeed::Fixed(0), failure_persistence: None, ..Config::default() }
}

/// The first `count` problems of a strategy.
///
/// # Panics
///
/// If the strategy rejects its own draws.
#[must_use]
pub fn draw(strategy: &impl Strategy<Value = Problem>, count: usize) -> Vec<Problem> {
    let mut runner = TestRunner::new(config(1));
    (0..count).map(|_| strategy.new_tree(&mut runner).unwrap().current()).collect()
}
