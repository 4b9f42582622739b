//! Non-negative least squares on normal equations, to f64's precision: min ½xᵀAx − bᵀx over x ≥ 0.
//!
//! Coordinate descent finds most of the entries that are not zero; an active-set method (Lawson & Hanson 1974, chapter
//! 23; on normal equations as Bro & De Jong 1997) takes over from there and ends at the solution itself.

/// Sweeps of coordinate descent before the active set: they cost r² each, a system of equations r³/6.
const SWEEPS: usize = 30;

/// A pivot below this share of its diagonal entry means a component that the others make up.
const DEPENDENT: f64 = 1e-12;

/// A derivative above −[`FLAT`] times the sum of its terms' sizes counts as non-negative.
const FLAT: f64 = 1e-12;

/// Memory for problems of one size.
pub struct Nnls {
    rank: usize,
    /// L of A_PP = LLᵀ, by rows.
    factor: Vec<f64>,
    z: Vec<f64>,
    /// P, the components that may differ from zero.
    passive: Vec<usize>,
    /// Components that others make up.
    excluded: Vec<bool>,
}

impl Nnls {
    /// Memory for r unknowns.
    pub fn new(rank: usize) -> Self {
        let square = vec![0.0; rank * rank];
        let passive = Vec::with_capacity(rank);
        Self { rank, factor: square, z: vec![0.0; rank], passive, excluded: vec![false; rank] }
    }

    /// `x` ← the solution for A (r × r, positive semidefinite, by rows) and b.
    ///
    /// Where A is singular there are several solutions: components that others make up stay at zero.
    pub fn solve(&mut self, a: &[f64], b: &[f64], x: &mut [f64]) {
        x.fill(0.0);
        self.descend(a, b, x);
        self.passive.clear();
        self.passive.extend((0..self.rank).filter(|j| x[*j] > 0.0));
        self.excluded.fill(false);
        // Every round but the last adds or removes a component; the limit ends cycles that rounding could cause.
        for _ in 0..10 * self.rank + 10 {
            self.solve_passive(a, b);
            if self.step(x) {
                continue;
            }
            let Some(entering) = self.steepest(a, b, x) else { return };
            self.passive.push(entering);
        }
    }

    fn descend(&self, a: &[f64], b: &[f64], x: &mut [f64]) {
        for _ in 0..SWEEPS {
            for (j, a) in a.chunks_exact(self.rank).enumerate() {
                if a[j] > 0.0 {
                    x[j] = (x[j] - (dot(a, x) - b[j]) / a[j]).max(0.0);
                }
            }
        }
    }

    /// z_P ← A_PP⁻¹b_P, by Cholesky's factors; components that others of P make up leave P.
    fn solve_passive(&mut self, a: &[f64], b: &[f64]) {
        let Self { rank, factor, z, passive, excluded } = self;
        let r = *rank;
        let mut p = 0;
        while p < passive.len() {
            let j = passive[p];
            for q in 0..p {
                let (upper, lower) = factor.split_at_mut(p * r);
                let sum = dot(&upper[q * r..][..q], &lower[..q]);
                lower[q] = (a[j * r + passive[q]] - sum) / upper[q * r + q];
            }
            let row = &factor[p * r..][..p];
            let pivot = a[j * r + j] - dot(row, row);
            if pivot > DEPENDENT * a[j * r + j] {
                factor[p * r + p] = pivot.sqrt();
                z[p] = (b[j] - dot(&factor[p * r..][..p], &z[..p])) / factor[p * r + p];
                p += 1;
            } else {
                excluded[j] = true;
                passive.remove(p);
            }
        }
        for p in (0..passive.len()).rev() {
            let below = (p + 1..passive.len()).map(|q| factor[q * r + p] * z[q]);
            z[p] = (z[p] - below.sum::<f64>()) / factor[p * r + p];
        }
    }

    /// `x` ← z, or as far towards it as it stays non-negative; then some leave P, and it answers true.
    fn step(&mut self, x: &mut [f64]) -> bool {
        let Self { z, passive, excluded, .. } = self;
        let share = |(j, z): (&usize, &f64)| if *z > 0.0 { 1.0 } else { x[*j] / (x[*j] - z) };
        let pairs = passive.iter().zip(&*z);
        let (limit, blocked) = pairs.map(share).zip(0..).fold((1.0, None), |best, (share, p)| {
            if share < best.0 || share.is_nan() { (share.max(0.0), Some(p)) } else { best }
        });
        for (j, x) in x.iter_mut().enumerate() {
            if excluded[j] {
                *x = 0.0;
            }
        }
        for (j, z) in passive.iter().zip(&*z) {
            x[*j] += limit * (z - x[*j]);
        }
        let Some(blocked) = blocked else { return false };
        x[passive[blocked]] = 0.0;
        passive.retain(|j| x[*j] > 0.0);
        true
    }

    /// The component outside P along which the objective falls most steeply.
    fn steepest(&self, a: &[f64], b: &[f64], x: &[f64]) -> Option<usize> {
        let mut best = (0.0, None);
        for (j, a) in a.chunks_exact(self.rank).enumerate() {
            if self.excluded[j] || a[j] <= 0.0 || self.passive.contains(&j) {
                continue;
            }
            let slope = dot(a, x) - b[j];
            let sizes = a.iter().zip(x).map(|(a, x)| (a * x).abs()).sum::<f64>() + b[j].abs();
            if slope < -FLAT * sizes && slope / a[j].sqrt() < best.0 {
                best = (slope / a[j].sqrt(), Some(j));
            }
        }
        best.1
    }
}

fn dot(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).map(|(x, y)| x * y).sum()
}
