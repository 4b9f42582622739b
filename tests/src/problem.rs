//! Problems: drawn at random for properties, or given.

use crate::float64::{Half, Matrix, by_rows};
use proptest::strategy::{Strategy, ValueTree as _};
use proptest::test_runner::{Config, FileFailurePersistence, RngSeed, TestRunner};
use tinynmf::nmf_vec::NmfVec;
use tinynmf::strategies::{self, Sizes};
use tinynmf_core::product::TILE;
use tinynmf_core::subproblem::{Dense, Held, Scratch, Subproblem as _};
use tinynmf_core::{Factor, Settings};

pub use tinynmf::strategies::Problem;

/// Results of core and of float64 on a problem.
pub trait Asked {
    /// A factorisation at its start.
    ///
    /// # Panics
    ///
    /// If core refuses the start.
    #[must_use]
    fn nmf(&self, settings: Settings) -> NmfVec;

    /// The factor that moves.
    #[must_use]
    fn factor(&self, factor: Factor) -> Matrix;

    /// The half-step's problem in float64, at this W and H.
    #[must_use]
    fn half(&self, factor: Factor) -> Half;

    /// F in float64.
    #[must_use]
    fn loss(&self) -> f64;

    /// |√F' − √F| of a reported loss F', in units of ε(‖V‖ + √F): what F' can be off however small F gets.
    #[must_use]
    fn loss_error(&self, reported: f32) -> f64;

    /// Core's G in a half-step on `batch`.
    #[must_use]
    fn gradient(&self, factor: Factor, batch: Option<&[u32]>) -> Matrix;
}

impl Asked for Problem {
    fn nmf(&self, settings: Settings) -> NmfVec {
        let mut nmf = NmfVec::new(self.rows, self.columns, self.rank, settings).unwrap();
        nmf.set(&self.w, &self.h).unwrap();
        nmf
    }

    fn factor(&self, factor: Factor) -> Matrix {
        by_rows(if factor == Factor::W { &self.w } else { &self.h }, self.rank)
    }

    fn half(&self, factor: Factor) -> Half {
        let v = by_rows(&self.v, self.columns);
        match factor {
            Factor::W => Half { v, y: self.factor(Factor::H) },
            Factor::H => Half { v: v.transpose(), y: self.factor(Factor::W) },
        }
    }

    fn loss(&self) -> f64 {
        self.half(Factor::W).loss(&self.factor(Factor::W))
    }

    fn loss_error(&self, reported: f32) -> f64 {
        let (v, exact) = (self.half(Factor::W).v.norm(), self.loss().sqrt());
        let error = (f64::from(reported).sqrt() - exact).abs();
        // Both sides are 0 where V is fitted exactly and is itself 0.
        error / (f64::from(f32::EPSILON) * (v + exact)).max(f64::MIN_POSITIVE)
    }

    fn gradient(&self, factor: Factor, batch: Option<&[u32]>) -> Matrix {
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

/// [`strategies::ordinary`], small.
pub fn ordinary() -> impl Strategy<Value = Problem> {
    strategies::ordinary(Sizes::SMALL)
}

/// [`strategies::plain`], small.
pub fn plain() -> impl Strategy<Value = Problem> {
    strategies::plain(Sizes::SMALL)
}

/// [`strategies::hostile`], small.
pub fn hostile() -> impl Strategy<Value = Problem> {
    strategies::hostile(Sizes::SMALL)
}

/// The environment's number, if it has one of that name.
///
/// # Panics
///
/// If it is none.
fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} is {text}, but must be a number")))
}

/// So many cases, an eighth of them in debug builds, `TINYNMF_TIMES` times as many where that is set.
///
/// They are the same everywhere unless `TINYNMF_SEED` is another number than 0, as it is for every change in `.ci/run`. What
/// fails is written beside the test into a file `.regressions`, which every later run tries first: commit it.
#[must_use]
pub fn config(cases: u32) -> Config {
    let usual = if cfg!(debug_assertions) { cases.div_ceil(8) } else { cases };
    let times = number("TINYNMF_TIMES").unwrap_or(1) as u32;
    let cases = usual.saturating_mul(times);
    Config {
        cases,
        // More cases, more of them that a property does not apply to.
        max_global_rejects: cases.saturating_add(1024),
        rng_seed: RngSeed::Fixed(number("TINYNMF_SEED").unwrap_or(0)),
        failure_persistence: Some(Box::new(FileFailurePersistence::WithSource("regressions"))),
        ..Config::default()
    }
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
