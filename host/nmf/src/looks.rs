//! Half-steps that are looked at before they are made: what they ask V for is kept, and answers when they are made.
//!
//! Whoever decides from outside needs the gradient first. The half-step is made up to its question on a copy of the
//! memory, then once more in earnest, which then takes no product with V.

use std::cell::RefCell;

use tinynmf_core::subproblem::Dense;
use tinynmf_core::{Factor, Matrix};

/// What was asked of V, and answers the same questions once.
#[derive(Debug, Clone, Default)]
pub struct Looks(RefCell<Kept>);

#[derive(Debug, Clone, Default)]
struct Kept {
    /// Whether answers are kept, or given.
    keeps: bool,
    gram: Option<Vec<f32>>,
    products: Option<Vec<f32>>,
    norm_squared: Option<f32>,
}

impl Looks {
    /// Keeps what the next half-step asks for.
    pub fn keep(&self) {
        self.0.replace(Kept { keeps: true, ..Kept::default() });
    }

    /// Answers with what was kept, if the half-step is made `again`; else forgets it.
    pub fn answer(&self, again: bool) {
        let kept = self.0.take();
        if again {
            self.0.replace(Kept { keeps: false, ..kept });
        }
    }

    /// V, whose answers are kept or come from here.
    pub fn on<M: Matrix>(&self, matrix: M) -> Looked<'_, M> {
        Looked { matrix, looks: self }
    }
}

/// V as it is looked at, see [`Looks::on`].
#[derive(Debug, Clone, Copy)]
pub struct Looked<'k, M> {
    matrix: M,
    looks: &'k Looks,
}

impl<M> Looked<'_, M> {
    /// Writes what was kept, or what `make` writes, which is kept if so wanted.
    fn write(
        &self,
        of: fn(&mut Kept) -> &mut Option<Vec<f32>>,
        numbers: &mut [f32],
        make: impl FnOnce(&mut [f32]),
    ) {
        let mut kept = self.looks.0.borrow_mut();
        let keeps = kept.keeps;
        let place = of(&mut kept);
        match place.take() {
            Some(answer) if !keeps && answer.len() == numbers.len() => {
                numbers.copy_from_slice(&answer);
            }
            _ => {
                make(numbers);
                *place = keeps.then(|| numbers.to_vec());
            }
        }
    }
}

impl<M: Matrix> Matrix for Looked<'_, M> {
    type Subproblem<'a>
        = Dense<'a, Self>
    where
        Self: 'a;

    fn subproblem(parts: Dense<'_, Self>) -> Dense<'_, Self> {
        parts
    }

    fn rows(&self) -> usize {
        self.matrix.rows()
    }

    fn columns(&self) -> usize {
        self.matrix.columns()
    }

    fn mean(&self) -> f32 {
        self.matrix.mean()
    }

    fn exponent(&self) -> i32 {
        self.matrix.exponent()
    }

    fn norm_squared(&self, factor: Factor, sample: Option<&[u32]>) -> f32 {
        let mut kept = self.looks.0.borrow_mut();
        match kept.norm_squared.take() {
            Some(answer) if !kept.keeps => answer,
            _ => {
                let norm_squared = self.matrix.norm_squared(factor, sample);
                kept.norm_squared = kept.keeps.then_some(norm_squared);
                norm_squared
            }
        }
    }

    fn products(
        &self,
        factor: Factor,
        sample: Option<&[u32]>,
        y: &[f32],
        p: &mut [f32],
        rank: usize,
    ) {
        self.matrix.products(factor, sample, y, p, rank);
    }

    fn products_at(
        &self,
        factor: Factor,
        sample: Option<&[u32]>,
        factors: [&[f32]; 2],
        p: &mut [f32],
        rank: usize,
    ) {
        let make = |p: &mut [f32]| self.matrix.products_at(factor, sample, factors, p, rank);
        self.write(|kept| &mut kept.products, p, make);
    }

    fn loss(&self, w: &[f32], h: &[f32], rank: usize) -> f32 {
        self.matrix.loss(w, h, rank)
    }

    fn gram(&self, y: &[f32], sample: Option<&[u32]>, scale: f32, a: &mut [f32], rank: usize) {
        let make = |a: &mut [f32]| self.matrix.gram(y, sample, scale, a, rank);
        self.write(|kept| &mut kept.gram, a, make);
    }

    fn least_sample(&self, factor: Factor, rank: usize) -> usize {
        self.matrix.least_sample(factor, rank)
    }

    fn inner(&self, factor: Factor) -> usize {
        self.matrix.inner(factor)
    }

    fn weight(&self, factor: Factor, sample: Option<&[u32]>) -> f32 {
        self.matrix.weight(factor, sample)
    }
}
