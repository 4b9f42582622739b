//! The matrix V, read in place as integers or floats.

use crate::Error;
use crate::Factor;
use crate::float::power_of_two;
use crate::matrix::{Matrix, exponent_of, loss, product};
use crate::subproblem::Dense;

/// The largest entry of V, 2⁴⁰: squares and their sums then stay within f32.
pub const MAX_ENTRY: f32 = crate::float::CEILING;

mod sealed {
    pub trait Sealed {}
}

/// An element type that V may be stored in.
pub trait Entry: Copy + sealed::Sealed {
    /// The entry 0.
    const ZERO: Self;

    /// The entry as a float, before the view's scale.
    fn value(self) -> f32;
}

macro_rules! entry {
    ($($t:ty),*) => {$(
        impl sealed::Sealed for $t {}
        impl Entry for $t {
            const ZERO: Self = 0 as $t;

            #[inline]
            fn value(self) -> f32 {
                f32::from(self)
            }
        }
    )*};
}
entry!(u8, u16, i16, f32);

/// A validated view of V (m × n): row-major entries, V = scale · entry.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Data<'a, E> {
    entries: &'a [E],
    rows: usize,
    columns: usize,
    scale: f32,
    sum: f32,
    norm_squared: f32,
    /// e, and the scale and ‖V‖² of V·4⁻ᵉ.
    exponent: i32,
    unit_scale: f32,
    unit_norm_squared: f32,
}

impl<'a, E: Entry> Data<'a, E> {
    /// Checks every entry once, so that no step has to.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`], [`Error::Shape`], [`Error::Parameter`] for a scale that is not positive and
    /// finite, [`Error::NotFinite`], [`Error::Negative`] and [`Error::TooLarge`] with the entry's
    /// place, [`Error::AllZero`].
    pub fn new(entries: &'a [E], rows: usize, columns: usize, scale: f32) -> Result<Self, Error> {
        let data = Self::checked(entries, rows, columns, scale)?;
        if data.sum > 0.0 { Ok(data) } else { Err(Error::AllZero) }
    }

    /// One column (m × 1) of a stream, v = scale · entry; it may be zero, as silence is.
    ///
    /// # Errors
    ///
    /// Of [`Data::new`], except for [`Error::AllZero`].
    pub fn column(entries: &'a [E], scale: f32) -> Result<Self, Error> {
        Self::checked(entries, entries.len(), 1, scale)
    }

    fn checked(entries: &'a [E], rows: usize, columns: usize, scale: f32) -> Result<Self, Error> {
        if rows == 0 || columns == 0 {
            return Err(Error::Empty);
        }
        let expected = rows.saturating_mul(columns);
        if entries.len() != expected {
            return Err(Error::Shape { expected, found: entries.len() });
        }
        if !(scale > 0.0 && scale < f32::MAX) {
            return Err(Error::Parameter {
                what: "the scale of V",
                needs: "a positive, finite number",
            });
        }
        let mut data = Self {
            entries,
            rows,
            columns,
            scale,
            sum: 0.0,
            norm_squared: 0.0,
            exponent: 0,
            unit_scale: scale,
            unit_norm_squared: 0.0,
        };
        for (row, entries) in entries.chunks_exact(columns.max(1)).enumerate() {
            let (mut sum, mut squares) = (0.0, 0.0);
            for (column, entry) in entries.iter().enumerate() {
                let v = scale * entry.value();
                // As bits, NaN, infinities and negative numbers lie above every number that is allowed.
                if v.to_bits() > MAX_ENTRY.to_bits() {
                    refuse(v, row, column)?;
                }
                sum += v;
                squares += v * v;
            }
            data.sum += sum;
            data.norm_squared += squares;
        }
        data.exponent = exponent_of(data.mean());
        data.unit_norm_squared = data.norm_squared;
        if data.exponent != 0 {
            let [a, b] = power_of_two(-2 * data.exponent);
            data.unit_scale = scale * a * b;
            data.unit_norm_squared = data.rows_iter().fold(0.0, |sum, row| {
                sum + row.iter().fold(0.0, |sum, entry| sum + square(data.unit_scale, *entry))
            });
        }
        Ok(data)
    }

    /// m, the number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// n, the number of columns.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// The entries as stored, row by row.
    #[must_use]
    pub fn entries(&self) -> &'a [E] {
        self.entries
    }

    /// Factor of every entry: v = scale · integer.
    #[must_use]
    pub fn scale(&self) -> f32 {
        self.scale
    }

    /// The scale of V·4⁻ᵉ.
    pub(crate) fn unit_scale(&self) -> f32 {
        self.unit_scale
    }

    /// ‖V·4⁻ᵉ‖²_F.
    pub(crate) fn unit_norm_squared(&self) -> f32 {
        self.unit_norm_squared
    }

    /// The mean of V.
    #[must_use]
    pub fn mean(&self) -> f32 {
        self.sum / (self.rows as f32 * self.columns as f32)
    }

    /// ‖V‖²_F.
    #[must_use]
    pub fn norm_squared(&self) -> f32 {
        self.norm_squared
    }

    /// ‖v‖² of column `j`; 0 beyond V.
    #[must_use]
    pub fn column_norm_squared(&self, j: usize) -> f32 {
        let entries = self.entries.iter().skip(j).step_by(self.columns.max(1));
        entries.fold(0.0, |sum, entry| sum + square(self.scale, *entry))
    }

    /// The rows of V, unscaled.
    pub fn rows_iter(&self) -> core::slice::ChunksExact<'a, E> {
        self.entries.chunks_exact(self.columns.max(1))
    }
}

