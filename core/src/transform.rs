//! A transform computes the latents h ≥ 0 of any columns v, for a fixed W.
//!
//! It minimises ½‖v − Wh‖² over h ≥ 0, one column at a time. [`Transform::exact`] finds the minimum by an active set on the
//! r × r system; [`Transform::columns`] makes half-steps of any rule. W may lie in flash. The gram matrix A = WᵀW and the
//! certified 2/L are computed once. A column then costs m·r multiply-adds for Wᵀv. The exact latents take r² more for every
//! component that is exchanged, and 2m·r for the residual; a step of a rule takes about 3r², for any number of rows.
//!
//! The residual ½‖v − Wh‖² is an anomaly score: it tells how far v is from everything that W knows.
//!
//! ```
//! use tinynmf_core::transform::{Transform, TransformSettings};
//! use tinynmf_core::{Data, Policy, Rule, policy};
//!
//! static W: [f32; 8] = [1.0, 0.0, 1.0, 0.5, 0.0, 1.0, 0.0, 2.0]; // 4 × 2, row by row
//! let mut memory = [0.0; Transform::floats(2)];
//! let mut transform = Transform::new(&W, 2, TransformSettings::default(), &mut memory)?;
//!
//! let reading = [32_u8, 40, 16, 32]; // 2 · first + 1 · second, in sixteenths
//! let column = Data::column(&reading, 1.0 / 16.0)?;
//! let (mut h, mut residual) = ([0.0; 2], [0.0]);
//! transform.exact(&column, &mut h, &mut residual)?;
//! assert!((h[0] - 2.0).abs() < 1e-6 && (h[1] - 1.0).abs() < 1e-6 && residual[0] < 1e-9);
//!
//! let mut rule = Rule::learned(Policy::from_bytes(policy::SHIPPED)?);
//! transform.columns(&column, &mut rule, &mut h)?;
//! assert!((h[0] - 2.0).abs() < 1e-3 && (h[1] - 1.0).abs() < 1e-3);
//! # Ok::<(), tinynmf_core::Error>(())
//! ```
//!
//! A rule that steps beyond the bound may raise the loss in its last steps. To keep a column costs little, so that
//! [`Transform::columns`] returns the lowest iterate and not the last one.

use crate::Error;
use crate::Factor;
use crate::bound;
use crate::data::{Data, Entry};
use crate::exact::{self, Exact, Start};
use crate::float::{project, ratio};
use crate::gram::gram;
use crate::penalty::Penalty;
use crate::product::{Left, columns_product};
use crate::quadratic::{Lipschitz, Quadratic, Terms};
use crate::random::{Rng, Stream, generator};
use crate::rows::{by_row_mut, copy};
use crate::run::check_factor;
use crate::situation::{Memories, Memory, Progress};
use crate::step::{Open, Outcome, Sample, Schedule, half_step};
use crate::subproblem::sweep;

/// Options of a transform.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct TransformSettings {
    /// Half-steps for every column: T of the rules that have a horizon. Of exact latents, the sweeps for a system that
    /// no active set solves.
    pub steps: u32,
    /// Penalty on h.
    pub penalty: Penalty,
    /// Seed of the random rules.
    pub seed: u64,
}

impl Default for TransformSettings {
    /// 30 half-steps, no penalty, seed 0.
    fn default() -> Self {
        Self { steps: 30, penalty: Penalty::default(), seed: 0 }
    }
}

/// A fixed W (m × r), with what all columns share.
#[derive(Debug)]
pub struct Transform<'b> {
    w: &'b [f32],
    gram: &'b mut [f32],
    /// Where active sets begin, r × r, and with which free components.
    tableau: &'b mut [f32],
    free: u32,
    rows: &'b mut [f32],
    lipschitz: f32,
    settings: TransformSettings,
    rank: usize,
    rng: Rng,
}

impl<'b> Transform<'b> {
    /// The floats of memory that a transform borrows: r² for A, as many for its inverse, and five rows of r.
    #[must_use]
    pub const fn floats(rank: usize) -> usize {
        2 * rank * rank + SOLVER_ROWS * rank
    }

