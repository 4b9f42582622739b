//! A factorisation with fixed buffers.

use crate::Error;
use crate::checksum::Checksum;
use crate::matrix::Matrix;
use crate::rows::copy;
use crate::run::{Buffers, ROWS, Run, Settings, State, check_factor};
use nalgebra::{Const, MatrixView, SMatrix};

/// A factorisation with fixed buffers: V is M × N, the rank R. Nothing is allocated.
///
/// RAM: (M + N + 2·max(M, N))·R + R² + 10·R floats, M + N indices, and a state that does not grow with the
/// shape, at most [`STATE_BYTES`]. `size_of` tells the exact sum. [`Nmf::new`] returns a value: unless the compiler
/// builds it in place, its caller's stack holds a second copy while it is moved to where it stays.
#[derive(Debug, Clone)]
pub struct Nmf<const M: usize, const N: usize, const R: usize> {
    w: SMatrix<f32, R, M>,
    h: SMatrix<f32, R, N>,
    gradient: Longer<M, N, R>,
    before: Longer<M, N, R>,
    gram: SMatrix<f32, R, R>,
    rows: SMatrix<f32, R, ROWS>,
    row_order: [u32; M],
    column_order: [u32; N],
    pub(crate) state: State,
    settings: Settings,
    started: bool,
}

/// Bytes at most that an [`Nmf`] takes besides what grows with its shape: random generators, memories of both
/// factors, settings.
pub const STATE_BYTES: usize = 304;

/// Memory as large as the longer factor: `max(M, N)` cannot be an array's length.
#[derive(Debug, Clone)]
enum Longer<const M: usize, const N: usize, const R: usize> {
    Tall(SMatrix<f32, R, M>),
    Wide(SMatrix<f32, R, N>),
}

impl<const M: usize, const N: usize, const R: usize> Longer<M, N, R> {
    fn new() -> Self {
        if M >= N { Self::Tall(SMatrix::zeros()) } else { Self::Wide(SMatrix::zeros()) }
    }

    fn as_mut_slice(&mut self) -> &mut [f32] {
        match self {
            Self::Tall(it) => it.as_mut_slice(),
            Self::Wide(it) => it.as_mut_slice(),
        }
    }
}

/// A view of a factor; strides make W's rows contiguous and H's columns contiguous.
pub type View<'a, const ROWS: usize, const COLUMNS: usize, const RS: usize, const CS: usize> =
    MatrixView<'a, f32, Const<ROWS>, Const<COLUMNS>, Const<RS>, Const<CS>>;

impl<const M: usize, const N: usize, const R: usize> Nmf<M, N, R> {
    /// Zeroed factors; [`Nmf::run`] draws the start from the seed unless [`Nmf::set`] gave one.
    ///
    /// A rank of 0 or above min(M, N) does not compile.
    ///
    /// # Errors
    ///
    /// [`Error::BatchShare`].
    pub fn new(settings: Settings) -> Result<Self, Error> {
        const { assert!(R > 0 && R <= M && R <= N, "the rank must be in 1 to min(M, N)") };
        Ok(Self {
            w: SMatrix::zeros(),
            h: SMatrix::zeros(),
            gradient: Longer::new(),
            before: Longer::new(),
            gram: SMatrix::zeros(),
            rows: SMatrix::repeat(1.0),
            row_order: core::array::from_fn(|i| i as u32),
            column_order: core::array::from_fn(|j| j as u32),
            state: State::new(settings)?,
            settings,
            started: false,
        })
    }

    /// Sets W₀ (M × R, row by row) and H₀ (R × N, column by column).
    ///
    /// # Errors
    ///
    /// [`Error::Shape`]; [`Error::NotFinite`], [`Error::Negative`] and [`Error::TooLarge`] with the
    /// place in the slice at fault, counted in its own rows of R.
    pub fn set(&mut self, w: &[f32], h: &[f32]) -> Result<(), Error> {
        check_factor(w, M, R)?;
        check_factor(h, N, R)?;
        copy(self.w.as_mut_slice(), w);
        copy(self.h.as_mut_slice(), h);
        self.started = true;
        Ok(())
    }

