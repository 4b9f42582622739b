//! Arrays of a fixed shape.

use super::{Buffers, Factors, Floats, NoOrders, Order, Orders, ROWS, Storage};
use nalgebra::{ArrayStorage, Const, MatrixView, SMatrix};

/// A view of a factor; strides make W's rows contiguous and H's columns contiguous.
pub type View<'a, const ROWS: usize, const COLUMNS: usize, const RS: usize, const CS: usize> =
    MatrixView<'a, f32, Const<ROWS>, Const<COLUMNS>, Const<RS>, Const<CS>>;

/// The memory of a factorisation of an M × N matrix at rank R in floats: (M + N + 2·max(M, N))·R + R² + 10·R floats and,
/// unless O is [`NoOrders`], M + N indices.
#[derive(Debug, Clone)]
pub struct Arrays<const M: usize, const N: usize, const R: usize, O = Orders<M, N>> {
    w: SMatrix<f32, R, M>,
    h: SMatrix<f32, R, N>,
    gradient: Longer<f32, M, N, R>,
    before: Longer<f32, M, N, R>,
    gram: [[f32; R]; R],
    rows: [[f32; R]; ROWS],
    order: O,
}

/// Memory as large as the longer factor: `max(M, N)` cannot be an array's length.
#[derive(Debug, Clone)]
pub(crate) enum Longer<T, const M: usize, const N: usize, const R: usize> {
    Tall([[T; R]; M]),
    Wide([[T; R]; N]),
}

impl<T: Copy, const M: usize, const N: usize, const R: usize> Longer<T, M, N, R> {
    pub const fn of(zero: T) -> Self {
        if M >= N { Self::Tall([[zero; R]; M]) } else { Self::Wide([[zero; R]; N]) }
    }

    pub fn as_mut_slice(&mut self) -> &mut [T] {
        match self {
            Self::Tall(g) => g.as_flattened_mut(),
            Self::Wide(g) => g.as_flattened_mut(),
        }
    }
}

impl<const M: usize, const N: usize, const R: usize> Default for Arrays<M, N, R> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const M: usize, const N: usize, const R: usize> Arrays<M, N, R> {
    /// All zero, as a `static` that takes no flash.
    ///
    /// A rank of 0 or above min(M, N) does not compile.
    #[must_use]
    pub const fn new() -> Self {
        Self::with(Orders::ZERO)
    }
}

impl<const M: usize, const N: usize, const R: usize> Arrays<M, N, R, NoOrders> {
    /// [`Arrays::new`] for who looks at all of V in every half-step.
    #[must_use]
    pub const fn without_orders() -> Self {
        Self::with(NoOrders)
    }
}

impl<const M: usize, const N: usize, const R: usize, O> Arrays<M, N, R, O> {
    const fn with(order: O) -> Self {
        const { assert!(R > 0 && R <= M && R <= N, "the rank must be in 1 to min(M, N)") };
        Self {
            w: SMatrix::from_array_storage(ArrayStorage([[0.0; R]; M])),
            h: SMatrix::from_array_storage(ArrayStorage([[0.0; R]; N])),
            gradient: Longer::of(0.0),
            before: Longer::of(0.0),
            gram: [[0.0; R]; R],
            rows: [[0.0; R]; ROWS],
            order,
        }
    }
}

/// Memory of this shape whose content outlives a restart, see [`Retained`](crate::retained::Retained).
pub trait Keeps<const M: usize, const N: usize, const R: usize> {
    /// W, H, and the warm starts of both power iterations.
    fn kept(&self) -> [&[f32]; 3];

    /// [`Keeps::kept`], to be written.
    fn kept_mut(&mut self) -> [&mut [f32]; 3];
}

impl<const M: usize, const N: usize, const R: usize, O> Keeps<M, N, R> for Arrays<M, N, R, O> {
    fn kept(&self) -> [&[f32]; 3] {
        let directions = self.rows.as_flattened().get(..2 * R).unwrap_or_default();
        [self.w.as_slice(), self.h.as_slice(), directions]
    }

    fn kept_mut(&mut self) -> [&mut [f32]; 3] {
        let directions = self.rows.as_flattened_mut().get_mut(..2 * R).unwrap_or_default();
        [self.w.as_mut_slice(), self.h.as_mut_slice(), directions]
    }
}

impl<const M: usize, const N: usize, const R: usize, S: Keeps<M, N, R>> Keeps<M, N, R> for &mut S {
    fn kept(&self) -> [&[f32]; 3] {
        (**self).kept()
    }

    fn kept_mut(&mut self) -> [&mut [f32]; 3] {
        (**self).kept_mut()
    }
}

impl<const M: usize, const N: usize, const R: usize, O: Order> Storage<Floats>
    for Arrays<M, N, R, O>
{
    fn shape(&self) -> [usize; 3] {
        [M, N, R]
    }

    fn buffers(&mut self) -> Buffers<'_> {
        let [row_order, column_order] = self.order.orders();
        Buffers {
            w: self.w.as_mut_slice(),
            h: self.h.as_mut_slice(),
            gradient: self.gradient.as_mut_slice(),
            before: self.before.as_mut_slice(),
            gram: self.gram.as_flattened_mut(),
            rows: self.rows.as_flattened_mut(),
            row_order,
            column_order,
        }
    }
}

impl<const M: usize, const N: usize, const R: usize, O: Order> Factors for Arrays<M, N, R, O> {
    type W<'a>
        = View<'a, M, R, R, 1>
    where
        Self: 'a;

    type H<'a>
        = &'a SMatrix<f32, R, N>
    where
        Self: 'a;

    fn w(&self) -> Self::W<'_> {
        View::from_slice_with_strides_generic(
            self.w.as_slice(),
            Const::<M>,
            Const::<R>,
            Const::<R>,
            Const::<1>,
        )
    }

    fn h(&self) -> Self::H<'_> {
        &self.h
    }
}
