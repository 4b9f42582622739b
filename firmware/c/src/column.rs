//! The columns of a stream, one function for each element type: a linker leaves out those that nobody calls.

use tinynmf_core::Data;
use tinynmf_core::data::Entry;

use crate::error::{Error, code};
use crate::memory::numbers;
use crate::online::{self, Online};
use crate::record::{HalfStep, recorded};
use crate::rule::{self, Rule};

/// # Safety
///
/// As of the functions below.
unsafe fn take<E: Entry>(
    online: *mut Online,
    rule: *mut Rule,
    column: *const E,
    scale: f32,
    record: *mut HalfStep,
) -> Error {
    let step = || {
        // SAFETY: C's promise.
        let (online, rule) = unsafe { (online::open(online)?, rule::open(rule)?) };
        // SAFETY: C's promise.
        let column = unsafe { numbers(column, online.rows()) }?;
        Ok(online.column(&Data::column(column, scale)?, rule)?)
    };
    // SAFETY: C's promise.
    code(unsafe { recorded(record, step) })
}

/// Takes in a column, scale times its `rows` entries: finds its latents, then makes a W half-step, whose
/// `record` may be null. The column is not used afterwards.
///
/// A column of zeros has zero latents and teaches nothing. One that is refused changes nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tinynmf_online_u8(
    online: *mut Online,
    rule: *mut Rule,
    column: *const u8,
    scale: f32,
    record: *mut HalfStep,
) -> Error {
    // SAFETY: C's promise.
    unsafe { take(online, rule, column, scale, record) }
}

/// As tinynmf_online_u8.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tinynmf_online_u16(
    online: *mut Online,
    rule: *mut Rule,
    column: *const u16,
    scale: f32,
    record: *mut HalfStep,
) -> Error {
    // SAFETY: C's promise.
    unsafe { take(online, rule, column, scale, record) }
}

/// As tinynmf_online_u8; no entry is negative.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tinynmf_online_i16(
    online: *mut Online,
    rule: *mut Rule,
    column: *const i16,
    scale: f32,
    record: *mut HalfStep,
) -> Error {
    // SAFETY: C's promise.
    unsafe { take(online, rule, column, scale, record) }
}

/// As tinynmf_online_u8; every entry is finite and none is negative.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tinynmf_online_f32(
    online: *mut Online,
    rule: *mut Rule,
    column: *const f32,
    scale: f32,
    record: *mut HalfStep,
) -> Error {
    // SAFETY: C's promise.
    unsafe { take(online, rule, column, scale, record) }
}
