//! The two passes of a half-step over the rows of a factor: G with its slope, and D with what it changes.
//!
//! Each is written once, for any number of rows: for rank 4 it takes single rows that stay in registers, and
//! A too as far as it fits; else tiles of rows in scratch memory.

use crate::float::project;
use crate::gram::dot;
use crate::product::{four_rows, times, times_four};
use crate::rows::{by_row, by_row_mut, by_tile_mut};
use crate::slope::{Change, Slope, free_part};

/// Work on rows of a factor.
pub(crate) trait Pass {
    /// Takes some rows `x` of X and `g` of G, scratch memory of their length, and what gives the product of
    /// such rows with A.
    fn rows(
        &mut self,
        x: &mut [f32],
        g: &mut [f32],
        scratch: [&mut [f32]; 2],
        rank: usize,
        times: impl Fn(&[f32], &mut [f32]),
    );
}

/// The pass over all rows, in their order, with A = `gram`.
#[inline]
pub(crate) fn over_rows(
    pass: &mut impl Pass,
    gram: &[f32],
    x: &mut [f32],
    g: &mut [f32],
    scratch: [&mut [f32]; 2],
    rank: usize,
) {
    if rank == 4 {
        over_rows_of_four(pass, gram, x, g);
        return;
    }
    let [a, b] = scratch;
    for (x, g) in by_tile_mut(x, rank).zip(by_tile_mut(g, rank)) {
        if let (Some(a), Some(b)) = (a.get_mut(..x.len()), b.get_mut(..x.len())) {
            pass.rows(x, g, [a, b], rank, |x, out| times(x, gram, out, rank));
        }
    }
}

#[inline(never)]
fn over_rows_of_four(pass: &mut impl Pass, gram: &[f32], x: &mut [f32], g: &mut [f32]) {
    let a = four_rows(gram);
    let times = |x: &[f32], out: &mut [f32]| times_four(x, a, out);
    for (x, g) in x.as_chunks_mut::<4>().0.iter_mut().zip(g.as_chunks_mut::<4>().0) {
        pass.rows(x, g, [&mut [0.0; 4], &mut [0.0; 4]], 4, times);
    }
}

/// A term on top of an entry of G.
pub(crate) trait Perturb {
    /// g, which is exact, gets it.
    fn perturb(&mut self, g: &mut f32);
}

/// Nothing.
pub(crate) struct Exact;

impl Perturb for Exact {
    #[inline]
    fn perturb(&mut self, _: &mut f32) {}
}

/// G ← XA − P, where G holds P = VY before, and what G tells about F.
pub(crate) struct Gradient<N> {
    /// The term on top of it.
    pub noise: N,
    /// ‖G‖², ‖G_F‖² and ⟨G_F, G_F A⟩.
    pub slope: Slope,
    /// ⟨G − P, X⟩, which is 2F − ‖V‖².
    pub fit: f32,
}

impl<N: Perturb> Pass for Gradient<N> {
    #[inline]
    fn rows(
        &mut self,
        x: &mut [f32],
        g: &mut [f32],
        scratch: [&mut [f32]; 2],
        rank: usize,
        times: impl Fn(&[f32], &mut [f32]),
    ) {
        let [image, free] = scratch;
        times(x, image);
        let rows = by_row(x, rank).zip(by_row_mut(g, rank));
        let images = by_row(image, rank).zip(by_row_mut(free, rank));
        for ((x, g), (xa, free)) in rows.zip(images) {
            let (mut fit, mut norm, mut free_norm) = (0.0, 0.0, 0.0);
            for (((x, g), xa), free) in x.iter().zip(g).zip(xa).zip(free) {
                let p = *g;
                *g = xa - p;
                fit += (*g - p) * x;
                self.noise.perturb(g);
                norm += *g * *g;
                *free = free_part(*x, *g);
                free_norm += *free * *free;
            }
            self.fit += fit;
            self.slope.norm_squared += norm;
            self.slope.free_norm_squared += free_norm;
        }
        times(free, image);
        for (free, image) in by_row(free, rank).zip(by_row(image, rank)) {
            self.slope.free_curvature += dot(free, image);
        }
    }
}

