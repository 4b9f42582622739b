//! min f(x) = ½⟨x, Ax⟩ − ⟨b, x⟩ over x ≥ 0, exactly: an active set on the r × r system, for r up to [`LARGEST`].
//!
//! x is the minimum if and only if y = Ax − b ≥ 0, x ≥ 0 and ⟨x, y⟩ = 0: a linear complementarity problem. A tableau
//! holds what is basic (x_k of a free component, y_k of one at 0) as a function of the rest; a principal pivot exchanges
//! x_k and y_k for r² multiply-adds, and leaves A_FF⁻¹ of the free set F in place (Cottle, Pang & Stone, The Linear
//! Complementarity Problem, 1992, chapter 2). The component is exchanged that lowers f most, or violates x ≥ 0 by most
//! of f; once it has taken long, the first one (Murty's rule, which ends always). A component that depends on free ones
//! takes the place of the one among them that is 0 first as it grows.
//!
//! Columns for one W share A. Where that is known to begin with ([`Start`]), every component begins as a free one, and a
//! column whose unconstrained minimum is ≥ 0 needs no exchange at all.
//!
//! b = Wᵀv in floats leaves an error of cond(W)²·ε. So the gradient is taken once more from the residual v − Wx itself,
//! and x corrected with the inverse that is there. That gradient then tells whether x is the minimum: no entry g_k may be
//! wrong by more than 1e-5·‖w_k‖·‖v‖. Where one is, corrections go on, then from A itself in the place of what columns share,
//! and in the end by sweeps.

use crate::data::{Data, Entry};
use crate::float::project;
use crate::gram::dot;
use crate::penalty::Penalty;
use crate::product::WRITTEN_OUT;
use crate::rows::{by_row, by_row_mut, copy};
use crate::slope::free_part;
use crate::subproblem::sweep;

/// The largest rank with an active set; above it there are sweeps.
pub const LARGEST: usize = 16;

/// A component whose part of A beyond the free ones is below this share of A_kk depends on them, as far as floats tell.
const DEPENDENT: f32 = 1e-6;

/// Corrections from the residual at most; one is enough but for a W of high condition.
const CORRECTIONS: u32 = 4;

/// Size of an entry of the gradient that counts as 0, relative to ‖w_k‖·‖v‖.
const TOLERANCE: f32 = 1e-5;

/// A fixed W, with what all columns share.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Exact<'a> {
    /// W, m × r.
    pub w: &'a [f32],
    /// A, r × r, penalty included.
    pub gram: &'a [f32],
    /// Penalty on x.
    pub penalty: Penalty,
    /// The rank r: latents of a factorisation, from 1 to min(m, n).
    pub rank: usize,
    /// Sweeps where the active set does not end, or r is too large for it.
    pub sweeps: u32,
    /// Where the active set begins.
    pub start: Start<'a>,
}

/// Where an active set begins: with the components of the bits `free`, and M = `tableau` (r × r) for them; with M = A and none
/// by default.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Start<'a> {
    pub tableau: &'a [f32],
    pub free: u32,
}

/// `m` (r × r) ← M where every component is free that does not depend on those before; returns which. `row` (r) is scratch.
///
/// As [`Tableau::pivot`], once for all ranks: it is done once for a W.
pub(crate) fn begin(gram: &[f32], m: &mut [f32], row: &mut [f32], rank: usize) -> u32 {
    let mut free = 0;
    if rank > LARGEST {
        return free;
    }
    copy(m, gram);
    for (k, a) in gram.iter().step_by(rank.saturating_add(1)).enumerate() {
        let (Some(whole), Some(row)) = (m.get_mut(k * rank..), row.get_mut(..rank)) else {
            continue;
        };
        let Some(pivot) = whole.get(k).copied() else { continue };
        if !(*a > sweep::LEAST && pivot >= DEPENDENT * a) {
            continue;
        }
        let inverse = 1.0 / pivot;
        row.iter_mut().zip(whole).for_each(|(row, m)| *row = *m * inverse);
        if let Some(row) = row.get_mut(k) {
            *row = -inverse;
        }
        for (i, m) in by_row_mut(m, rank).enumerate() {
            let factor = m.get(k).copied().unwrap_or_default();
            if let Some(m) = m.get_mut(k) {
                *m = 0.0;
            }
            for (m, row) in m.iter_mut().zip(&*row) {
                *m = if i == k { -row } else { *m - factor * row };
            }
        }
        free |= 1 << k;
    }
    free
}

