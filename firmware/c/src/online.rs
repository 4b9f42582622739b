//! W learnt from a stream of columns, each seen once.

use core::ffi::c_void;
use core::ptr;

use tinynmf_core::online::{
    Keep as CoreKeep, Latents, Online as CoreOnline, OnlineSettings as CoreSettings,
};
use tinynmf_core::penalty::Penalties;

use crate::error::{Checked, Error, code};
use crate::memory::{borrow_or, check, check_mark, claim, mark, numbers, numbers_mut, put, size};
use crate::settings::{NO_PENALTY, Penalty};
use crate::version::check_abi;

/// Bytes that begin the memory of a stream.
pub const ONLINE_HEADER: usize = 408;

/// Rows of rank floats that a stream needs besides W, its like, and two rank x rank matrices.
pub const ONLINE_ROWS: usize = 15;

const _: () = assert!(size_of::<Online>() <= ONLINE_HEADER);
const _: () = assert!(
    CoreOnline::floats(9, 5, CoreKeep::Products) == (2 * 9 + 2 * 5 + ONLINE_ROWS) * 5
        && CoreOnline::floats(9, 5, CoreKeep::Gram) == (9 + 2 * 5 + ONLINE_ROWS) * 5
);

/// Memory of the columns that are gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum Keep {
    /// Their latents' gram matrix alone: the least memory.
    Gram = 0,
    /// Their products with the latents, too, as much memory as W takes: W comes closer to what all the columns
    /// together would give.
    Products = 1,
}

/// Options of a stream.
#[derive(Debug, Clone, Copy)]
#[repr(C)]
pub struct OnlineSettings {
    /// Of W's start and the random rules.
    pub seed: u64,
    /// Half-steps of the rule for the latents of every column; 0: exact latents.
    pub steps: u32,
    /// The columns that W is fitted to, about: at least 1; infinity forgets nothing. With TINYNMF_KEEP_GRAM at most 50.
    pub window: f32,
    /// A tinynmf_keep.
    pub keep: u32,
    /// The columns planned, for the rules that have a horizon.
    pub horizon: u32,
    /// On W, once for every column.
    pub penalty_of_w: Penalty,
    /// On H.
    pub penalty_of_h: Penalty,
}

/// Exact latents, a window of 50 columns, the gram matrix and the products, 1000 columns planned, no penalties, seed 0.
pub const ONLINE_DEFAULTS: OnlineSettings = OnlineSettings {
    seed: 0,
    steps: 0,
    window: 50.0,
    keep: 1,
    horizon: 1000,
    penalty_of_w: NO_PENALTY,
    penalty_of_h: NO_PENALTY,
};

/// W, learnt from a stream, in memory that the caller owns.
pub struct Online {
    mark: usize,
    core: CoreOnline<'static>,
}

const MARK: usize = 0x544e_4d53;

fn kept(keep: u32) -> Option<CoreKeep> {
    const GRAM: u32 = Keep::Gram as u32;
    const PRODUCTS: u32 = Keep::Products as u32;
    match keep {
        GRAM => Some(CoreKeep::Gram),
        PRODUCTS => Some(CoreKeep::Products),
        _ => None,
    }
}

/// Floats behind the header; `None` if there are too many.
fn floats(rows: usize, rank: usize, keep: CoreKeep) -> Option<usize> {
    let factors = match keep {
        CoreKeep::Gram => rows,
        CoreKeep::Products => rows.checked_mul(2)?,
    };
    factors.checked_add(rank.checked_mul(2)?)?.checked_add(ONLINE_ROWS)?.checked_mul(rank)
}

/// The memory that a stream of columns needs, in bytes; TINYNMF_ONLINE_SIZE is the same as a constant.
#[unsafe(no_mangle)]
pub extern "C" fn tinynmf_online_size(rows: u32, rank: u32, keep: u32) -> usize {
    let floats = kept(keep).and_then(|keep| floats(rows as usize, rank as usize, keep));
    size(ONLINE_HEADER, floats, Some(0))
}

