//! The memory of a factorisation in fixed point: arrays of a fixed shape, or slices that a caller lends.

use super::buffers::{FixedBuffers, Integers};
use super::product::Integer;
use super::run::{FixedRun, IntegerData};
use crate::Error;
use crate::data::Data;
use crate::nmf::NmfInner;
use crate::run::{Settings, State};
use crate::storage::{Longer, NoOrders, Operand, Order, Orders, Storage};

/// [`Nmf`](crate::Nmf) in fixed point: V is M × N of u8, u16 or i16, the rank R. Nothing is allocated.
///
/// RAM: 2·(M + N)·R + 6·max(M, N)·R + 8·R² + 16·R + 4·(M + N) bytes, about two thirds of what `Nmf` takes, and a state of
/// at most [`STATE_BYTES`](crate::nmf::STATE_BYTES). As with `Nmf`, a caller's stack may hold a second copy while the value is
/// made.
pub type NmfFixed<const M: usize, const N: usize, const R: usize> =
    NmfInner<Integers, FixedArrays<M, N, R>>;

/// [`NmfFixed`] that looks at all of V in every half-step, whatever its rule asks for: 4·(M + N) bytes less.
pub type NmfFixedWhole<const M: usize, const N: usize, const R: usize> =
    NmfInner<Integers, FixedArrays<M, N, R, NoOrders>>;

/// The memory of a factorisation of an M × N matrix at rank R in fixed point; without orders if O is [`NoOrders`].
#[derive(Debug, Clone)]
pub struct FixedArrays<const M: usize, const N: usize, const R: usize, O = Orders<M, N>> {
    w: [[u16; R]; M],
    h: [[u16; R]; N],
    exponents: [i32; 2],
    gradient: Longer<i32, M, N, R>,
    before: Longer<u16, M, N, R>,
    gram: [[u32; R]; R],
    floats: [[f32; R]; R],
    directions: [[f32; R]; 2],
    image: [f32; R],
    row: [i32; R],
    order: O,
}

impl<const M: usize, const N: usize, const R: usize> Default for FixedArrays<M, N, R> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const M: usize, const N: usize, const R: usize> FixedArrays<M, N, R> {
    /// All zero, as a `static` that takes no flash.
    ///
    /// A rank of 0 or above min(M, N) does not compile.
    #[must_use]
    pub const fn new() -> Self {
        Self::with(Orders::ZERO)
    }
}

impl<const M: usize, const N: usize, const R: usize> FixedArrays<M, N, R, NoOrders> {
    /// [`FixedArrays::new`] for who looks at all of V in every half-step.
    #[must_use]
    pub const fn without_orders() -> Self {
        Self::with(NoOrders)
    }
}

impl<const M: usize, const N: usize, const R: usize, O> FixedArrays<M, N, R, O> {
    const fn with(order: O) -> Self {
        const { assert!(R > 0 && R <= M && R <= N, "the rank must be in 1 to min(M, N)") };
        Self {
            w: [[0; R]; M],
            h: [[0; R]; N],
            exponents: [0; 2],
            gradient: Longer::of(0),
            before: Longer::of(0),
            gram: [[0; R]; R],
            floats: [[0.0; R]; R],
            directions: [[0.0; R]; 2],
            image: [0.0; R],
            row: [0; R],
            order,
        }
    }
}

impl<const M: usize, const N: usize, const R: usize, O: Order> Storage<Integers>
    for FixedArrays<M, N, R, O>
{
    fn shape(&self) -> [usize; 3] {
        [M, N, R]
    }

    fn buffers(&mut self) -> FixedBuffers<'_> {
        let [w_direction, h_direction] = &mut self.directions;
        let [row_order, column_order] = self.order.orders();
        FixedBuffers {
            w: self.w.as_flattened_mut(),
            h: self.h.as_flattened_mut(),
            exponents: &mut self.exponents,
            gradient: self.gradient.as_mut_slice(),
            before: self.before.as_mut_slice(),
            gram: self.gram.as_flattened_mut(),
            floats: self.floats.as_flattened_mut(),
            directions: [w_direction, h_direction],
            image: &mut self.image,
            row: &mut self.row,
            row_order,
            column_order,
        }
    }
}

