//! A factorisation in fixed point, for cores without a floating-point unit.

use core::ffi::c_void;
use core::ptr;

use tinynmf_core::NmfInner;
use tinynmf_core::fixed_point::{FixedBuffers, FixedFlat, View};
use tinynmf_core::run::Settings as CoreSettings;

use crate::element::FixedOwner;
use crate::error::{Checked, Error, code};
use crate::matrix::{Matrix, Viewed, view};
use crate::memory::{borrow_or, check, check_mark, claim, mark, numbers, numbers_mut, put, size};
use crate::record::{Record, recorded};
use crate::rule::{self, Rule};
use crate::settings::{DEFAULTS, Settings};
use crate::version::check_abi;

/// Bytes that begin the memory of a factorisation in fixed point.
pub const FIXED_HEADER: usize = 416;

/// Rows of rank words that a factorisation in fixed point needs besides factors, gradient and two rank x rank
/// matrices.
pub const FIXED_ROWS: usize = 4;

const _: () = assert!(size_of::<Fixed>() <= FIXED_HEADER);

/// A factorisation V = WH in fixed point, in memory that the caller owns.
pub struct Fixed {
    mark: usize,
    v: Viewed,
    core: FixedOwner,
}

const MARK: usize = 0x544e_4d51;

/// The memory that a factorisation in fixed point needs, in bytes; TINYNMF_FIXED_SIZE is the same as a constant.
#[unsafe(no_mangle)]
pub extern "C" fn tinynmf_fixed_size(rows: u32, columns: u32, rank: u32) -> usize {
    let counts = FixedBuffers::lengths([rows, columns, rank].map(|x| x as usize));
    let words = counts
        .and_then(|[floats, signed, plain, _]| floats.checked_add(signed)?.checked_add(plain));
    size(FIXED_HEADER, words, counts.map(|[.., halves]| halves))
}

/// A factorisation in C's memory.
///
/// # Safety
///
/// Unless it is refused, `fixed` points at the memory of a factorisation, which nobody else uses during `'a`.
unsafe fn open<'a>(fixed: *mut Fixed) -> Checked<&'a mut Fixed> {
    check(fixed)?;
    // SAFETY: the caller's promise; what has the mark was initialised, here.
    unsafe {
        check_mark(fixed, &raw const (*fixed).mark, MARK)?;
        Ok(&mut *fixed)
    }
}

/// The numbers behind the header, for V of m × n and rank r.
///
/// # Safety
///
/// `object` is at so much memory, which nobody else uses.
unsafe fn storage(object: *mut Fixed, shape: [usize; 3]) -> Checked<FixedFlat<'static>> {
    let [floats, signed, plain, halves] = FixedBuffers::lengths(shape).ok_or(Error::Memory)?;
    // SAFETY: the caller's promise; floats, integers with a sign and without, and halves follow each other.
    unsafe {
        let first = object.byte_add(FIXED_HEADER).cast::<f32>();
        let (second, third) = (first.add(floats).cast(), first.add(floats + signed));
        let last = third.add(plain).cast();
        Ok(FixedFlat {
            floats: numbers_mut(first, floats)?,
            signed: numbers_mut(second, signed)?,
            plain: numbers_mut(third.cast(), plain)?,
            halves: numbers_mut(last, halves)?,
            exponents: [0; 2],
            shape,
        })
    }
}

/// Makes a factorisation of V in fixed point, and draws its start from the seed: as tinynmf_init, in two thirds
/// of its memory and without floats in what is done for every entry.
///
/// V is of type TINYNMF_FIXED_U8, TINYNMF_FIXED_U16 or TINYNMF_FIXED_I16. `memory` is aligned to 8 bytes and has at least
/// tinynmf_fixed_size bytes.
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
        let (arithmetic, settings) = (v.element.fixed()?, CoreSettings::from(settings));
        settings.check()?;
        if rank == 0 || rank as usize > v.rows.min(v.columns) {
            return Err(Error::Rank);
        }
        let needed = tinynmf_fixed_size(v.rows as u32, v.columns as u32, rank);
        // SAFETY: C's promise; a factorisation fits the header, as asserted above. The view is of this type.
        unsafe {
            let object = claim::<Fixed>(memory, bytes, needed)?;
            let storage = storage(object, [v.rows, v.columns, rank as usize])?;
            let mut core = NmfInner::over(storage, settings)?;
            (arithmetic.start)(v.view, &mut core)?;
            put(object, Fixed { mark: mark(object, MARK), v, core })?;
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
            let Fixed { v, core, .. } = open(fixed)?;
            let [rows, columns, rank] = core.shape();
            let (w, h) = (numbers(w, rows * rank)?, numbers(h, columns * rank)?);
            Ok(core.set(w, h, v.scale)?)
        }
    };
    code(set())
}

/// Goes on with another V of the same shape. The entries of H stay: they count as often the new scale.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tinynmf_fixed_set_data(fixed: *mut Fixed, v: *const Matrix) -> Error {
    let set = || -> Checked {
        // SAFETY: C's promise.
        let (Fixed { v: old, .. }, v) = unsafe { (open(fixed)?, view(v)?) };
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
            let (Fixed { v, core, .. }, rule) = (open(fixed)?, rule::open(rule)?);
            (v.element.fixed()?.epoch)(v.view, core, rule)
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
            let Fixed { v, core, .. } = open(fixed)?;
            put(loss, (v.element.fixed()?.loss)(v.view, core)?)
        }
    };
    code(measure())
}

/// The objective: the loss and the penalties on both factors.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tinynmf_fixed_objective(fixed: *mut Fixed, objective: *mut f32) -> Error {
    let measure = || -> Checked {
        check(objective)?;
        // SAFETY: C's promise; the view is of this type.
        unsafe {
            let Fixed { v, core, .. } = open(fixed)?;
            put(objective, (v.element.fixed()?.objective)(v.view, core)?)
        }
    };
    code(measure())
}

/// W: rows x rank entries, row by row, each of which counts `unit`, which may be null to stay unknown. Null for
/// what is no factorisation.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tinynmf_fixed_w(fixed: *mut Fixed, unit: *mut f32) -> *const u16 {
    // SAFETY: C's promise.
    unsafe { open(fixed) }.map_or(ptr::null(), |Fixed { core, .. }| {
        // SAFETY: C's promise.
        unsafe { entries(&core.buffers().w(), unit) }
    })
}

/// H: rank x columns entries, column by column; otherwise as tinynmf_fixed_w.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tinynmf_fixed_h(fixed: *mut Fixed, unit: *mut f32) -> *const u16 {
    // SAFETY: C's promise.
    unsafe { open(fixed) }.map_or(ptr::null(), |Fixed { v, core, .. }| {
        // SAFETY: C's promise.
        unsafe { entries(&core.buffers().h(v.scale), unit) }
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
