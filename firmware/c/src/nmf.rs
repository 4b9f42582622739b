//! A factorisation in the caller's memory.

use core::ffi::c_void;
use core::ptr;

use tinynmf_core::run::{Buffers, ROWS as CORE_ROWS, State, check_factor};

use crate::element::Parts;
use crate::error::{Checked, Error, code};
use crate::matrix::{Matrix, Viewed, view};
use crate::memory::{borrow_or, check, check_mark, claim, mark, numbers, numbers_mut, put, size};
use crate::record::{Record, recorded};
use crate::rule::{self, Rule};
use crate::settings::{DEFAULTS, Settings};
use crate::version::check_abi;

/// Bytes that begin the memory of a factorisation.
pub const HEADER: usize = 352;

/// Rows of rank floats that a factorisation needs besides the factors and two of the longer factor's size.
pub const ROWS: usize = 10;

const _: () = assert!(size_of::<Nmf>() <= HEADER && ROWS == CORE_ROWS);

/// A factorisation V = WH, in memory that the caller owns.
pub struct Nmf {
    mark: usize,
    v: Viewed,
    state: State,
    rank: usize,
}

const MARK: usize = 0x544e_4d46;

/// The memory that a factorisation needs, in bytes; TINYNMF_SIZE is the same as a constant.
#[unsafe(no_mangle)]
pub extern "C" fn tinynmf_size(rows: u32, columns: u32, rank: u32) -> usize {
    let lengths = Buffers::lengths([rows, columns, rank].map(|x| x as usize));
    size(HEADER, lengths.and_then(|[floats, indices]| floats.checked_add(indices)), Some(0))
}

/// A factorisation in C's memory, and the numbers behind it.
///
/// # Safety
///
/// Unless it is refused, `nmf` points at the memory of a factorisation, which nobody else uses during `'a`.
unsafe fn open<'a>(nmf: *mut Nmf) -> Checked<(&'a mut Nmf, &'a mut [f32], &'a mut [u32])> {
    check(nmf)?;
    // SAFETY: the caller's promise.
    unsafe { check_mark(nmf, &raw const (*nmf).mark, MARK) }?;
    // SAFETY: what has this mark was initialised, here, with all the numbers behind it.
    unsafe {
        let start = nmf.byte_add(HEADER).cast::<f32>();
        let nmf = &mut *nmf;
        let [floats, indices] =
            Buffers::lengths([nmf.v.rows, nmf.v.columns, nmf.rank]).ok_or(Error::Memory)?;
        Ok((nmf, numbers_mut(start, floats)?, numbers_mut(start.add(floats).cast(), indices)?))
    }
}

/// What a run is made of, and its V.
///
/// # Safety
///
/// As [`open`].
unsafe fn parts<'a>(nmf: *mut Nmf) -> Checked<(Viewed, Parts<'a>)> {
    // SAFETY: the caller's promise.
    let (Nmf { v, state, rank, .. }, floats, indices) = unsafe { open(nmf) }?;
    let buffers = Buffers::split(floats, indices, [v.rows, v.columns, *rank]);
    Ok((*v, Parts { view: v.view, rank: *rank, buffers, state }))
}

/// Makes a factorisation of V with the given rank in the caller's memory, and draws its start from the seed.
///
/// `nmf` gets the pointer that the other functions take. `memory` is aligned to 8 bytes and has at least
/// tinynmf_size bytes. Null `settings` are TINYNMF_DEFAULTS. V stays in place while the factorisation is used.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tinynmf_init(
    abi: u32,
    nmf: *mut *mut Nmf,
    memory: *mut c_void,
    bytes: usize,
    v: *const Matrix,
    rank: u32,
    settings: *const Settings,
) -> Error {
    // SAFETY: C's promise.
    code(check_abi(abi).and_then(|()| unsafe { init(nmf, memory, bytes, v, rank, settings) }))
}

