//! H alone, for a W that stays as it is.

use core::ffi::c_void;
use core::slice;

use tinynmf_core::data::Entry;
use tinynmf_core::transform::{Transform as CoreTransform, TransformSettings as CoreSettings};
use tinynmf_core::{Data, Error as CoreError};

use crate::element::Refusal;
use crate::error::{Checked, Error, code};
use crate::matrix::{Matrix, view};
use crate::memory::{
    borrow, borrow_or, check, check_mark, claim, mark, numbers, numbers_mut, put, size,
};
use crate::rule::{self, Rule};
use crate::settings::{NO_PENALTY, Penalty};
use crate::version::check_abi;

/// Bytes that begin the memory of a transform.
pub const TRANSFORM_HEADER: usize = 152;

/// Rows of rank floats that a transform needs besides two rank x rank matrices.
pub const TRANSFORM_ROWS: usize = 5;

const _: () = assert!(size_of::<Transform>() <= TRANSFORM_HEADER);
const _: () = assert!(CoreTransform::floats(5) == (2 * 5 + TRANSFORM_ROWS) * 5);

/// Options of a transform.
#[derive(Debug, Clone, Copy)]
#[repr(C)]
pub struct TransformSettings {
    /// Seed of the random rules.
    pub seed: u64,
    /// Half-steps of the rule for every column. 0 is for exact latents alone: tinynmf_transform_columns refuses it.
    pub steps: u32,
    /// On H.
    pub penalty: Penalty,
}

/// 30 half-steps, no penalty, seed 0.
pub const TRANSFORM_DEFAULTS: TransformSettings =
    TransformSettings { seed: 0, steps: 30, penalty: NO_PENALTY };

/// Sweeps of exact latents that no active set finds, where the settings say 0: as many as a stream makes.
const SWEEPS: u32 = TRANSFORM_DEFAULTS.steps;

/// A fixed W with what all columns share, in memory that the caller owns.
pub struct Transform {
    mark: usize,
    rank: usize,
    /// Whether the rule makes a step.
    steps: bool,
    core: CoreTransform<'static>,
}

const MARK: usize = 0x544e_4d54;

/// The memory that a transform needs, in bytes; TINYNMF_TRANSFORM_SIZE is the same as a constant.
#[unsafe(no_mangle)]
pub extern "C" fn tinynmf_transform_size(rank: u32) -> usize {
    let rank = rank as usize;
    let rows = rank.checked_mul(2).and_then(|rows| rows.checked_add(TRANSFORM_ROWS));
    size(TRANSFORM_HEADER, rows.and_then(|rows| rows.checked_mul(rank)), Some(0))
}

/// Makes a transform for W (rows x rank floats, row by row), which may lie in flash and stays in place.
///
/// `transform` gets the pointer that the other functions take. `memory` is aligned to 8 bytes and
/// has at least tinynmf_transform_size bytes. Null `settings` are TINYNMF_TRANSFORM_DEFAULTS.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tinynmf_transform_init(
    abi: u32,
    transform: *mut *mut Transform,
    memory: *mut c_void,
    bytes: usize,
    w: *const f32,
    rows: u32,
    rank: u32,
    settings: *const TransformSettings,
) -> Error {
    let init = || -> Checked {
        check_abi(abi)?;
        check(transform)?;
        let (m, r) = (rows as usize, rank as usize);
        if r == 0 || r > m {
            return Err(Error::Rank);
        }
        // SAFETY: C's promise.
        let (w, TransformSettings { seed, steps, penalty }) = unsafe {
            let count = m.checked_mul(r).ok_or(Error::Empty)?;
            let settings = borrow_or(settings, TRANSFORM_DEFAULTS)?;
            (numbers::<'static, f32>(w, count)?, settings)
        };
        let sweeps = if steps == 0 { SWEEPS } else { steps };
        let settings = CoreSettings { steps: sweeps, penalty: penalty.into(), seed };
        // SAFETY: C's promise; the floats lie behind the header, which a transform fits, as asserted above.
        unsafe {
            let object = claim::<Transform>(memory, bytes, tinynmf_transform_size(rank))?;
            let floats = object.byte_add(TRANSFORM_HEADER).cast::<f32>();
            let floats = numbers_mut::<'static>(floats, CoreTransform::floats(r))?;
            let made = CoreTransform::new(w, r, settings, floats)?;
            let mark = mark(object, MARK);
            put(object, Transform { mark, rank: r, steps: steps > 0, core: made })?;
            put(transform, object)
        }
    };
    code(init())
}

/// The transform in C's memory.
///
/// # Safety
///
/// Unless it is refused, `transform` points at the memory of a transform, which nobody else uses during `'a`.
unsafe fn open<'a>(transform: *mut Transform) -> Checked<&'a mut Transform> {
    check(transform)?;
    // SAFETY: the caller's promise; what has the mark was initialised, here.
    unsafe {
        check_mark(transform, &raw const (*transform).mark, MARK)?;
        Ok(&mut *transform)
    }
}

/// [`CoreTransform::exact`] of a column; `residual` may be null.
///
/// # Safety
///
/// Unless they are refused, the pointers are those that [`open`] takes, of as many entries as W has rows, of `rank` floats and
/// of one float, which nobody else uses meanwhile.
pub(crate) unsafe fn exact<E: Entry>(
    transform: *mut Transform,
    column: *const E,
    scale: f32,
    h: *mut f32,
    residual: *mut f32,
) -> Error {
    let solve = || -> Checked {
        // SAFETY: the caller's promise.
        let Transform { core, rank, .. } = unsafe { open(transform) }?;
        if !residual.is_null() {
            check(residual)?;
        }
        // SAFETY: the caller's promise.
        let (column, h) =
            unsafe { (numbers(column, core.w().len() / (*rank).max(1))?, numbers_mut(h, *rank)?) };
        let mut found = 0.0;
        core.exact(&Data::column(column, scale)?, h, slice::from_mut(&mut found))?;
        if residual.is_null() {
            return Ok(());
        }
        // SAFETY: the caller's promise.
        unsafe { put(residual, found) }
    };
    code(solve())
}

/// H (rank x columns floats, column by column) for every column of V, whose rows are those of W, by the half-steps of the
/// settings.
///
/// A column may be zero; its latents are zero then.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tinynmf_transform_columns(
    transform: *mut Transform,
    rule: *mut Rule,
    v: *const Matrix,
    h: *mut f32,
) -> Error {
    let solve = || -> Checked {
        // SAFETY: C's promise.
        let (Transform { core, rank, steps, .. }, rule, matrix) =
            unsafe { (open(transform)?, rule::open(rule)?, borrow(v)?) };
        if !*steps {
            return Err(Error::Parameter);
        }
        if (matrix.rows as usize).checked_mul(*rank) != Some(core.w().len()) {
            return Err(Error::Shape);
        }
        let count = (*rank).checked_mul(matrix.columns as usize).ok_or(Error::Empty)?;
        // SAFETY: C's promise.
        let (v, h) = unsafe { (view(v), numbers_mut(h, count)?) };
        match v {
            // SAFETY: the view is of this type.
            Ok(v) => unsafe { (v.element.float()?.columns)(core, v.view, rule, h) },
            Err(Refusal::Content(CoreError::AllZero)) => {
                h.fill(0.0);
                Ok(())
            }
            Err(refusal) => Err(refusal.into()),
        }
    };
    code(solve())
}
