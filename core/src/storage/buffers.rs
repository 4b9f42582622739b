//! The memory of a run in floats, lent to it.

use super::{Arithmetic, Floats, check_orders, in_order, split_orders};
use crate::Error;
use crate::Factor;
use crate::product::TILE;

/// Rows of r floats that [`Buffers::rows`] holds.
pub const ROWS: usize = 2 + 2 * TILE;

/// The memory of a run, owned by somebody else: a [`Storage`](super::Storage), say.
#[derive(Debug)]
pub struct Buffers<'b> {
    /// W, m × r, row by row.
    pub w: &'b mut [f32],
    /// H, r × n, column by column (that is, Hᵀ row by row).
    pub h: &'b mut [f32],
    /// G, max(m, n) × r.
    pub gradient: &'b mut [f32],
    /// A factor as the half-step found it, max(m, n) × r.
    pub before: &'b mut [f32],
    /// A, r × r.
    pub gram: &'b mut [f32],
    /// [`ROWS`] rows of r: a power iteration's warm start for each factor, and two tiles of scratch.
    pub rows: &'b mut [f32],
    /// A permutation of 0..m, for samples and batches; empty where there are none.
    pub row_order: &'b mut [u32],
    /// A permutation of 0..n; empty where the other one is.
    pub column_order: &'b mut [u32],
}

impl<'b> Buffers<'b> {
    /// Floats, (m + n + 2·max(m, n) + r + [`ROWS`])·r, and indices, m + n, for m, n and r; `None` if they cannot be
    /// counted. Without indices every half-step looks at all of V.
    #[must_use]
    pub fn lengths([m, n, rank]: [usize; 3]) -> Option<[usize; 2]> {
        let indices = m.checked_add(n)?;
        let longer = m.max(n);
        let of_factors = indices.checked_add(longer)?.checked_add(longer)?;
        let rows = of_factors.checked_add(rank)?.checked_add(ROWS)?;
        Some([rows.checked_mul(rank)?, indices])
    }

    /// The parts of two slices of [`Buffers::lengths`]; [`Run::new`](crate::Run::new) refuses what comes of shorter
    /// ones.
    #[must_use]
    pub fn split(floats: &'b mut [f32], indices: &'b mut [u32], [m, n, rank]: [usize; 3]) -> Self {
        let longer = m.max(n);
        let lengths = [m, n, longer, longer, rank, ROWS].map(|rows| rows.saturating_mul(rank));
        let [w, h, gradient, before, gram, rows] = parts(floats, lengths);
        let [row_order, column_order] = split_orders(indices, [m, n]);
        Self { w, h, gradient, before, gram, rows, row_order, column_order }
    }

    /// The order of the inner indices that a half-step of `factor` samples: of columns for W, of rows for H.
    pub(crate) fn order(&mut self, factor: Factor) -> &mut [u32] {
        match factor {
            Factor::W => self.column_order,
            Factor::H => self.row_order,
        }
    }

    /// As a run needs them before [`Run::start`](crate::Run::start): warm starts of 1, indices in their order.
    pub fn reset(&mut self) {
        self.rows.fill(1.0);
        in_order([&mut *self.row_order, &mut *self.column_order]);
    }
}

impl Arithmetic for Floats {
    type Buffers<'b> = Buffers<'b>;

    fn check(buffers: &Buffers<'_>, [m, n, rank]: [usize; 3], share: f32) -> Result<(), Error> {
        // A rank above min(m, n) is a waste of memory, but nothing here depends on it.
        if rank == 0 {
            return Err(Error::Rank { rank, max: m.min(n) });
        }
        check_lengths([
            (buffers.w.len(), m * rank),
            (buffers.h.len(), n * rank),
            (buffers.gradient.len(), m.max(n) * rank),
            (buffers.before.len(), m.max(n) * rank),
            (buffers.gram.len(), rank * rank),
            (buffers.rows.len(), ROWS * rank),
        ])?;
        check_orders([buffers.row_order.len(), buffers.column_order.len()], [m, n], share)
    }

    fn reset(mut buffers: Buffers<'_>) {
        buffers.reset();
    }
}

/// Refuses buffers of which one has another length than it should: pairs of found and expected.
pub(crate) fn check_lengths<const N: usize>(lengths: [(usize, usize); N]) -> Result<(), Error> {
    match lengths.into_iter().find(|(found, expected)| found != expected) {
        Some((found, expected)) => Err(Error::Shape { expected, found }),
        None => Ok(()),
    }
}

/// Consecutive slices of the given lengths; empty from the first that is not there.
pub(crate) fn parts<T, const N: usize>(mut rest: &mut [T], lengths: [usize; N]) -> [&mut [T]; N] {
    lengths.map(|len| {
        let (part, tail) = core::mem::take(&mut rest).split_at_mut_checked(len).unwrap_or_default();
        rest = tail;
        part
    })
}
