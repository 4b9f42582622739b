//! Slices as rows of r entries, without a panic for any r: the standard library's chunks refuse length 0,
//! and no compiler can know that a rank is never 0.

use core::slice::{Chunks, ChunksExact, ChunksExactMut, ChunksMut};

use crate::product::TILE;

/// Rows of `len` entries.
#[inline]
pub fn by_row<T>(x: &[T], len: usize) -> ChunksExact<'_, T> {
    x.chunks_exact(len.max(1))
}

/// Rows of `len` entries, to be written.
#[inline]
pub fn by_row_mut<T>(x: &mut [T], len: usize) -> ChunksExactMut<'_, T> {
    x.chunks_exact_mut(len.max(1))
}

/// Tiles of [`TILE`] rows of `len` entries; the last may have fewer rows.
#[inline]
pub fn by_tile<T>(x: &[T], len: usize) -> Chunks<'_, T> {
    x.chunks(TILE.saturating_mul(len).max(1))
}

/// Tiles of [`TILE`] rows of `len` entries, to be written.
#[inline]
pub fn by_tile_mut<T>(x: &mut [T], len: usize) -> ChunksMut<'_, T> {
    x.chunks_mut(TILE.saturating_mul(len).max(1))
}

/// `to` ← `from`, as far as both go.
#[inline]
pub fn copy(to: &mut [f32], from: &[f32]) {
    to.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
}