/// ⟨XA − 2P, X⟩ and ‖XA − P‖² where G holds P, which stays.
#[derive(Default)]
pub(crate) struct Fit {
    /// ⟨XA − 2P, X⟩, which is 2F − ‖V‖².
    pub fit: f32,
    /// ‖XA − P‖².
    pub norm_squared: f32,
}

impl Pass for Fit {
    #[inline]
    fn rows(
        &mut self,
        x: &mut [f32],
        p: &mut [f32],
        [image, _]: [&mut [f32]; 2],
        rank: usize,
        times: impl Fn(&[f32], &mut [f32]),
    ) {
        times(x, image);
        for ((x, p), xa) in by_row(x, rank).zip(by_row(p, rank)).zip(by_row(image, rank)) {
            let (mut fit, mut norm) = (0.0, 0.0);
            for ((x, p), xa) in x.iter().zip(p).zip(xa) {
                let g = xa - p;
                fit += (g - p) * x;
                norm += g * g;
            }
            self.fit += fit;
            self.norm_squared += norm;
        }
    }
}

/// D ← max(0, X − rate·G) − X, and what it changes.
pub(crate) struct Step {
    /// α.
    pub rate: f32,
    /// Whether X gets X + D.
    pub taken: bool,
    /// Change of F by D.
    pub change: Change,
}

impl Pass for Step {
    #[inline]
    fn rows(
        &mut self,
        x: &mut [f32],
        g: &mut [f32],
        scratch: [&mut [f32]; 2],
        rank: usize,
        times: impl Fn(&[f32], &mut [f32]),
    ) {
        let [d, image] = scratch;
        for ((x, g), d) in x.iter_mut().zip(&*g).zip(&mut *d) {
            let next = project(*x - self.rate * g);
            *d = next - *x;
            if self.taken {
                *x = next;
            }
        }
        times(d, image);
        let rows = by_row(g, rank).zip(by_row(d, rank)).zip(by_row(image, rank));
        for ((g, d), image) in rows {
            self.change.add_row(g, d, image);
        }
    }
}

/// D ← max(0, X + `factor`·(X − X₀)) − X, in the place of X₀.
#[inline(never)]
pub(crate) fn displacement(x: &[f32], d: &mut [f32], factor: f32) {
    for (d, x) in d.iter_mut().zip(x) {
        *d = project(x + factor * (x - *d)) - x;
    }
}

/// X ← X + D.
#[inline(never)]
pub(crate) fn displace(x: &mut [f32], d: &[f32]) {
    x.iter_mut().zip(d).for_each(|(x, d)| *x = project(*x + d));
}

/// Change of F by X + D in the place of X, for P (k × r) and A = `gram`; ‖DA‖² is not known. k·r² multiply-adds.
///
/// Once for all storages of V.
#[inline(never)]
pub(crate) fn displaced(
    x: &mut [f32],
    d: &[f32],
    p: &mut [f32],
    gram: &[f32],
    scratch: [&mut [f32]; 2],
    rank: usize,
) -> Change {
    let mut pass = Displaced { d, change: Change::default() };
    over_rows(&mut pass, gram, x, p, scratch, rank);
    pass.change
}

/// Change of F by a displacement D of X, where `g` holds P.
struct Displaced<'a> {
    /// The rows of D (k × r) that are still to come.
    d: &'a [f32],
    /// Change of F by D; ‖DA‖² is not known.
    change: Change,
}

impl Pass for Displaced<'_> {
    #[inline]
    fn rows(
        &mut self,
        x: &mut [f32],
        p: &mut [f32],
        [image, _]: [&mut [f32]; 2],
        rank: usize,
        times: impl Fn(&[f32], &mut [f32]),
    ) {
        let (d, rest) = self.d.split_at_checked(x.len()).unwrap_or_default();
        self.d = rest;
        times(d, image);
        let rows = by_row(x, rank).zip(by_row(p, rank));
        for ((x, p), (d, image)) in rows.zip(by_row(d, rank).zip(by_row(image, rank))) {
            let (mut inner, mut curvature, mut norm) = (0.0, 0.0, 0.0);
            for ((x, p), (d, image)) in x.iter().zip(p).zip(d.iter().zip(image)) {
                // ⟨XA − P, D⟩, for A is symmetric.
                inner += x * image - p * d;
                curvature += d * image;
                norm += d * d;
            }
            self.change.inner += inner;
            self.change.curvature += curvature;
            self.change.norm_squared += norm;
        }
    }
}