impl Exact<'_> {
    /// `x` ← the latents of column `j` of `v`, for b = Wᵀv − λ₁; returns ½‖v − Wx‖².
    ///
    /// `scratch` has r entries, as `b` and `x` have.
    pub fn solve<E: Entry>(
        &self,
        v: &Data<'_, E>,
        j: usize,
        b: &[f32],
        x: &mut [f32],
        scratch: &mut [f32],
    ) -> f32 {
        let mut residual =
            |x: &[f32], products: &mut [f32]| residual(self.w, v, j, x, products, self.rank);
        let mut found = self.attempt(self.start, &mut residual, b, x);
        if found.is_none() && self.start.free > 0 {
            // What all columns share may have lost its digits; A itself has not.
            found = self.attempt(Start::default(), &mut residual, b, x);
        }
        found.unwrap_or_else(|| {
            let value = by_row(self.gram, self.rank).zip(b).zip(&*x);
            let value = value.fold(0.0, |f, ((a, b), x_k)| f + x_k * (0.5 * dot(a, x) - b));
            // Sweeps never rise, from 0 or from what is lower.
            if value >= 0.0 || value.is_nan() {
                x.fill(0.0);
            }
            sweep::steps(self.gram, 1.0, scratch);
            for _ in 0..self.sweeps {
                sweep::sweep(x, b, self.gram, scratch, self.rank);
            }
            0.5 * residual(x, scratch)
        })
    }

    /// The active set from `start` on, for a rank that the compiler knows.
    #[inline(never)]
    fn attempt(
        &self,
        start: Start<'_>,
        residual: &mut dyn FnMut(&[f32], &mut [f32]) -> f32,
        b: &[f32],
        x: &mut [f32],
    ) -> Option<f32> {
        match self.rank {
            0..=4 => self.active_set::<4>(start, residual, b, x),
            5 => self.active_set::<5>(start, residual, b, x),
            6..=8 => self.active_set::<8>(start, residual, b, x),
            9..=LARGEST => self.active_set::<LARGEST>(start, residual, b, x),
            _ => {
                x.fill(0.0);
                None
            }
        }
    }

    /// With room for R components, of which those beyond r are never free. `None` where no x was found that the gradient
    /// shows to be the minimum; x ≥ 0 even so.
    ///
    /// `residual` tells ‖v − Wx‖² and Wᵀ(v − Wx).
    #[inline(never)]
    fn active_set<const R: usize>(
        &self,
        start: Start<'_>,
        residual: &mut dyn FnMut(&[f32], &mut [f32]) -> f32,
        b: &[f32],
        x: &mut [f32],
    ) -> Option<f32> {
        let Penalty { l1, l2 } = self.penalty;
        let a = rows::<R>(self.gram, self.rank);
        let mut tableau = Tableau::<R>::new(&a, start, b, self.rank);
        if tableau.free > 0 {
            // The gradient at 0 is −b.
            let g = tableau.q;
            tableau.correct(&[0.0; R], &g);
        }
        if !tableau.is_feasible() {
            tableau.exchange();
        }
        for _ in 0..CORRECTIONS {
            let start = tableau.x();
            let (mut products, mut g) = ([0.0; R], [0.0; R]);
            let squares = residual(&start, &mut products);
            for ((g, product), x) in g.iter_mut().zip(products).zip(&start) {
                *g = l1 + l2 * x - product;
            }
            tableau.correct(&start, &g);
            let ended = tableau.is_feasible() || tableau.exchange();
            let end = tableau.x();
            copy(x, &end);
            let mut d = [0.0; R];
            for ((d, end), start) in d.iter_mut().zip(&end).zip(&start) {
                *d = end - start;
            }
            // ‖v − Wx‖² + ‖Wx‖² is about ‖v‖² near the minimum; Wx is longer than any of its parts.
            let mut scale = squares;
            for k in 0..R {
                scale += a[k][k] * (start[k] * start[k]);
            }
            let limit = TOLERANCE * TOLERANCE * scale;
            // Change of ½‖v − Wx‖² by the correction: ⟨−Wᵀ(v − Wx), d⟩ + ½(⟨d, Ad⟩ − λ₂‖d‖²).
            let (mut change, mut holds) = (0.0, ended);
            for k in 0..R {
                let image = dot(&a[k], &d);
                change += d[k] * (0.5 * (image - l2 * d[k]) - products[k]);
                let wrong = free_part(end[k], g[k] + image);
                holds &= wrong * wrong <= a[k][k] * limit;
            }
            if holds {
                return Some(project(0.5 * squares + change));
            }
        }
        None
    }
}