/// Prepares for a stream of columns of `rows` entries, in the caller's memory.
///
/// `online` gets the pointer that the other functions take. `memory` is aligned to 8 bytes and has at least
/// tinynmf_online_size bytes. Null `settings` are TINYNMF_ONLINE_DEFAULTS. W is drawn from the seed at the first
/// column that is not zero, unless tinynmf_online_set gives one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tinynmf_online_init(
    abi: u32,
    online: *mut *mut Online,
    memory: *mut c_void,
    bytes: usize,
    rows: u32,
    rank: u32,
    settings: *const OnlineSettings,
) -> Error {
    let init = || -> Checked {
        check_abi(abi)?;
        check(online)?;
        // SAFETY: C's promise.
        let settings = unsafe { borrow_or(settings, ONLINE_DEFAULTS) }?;
        let OnlineSettings { seed, steps, window, keep, horizon, penalty_of_w, penalty_of_h } =
            settings;
        let needed = tinynmf_online_size(rows, rank, keep);
        let keep = kept(keep).ok_or(Error::Parameter)?;
        let penalties = Penalties { w: penalty_of_w.into(), h: penalty_of_h.into() };
        let latents = if steps == 0 { Latents::Exact } else { Latents::Steps(steps) };
        let settings = CoreSettings { latents, window, keep, penalties, horizon, seed };
        let (rows, rank) = (rows as usize, rank as usize);
        if rank == 0 || rank > rows {
            return Err(Error::Rank);
        }
        // SAFETY: C's promise; the floats lie behind the header, which a stream fits, as asserted above.
        unsafe {
            let object = claim::<Online>(memory, bytes, needed)?;
            let start = object.byte_add(ONLINE_HEADER).cast::<f32>();
            let memory = numbers_mut::<'static>(start, floats(rows, rank, keep).unwrap_or(0))?;
            let core = CoreOnline::new(rows, rank, settings, memory)?;
            put(object, Online { mark: mark(object, MARK), core })?;
            put(online, object)
        }
    };
    code(init())
}

/// The stream in C's memory.
///
/// # Safety
///
/// Unless it is refused, `online` points at the memory of a stream, which nobody else uses during `'a`.
pub(crate) unsafe fn open<'a>(online: *mut Online) -> Checked<&'a mut CoreOnline<'static>> {
    check(online)?;
    // SAFETY: the caller's promise; what has the mark was initialised, here.
    unsafe {
        check_mark(online, &raw const (*online).mark, MARK)?;
        Ok(&mut (*online).core)
    }
}

/// Sets W (rows x rank, row by row), copied from the caller's; what is kept of the past stays.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tinynmf_online_set(online: *mut Online, w: *const f32) -> Error {
    let set = || -> Checked {
        // SAFETY: C's promise.
        let online = unsafe { open(online) }?;
        let own = online.w();
        if ptr::eq(own.as_ptr(), w) {
            return Ok(());
        }
        // SAFETY: C's promise; it is not this W itself.
        let w = unsafe { numbers(w, own.len()) }?;
        Ok(online.set(w)?)
    };
    code(set())
}

/// W: rows x rank floats, row by row, finite and not negative; null for what is no stream.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tinynmf_online_w(online: *mut Online) -> *const f32 {
    // SAFETY: C's promise.
    unsafe { open(online) }.map_or(ptr::null(), |online| online.w().as_ptr())
}

/// The latents of the last column: rank floats, finite and not negative; null for what is no stream.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tinynmf_online_h(online: *mut Online) -> *const f32 {
    // SAFETY: C's promise.
    unsafe { open(online) }.map_or(ptr::null(), |online| online.h().as_ptr())
}

/// Half the squared distance of the last column from Wh, for W as it was before it: how far it was from all that W knew.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tinynmf_online_residual(online: *mut Online, residual: *mut f32) -> Error {
    // SAFETY: C's promise.
    code(unsafe { open(online).and_then(|online| put(residual, online.residual())) })
}
