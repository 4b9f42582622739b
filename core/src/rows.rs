//! Slices as rows of r entries, without a panic for any r and at any level of optimisation: the standard
//! library's chunks refuse length 0, and no compiler can know that a rank is never 0.

use crate::product::TILE;

/// Rows of `len` entries, 1 at least.
#[inline]
pub(crate) fn by_row<T>(x: &[T], len: usize) -> Rows<'_, T> {
    Rows { rest: x, len: len.max(1), least: len.max(1) }
}

/// Rows of `len` entries, 1 at least, to be written.
#[inline]
pub(crate) fn by_row_mut<T>(x: &mut [T], len: usize) -> RowsMut<'_, T> {
    RowsMut { rest: x, len: len.max(1), least: len.max(1) }
}

/// Tiles of [`TILE`] rows of `len` entries; the last may have fewer rows.
#[inline]
pub(crate) fn by_tile<T>(x: &[T], len: usize) -> Rows<'_, T> {
    Rows { rest: x, len: TILE.saturating_mul(len).max(1), least: 1 }
}

/// Tiles of [`TILE`] rows of `len` entries, to be written.
#[inline]
pub(crate) fn by_tile_mut<T>(x: &mut [T], len: usize) -> RowsMut<'_, T> {
    RowsMut { rest: x, len: TILE.saturating_mul(len).max(1), least: 1 }
}

/// Pieces of a slice, `len` long; what is left over comes last if it is `least` long.
#[derive(Clone)]
pub(crate) struct Rows<'a, T> {
    rest: &'a [T],
    len: usize,
    least: usize,
}

impl<'a, T> Iterator for Rows<'a, T> {
    type Item = &'a [T];

    #[inline]
    fn next(&mut self) -> Option<&'a [T]> {
        if self.rest.len() < self.least {
            return None;
        }
        let (row, rest) = self.rest.split_at_checked(self.len).unwrap_or((self.rest, &[]));
        self.rest = rest;
        Some(row)
    }
}

/// [`Rows`] to be written.
pub(crate) struct RowsMut<'a, T> {
    rest: &'a mut [T],
    len: usize,
    least: usize,
}

impl<'a, T> Iterator for RowsMut<'a, T> {
    type Item = &'a mut [T];

    #[inline]
    fn next(&mut self) -> Option<&'a mut [T]> {
        let rest = core::mem::take(&mut self.rest);
        if rest.len() < self.least {
            return None;
        }
        let (row, rest) = rest.split_at_mut(self.len.min(rest.len()));
        self.rest = rest;
        Some(row)
    }
}

/// `to` ← `from`, as far as both go.
#[inline]
pub(crate) fn copy(to: &mut [f32], from: &[f32]) {
    to.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
}