    /// Computes A and the bound of `w`, m × r, row by row; any content of `memory` is allowed. A column of W whose ‖w_k‖² is below
    /// 10⁻³⁷ counts as zero: its latents stay 0.
    ///
    /// # Errors
    ///
    /// [`Error::Rank`] unless 1 ≤ r ≤ m; [`Error::Shape`] if `w` is not rows of r, or `memory` not
    /// [`Transform::floats`]; [`Error::NotFinite`], [`Error::Negative`], [`Error::TooLarge`] with the
    /// place in `w`; [`Error::AllZero`], also where every ‖w_k‖² is below 10⁻³⁷; [`Error::Parameter`] for the penalty.
    pub fn new(
        w: &'b [f32],
        rank: usize,
        settings: TransformSettings,
        memory: &'b mut [f32],
    ) -> Result<Self, Error> {
        settings.penalty.check()?;
        let m = w.len() / rank.max(1);
        if rank == 0 || rank > m {
            return Err(Error::Rank { rank, max: m });
        }
        check_factor(w, m, rank)?;
        let (expected, found) = (Self::floats(rank), memory.len());
        if found != expected {
            return Err(Error::Shape { expected, found });
        }
        let (gram, rest) = memory.split_at_mut_checked(rank * rank).unwrap_or_default();
        let (tableau, rows) = rest.split_at_mut_checked(rank * rank).unwrap_or_default();
        rows.fill(1.0);
        let (direction, image) = rows.split_at_mut_checked(rank).unwrap_or_default();
        let lipschitz = prepare(w, settings.penalty, gram, direction, image, rank);
        if sweep::idle(gram, rank) == rank {
            return Err(Error::AllZero);
        }
        let free = exact::begin(gram, tableau, image, rank);
        let rng = generator(settings.seed, Stream::Rule);
        Ok(Self { w, gram, tableau, free, rows, lipschitz, settings, rank, rng })
    }

    /// `h` (r × n, column by column) ← the latents of every column of `v`; those of one do not depend on
    /// the others, random rules excepted.
    ///
    /// A zero column has zero latents. The loss is [`loss`](crate::loss::loss)`(v, w, h, rank)`.
    ///
    /// # Errors
    ///
    /// [`Error::MatrixShape`] unless `v` has m rows; [`Error::Shape`] unless `h` has room for n · r.
    pub fn columns<E: Entry>(
        &mut self,
        v: &Data<'_, E>,
        rule: &mut impl Schedule,
        h: &mut [f32],
    ) -> Result<(), Error> {
        let rank = self.rank;
        self.check(v, h)?;
        let left = Left { entries: v.entries(), columns: v.columns() };
        columns_product(left, self.w, v.scale(), h, rank);
        let mut memories = Memories { w: Memory::default(), h: Memory::default() };
        for (j, h) in by_row_mut(h, rank).enumerate() {
            let mut solver = Solver {
                gram: self.gram,
                lipschitz: self.lipschitz,
                penalty: self.settings.penalty,
                steps: self.settings.steps,
                rows: self.rows,
                rank,
            };
            memories.h = Memory::default();
            solver.solve(v.column_norm_squared(j), h, rule, &mut memories, &mut self.rng);
        }
        Ok(())
    }

    /// `h` (r × n, column by column) ← the minimum itself, for every column of `v`; `residuals` (n) ← ½‖v − Wh‖².
    ///
    /// An active set up to r = 16. The gradient at h, from the residual itself, shows it to be the minimum: an entry is at least
    /// −1e-5·‖w_k‖·‖v‖, and no further from 0 where h_k is above 0. Above r = 16, and where no such h was found,
    /// [`TransformSettings::steps`] sweeps follow.
    ///
    /// # Errors
    ///
    /// [`Error::MatrixShape`] unless `v` has m rows; [`Error::Shape`] unless `h` has room for n · r and `residuals`
    /// for n.
    pub fn exact<E: Entry>(
        &mut self,
        v: &Data<'_, E>,
        h: &mut [f32],
        residuals: &mut [f32],
    ) -> Result<(), Error> {
        let Self { w, rank, settings: TransformSettings { penalty, steps: sweeps, .. }, .. } =
            *self;
        self.check(v, h)?;
        let (expected, found) = (v.columns(), residuals.len());
        if found != expected {
            return Err(Error::Shape { expected, found });
        }
        let left = Left { entries: v.entries(), columns: v.columns() };
        columns_product(left, w, v.scale(), h, rank);
        let start = Start { tableau: self.tableau, free: self.free };
        let exact = Exact { w, gram: self.gram, penalty, rank, sweeps, start };
        let [b, scratch, ..] = parts(self.rows, rank);
        for (j, (h, residual)) in by_row_mut(h, rank).zip(residuals).enumerate() {
            for (b, h) in b.iter_mut().zip(&*h) {
                *b = h - penalty.l1;
            }
            *residual = exact.solve(v, j, b, h, scratch);
        }
        Ok(())
    }