/// # Safety
///
/// As [`tinynmf_init`].
unsafe fn init(
    nmf: *mut *mut Nmf,
    memory: *mut c_void,
    bytes: usize,
    v: *const Matrix,
    rank: u32,
    settings: *const Settings,
) -> Checked {
    check(nmf)?;
    // SAFETY: the caller's promise.
    let (settings, v) = unsafe { (borrow_or(settings, DEFAULTS)?, view(v)?) };
    let (float, state) = (v.element.float()?, State::new(settings.into())?);
    if rank == 0 || rank as usize > v.rows.min(v.columns) {
        return Err(Error::Rank);
    }
    let needed = tinynmf_size(v.rows as u32, v.columns as u32, rank);
    // SAFETY: the caller's promise; a factorisation fits the header, as asserted above.
    let object = unsafe {
        let object = claim::<Nmf>(memory, bytes, needed)?;
        put(object, Nmf { mark: mark(object, MARK), v, state, rank: rank as usize })?;
        object
    };
    // SAFETY: it was made here, and nobody else knows it yet.
    let (_, mut parts) = unsafe { parts(object) }?;
    parts.buffers.reset();
    // SAFETY: the view is of this type; the rest is the caller's promise.
    unsafe {
        (float.start)(parts, settings.seed)?;
        put(nmf, object)
    }
}

/// Sets W (rows x rank, row by row) and H (rank x columns, column by column), copied from the caller's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tinynmf_set(nmf: *mut Nmf, w: *const f32, h: *const f32) -> Error {
    let set = || -> Checked {
        // SAFETY: C's promise.
        let (Nmf { v, rank, .. }, ..) = unsafe { open(nmf) }?;
        let (rows, columns, rank) = (v.rows, v.columns, *rank);
        for (factor, len) in [(w, rows), (h, columns)] {
            // SAFETY: C's promise.
            check_factor(unsafe { numbers(factor, len * rank) }?, len, rank)?;
        }
        // SAFETY: so many floats were read above, and the buffers have as many. They may be the same: C can
        // hand back what tinynmf_w gave.
        unsafe {
            let (_, Parts { buffers, .. }) = parts(nmf)?;
            ptr::copy(w, buffers.w.as_mut_ptr(), buffers.w.len());
            ptr::copy(h, buffers.h.as_mut_ptr(), buffers.h.len());
        }
        Ok(())
    };
    code(set())
}

/// Goes on with another V of the same shape: the next reading of the same sensors, say.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tinynmf_set_data(nmf: *mut Nmf, v: *const Matrix) -> Error {
    let set = || -> Checked {
        // SAFETY: C's promise.
        let ((nmf, ..), v) = unsafe { (open(nmf)?, view(v)?) };
        nmf.v.check_successor(&v)?;
        nmf.v = v;
        Ok(())
    };
    code(set())
}

/// One epoch: a W half-step, then an H half-step with the new W. `record` may be null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tinynmf_epoch(
    nmf: *mut Nmf,
    rule: *mut Rule,
    record: *mut Record,
) -> Error {
    let epoch = || {
        // SAFETY: C's promise; the view is of this type.
        unsafe {
            let ((v, parts), rule) = (parts(nmf)?, rule::open(rule)?);
            (v.element.float()?.epoch)(parts, rule)
        }
    };
    // SAFETY: C's promise.
    code(unsafe { recorded(record, epoch) })
}

/// The loss: half the sum of the squares of V - WH, without penalties.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tinynmf_loss(nmf: *mut Nmf, loss: *mut f32) -> Error {
    let measure = || -> Checked {
        check(loss)?;
        // SAFETY: C's promise; the view is of this type.
        unsafe {
            let (v, parts) = parts(nmf)?;
            put(loss, (v.element.float()?.loss)(parts)?)
        }
    };
    code(measure())
}

/// What is minimised: the loss and the penalties on both factors.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tinynmf_objective(nmf: *mut Nmf, objective: *mut f32) -> Error {
    let measure = || -> Checked {
        check(objective)?;
        // SAFETY: C's promise; the view is of this type.
        unsafe {
            let (v, parts) = parts(nmf)?;
            put(objective, (v.element.float()?.objective)(parts)?)
        }
    };
    code(measure())
}

/// W: rows x rank floats, row by row, finite and not negative; null for what is no factorisation.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tinynmf_w(nmf: *mut Nmf) -> *const f32 {
    // SAFETY: C's promise.
    unsafe { parts(nmf) }.map_or(ptr::null(), |(_, parts)| parts.buffers.w.as_ptr())
}

/// H: rank x columns floats, column by column, finite and not negative; null for what is no factorisation.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tinynmf_h(nmf: *mut Nmf) -> *const f32 {
    // SAFETY: C's promise.
    unsafe { parts(nmf) }.map_or(ptr::null(), |(_, parts)| parts.buffers.h.as_ptr())
}