/// The memory of a factorisation of any shape in fixed point, lent by a caller: slices of [`FixedBuffers::lengths`].
#[derive(Debug)]
pub struct FixedFlat<'b> {
    /// A as floats, the warm starts and a row of scratch.
    pub floats: &'b mut [f32],
    /// G and a row of scratch.
    pub signed: &'b mut [i32],
    /// A as integers, and the orders of rows and columns.
    pub plain: &'b mut [u32],
    /// W, H, and a factor as the half-step found it.
    pub halves: &'b mut [u16],
    /// Of W and H, see [`FixedBuffers::exponents`].
    pub exponents: [i32; 2],
    /// m, n and r.
    pub shape: [usize; 3],
}

impl Storage<Integers> for FixedFlat<'_> {
    fn shape(&self) -> [usize; 3] {
        self.shape
    }

    fn buffers(&mut self) -> FixedBuffers<'_> {
        let Self { floats, signed, plain, halves, exponents, shape } = self;
        FixedBuffers::split(floats, signed, plain, halves, exponents, *shape)
    }
}

impl<E: Integer> Operand<Integers> for IntegerData<'_, E> {
    type Run<'b>
        = FixedRun<'b, E>
    where
        Self: 'b;

    fn shape(&self) -> [usize; 2] {
        self.shape()
    }

    fn run<'b>(
        self,
        rank: usize,
        buffers: FixedBuffers<'b>,
        state: &'b mut State,
    ) -> Result<FixedRun<'b, E>, Error>
    where
        Self: 'b,
    {
        FixedRun::new(self, rank, buffers, state)
    }

    fn start(run: &mut FixedRun<'_, E>, seed: u64) {
        run.start(seed);
    }
}

impl<E: Integer> Operand<Integers> for Data<'_, E> {
    type Run<'b>
        = FixedRun<'b, E>
    where
        Self: 'b;

    fn shape(&self) -> [usize; 2] {
        [self.rows(), self.columns()]
    }

    fn run<'b>(
        self,
        rank: usize,
        buffers: FixedBuffers<'b>,
        state: &'b mut State,
    ) -> Result<FixedRun<'b, E>, Error>
    where
        Self: 'b,
    {
        FixedRun::new(self, rank, buffers, state)
    }

    fn start(run: &mut FixedRun<'_, E>, seed: u64) {
        run.start(seed);
    }
}

impl<S: Storage<Integers>> NmfInner<Integers, S> {
    /// As [`FixedBuffers::set`], of m × r and r × n numbers.
    ///
    /// # Errors
    ///
    /// The errors of [`FixedBuffers::set`].
    pub fn set(&mut self, w: &[f32], h: &[f32], scale: f32) -> Result<(), Error> {
        self.start_with(|mut buffers| buffers.set(w, h, scale))
    }
}

impl<const M: usize, const N: usize, const R: usize> NmfFixedWhole<M, N, R> {
    /// As [`NmfFixed::new`].
    ///
    /// # Errors
    ///
    /// Those of [`State::new`]; [`Error::Parameter`] for a batch share below 1.
    pub fn new(settings: Settings) -> Result<Self, Error> {
        Self::over(FixedArrays::without_orders(), settings)
    }
}

impl<const M: usize, const N: usize, const R: usize> NmfFixed<M, N, R> {
    /// Zeroed factors; [`NmfFixed::run`] draws the start from the seed unless [`NmfFixed::set`] gave one.
    ///
    /// A rank of 0 or above min(M, N) does not compile.
    ///
    /// # Errors
    ///
    /// Those of [`State::new`].
    pub fn new(settings: Settings) -> Result<Self, Error> {
        Self::over(FixedArrays::new(), settings)
    }
}
