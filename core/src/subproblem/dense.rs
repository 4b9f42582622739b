//! X in floats, V behind a [`Matrix`].

use super::pass::{Exact, Fit, Gradient, Pass, Perturb, Step, over_rows};
use super::{Change, Slope, Subproblem, bound, pass, sweep};
use crate::Factor;
use crate::float::{known, project};
use crate::matrix::{Matrix, scale_by};
use crate::penalty::Penalty;
use crate::rows::{by_row, copy};

/// Scratch memory of a half-step, of sizes that depend on the rank alone.
#[derive(Debug)]
pub struct Scratch<'a> {
    /// A, r × r.
    pub gram: &'a mut [f32],
    /// The warm start of the power iteration for this factor, r.
    pub direction: &'a mut [f32],
    /// A tile of rows of D, [`TILE`](crate::product::TILE) × r.
    pub rows: &'a mut [f32],
    /// The tile times A, [`TILE`](crate::product::TILE) × r; in a sweep, ω/A_jj at its front.
    pub image: &'a mut [f32],
}

/// Content of the buffer for P and G.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Held {
    /// Nothing of this half-step.
    #[default]
    Nothing,
    /// P.
    Products,
    /// G at X.
    Gradient,
}

/// Factors in slices, by rows of r latents.
///
/// While it lives, `x` and `y` hold X·2⁻ᵉ and Y·2⁻ᵉ for the exponent e of V.
#[derive(Debug)]
pub struct Dense<'a, M: Matrix> {
    /// V (m × n), which only samples touch.
    pub matrix: &'a M,
    /// Which factor X is.
    pub factor: Factor,
    /// The inner indices that this half-step uses; all of them for `None`.
    pub batch: Option<&'a [u32]>,
    /// The factor that moves, k × r.
    pub x: &'a mut [f32],
    /// The fixed factor, l × r.
    pub y: &'a mut [f32],
    /// P, then G: k × r.
    pub gradient: &'a mut [f32],
    /// X as the half-step found it, k × r, where that is remembered.
    pub before: &'a mut [f32],
    /// Penalties on X and on Y.
    pub penalties: [Penalty; 2],
    /// The step tried last and what it would change; none at first.
    pub tried: Option<(f32, Change)>,
    /// Products with A that trials and steps took.
    pub images: u32,
    /// Content of `gradient`.
    pub held: Held,
    /// Scratch memory.
    pub scratch: Scratch<'a>,
    /// The rank r: latents of a factorisation, from 1 to min(m, n).
    pub rank: usize,
}

impl<M: Matrix> Dense<'_, M> {
    /// Takes 2ᵉ out of both factors; it goes back when this is dropped.
    #[must_use]
    pub fn normalized(mut self) -> Self {
        let e = self.matrix.exponent();
        if e != 0 {
            self.rescale(-e);
            self.penalties = self.penalties.map(|penalty| penalty.scaled(-e));
        }
        self
    }

    fn rescale(&mut self, exponent: i32) {
        if exponent != 0 {
            scale_by(self.x, exponent);
            scale_by(self.y, exponent);
        }
    }

    /// P, with λ₁ taken off.
    fn products(&mut self) {
        let factors = [&*self.x, &*self.y];
        self.matrix.products_at(self.factor, self.batch, factors, self.gradient, self.rank);
        let l1 = self.penalties[0].l1;
        if l1 > 0.0 {
            self.gradient.iter_mut().for_each(|p| *p -= l1);
        }
    }

    /// P for sweeps; whether it is fresh.
    pub(crate) fn hold_products(&mut self) -> bool {
        let fresh = self.held == Held::Nothing;
        if fresh {
            self.products();
            self.held = Held::Products;
        }
        fresh
    }

    pub(crate) fn pass(&mut self, pass: &mut impl Pass) {
        let Scratch { gram, rows, image, .. } = &mut self.scratch;
        over_rows(pass, gram, self.x, self.gradient, [image, rows], self.rank);
    }

    /// P for a gradient step, which leaves G in its place; whether P is fresh, and not of sweeps before.
    pub fn hold_gradient_products(&mut self) -> bool {
        let fresh = self.held == Held::Nothing;
        if fresh {
            self.products();
        }
        self.held = Held::Gradient;
        fresh
    }

    /// G, with what comes on top of its entries, for P that is held.
    pub(crate) fn descend(&mut self, noise: impl Perturb) -> Slope {
        let mut pass = Gradient { noise, slope: Slope::default(), fit: 0.0 };
        self.pass(&mut pass);
        Slope { loss: self.value(pass.fit), ..pass.slope }
    }

    /// F at X from 2f − ‖V‖² = `fit`, with the penalty of the factor that is fixed.
    #[must_use]
    pub fn value(&self, fit: f32) -> f32 {
        let norm_squared = self.matrix.norm_squared(self.factor, self.batch);
        known(0.5 * (norm_squared + fit) + self.penalties[1].of(self.y))
    }

    /// A sweep that passes over the first `kept` components.
    pub(crate) fn sweep_after(&mut self, relaxation: f32, kept: usize) -> Change {
        self.hold_products();
        let Scratch { gram, image, .. } = &mut self.scratch;
        let steps = image.get_mut(..self.rank).unwrap_or_default();
        sweep::steps(gram, relaxation, steps);
        let l1 = self.penalties[0].l1;
        if l1 > 0.0 && self.batch.is_none() {
            sweep::clear_idle(gram, l1, steps);
        }
        steps.iter_mut().take(kept).for_each(|step| *step = 0.0);
        if self.batch.is_none() {
            return self.matrix.sweep(self.x, self.gradient, gram, steps, self.rank);
        }
        // A row of which the sample holds nothing stays: at 0 it might never be seen again.
        let (mut x, mut p, mut change) = (&mut *self.x, &*self.gradient, Change::default());
        while !p.is_empty() {
            let [unseen, end] = seen(p, self.rank);
            let (now, later) = x.split_at_mut_checked(end).unwrap_or_default();
            let (p_now, p_later) = p.split_at_checked(end).unwrap_or_default();
            let now = now.get_mut(unseen..).unwrap_or_default();
            let p_now = p_now.get(unseen..).unwrap_or_default();
            change.add_move(&self.matrix.sweep(now, p_now, gram, steps, self.rank));
            (x, p) = (later, p_later);
        }
        change
    }

    /// Change of F by a step of size `rate`, which is `taken` or only tried.
    fn change(&mut self, rate: f32, taken: bool) -> Change {
        self.images = self.images.saturating_add(1);
        let mut pass = Step { rate, taken, change: Change::default() };
        let Scratch { gram, rows, image, .. } = &mut self.scratch;
        over_rows(&mut pass, gram, self.x, self.gradient, [rows, image], self.rank);
        pass.change
    }
}