/// ‖v − Wx‖², and `products` ← Wᵀ(v − Wx) for column `j` of V, in one pass.
#[inline(never)]
pub(crate) fn residual<E: Entry>(
    w: &[f32],
    v: &Data<'_, E>,
    j: usize,
    x: &[f32],
    products: &mut [f32],
    rank: usize,
) -> f32 {
    let known = match (rank, v.columns()) {
        (4, 1) => known_residual::<E, 4>(w, v, x, products),
        (5, 1) => known_residual::<E, 5>(w, v, x, products),
        _ => None,
    };
    if let Some(squares) = known {
        return squares;
    }
    products.fill(0.0);
    let (scale, mut squares) = (v.scale(), 0.0);
    for (w, row) in by_row(w, rank).zip(v.rows_iter()) {
        let entry = row.get(j).copied().unwrap_or(E::ZERO);
        squares += add_row(w, scale * entry.value(), x, products);
    }
    squares
}

/// [`residual`] of a single column: rows of a length that the compiler knows, and nothing between them.
#[inline]
fn known_residual<E: Entry, const R: usize>(
    w: &[f32],
    v: &Data<'_, E>,
    x: &[f32],
    products: &mut [f32],
) -> Option<f32> {
    let (x, products) = (x.first_chunk::<R>()?, products.first_chunk_mut::<R>()?);
    let (scale, w, v) = (v.scale(), w.as_chunks::<R>().0, v.entries());
    // One product less for each row where V is as it is stored.
    let (squares, sums) = if scale.to_bits() == 1.0_f32.to_bits() {
        sum_rows(w, v, x, E::value)
    } else {
        sum_rows(w, v, x, |v| scale * v.value())
    };
    *products = sums;
    Some(squares)
}

/// [`known_residual`] of rows that `value` gives entries for, in their order.
#[inline]
fn sum_rows<E: Entry, const R: usize>(
    w: &[[f32; R]],
    v: &[E],
    x: &[f32; R],
    value: impl Fn(E) -> f32,
) -> (f32, [f32; R]) {
    let (mut squares, mut sums) = (0.0, [0.0; R]);
    let mut add = |w: &[f32; R], v: &E| squares += add_row(w, value(*v), x, &mut sums);
    let (w, last_w) = w.as_chunks::<WRITTEN_OUT>();
    let (v, last_v) = v.as_chunks::<WRITTEN_OUT>();
    for (w, v) in w.iter().zip(v) {
        w.iter().zip(v).for_each(|(w, v)| add(w, v));
    }
    last_w.iter().zip(last_v).for_each(|(w, v)| add(w, v));
    (squares, sums)
}

