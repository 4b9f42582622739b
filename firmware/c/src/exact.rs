//! Exact latents of a column, one function for each element type: a linker leaves out those that nobody calls.

use crate::error::Error;
use crate::transform::{Transform, exact};

/// The exact latents (rank floats) of a column, scale times its entries, as many as W has rows: the minimum itself, without a
/// rule.
///
/// `residual`, which may be null, gets half the squared distance of the column from Wh: how far it is from all that W knows.
/// A column of zeros has zero latents. Above a rank of 16 sweeps find the minimum, as many as the settings have steps, 30
/// where these are 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tinynmf_transform_exact_u8(
    transform: *mut Transform,
    column: *const u8,
    scale: f32,
    h: *mut f32,
    residual: *mut f32,
) -> Error {
    // SAFETY: C's promise.
    unsafe { exact(transform, column, scale, h, residual) }
}

/// As tinynmf_transform_exact_u8.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tinynmf_transform_exact_u16(
    transform: *mut Transform,
    column: *const u16,
    scale: f32,
    h: *mut f32,
    residual: *mut f32,
) -> Error {
    // SAFETY: C's promise.
    unsafe { exact(transform, column, scale, h, residual) }
}

/// As tinynmf_transform_exact_u8; no entry is negative.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tinynmf_transform_exact_i16(
    transform: *mut Transform,
    column: *const i16,
    scale: f32,
    h: *mut f32,
    residual: *mut f32,
) -> Error {
    // SAFETY: C's promise.
    unsafe { exact(transform, column, scale, h, residual) }
}

/// As tinynmf_transform_exact_u8; every entry is finite and none is negative.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tinynmf_transform_exact_f32(
    transform: *mut Transform,
    column: *const f32,
    scale: f32,
    h: *mut f32,
    residual: *mut f32,
) -> Error {
    // SAFETY: C's promise.
    unsafe { exact(transform, column, scale, h, residual) }
}