/// Where the first rows of P begin that are not all ≤ 0, and where they end.
#[inline(never)]
fn seen(p: &[f32], rank: usize) -> [usize; 2] {
    let (mut unseen, mut end) = (0, 0);
    for row in by_row(p, rank) {
        if row.iter().any(|p| *p > 0.0) {
            end += rank;
        } else if end > unseen {
            break;
        } else {
            (unseen, end) = (unseen + rank, end + rank);
        }
    }
    [unseen, end]
}

impl<M: Matrix> Drop for Dense<'_, M> {
    fn drop(&mut self) {
        self.rescale(self.matrix.exponent());
    }
}

impl<M: Matrix> Subproblem for Dense<'_, M> {
    fn sample(&mut self) -> bool {
        let scale = self.matrix.weight(self.factor, self.batch);
        let (rank, a) = (self.rank, &mut *self.scratch.gram);
        self.matrix.gram(self.y, self.batch, scale, a, rank);
        self.penalties[0].add_to_gram(a, rank);
        a.iter().any(|a| *a > 0.0)
    }

    fn lipschitz(&mut self) -> f32 {
        let terms = self.batch.map_or(self.matrix.inner(self.factor), <[u32]>::len);
        let Scratch { gram, direction, image, .. } = &mut self.scratch;
        bound::lipschitz(gram, direction, image.get_mut(..self.rank).unwrap_or_default(), terms)
    }

    fn loss(&mut self) -> f32 {
        self.hold_products();
        let mut pass = Fit::default();
        self.pass(&mut pass);
        self.value(pass.fit)
    }

    fn gradient(&mut self) -> Slope {
        self.hold_gradient_products();
        self.descend(Exact)
    }

    fn try_step(&mut self, rate: f32) -> Change {
        let change = self.change(rate, false);
        self.tried = Some((rate, change));
        change
    }

    fn step(&mut self, rate: f32) -> Change {
        match self.tried {
            Some((tried, change)) if tried.to_bits() == rate.to_bits() => {
                let pairs = self.x.iter_mut().zip(&*self.gradient);
                pairs.for_each(|(x, g)| *x = project(*x - rate * g));
                change
            }
            _ => self.change(rate, true),
        }
    }

    fn sweep(&mut self, relaxation: f32) -> Change {
        self.sweep_after(relaxation, 0)
    }

    fn remember(&mut self) -> bool {
        copy(self.before, self.x);
        true
    }

    fn extrapolate(&mut self, factor: f32, allowed: f32) -> Option<Change> {
        let Self { matrix, x, before: d, gradient: p, scratch, rank, .. } = self;
        let Scratch { gram, rows, image, .. } = scratch;
        pass::displacement(x, d, factor);
        let change = matrix.displaced([x, p], d, gram, [image, rows], *rank);
        // False of a NaN.
        let taken = change.loss() <= allowed;
        if taken {
            pass::displace(x, d);
        }
        taken.then_some(change)
    }

    fn images(&self) -> u32 {
        self.images
    }

    fn idle(&self) -> usize {
        sweep::idle(self.scratch.gram, self.rank)
    }

    fn shape(&self) -> [usize; 2] {
        [self.x.len() / self.rank.max(1), self.rank]
    }

    fn exponent(&self) -> i32 {
        self.matrix.exponent()
    }
}
