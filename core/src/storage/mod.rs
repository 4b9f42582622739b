//! The memory of a factorisation, of either arithmetic: what a run borrows, and who keeps it.
//!
//! | who keeps it | floats | fixed point |
//! |---|---|---|
//! | arrays of a fixed shape, const and all zero: they may stand in a `static` | [`Arrays`] | [`FixedArrays`](crate::fixed_point::FixedArrays) |
//! | flat memory of any shape: vectors, or slices that a caller lends | [`Flat`] | [`FixedFlat`](crate::fixed_point::FixedFlat) |
//!
//! Orders of rows and columns, which samples and batches are drawn from, take memory of their own: [`Orders`]. Where there
//! are none ([`NoOrders`], or no indices in flat memory), every half-step looks at all of V.
//!
//! [`NmfInner`](crate::nmf::NmfInner) makes a factorisation of any of them, and of `&mut` to any of them.

mod arrays;
mod buffers;
mod flat;
mod orders;

pub(crate) use arrays::Longer;
pub use arrays::{Arrays, Keeps, View};
pub use buffers::{Buffers, ROWS};
pub(crate) use buffers::{check_lengths, parts};
pub use flat::Flat;
pub use orders::{NoOrders, Order, Orders};
pub(crate) use orders::{check_orders, in_order, split_orders};

use crate::Error;
use crate::state::State;

/// Arithmetic of a factorisation: floats or fixed point.
pub trait Arithmetic {
    /// The memory of a run, lent to it.
    type Buffers<'b>;

    /// Refuses memory that does not fit V of m × n, rank r and batches of this share: without orders there are none.
    ///
    /// # Errors
    ///
    /// Of what does not fit.
    fn check(buffers: &Self::Buffers<'_>, shape: [usize; 3], share: f32) -> Result<(), Error>;

    /// Memory of any content as a run needs it before its start: warm starts of 1, indices in their order.
    fn reset(buffers: Self::Buffers<'_>);
}

/// Floats, f32.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Floats;

/// Who keeps the memory of a factorisation.
pub trait Storage<A: Arithmetic> {
    /// m, n and r.
    fn shape(&self) -> [usize; 3];

    /// The memory, to be lent.
    fn buffers(&mut self) -> A::Buffers<'_>;
}

impl<A: Arithmetic, S: Storage<A>> Storage<A> for &mut S {
    fn shape(&self) -> [usize; 3] {
        (**self).shape()
    }

    fn buffers(&mut self) -> A::Buffers<'_> {
        (**self).buffers()
    }
}

/// Factors in floats, as their storage shows them.
pub trait Factors: Storage<Floats> {
    /// W, m × r.
    type W<'a>
    where
        Self: 'a;

    /// H, r × n.
    type H<'a>
    where
        Self: 'a;

    /// W.
    fn w(&self) -> Self::W<'_>;

    /// H.
    fn h(&self) -> Self::H<'_>;
}

impl<S: Factors> Factors for &mut S {
    type W<'a>
        = S::W<'a>
    where
        Self: 'a;

    type H<'a>
        = S::H<'a>
    where
        Self: 'a;

    fn w(&self) -> Self::W<'_> {
        (**self).w()
    }

    fn h(&self) -> Self::H<'_> {
        (**self).h()
    }
}

/// V as an arithmetic reads it: any [`Matrix`](crate::Matrix) in floats, [`Data`](crate::Data) of integers in fixed point.
pub trait Operand<A: Arithmetic> {
    /// A factorisation of it in progress, on borrowed memory.
    type Run<'b>
    where
        Self: 'b;

    /// m and n.
    fn shape(&self) -> [usize; 2];

    /// Joins it with memory and state.
    ///
    /// # Errors
    ///
    /// The errors of [`Arithmetic::check`].
    fn run<'b>(
        self,
        rank: usize,
        buffers: A::Buffers<'b>,
        state: &'b mut State,
    ) -> Result<Self::Run<'b>, Error>
    where
        Self: 'b;

    /// Draws W₀ and H₀ from `seed`.
    fn start(run: &mut Self::Run<'_>, seed: u64);
}
