//! A factorisation in the caller's memory.

use core::ffi::c_void;
use core::ptr;

use tinynmf_core::NmfInner;
use tinynmf_core::run::{Settings as CoreSettings, check_factor};
use tinynmf_core::storage::{Buffers, Flat, ROWS as CORE_ROWS};

use crate::element::Owner;
use crate::error::{Checked, Error, code};
use crate::matrix::{Matrix, Viewed, view};
use crate::memory::{borrow_or, check, check_mark, claim, mark, numbers, numbers_mut, put, size};
use crate::record::{Record, recorded};
use crate::rule::{self, Rule};
use crate::settings::{DEFAULTS, Settings};
use crate::version::check_abi;

/// Bytes that begin the memory of a factorisation.
pub const HEADER: usize = 376;

/// Rows of rank floats that a factorisation needs besides the factors and two of the longer factor's size.
pub const ROWS: usize = 10;

const _: () = assert!(size_of::<Nmf>() <= HEADER && ROWS == CORE_ROWS);

/// A factorisation V = WH, in memory that the caller owns.
pub struct Nmf {
    mark: usize,
    v: Viewed,
    core: Owner,
}

const MARK: usize = 0x544e_4d46;

/// The memory that a factorisation needs, in bytes; TINYNMF_SIZE is the same as a constant.
#[unsafe(no_mangle)]
pub extern "C" fn tinynmf_size(rows: u32, columns: u32, rank: u32) -> usize {
    let lengths = Buffers::lengths([rows, columns, rank].map(|x| x as usize));
    size(HEADER, lengths.and_then(|[floats, indices]| floats.checked_add(indices)), Some(0))
}

/// A factorisation in C's memory.
///
/// # Safety
///
/// Unless it is refused, `nmf` points at the memory of a factorisation, which nobody else uses during `'a`.
unsafe fn open<'a>(nmf: *mut Nmf) -> Checked<&'a mut Nmf> {
    check(nmf)?;
    // SAFETY: the caller's promise; what has the mark was initialised, here.
    unsafe {
        check_mark(nmf, &raw const (*nmf).mark, MARK)?;
        Ok(&mut *nmf)
    }
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
    let (float, settings) = (v.element.float()?, CoreSettings::from(settings));
    settings.check()?;
    if rank == 0 || rank as usize > v.rows.min(v.columns) {
        return Err(Error::Rank);
    }
    let needed = tinynmf_size(v.rows as u32, v.columns as u32, rank);
    let shape = [v.rows, v.columns, rank as usize];
    let [floats, indices] = Buffers::lengths(shape).ok_or(Error::Memory)?;
    // SAFETY: the caller's promise; the numbers lie behind the header, which a factorisation fits, as asserted above.
    // The view is of this type.
    unsafe {
        let object = claim::<Nmf>(memory, bytes, needed)?;
        let start = object.byte_add(HEADER).cast::<f32>();
        let floats_there = numbers_mut::<'static>(start, floats)?;
        let indices_there = numbers_mut::<'static>(start.add(floats).cast(), indices)?;
        let mut core = NmfInner::over(Flat::new(floats_there, indices_there, shape), settings)?;
        (float.start)(v.view, &mut core)?;
        put(object, Nmf { mark: mark(object, MARK), v, core })?;
        put(nmf, object)
    }
}

/// Sets W (rows x rank, row by row) and H (rank x columns, column by column), copied from the caller's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tinynmf_set(nmf: *mut Nmf, w: *const f32, h: *const f32) -> Error {
    let set = || -> Checked {
        // SAFETY: C's promise.
        let Nmf { core, .. } = unsafe { open(nmf) }?;
        let [rows, columns, rank] = core.shape();
        for (factor, len) in [(w, rows), (h, columns)] {
            // SAFETY: C's promise.
            check_factor(unsafe { numbers(factor, len * rank) }?, len, rank)?;
        }
        let Buffers { w: own_w, h: own_h, .. } = core.buffers();
        // SAFETY: so many floats were read above, and the buffers have as many. They may be the same: C can
        // hand back what tinynmf_w gave.
        unsafe {
            ptr::copy(w, own_w.as_mut_ptr(), own_w.len());
            ptr::copy(h, own_h.as_mut_ptr(), own_h.len());
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
        let (nmf, v) = unsafe { (open(nmf)?, view(v)?) };
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
            let (Nmf { v, core, .. }, rule) = (open(nmf)?, rule::open(rule)?);
            (v.element.float()?.epoch)(v.view, core, rule)
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
            let Nmf { v, core, .. } = open(nmf)?;
            put(loss, (v.element.float()?.loss)(v.view, core)?)
        }
    };
    code(measure())
}

/// The objective: the loss and the penalties on both factors.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tinynmf_objective(nmf: *mut Nmf, objective: *mut f32) -> Error {
    let measure = || -> Checked {
        check(objective)?;
        // SAFETY: C's promise; the view is of this type.
        unsafe {
            let Nmf { v, core, .. } = open(nmf)?;
            put(objective, (v.element.float()?.objective)(v.view, core)?)
        }
    };
    code(measure())
}

/// W: rows x rank floats, row by row, finite and not negative; null for what is no factorisation.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tinynmf_w(nmf: *mut Nmf) -> *const f32 {
    // SAFETY: C's promise.
    unsafe { open(nmf) }.map_or(ptr::null(), |nmf| nmf.core.w().as_ptr())
}

/// H: rank x columns floats, column by column, finite and not negative; null for what is no factorisation.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tinynmf_h(nmf: *mut Nmf) -> *const f32 {
    // SAFETY: C's promise.
    unsafe { open(nmf) }.map_or(ptr::null(), |nmf| nmf.core.h().as_ptr())
}
