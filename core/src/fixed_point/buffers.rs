//! The memory of a run in fixed point, lent to it.

use super::factor::set;
use crate::Error;
use crate::Factor;
use crate::float::ldexp;
use crate::run::{check_factor, check_rank};
use crate::storage::{Arithmetic, check_lengths, check_orders, in_order, parts, split_orders};

/// A factor as it is stored: number = entry · unit.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct View<'a> {
    /// Row by row for W, column by column for H.
    pub entries: &'a [u16],
    /// Unit of an entry.
    pub unit: f32,
}

/// The memory of a run in fixed point, owned by somebody else: a [`Storage`](crate::storage::Storage), say.
#[derive(Debug)]
pub struct FixedBuffers<'b> {
    /// W, m × r, row by row.
    pub w: &'b mut [u16],
    /// H, r × n, column by column.
    pub h: &'b mut [u16],
    /// Of W and H: an entry of W counts 2^−exponent, one of H as often the scale of V.
    pub exponents: &'b mut [i32; 2],
    /// G, max(m, n) × r.
    pub gradient: &'b mut [i32],
    /// A factor as the half-step found it, max(m, n) × r.
    pub before: &'b mut [u16],
    /// A as integers, r × r.
    pub gram: &'b mut [u32],
    /// A as floats, r × r.
    pub floats: &'b mut [f32],
    /// Warm starts of the power iterations for W and for H, r each; ones before the first epoch.
    pub directions: [&'b mut [f32]; 2],
    /// Scratch, r.
    pub image: &'b mut [f32],
    /// Scratch, r.
    pub row: &'b mut [i32],
    /// A permutation of 0..m, for samples and batches; empty where there are none.
    pub row_order: &'b mut [u32],
    /// A permutation of 0..n; empty where the other one is.
    pub column_order: &'b mut [u32],
}

impl<'b> FixedBuffers<'b> {
    /// Floats, integers with a sign and without, and halves for m, n and r: r² + 3r, (max(m, n) + 1)·r, r² + m + n and
    /// (m + n + max(m, n))·r; `None` if they cannot be counted.
    #[must_use]
    pub fn lengths([m, n, rank]: [usize; 3]) -> Option<[usize; 4]> {
        let (both, longer) = (m.checked_add(n)?, m.max(n));
        Some([
            rank.checked_add(3)?.checked_mul(rank)?,
            longer.checked_add(1)?.checked_mul(rank)?,
            rank.checked_mul(rank)?.checked_add(both)?,
            both.checked_add(longer)?.checked_mul(rank)?,
        ])
    }

    /// The order of the inner indices that a half-step of `factor` samples: of columns for W, of rows for H.
    pub(super) fn order(&mut self, factor: Factor) -> &mut [u32] {
        match factor {
            Factor::W => self.column_order,
            Factor::H => self.row_order,
        }
    }

    /// The parts of slices of [`FixedBuffers::lengths`]; [`FixedRun::new`](super::FixedRun::new) refuses what comes of
    /// shorter ones.
    #[must_use]
    pub fn split(
        floats: &'b mut [f32],
        signed: &'b mut [i32],
        plain: &'b mut [u32],
        halves: &'b mut [u16],
        exponents: &'b mut [i32; 2],
        [rows, columns, rank]: [usize; 3],
    ) -> Self {
        let [m, n, square] = [rows, columns, rank].map(|rows| rows.saturating_mul(rank));
        let [floats, w_direction, h_direction, image] = parts(floats, [square, rank, rank, rank]);
        let [gradient, row] = parts(signed, [m.max(n), rank]);
        let (gram, indices) = plain.split_at_mut_checked(square).unwrap_or_default();
        let [row_order, column_order] = split_orders(indices, [rows, columns]);
        let [w, h, before] = parts(halves, [m, n, m.max(n)]);
        let directions = [w_direction, h_direction];
        Self {
            w,
            h,
            exponents,
            gradient,
            before,
            gram,
            floats,
            directions,
            image,
            row,
            row_order,
            column_order,
        }
    }

    /// Sets W₀ (m × r, row by row) and H₀ (r × n, column by column) from numbers for the given scale of V,
    /// rounded to 15 bits.
    ///
    /// # Errors
    ///
    /// As of [`Nmf::set`](crate::Nmf::set); [`Error::Parameter`] for a scale that is not positive and finite.
    pub fn set(&mut self, w: &[f32], h: &[f32], scale: f32) -> Result<(), Error> {
        let rank = self.row.len();
        check_factor(w, self.w.len() / rank.max(1), rank)?;
        check_factor(h, self.h.len() / rank.max(1), rank)?;
        if !(scale > 0.0 && scale < f32::MAX) {
            return Err(Error::Parameter {
                what: "the scale of V",
                needs: "a positive, finite number",
            });
        }
        *self.exponents = [set(self.w, w, 1.0), set(self.h, h, scale)];
        Ok(())
    }

    /// W, m × r, row by row.
    #[must_use]
    pub fn w(&self) -> View<'_> {
        View { entries: self.w, unit: ldexp(1.0, -self.exponents[0]) }
    }

    /// H, r × n, column by column, for the given scale of V.
    #[must_use]
    pub fn h(&self, scale: f32) -> View<'_> {
        View { entries: self.h, unit: ldexp(scale, -self.exponents[1]) }
    }
}

/// Fixed point: factors of 15 bits an entry, sums of 31 bits.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Integers;

impl Arithmetic for Integers {
    type Buffers<'b> = FixedBuffers<'b>;

    fn check(
        buffers: &FixedBuffers<'_>,
        [m, n, rank]: [usize; 3],
        share: f32,
    ) -> Result<(), Error> {
        check_rank(rank, m, n)?;
        check_lengths([
            (buffers.w.len(), m * rank),
            (buffers.h.len(), n * rank),
            (buffers.gradient.len(), m.max(n) * rank),
            (buffers.before.len(), m.max(n) * rank),
            (buffers.gram.len(), rank * rank),
            (buffers.floats.len(), rank * rank),
            (buffers.directions[0].len(), rank),
            (buffers.directions[1].len(), rank),
            (buffers.image.len(), rank),
            (buffers.row.len(), rank),
        ])?;
        check_orders([buffers.row_order.len(), buffers.column_order.len()], [m, n], share)
    }

    fn reset(buffers: FixedBuffers<'_>) {
        buffers.directions.into_iter().for_each(|direction| direction.fill(1.0));
        in_order([buffers.row_order, buffers.column_order]);
    }
}