    /// Refuses columns that W does not fit, and latents without room.
    fn check<E: Entry>(&self, v: &Data<'_, E>, h: &[f32]) -> Result<(), Error> {
        let shape = [v.rows(), v.columns()];
        Error::unless_equal([self.w.len() / self.rank.max(1), v.columns()], shape)?;
        let (expected, found) = (v.columns().saturating_mul(self.rank), h.len());
        if found == expected { Ok(()) } else { Err(Error::Shape { expected, found }) }
    }

    /// The certified bound 2/L of every half-step.
    #[must_use]
    pub fn bound(&self) -> f32 {
        bound::bound(self.lipschitz)
    }

    /// W, m × r, row by row.
    #[must_use]
    pub fn w(&self) -> &'b [f32] {
        self.w
    }
}

/// A ← WᵀW + λ₂I; returns the certified L.
pub(crate) fn prepare(
    w: &[f32],
    penalty: Penalty,
    a: &mut [f32],
    direction: &mut [f32],
    image: &mut [f32],
    rank: usize,
) -> f32 {
    penalized_gram(w, penalty, a, rank);
    let image = image.get_mut(..rank).unwrap_or_default();
    bound::lipschitz(a, direction, image, w.len() / rank.max(1))
}

/// A ← WᵀW + λ₂I.
pub(crate) fn penalized_gram(w: &[f32], penalty: Penalty, a: &mut [f32], rank: usize) {
    gram(w, None, 1.0, a, rank);
    penalty.add_to_gram(a, rank);
}

/// Rows of r that [`Solver::rows`] holds.
pub(crate) const SOLVER_ROWS: usize = 5;

/// The half-steps of one column.
pub(crate) struct Solver<'a> {
    /// A, penalty included.
    pub gram: &'a [f32],
    /// Lipschitz constant L of the gradient: bound on λmax(A).
    pub lipschitz: f32,
    /// Penalty on h.
    pub penalty: Penalty,
    /// Half-steps.
    pub steps: u32,
    /// [`SOLVER_ROWS`] × r of scratch.
    pub rows: &'a mut [f32],
    /// The rank r: latents of a factorisation, from 1 to min(m, n).
    pub rank: usize,
}

impl Solver<'_> {
    /// `h` holds Wᵀv and gets the latents of v.
    ///
    /// The start is the best multiple of (1, …, 1): of the right scale, and a function of v alone. The end is the
    /// iterate of lowest F, the last one if none is lower than it by more than rounding.
    pub fn solve(
        &mut self,
        norm_squared: f32,
        h: &mut [f32],
        rule: &mut impl Schedule,
        memories: &mut Memories,
        rng: &mut Rng,
    ) {
        let total = |x: &[f32]| x.iter().fold(0.0, |sum, x| sum + x);
        let [b, g, d, image, best] = parts(self.rows, self.rank);
        for (b, h) in b.iter_mut().zip(&*h) {
            *b = h - self.penalty.l1;
        }
        h.fill(project(ratio(total(b), total(self.gram)).unwrap_or(0.0)));
        let mut block = Quadratic::<f32> {
            terms: Terms::Products { b, norm_squared },
            gram: self.gram,
            lipschitz: Lipschitz::Known(self.lipschitz),
            alive: self.lipschitz > 0.0,
            x: h,
            tiles: [g, d, image],
            images: 0,
            rank: self.rank,
        };
        let sample = Sample::new([1, 0, self.rank], None);
        let mut progress = Progress { epoch: 0, horizon: self.steps, share: 1.0, first_loss: 0.0 };
        copy(best, block.x);
        let (mut last, mut lowest) = (0.0, 0.0);
        for epoch in 0..self.steps {
            progress.epoch = epoch;
            let open = Open::begin(&mut block, Factor::H, &mut progress, memories, sample);
            let step = half_step(open, rule, rng);
            if step.outcome != Outcome::Stepped {
                break;
            }
            if !step.moves.is_empty() {
                // Sweeps never rise: the last iterate is the lowest.
                continue;
            }
            if epoch == 0 {
                lowest = step.slope.loss;
            }
            last = step.slope.loss + step.change.loss();
            if last < lowest {
                lowest = last;
                copy(best, block.x);
            }
        }
        if last - lowest > ROUNDING * norm_squared {
            copy(block.x, best);
        }
    }
}