/// Adds a row's residual times W's; returns its square.
#[inline]
fn add_row(w: &[f32], v: f32, x: &[f32], products: &mut [f32]) -> f32 {
    let residual = w.iter().zip(x).fold(v, |residual, (w, x)| residual - w * x);
    for (product, w) in products.iter_mut().zip(w) {
        *product += residual * w;
    }
    residual * residual
}

/// The rows of r of a matrix, with zeros up to R.
#[inline]
fn rows<const R: usize>(m: &[f32], rank: usize) -> [[f32; R]; R] {
    if let (true, Some(m)) = (rank == R, m.as_chunks().0.first_chunk()) {
        // Of a length that the compiler knows.
        return *m;
    }
    let mut rows = [[0.0; R]; R];
    rows.iter_mut().zip(by_row(m, rank)).for_each(|(row, m)| copy(row, m));
    rows
}

/// The basic variables y = q + Mz as functions of z, those that are 0.
struct Tableau<const R: usize> {
    m: [[f32; R]; R],
    /// x_k of a free component, else the gradient of f.
    q: [f32; R],
    /// M_kk from which on a component may become free.
    least: [f32; R],
    /// The free components, bit by bit.
    free: u32,
}

impl<const R: usize> Tableau<R> {
    /// From `start` on, with the gradient at 0, −b, for q.
    #[inline]
    fn new(a: &[[f32; R]; R], start: Start<'_>, b: &[f32], rank: usize) -> Self {
        const { assert!(R <= LARGEST) };
        let m = if start.free == 0 { *a } else { rows(start.tableau, rank) };
        let (mut q, mut least) = ([0.0; R], [f32::MAX; R]);
        for k in 0..R {
            if a[k][k] > sweep::LEAST {
                least[k] = DEPENDENT * a[k][k];
            }
        }
        q.iter_mut().zip(b).for_each(|(q, b)| *q = -b);
        Self { m, q, least, free: start.free }
    }

    #[inline]
    fn is_free(&self, k: usize) -> bool {
        self.free >> k & 1 == 1
    }

    /// x as it is, which may be that of a system that was not solved to its end.
    #[inline]
    fn x(&self) -> [f32; R] {
        let mut x = [0.0; R];
        for (k, (x, q)) in x.iter_mut().zip(self.q).enumerate() {
            *x = if self.is_free(k) { project(q) } else { 0.0 };
        }
        x
    }

    /// Whether no exchange is needed, as for most columns.
    #[inline]
    fn is_feasible(&self) -> bool {
        self.q.iter().all(|q| *q >= 0.0)
    }

    /// Exchanges components until none is infeasible; whether that came about.
    #[inline(never)]
    fn exchange(&mut self) -> bool {
        for turn in 0..8 * R {
            let Some(k) = self.infeasible(turn < 3 * R) else { return true };
            // As the compiler cannot know in every profile.
            let k = k % R;
            if !self.is_free(k) && self.m[k][k] < self.least[k] {
                // It takes the place of one that it depends on.
                let Some(j) = self.first_to_vanish(k) else { return false };
                self.pivot(j);
            }
            self.pivot(k);
        }
        false
    }

    /// The infeasible component whose exchange changes f most, or the first one. Those that depend on the free ones come
    /// last.
    #[inline]
    fn infeasible(&self, most: bool) -> Option<usize> {
        let (mut found, mut largest) = (None, 0.0);
        let mut dependent = None;
        for k in 0..R {
            let q = self.q[k];
            if q < 0.0 {
                if self.m[k][k] >= self.least[k] || self.is_free(k) {
                    let change = q * (q / self.m[k][k]);
                    if found.is_none() || most && change > largest {
                        (found, largest) = (Some(k), change);
                    }
                } else if self.least[k] < f32::MAX {
                    dependent = Some(k);
                }
            }
        }
        found.or(dependent)
    }