impl<E: Entry> Matrix for Data<'_, E> {
    type Subproblem<'a>
        = Dense<'a, Self>
    where
        Self: 'a;

    fn subproblem(parts: Dense<'_, Self>) -> Self::Subproblem<'_> {
        parts
    }

    fn rows(&self) -> usize {
        self.rows
    }

    fn columns(&self) -> usize {
        self.columns
    }

    fn mean(&self) -> f32 {
        let [a, b] = power_of_two(-2 * self.exponent);
        self.mean() * a * b
    }

    fn exponent(&self) -> i32 {
        self.exponent
    }

    fn norm_squared(&self, factor: Factor, sample: Option<&[u32]>) -> f32 {
        let Some(sample) = sample else { return self.unit_norm_squared };
        let scale = self.unit_scale;
        let of_row = |row: &[E]| {
            let squares =
                sample.iter().map(|j| row.get(*j as usize).map_or(0.0, |v| square(scale, *v)));
            squares.fold(0.0, |sum, square| sum + square)
        };
        let whole_row = |i: &u32| {
            let row = self.entries.get(*i as usize * self.columns..).unwrap_or_default();
            row.iter().take(self.columns).fold(0.0, |sum, v| sum + square(scale, *v))
        };
        let sum = match factor {
            Factor::W => self.rows_iter().fold(0.0, |sum, row| sum + of_row(row)),
            Factor::H => sample.iter().fold(0.0, |sum, i| sum + whole_row(i)),
        };
        sum * self.weight(factor, Some(sample))
    }

    fn products(
        &self,
        factor: Factor,
        sample: Option<&[u32]>,
        y: &[f32],
        p: &mut [f32],
        rank: usize,
    ) {
        let v = product::Left { entries: self.entries, columns: self.columns };
        let scale = self.weight(factor, sample) * self.unit_scale;
        product::product(v, factor, sample, y, scale, p, rank);
    }

    fn loss(&self, w: &[f32], h: &[f32], rank: usize) -> f32 {
        loss::loss(self, w, h, rank)
    }
}

/// Why `v`, whose bits are not those of a number in 0 to [`MAX_ENTRY`], is no entry; −0 is one.
#[cold]
fn refuse(v: f32, row: usize, column: usize) -> Result<(), Error> {
    if !v.is_finite() {
        return Err(Error::NotFinite { row, column });
    }
    if v < 0.0 {
        return Err(Error::Negative { row, column });
    }
    if v > MAX_ENTRY { Err(Error::TooLarge { row, column }) } else { Ok(()) }
}

/// (scale · entry)².
#[inline]
fn square<E: Entry>(scale: f32, entry: E) -> f32 {
    let v = scale * entry.value();
    v * v
}

/// Factor that makes a sum over a batch an estimate of the sum over `inner` indices: inner / |B|.
#[must_use]
pub fn batch_scale(inner: usize, batch: &[u32]) -> f32 {
    inner as f32 / batch.len().max(1) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_element_type_reads_the_same() {
        let u = Data::new(&[1_u8, 2, 3, 4], 2, 2, 0.5).unwrap();
        let w = Data::new(&[1_u16, 2, 3, 4], 2, 2, 0.5).unwrap();
        let i = Data::new(&[1_i16, 2, 3, 4], 2, 2, 0.5).unwrap();
        let f = Data::new(&[0.5_f32, 1.0, 1.5, 2.0], 2, 2, 1.0).unwrap();
        for norm in [u.norm_squared(), w.norm_squared(), i.norm_squared(), f.norm_squared()] {
            assert_eq!(norm.to_bits(), 7.5_f32.to_bits());
        }
        assert_eq!(u.mean().to_bits(), 1.25_f32.to_bits());
    }

    #[test]
    fn bad_entries_are_refused_with_their_place() {
        let refuse = |entries: &[f32]| Data::new(entries, 2, 2, 1.0).unwrap_err();
        assert_eq!(refuse(&[0.0, 1.0, f32::NAN, 1.0]), Error::NotFinite { row: 1, column: 0 });
        assert_eq!(refuse(&[0.0, f32::INFINITY, 1.0, 1.0]), Error::NotFinite { row: 0, column: 1 });
        assert_eq!(refuse(&[0.0, 1.0, 1.0, -1.0]), Error::Negative { row: 1, column: 1 });
        assert_eq!(refuse(&[0.0, 1.0, 1.0, 1e13]), Error::TooLarge { row: 1, column: 1 });
        assert_eq!(refuse(&[0.0; 4]), Error::AllZero);
        assert_eq!(refuse(&[1.0; 3]), Error::Shape { expected: 4, found: 3 });
        assert_eq!(Data::<u8>::new(&[], 0, 3, 1.0).unwrap_err(), Error::Empty);
        assert_eq!(
            Data::new(&[-3_i16], 1, 1, 1.0).unwrap_err(),
            Error::Negative { row: 0, column: 0 }
        );
        for scale in [0.0, -1.0, f32::NAN, f32::INFINITY] {
            assert!(matches!(Data::new(&[1_u8], 1, 1, scale), Err(Error::Parameter { .. })));
        }
    }
}
