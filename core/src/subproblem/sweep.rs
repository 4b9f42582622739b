//! The sweep over components: X_j ← max(0, X_j − ω·(XA − P)_j / A_jj) for j = 1..r in turn.
//!
//! Rows of X do not see each other, so that every row takes its r components in order before the next row begins.
//! For one entry x with g = (XA − P)_ij and a = A_jj, the step d = max(0, x − ωg/a) − x changes f by gd + ½ad².
//! Unclipped, d = −ωg/a, and the change is −ω(1 − ω/2)g²/a, which is negative for every ω in (0, 2). Clipped, d lies
//! between 0 and −ωg/a, and gd + ½ad², a parabola in d with its minimum at −g/a, is at most 0 from 0 to −2g/a. So f
//! **never rises for 0 < ω < 2**, and falls wherever an entry moves. ω = 1 is HALS (Cichocki & Phan 2009).
//!
//! In f32, −g is summed as P − XA, term by term, and an entry lands e off, with e ≤ (r + 4)·2⁻²⁴·(ω(xA + P)_ij/A_jj + x).
//! f may then rise by ½A_jj·e²/(ω(2 − ω)) an entry, the largest value over g of (1 − ω)ge + ½A_jj·e² − ω(1 − ω/2)g²/A_jj.

use crate::float::{limit, project};
use crate::rows::{by_row, by_row_mut};
use crate::slope::Change;

/// The least A_jj that counts as above zero: ω/A_jj stays finite.
pub(crate) const LEAST: f32 = 1e-37;

/// `steps` (r) ← ω/A_jj, and 0 where A_jj is 0: that component stays.
pub fn steps(a: &[f32], relaxation: f32, steps: &mut [f32]) {
    let rank = steps.len();
    for (step, a) in steps.iter_mut().zip(diagonal(a, rank)) {
        *step = if *a > LEAST { relaxation / a } else { 0.0 };
    }
}

/// `steps` (r) where A_jj is 0 get a length that takes X_j to 0 in any case: nothing is left of f but λ₁ΣX_j, `l1` > 0, and a
/// sample that is all of V sees that no other entry of Y comes.
pub(crate) fn clear_idle(a: &[f32], l1: f32, steps: &mut [f32]) {
    let rank = steps.len();
    for (step, a) in steps.iter_mut().zip(diagonal(a, rank)) {
        if *a <= LEAST {
            *step = limit(FAR / l1, 0.0, f32::MAX);
        }
    }
}

/// More than any entry of a factor.
pub(crate) const FAR: f32 = 1e30;

/// The components with A_jj = 0: the other factor has nothing of them, and a sweep leaves them.
#[must_use]
pub fn idle(a: &[f32], rank: usize) -> usize {
    diagonal(a, rank).filter(|a| **a <= LEAST).count()
}

fn diagonal(a: &[f32], rank: usize) -> impl Iterator<Item = &f32> {
    a.iter().step_by(rank.saturating_add(1))
}

/// One sweep over the rows of X (k × r), for P (k × r), a symmetric A (r × r) and [`steps`] (r).
///
/// Returns what it changed: ⟨g, d⟩, Σ A_jj d² (so that [`Change::loss`] is exact, without cancellation) and ‖D‖²;
/// ‖DA‖² is not known. k·r² multiply-adds.
pub fn sweep(x: &mut [f32], p: &[f32], a: &[f32], steps: &[f32], rank: usize) -> Change {
    match rank {
        4 => fixed::<4, 1>(x, p, a, steps),
        8 => fixed::<8, 2>(x, p, a, steps),
        _ => {
            let mut change = Change::default();
            for (x, p) in by_row_mut(x, rank).zip(by_row(p, rank)) {
                let rows = by_row(a, rank).zip(p).zip(steps).zip(diagonal(a, rank));
                for (j, (((a, p), step), a_jj)) in rows.enumerate() {
                    let descent = x.iter().zip(a).fold(*p, |descent, (x, a)| descent - a * x);
                    if let Some(x) = x.get_mut(j) {
                        let d = entry(x, descent, *step);
                        change.inner -= descent * d;
                        change.curvature += a_jj * (d * d);
                        change.norm_squared += d * d;
                    }
                }
            }
            change
        }
    }
}

/// [`sweep`] for a rank that the compiler knows, T rows side by side: rows stay in registers, and T of them share what
/// is loaded of A.
#[inline(never)]
fn fixed<const R: usize, const T: usize>(
    x: &mut [f32],
    p: &[f32],
    a: &[f32],
    steps: &[f32],
) -> Change {
    let (a, steps) = (a.as_chunks::<R>().0.first_chunk::<R>(), steps.first_chunk::<R>());
    let (Some(a), Some(steps), Some(p)) = (a, steps, p.get(..x.len())) else {
        return Change::default();
    };
    let mut sums = Sums { inner: 0.0, squares: [0.0; R] };
    let (x, x_last) = x.as_chunks_mut::<R>().0.as_chunks_mut::<T>();
    let (p, p_last) = p.as_chunks::<R>().0.as_chunks::<T>();
    x.iter_mut().zip(p).for_each(|(x, p)| sums.rows(x, p, a, steps));
    for (x, p) in x_last.iter_mut().zip(p_last) {
        sums.rows(core::array::from_mut(x), core::array::from_ref(p), a, steps);
    }
    let Sums { inner, squares } = sums;
    let mut change = Change { inner, ..Change::default() };
    for (squares, a) in squares.iter().zip(diagonal(a.as_flattened(), R)) {
        change.norm_squared += squares;
        change.curvature += a * squares;
    }
    change
}

