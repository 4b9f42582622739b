//! A factorisation in fixed point, for cores without a floating-point unit.

use core::ffi::c_void;
use core::ptr;

use tinynmf_core::fixed_point::{FixedBuffers, View};
use tinynmf_core::run::State;

use crate::element::FixedParts;
use crate::error::{Checked, Error, code};
use crate::matrix::{Matrix, Viewed, view};
use crate::memory::{
    borrow_or, check, check_mark, claim, mark, numbers, numbers_mut, put, size, split,
};
use crate::record::{Record, recorded};
use crate::rule::{self, Rule};
use crate::settings::{DEFAULTS, Settings};
use crate::version::check_abi;

/// Bytes that begin the memory of a factorisation in fixed point.
pub const FIXED_HEADER: usize = 360;

/// Rows of rank words that a factorisation in fixed point needs besides factors, gradient and two rank x rank
/// matrices.
pub const FIXED_ROWS: usize = 4;

const _: () = assert!(size_of::<Fixed>() <= FIXED_HEADER);

/// A factorisation V = WH in fixed point, in memory that the caller owns.
pub struct Fixed {
    mark: usize,
    v: Viewed,
    state: State,
    exponents: [i32; 2],
    rank: usize,
}

const MARK: usize = 0x544e_4d51;

/// The numbers behind the header: floats, words with a sign and without, halves; `None` if there are too many.
fn counts(rows: usize, columns: usize, rank: usize) -> Option<[usize; 4]> {
    let square = rank.checked_mul(rank)?;
    Some([
        rank.checked_add(FIXED_ROWS - 1)?.checked_mul(rank)?,
        rows.max(columns).checked_add(1)?.checked_mul(rank)?,
        square,
        rows.checked_add(columns)?.checked_mul(rank)?,
    ])
}

/// The memory that a factorisation in fixed point needs, in bytes; TINYNMF_FIXED_SIZE is the same as a constant.
#[unsafe(no_mangle)]
pub extern "C" fn tinynmf_fixed_size(rows: u32, columns: u32, rank: u32) -> usize {
    let counts = counts(rows as usize, columns as usize, rank as usize);
    let words = counts
        .and_then(|[floats, signed, plain, _]| floats.checked_add(signed)?.checked_add(plain));
    size(FIXED_HEADER, words, counts.map(|[.., halves]| halves))
}

/// What a run is made of, and its V.
///
/// # Safety
///
/// Unless it is refused, `fixed` points at the memory of a factorisation, which nobody else uses during `'a`.
unsafe fn open<'a>(fixed: *mut Fixed) -> Checked<(&'a mut Viewed, FixedParts<'a>)> {
    check(fixed)?;
    // SAFETY: the caller's promise; what has the mark was initialised, here, with all the numbers behind it.
    let (object, floats, signed, gram, halves) = unsafe {
        check_mark(fixed, &raw const (*fixed).mark, MARK)?;
        let start = fixed.byte_add(FIXED_HEADER).cast::<f32>();
        let object = &mut *fixed;
        let (rows, columns) = (object.v.rows, object.v.columns);
        let [floats, signed, plain, halves] =
            counts(rows, columns, object.rank).ok_or(Error::Memory)?;
        let (second, third) = (start.add(floats).cast::<i32>(), start.add(floats + signed));
        let last = third.add(plain).cast::<u16>();
        (
            object,
            numbers_mut(start, floats)?,
            numbers_mut(second, signed)?,
            numbers_mut(third.cast::<u32>(), plain)?,
            numbers_mut(last, halves)?,
        )
    };
    let Fixed { v, state, exponents, rank, .. } = object;
    let (m, n, r) = (v.rows, v.columns, *rank);
    let [floats, w_direction, h_direction, image] = split(floats, [r * r, r, r, r]);
    let [gradient, row] = split(signed, [m.max(n) * r, r]);
    let [w, h] = split(halves, [m * r, n * r]);
    let directions = [w_direction, h_direction];
    let buffers = FixedBuffers { w, h, exponents, gradient, gram, floats, directions, image, row };
    let view = v.view;
    Ok((v, FixedParts { view, rank: r, buffers, state }))
}