    /// Takes up the factorisation of `data`, where it was left or from the start.
    ///
    /// # Errors
    ///
    /// [`Error::MatrixShape`] unless `data` is M × N.
    pub fn run<V: Matrix>(&mut self, data: V) -> Result<Run<'_, V>, Error> {
        Error::unless_equal([M, N], [data.rows(), data.columns()])?;
        let buffers = Buffers {
            w: self.w.as_mut_slice(),
            h: self.h.as_mut_slice(),
            gradient: self.gradient.as_mut_slice(),
            before: self.before.as_mut_slice(),
            gram: self.gram.as_mut_slice(),
            rows: self.rows.as_mut_slice(),
            row_order: &mut self.row_order,
            column_order: &mut self.column_order,
        };
        let mut run = Run::new(data, R, buffers, &mut self.state)?;
        if !self.started {
            run.start(self.settings.seed);
            self.started = true;
        }
        Ok(run)
    }

    /// W, M × R.
    #[must_use]
    pub fn w(&self) -> View<'_, M, R, R, 1> {
        View::from_slice_with_strides_generic(
            self.w.as_slice(),
            Const::<M>,
            Const::<R>,
            Const::<R>,
            Const::<1>,
        )
    }

    /// H, R × N.
    #[must_use]
    pub fn h(&self) -> &SMatrix<f32, R, N> {
        &self.h
    }

    /// What a restart needs besides the state: W, H, and the warm starts of both power iterations.
    pub(crate) fn retained(&self) -> [&[f32]; 3] {
        let directions = self.rows.as_slice().get(..2 * R).unwrap_or_default();
        [self.w.as_slice(), self.h.as_slice(), directions]
    }

    /// [`Nmf::retained`], to be written; the start is then given.
    pub(crate) fn retained_mut(&mut self) -> [&mut [f32]; 3] {
        self.started = true;
        let directions = self.rows.as_mut_slice().get_mut(..2 * R).unwrap_or_default();
        [self.w.as_mut_slice(), self.h.as_mut_slice(), directions]
    }

    /// Feeds the settings that a run depends on.
    pub(crate) fn sum_settings(&self, sum: &mut Checksum) {
        let Settings { horizon, batch, noise, seed, penalties } = self.settings;
        for number in [horizon, seed as u32, (seed >> 32) as u32] {
            sum.word(number);
        }
        sum.floats(&[batch, noise]);
        penalties.sum(sum);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::NmfFixed;
    use crate::retained::Retained;

    fn state<const M: usize, const N: usize, const R: usize>() -> [usize; 3] {
        let [floats, indices] = Buffers::lengths([M, N, R]).unwrap();
        let of_float = size_of::<Nmf<M, N, R>>() - 4 * (floats + indices);
        let grows = 2 * (M + N) * R + 4 * M.max(N) * R + 8 * R * R + 16 * R;
        let of_fixed = size_of::<NmfFixed<M, N, R>>() - grows;
        let of_save = size_of::<Retained<M, N, R>>() - 8 * ((M + N + 2) * R + 35);
        [of_float, of_fixed, of_save]
    }

    #[test]
    fn takes_the_memory_that_it_says() {
        for found in
            [state::<1, 1, 1>(), state::<5, 9, 3>(), state::<64, 32, 4>(), state::<40, 50, 7>()]
        {
            let [of_float, of_fixed, of_save] = found;
            assert!((1..=STATE_BYTES).contains(&of_float), "{of_float}");
            assert!((1..=STATE_BYTES).contains(&of_fixed), "{of_fixed}");
            assert!(of_save <= 8, "{of_save}");
        }
    }
}
