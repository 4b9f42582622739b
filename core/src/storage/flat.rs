//! Flat memory of a shape that is known at run time.

use super::{Buffers, Factors, Floats, Storage};

/// The memory of a factorisation of any shape in floats: two stretches of [`Buffers::lengths`], vectors or slices.
///
/// [`NmfInner::over`](crate::nmf::NmfInner::over) refuses stretches of other lengths.
#[derive(Debug, Clone)]
pub struct Flat<F, I> {
    floats: F,
    indices: I,
    shape: [usize; 3],
}

impl<F, I> Flat<F, I> {
    /// For V of m × n and rank r; any content will do.
    pub const fn new(floats: F, indices: I, shape: [usize; 3]) -> Self {
        Self { floats, indices, shape }
    }
}

impl<F: AsMut<[f32]>, I: AsMut<[u32]>> Storage<Floats> for Flat<F, I> {
    fn shape(&self) -> [usize; 3] {
        self.shape
    }

    fn buffers(&mut self) -> Buffers<'_> {
        Buffers::split(self.floats.as_mut(), self.indices.as_mut(), self.shape)
    }
}

impl<F: AsRef<[f32]> + AsMut<[f32]>, I: AsMut<[u32]>> Factors for Flat<F, I> {
    type W<'a>
        = &'a [f32]
    where
        Self: 'a;

    type H<'a>
        = &'a [f32]
    where
        Self: 'a;

    fn w(&self) -> &[f32] {
        let [m, _, rank] = self.shape;
        self.floats.as_ref().get(..m * rank).unwrap_or_default()
    }

    fn h(&self) -> &[f32] {
        let [m, n, rank] = self.shape;
        self.floats.as_ref().get(m * rank..(m + n) * rank).unwrap_or_default()
    }
}