/// Makes a factorisation of V in fixed point, and draws its start from the seed: as tinynmf_init, in two thirds
/// of its memory and without floats in what is done for every entry.
///
/// V is of type TINYNMF_FIXED_U8, TINYNMF_FIXED_U16 or TINYNMF_FIXED_I16. Mini-batches, noise and penalties are
/// refused as a TINYNMF_ERROR_PARAMETER. `memory` is aligned to 8 bytes and has at least tinynmf_fixed_size bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tinynmf_fixed_init(
    abi: u32,
    fixed: *mut *mut Fixed,
    memory: *mut c_void,
    bytes: usize,
    v: *const Matrix,
    rank: u32,
    settings: *const Settings,
) -> Error {
    let init = || -> Checked {
        check_abi(abi)?;
        check(fixed)?;
        // SAFETY: C's promise.
        let (settings, v) = unsafe { (borrow_or(settings, DEFAULTS)?, view(v)?) };
        let (arithmetic, state) = (v.element.fixed()?, State::new(settings.into())?);
        if rank == 0 || rank as usize > v.rows.min(v.columns) {
            return Err(Error::Rank);
        }
        let needed = tinynmf_fixed_size(v.rows as u32, v.columns as u32, rank);
        let (exponents, rank) = ([0; 2], rank as usize);
        // SAFETY: C's promise; a factorisation fits the header, as asserted above. It was made here, and nobody
        // else knows it yet. The view is of this type.
        unsafe {
            let object = claim::<Fixed>(memory, bytes, needed)?;
            put(object, Fixed { mark: mark(object, MARK), v, state, exponents, rank })?;
            let (_, mut parts) = open(object)?;
            for direction in &mut parts.buffers.directions {
                direction.fill(1.0);
            }
            (arithmetic.start)(parts, settings.seed)?;
            put(fixed, object)
        }
    };
    code(init())
}

/// Sets W (rows x rank, row by row) and H (rank x columns, column by column) from floats, rounded to 15 bits.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tinynmf_fixed_set(
    fixed: *mut Fixed,
    w: *const f32,
    h: *const f32,
) -> Error {
    let set = || -> Checked {
        // SAFETY: C's promise.
        unsafe {
            let (v, FixedParts { mut buffers, .. }) = open(fixed)?;
            let (w, h) = (numbers(w, buffers.w.len())?, numbers(h, buffers.h.len())?);
            Ok(buffers.set(w, h, v.scale)?)
        }
    };
    code(set())
}

/// Goes on with another V of the same shape. The entries of H stay: they count as often the new scale.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tinynmf_fixed_set_data(fixed: *mut Fixed, v: *const Matrix) -> Error {
    let set = || -> Checked {
        // SAFETY: C's promise.
        let ((old, _), v) = unsafe { (open(fixed)?, view(v)?) };
        old.check_successor(&v)?;
        *old = v;
        Ok(())
    };
    code(set())
}

/// One epoch: a W half-step, then an H half-step with the new W. `record` may be null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tinynmf_fixed_epoch(
    fixed: *mut Fixed,
    rule: *mut Rule,
    record: *mut Record,
) -> Error {
    let epoch = || {
        // SAFETY: C's promise; the view is of this type.
        unsafe {
            let ((v, parts), rule) = (open(fixed)?, rule::open(rule)?);
            (v.element.fixed()?.epoch)(parts, rule)
        }
    };
    // SAFETY: C's promise.
    code(unsafe { recorded(record, epoch) })
}

/// The loss: half the sum of the squares of V - WH.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tinynmf_fixed_loss(fixed: *mut Fixed, loss: *mut f32) -> Error {
    let measure = || -> Checked {
        check(loss)?;
        // SAFETY: C's promise; the view is of this type.
        unsafe {
            let (v, parts) = open(fixed)?;
            put(loss, (v.element.fixed()?.loss)(parts)?)
        }
    };
    code(measure())
}

/// W: rows x rank entries, row by row, each of which counts `unit`, which may be null to stay unknown. Null for
/// what is no factorisation.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tinynmf_fixed_w(fixed: *mut Fixed, unit: *mut f32) -> *const u16 {
    // SAFETY: C's promise.
    unsafe { open(fixed) }.map_or(ptr::null(), |(_, FixedParts { buffers, .. })| {
        // SAFETY: C's promise.
        unsafe { entries(&buffers.w(), unit) }
    })
}

/// H: rank x columns entries, column by column; otherwise as tinynmf_fixed_w.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tinynmf_fixed_h(fixed: *mut Fixed, unit: *mut f32) -> *const u16 {
    // SAFETY: C's promise.
    unsafe { open(fixed) }.map_or(ptr::null(), |(v, FixedParts { buffers, .. })| {
        // SAFETY: C's promise.
        unsafe { entries(&buffers.h(v.scale), unit) }
    })
}

/// Entries of a factor; what each of them counts goes where `unit` points, if that is somewhere.
///
/// # Safety
///
/// As of [`put`].
unsafe fn entries(factor: &View<'_>, unit: *mut f32) -> *const u16 {
    // SAFETY: the caller's promise.
    match unsafe { put(unit, factor.unit) } {
        Err(Error::Alignment) => ptr::null(),
        _ => factor.entries.as_ptr(),
    }
}