    /// The free component that is 0 first as x_k grows; each has x_j = q_j + m_jk·x_k.
    fn first_to_vanish(&self, k: usize) -> Option<usize> {
        let (mut found, mut least) = (None, f32::MAX);
        for j in 0..R {
            let m = self.m[j][k % R];
            if self.is_free(j) && m < 0.0 && self.q[j] < -m * least {
                (found, least) = (Some(j), self.q[j] / -m);
            }
        }
        found
    }

    /// Exchanges x_k and y_k.
    #[inline]
    fn pivot(&mut self, k: usize) {
        let k = k % R;
        let inverse = 1.0 / self.m[k][k];
        let mut row = self.m[k].map(|m| m * inverse);
        row[k] = -inverse;
        let q = self.q[k] * inverse;
        for (m, basic) in self.m.iter_mut().zip(&mut self.q) {
            let factor = m[k];
            m[k] = 0.0;
            m.iter_mut().zip(&row).for_each(|(m, row)| *m -= factor * row);
            *basic -= factor * q;
        }
        self.m[k] = row.map(|m| -m);
        self.q[k] = -q;
        self.free ^= 1 << k;
    }

    /// Computes q again, for the gradient g at x: the basic solution where every z is 0.
    #[inline(never)]
    fn correct(&mut self, x: &[f32; R], g: &[f32; R]) {
        let mut of_free = [0.0; R];
        for k in 0..R {
            of_free[k] = if self.is_free(k) { g[k] } else { 0.0 };
        }
        for k in 0..R {
            let value = if self.is_free(k) { x[k] } else { g[k] };
            self.q[k] = value - dot(&self.m[k], &of_free);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Stream, generator, uniform};

    const W: [f32; 6] = [1.0, 0.0, 1.0, 1.0, 0.0, 2.0];

    fn solve(v: &[f32], penalty: Penalty) -> ([f32; 2], f32) {
        let mut gram = [2.0, 1.0, 1.0, 5.0];
        penalty.add_to_gram(&mut gram, 2);
        let b = [v[0] + v[1] - penalty.l1, v[1] + 2.0 * v[2] - penalty.l1];
        let exact =
            Exact { w: &W, gram: &gram, penalty, rank: 2, sweeps: 9, start: Start::default() };
        let (mut x, mut steps) = ([f32::NAN; 2], [0.0; 2]);
        let data = Data::column(v, 1.0).unwrap();
        let residual = exact.solve(&data, 0, &b, &mut x, &mut steps);
        (x, residual)
    }

    #[test]
    fn finds_what_least_squares_finds() {
        let none = Penalty::default();
        let ([a, b], residual) = solve(&[3.0, 5.0, 4.0], none);
        assert!((a - 3.0).abs() < 1e-6 && (b - 2.0).abs() < 1e-6 && residual < 1e-10);
        // The unconstrained minimum has a negative second latent.
        let (x, residual) = solve(&[3.0, 0.0, 0.0], none);
        assert_eq!((x, residual.to_bits()), ([1.5, 0.0], 2.25_f32.to_bits()));
        let (x, residual) = solve(&[0.0; 3], none);
        assert_eq!((x.map(f32::to_bits), residual.to_bits()), ([0, 0], 0));
    }

    #[test]
    fn penalties_shrink() {
        let (x, _) = solve(&[3.0, 3.0, 0.0], Penalty { l1: 1.0, l2: 0.0 });
        assert!((x[0] - 2.5).abs() < 1e-6 && x[1] <= 0.0, "{x:?}");
        // (2 + λ₂)h₁ + h₂ = 8, h₁ + (5 + λ₂)h₂ = 13 for λ₂ = 1.
        let (x, residual) = solve(&[3.0, 5.0, 4.0], Penalty { l1: 0.0, l2: 1.0 });
        assert!((x[0] - 35.0 / 17.0).abs() < 1e-6 && (x[1] - 31.0 / 17.0).abs() < 1e-6);
        let exact: f32 = [3.0 - x[0], 5.0 - x[0] - x[1], 4.0 - 2.0 * x[1]]
            .into_iter()
            .map(|residual| 0.5 * residual * residual)
            .sum();
        assert!((residual - exact).abs() < 1e-6 * exact, "{residual} {exact}");
    }

    #[test]
    fn components_that_depend_on_each_other_leave_no_system_unsolved() {
        let w = [1.0, 1.0, 0.0, 2.0, 2.0, 0.0, 3.0, 3.0, 0.0];
        let gram = [14.0, 14.0, 0.0, 14.0, 14.0, 0.0, 0.0, 0.0, 0.0];
        let exact = Exact {
            w: &w,
            gram: &gram,
            penalty: Penalty::default(),
            rank: 3,
            sweeps: 9,
            start: Start::default(),
        };
        let (mut x, mut steps) = ([f32::NAN; 3], [0.0; 3]);
        let v = Data::column(&[2.0_f32, 4.0, 6.0], 1.0).unwrap();
        let residual = exact.solve(&v, 0, &[28.0, 28.0, 0.0], &mut x, &mut steps);
        assert!((x[0] + x[1] - 2.0).abs() < 1e-6 && x[2] <= 0.0 && residual < 1e-10, "{x:?}");
    }

    #[test]
    fn a_rank_beyond_the_largest_is_swept() {
        const R: usize = 17;
        let mut w = [0.0; R * R];
        w.iter_mut().step_by(R + 1).for_each(|w| *w = 2.0);
        let mut gram = [0.0; R * R];
        gram.iter_mut().step_by(R + 1).for_each(|a| *a = 4.0);
        let v: [f32; R] = core::array::from_fn(|i| i as f32);
        let b = v.map(|v| 2.0 * v);
        let exact = Exact {
            w: &w,
            gram: &gram,
            penalty: Penalty::default(),
            rank: R,
            sweeps: 2,
            start: Start::default(),
        };
        let (mut x, mut steps) = ([f32::NAN; R], [0.0; R]);
        let data = Data::column(&v, 1.0).unwrap();
        assert!(exact.solve(&data, 0, &b, &mut x, &mut steps) <= 0.0);
        assert_eq!(x.map(f32::to_bits), v.map(|v| (0.5 * v).to_bits()));
    }
    /// At the minimum no gradient is below 0, and none is above where x is.
    #[test]
    fn every_rank_ends_at_its_minimum() {
        const ROWS: usize = 20;
        let mut rng = generator(3, Stream::Start);
        for rank in 1..=LARGEST {
            let mut w = [0.0; ROWS * LARGEST];
            w.iter_mut().for_each(|w| *w = uniform(&mut rng));
            let w = &w[..ROWS * rank];
            let v: [f32; ROWS] = core::array::from_fn(|_| uniform(&mut rng));
            let (mut gram, mut rows) = ([0.0; LARGEST * LARGEST], [0.0; 3 * LARGEST]);
            let gram = &mut gram[..rank * rank];
            crate::gram::gram(w, None, 1.0, gram, rank);
            let (b, rest) = rows.split_at_mut(rank);
            let (x, scratch) = rest.split_at_mut(rank);
            let column = |k: usize| w.iter().skip(k).step_by(rank);
            for (k, b) in b.iter_mut().enumerate() {
                *b = column(k).zip(&v).fold(0.0, |sum, (w, v)| sum + w * v);
            }
            let exact = Exact {
                w,
                gram,
                penalty: Penalty::default(),
                rank,
                sweeps: 0,
                start: Start::default(),
            };
            exact.solve(&Data::column(&v, 1.0).unwrap(), 0, b, x, scratch);
            for k in 0..rank {
                let gradient = dot(&gram[k * rank..][..rank], x) - b[k];
                let slack = 1e-4 * b[k];
                assert!(x[k] >= 0.0 && gradient > -slack, "rank {rank}: {gradient} at {}", x[k]);
                assert!(x[k] <= 0.0 || gradient < slack, "rank {rank}: {gradient} at {}", x[k]);
            }
        }
    }
}