/// F of a column is rounded to about ε‖v‖²: what is lower by less than this share of ‖v‖² is not known to be lower.
const ROUNDING: f32 = 1e-6;

/// The rows of a solver, one by one.
pub(crate) fn parts(rows: &mut [f32], rank: usize) -> [&mut [f32]; SOLVER_ROWS] {
    let mut rows = by_row_mut(rows, rank);
    core::array::from_fn(|_| rows.next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::StepRule;
    use crate::rule::{Bound, Rule};

    const W: [f32; 6] = [1.0, 0.0, 1.0, 1.0, 0.0, 2.0];

    fn solve(v: &[f32], settings: TransformSettings) -> [f32; 2] {
        let mut memory = [f32::NAN; Transform::floats(2)];
        let mut transform = Transform::new(&W, 2, settings, &mut memory).unwrap();
        let mut rule = Rule::from(Bound::new(0.5).unwrap());
        let mut h = [f32::NAN; 2];
        transform.columns(&Data::column(v, 1.0).unwrap(), &mut rule, &mut h).unwrap();
        h
    }

    #[test]
    fn finds_what_least_squares_finds() {
        let settings = TransformSettings { steps: 200, ..TransformSettings::default() };
        let [a, b] = solve(&[3.0, 5.0, 4.0], settings);
        assert!((a - 3.0).abs() < 1e-4 && (b - 2.0).abs() < 1e-4, "{a} {b}");
        // The unconstrained minimum has a negative second latent.
        let [a, b] = solve(&[3.0, 0.0, 0.0], settings);
        assert!((a - 1.5).abs() < 1e-4 && b.to_bits() == 0, "{a} {b}");
        assert_eq!(solve(&[0.0; 3], settings).map(f32::to_bits), [0, 0]);
    }

    #[test]
    fn penalties_shrink() {
        let settings = |l1, l2| TransformSettings {
            steps: 200,
            penalty: Penalty { l1, l2 },
            ..TransformSettings::default()
        };
        // With v = Wh for h = (3, 0): A₁₁ = 2, so that h₁ = (6 − λ₁)/(2 + λ₂) where h₂ stays 0.
        let [a, b] = solve(&[3.0, 3.0, 0.0], settings(1.0, 0.0));
        assert!((a - 2.5).abs() < 1e-4 && b.abs() < 1e-4, "{a} {b}");
        let [a, _] = solve(&[0.0, 0.0, 8.0], settings(0.0, 3.0));
        assert!(a.to_bits() == 0);
        assert_eq!(solve(&[3.0, 3.0, 0.0], settings(100.0, 0.0)).map(f32::to_bits), [0, 0]);
    }

    #[test]
    fn bad_input_is_refused() {
        let refuse = |w: &[f32], rank, floats| {
            let mut memory = [0.0; 64];
            Transform::new(w, rank, TransformSettings::default(), &mut memory[..floats]).err()
        };
        let floats = Transform::floats(2);
        assert_eq!(refuse(&W, 2, floats), None);
        assert_eq!(refuse(&W, 0, 0), Some(Error::Rank { rank: 0, max: 6 }));
        assert_eq!(refuse(&W, 3, 21), Some(Error::Rank { rank: 3, max: 2 }));
        assert_eq!(refuse(&W[..5], 2, floats), Some(Error::Shape { expected: 4, found: 5 }));
        assert_eq!(refuse(&W, 2, 11), Some(Error::Shape { expected: 18, found: 11 }));
        assert_eq!(refuse(&[0.0; 6], 2, floats), Some(Error::AllZero));
        let mut bad = W;
        bad[3] = f32::NAN;
        assert_eq!(refuse(&bad, 2, floats), Some(Error::NotFinite { row: 1, column: 1 }));
    }

    #[test]
    fn the_bound_is_that_of_w() {
        let mut memory = [0.0; Transform::floats(2)];
        let settings = |l2| TransformSettings {
            penalty: Penalty { l1: 0.0, l2 },
            ..TransformSettings::default()
        };
        // A = (2, 1; 1, 5): λmax = (7 + √13)/2, and λ₂ more with a penalty.
        for (l2, lambda) in [(0.0, 5.302_775_6), (3.0, 8.302_776)] {
            let transform = Transform::new(&W, 2, settings(l2), &mut memory).unwrap();
            let bound = transform.bound() * lambda;
            assert!((1.9999..=2.0).contains(&bound), "{bound}/λ");
            assert_eq!(transform.w(), W);
        }
    }

    /// Half the bound, except at the given steps.
    struct Steps<'a>(&'a [(u32, f32)]);

    impl StepRule for Steps<'_> {
        fn rate<B: crate::Subproblem>(
            &mut self,
            at: &crate::situation::Situation<'_>,
            _: &mut B,
            _: &mut Rng,
        ) -> f32 {
            let here = self.0.iter().find(|(step, _)| *step == at.progress.epoch);
            at.bound() * here.map_or(0.5, |(_, share)| *share)
        }
    }

    fn solve_with(v: &[f32], steps: u32, exceptions: &[(u32, f32)]) -> [u32; 2] {
        let settings = TransformSettings { steps, ..TransformSettings::default() };
        let mut memory = [0.0; Transform::floats(2)];
        let mut transform = Transform::new(&W, 2, settings, &mut memory).unwrap();
        let mut h = [f32::NAN; 2];
        transform.columns(&Data::column(v, 1.0).unwrap(), &mut Steps(exceptions), &mut h).unwrap();
        h.map(f32::to_bits)
    }

    #[test]
    fn the_lowest_iterate_is_returned() {
        let v = [3.0, 5.0, 4.0];
        let four = solve_with(&v, 4, &[]);
        assert_ne!(solve_with(&v, 3, &[]), four);
        // Four times the bound climbs far, wherever it comes: at the end, at the start, and with a way back.
        assert_eq!(solve_with(&v, 5, &[(4, 4.0)]), four);
        assert_eq!(solve_with(&v, 6, &[(4, 4.0)]), four);
        assert_eq!(solve_with(&v, 1, &[(0, 4.0)]), solve_with(&v, 0, &[]));
        assert_ne!(solve_with(&v, 0, &[]), solve_with(&v, 1, &[]));
        // With time to recover, the end is the lowest again.
        let [a, b] = solve_with(&v, 300, &[(4, 4.0)]).map(f32::from_bits);
        assert!((a - 3.0).abs() < 1e-4 && (b - 2.0).abs() < 1e-4, "{a} {b}");
    }

    /// Near the minimum F does not tell iterates apart any more, while they still get closer to it.
    #[test]
    fn the_last_iterate_is_returned_where_none_is_known_to_be_lower() {
        // Far from what W can reach: F stays above 5000, and its rounding hides the rest.
        let v = [123.0, 0.0, 64.0];
        let project = |v: [f32; 3]| {
            let (p, q) = (v[0] + v[1], v[1] + 2.0 * v[2]);
            [(5.0 * p - q) / 9.0, (2.0 * q - p) / 9.0]
        };
        let [a, b] = solve_with(&v, 200, &[]).map(f32::from_bits);
        let [x, y] = project(v);
        assert!((a - x).abs() < 4e-6 * x && (b - y).abs() < 4e-6 * x, "{a} {b} for {x} {y}");
    }
}
