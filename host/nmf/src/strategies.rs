//! Strategies of proptest (feature `proptest`): problems that a factorisation should survive.
//!
//! tinynmf's own properties draw from them. They test any other factorisation as well:
//!
//! ```
//! use proptest::prelude::*;
//! use tinynmf::strategies::{Sizes, hostile};
//!
//! proptest!(|(problem in hostile(Sizes::SMALL))| {
//!     prop_assert!(problem.v.iter().any(|v| *v > 0.0));
//!     prop_assert_eq!(problem.w.len(), problem.rows * problem.rank);
//! });
//! ```
//!
//! A failing problem shrinks in its shape; its entries come from a seed.

use std::ops::Range;

use proptest::prelude::*;
use tinynmf_core::Data;
use tinynmf_core::random::{Rng, Stream, generator, normal, uniform};

/// V with a start.
#[derive(Debug, Clone)]
pub struct Problem {
    /// m ≥ 1.
    pub rows: usize,
    /// n ≥ 1.
    pub columns: usize,
    /// r, from 1 to min(m, n).
    pub rank: usize,
    /// V by rows: m·n entries ≥ 0, not all of them zero.
    pub v: Vec<f32>,
    /// W₀ by rows: m·r entries ≥ 0.
    pub w: Vec<f32>,
    /// H₀ by columns: n·r entries ≥ 0.
    pub h: Vec<f32>,
}

impl Problem {
    /// V, as core takes it.
    ///
    /// # Panics
    ///
    /// If core refuses V, which it does for none of these strategies.
    #[must_use]
    pub fn data(&self) -> Data<'_, f32> {
        Data::new(&self.v, self.rows, self.columns, 1.0).unwrap()
    }

    /// Vᵀ with the factors swapped.
    #[must_use]
    pub fn transposed(&self) -> Self {
        let (rows, columns) = (self.columns, self.rows);
        let v = (0..rows * columns).map(|k| self.v[k % columns * rows + k / columns]).collect();
        Self { rows, columns, rank: self.rank, v, w: self.h.clone(), h: self.w.clone() }
    }
}

/// The largest shapes that are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    /// The most rows, and the most columns.
    pub side: usize,
    /// The highest rank, where min(m, n) allows it.
    pub rank: usize,
}

impl Sizes {
    /// 1 × 1 to 18 × 18, ranks 1 to 7: every kernel and every remainder of its tiles, quickly.
    pub const SMALL: Self = Self { side: 18, rank: 7 };
    /// 1 × 1 to 64 × 64, ranks 1 to 16.
    pub const FULL: Self = Self { side: 64, rank: 16 };

    /// (m, n, r).
    fn shape(self) -> impl Strategy<Value = [usize; 3]> {
        (1..=self.side, 1..=self.side)
            .prop_flat_map(move |(m, n)| (Just(m), Just(n), 1..=m.min(n).min(self.rank)))
            .prop_map(|(m, n, r)| [m, n, r])
    }
}

/// Problems as they come: V of scale 10⁻⁶ to 10⁶ and any density, WH of V's scale, W and H out of balance by up to 10⁴.
pub fn ordinary(sizes: Sizes) -> impl Strategy<Value = Problem> {
    scaled(sizes, -6.0..6.0, -2.0..2.0)
}

/// Problems of any density, V of scale 1 and factors in balance.
pub fn plain(sizes: Sizes) -> impl Strategy<Value = Problem> {
    scaled(sizes, 0.0..1e-3, 0.0..1e-3)
}

/// V of scale 10ˢ, W and H 10ᵇ and 10⁻ᵇ times their balanced scale.
fn scaled(sizes: Sizes, s: Range<f32>, b: Range<f32>) -> impl Strategy<Value = Problem> {
    (sizes.shape(), any::<u64>(), 0.05_f32..=1.0, s, b).prop_map(
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

/// Problems at the edges: entries from zero and subnormal to the largest allowed in one matrix, zero and repeated rows and
/// columns, factors that are partly or wholly zero.
pub fn hostile(sizes: Sizes) -> impl Strategy<Value = Problem> {
    (sizes.shape(), any::<u64>(), 1_usize..=LEVELS.len(), 0_usize..LEVELS.len()).prop_map(
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

/// Units of hostile entries; the last is the largest that core allows.
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