/// Sums that tell the change of F by a sweep.
struct Sums<const R: usize> {
    /// ⟨g, d⟩.
    inner: f32,
    /// ‖d_j‖² of every component.
    squares: [f32; R],
}

impl<const R: usize> Sums<R> {
    #[inline]
    fn rows<const T: usize>(
        &mut self,
        x: &mut [[f32; R]; T],
        p: &[[f32; R]; T],
        a: &[[f32; R]; R],
        steps: &[f32; R],
    ) {
        let mut rows = *x;
        for j in 0..R {
            let mut descents = [0.0; T];
            for (descent, p) in descents.iter_mut().zip(p) {
                *descent = p[j];
            }
            for k in 0..R {
                // A is symmetric: half of it takes half of the registers.
                let a = if k < j { a[k][j] } else { a[j][k] };
                for (descent, x) in descents.iter_mut().zip(&rows) {
                    *descent -= a * x[k];
                }
            }
            for (descent, x) in descents.into_iter().zip(&mut rows) {
                let d = entry(&mut x[j], descent, steps[j]);
                self.inner -= descent * d;
                self.squares[j] += d * d;
            }
        }
        *x = rows;
    }
}

/// Moves an entry along −g; returns by how much it moved.
#[inline]
fn entry(x: &mut f32, descent: f32, step: f32) -> f32 {
    let next = project(*x + step * descent);
    let d = next - *x;
    *x = next;
    d
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: [f32; 4] = [2.0, 1.0, 1.0, 3.0];

    fn swept(x: [f32; 2], p: [f32; 2], relaxation: f32) -> ([f32; 2], Change) {
        let (mut x, mut inverse) = (x, [0.0; 2]);
        steps(&A, relaxation, &mut inverse);
        let change = sweep(&mut x, &p, &A, &inverse, 2);
        (x, change)
    }

    /// ½⟨xA, x⟩ − ⟨p, x⟩.
    fn value([x, y]: [f32; 2], [p, q]: [f32; 2]) -> f32 {
        x * x + x * y + 1.5 * y * y - p * x - q * y
    }

    #[test]
    fn is_gauss_and_seidel_for_a_relaxation_of_one() {
        let (x, change) = swept([1.0, 1.0], [4.0, 1.0], 1.0);
        // x₁ = (4 − 1)/2, then x₂ = (1 − 1.5)/3 < 0.
        assert_eq!(x.map(f32::to_bits), [1.5_f32, 0.0].map(f32::to_bits));
        let expected = value(x, [4.0, 1.0]) - value([1.0, 1.0], [4.0, 1.0]);
        assert!((change.loss() - expected).abs() < 1e-6, "{change:?} {expected}");
        assert!((change.norm_squared - 1.25).abs() < 1e-6);
    }

    #[test]
    fn never_rises_below_two_and_can_above() {
        let p = [4.0, 1.0];
        for relaxation in [0.1, 0.5, 1.0, 1.5, 1.99] {
            let mut x = [3.0, 2.0];
            for _ in 0..200 {
                let (next, change) = swept(x, p, relaxation);
                assert!(change.loss() <= 0.0 && value(next, p) <= value(x, p) + 1e-6);
                x = next;
            }
            assert!((x[0] - 2.0).abs() < 0.3 && x[1] < 0.1, "{x:?} with {relaxation}");
        }
        let (_, change) = swept([1.1, 2.0], [4.0, 7.0], 2.5);
        assert!(change.loss() > 0.0);
    }

    #[test]
    fn a_component_that_the_other_factor_lacks_stays() {
        let a = [0.0, 0.0, 0.0, 3.0];
        let (mut x, mut inverse) = ([5.0, 1.0], [9.0; 2]);
        steps(&a, 1.0, &mut inverse);
        assert_eq!((inverse[0].to_bits(), idle(&a, 2)), (0, 1));
        sweep(&mut x, &[0.0, 6.0], &a, &inverse, 2);
        assert_eq!(x.map(f32::to_bits), [5.0_f32, 2.0].map(f32::to_bits));
    }

    #[test]
    fn every_kernel_has_the_bits_of_a_plain_sum() {
        fn check<const R: usize>() {
            let a: [[f32; R]; R] = core::array::from_fn(|i| {
                core::array::from_fn(|j| if i == j { 3.0 } else { 1.0 / (1 + i + j) as f32 })
            });
            let p: [f32; 80] = core::array::from_fn(|i| (i * 7 % 11) as f32 * 0.3);
            let mut x: [f32; 80] = core::array::from_fn(|i| (i * 5 % 13) as f32 * 0.1);
            let mut plain = x;
            let mut inverse = [0.0; R];
            steps(a.as_flattened(), 1.3, &mut inverse);
            sweep(&mut x[..R * 7], &p, a.as_flattened(), &inverse, R);
            for i in 0..7 {
                for j in 0..R {
                    let at = i * R + j;
                    let descent = (0..R).fold(p[at], |g, k| g - plain[i * R + k] * a[j][k]);
                    plain[at] = project(plain[at] + inverse[j] * descent);
                }
            }
            assert_eq!(x.map(f32::to_bits), plain.map(f32::to_bits));
        }
        check::<1>();
        check::<4>();
        check::<7>();
        check::<8>();
        check::<10>();
    }
}
