//! Pointers from C, checked for what can be checked: null, alignment, size.

use core::ffi::c_void;
use core::{ptr, slice};

use crate::error::{Checked, Error};

/// Refuses a null or misaligned pointer.
pub fn check<T>(pointer: *const T) -> Checked {
    if pointer.is_null() {
        return Err(Error::Null);
    }
    if pointer.is_aligned() { Ok(()) } else { Err(Error::Alignment) }
}

/// The object that `pointer` points at.
///
/// # Safety
///
/// Unless it is refused, it points at a valid T, which nobody writes to during `'a`.
pub unsafe fn borrow<'a, T>(pointer: *const T) -> Checked<&'a T> {
    check(pointer)?;
    // SAFETY: not null, aligned; the rest is the caller's promise.
    Ok(unsafe { &*pointer })
}

/// The object that `pointer` points at; for null the `defaults`.
///
/// # Safety
///
/// As of [`borrow`].
pub unsafe fn borrow_or<T: Copy>(pointer: *const T, defaults: T) -> Checked<T> {
    // SAFETY: the caller's promise.
    if pointer.is_null() { Ok(defaults) } else { unsafe { borrow(pointer) }.copied() }
}

/// `count` numbers from `pointer` on.
///
/// # Safety
///
/// Unless it is refused, so many valid T are there, which nobody writes to during `'a`.
pub unsafe fn numbers<'a, T>(pointer: *const T, count: usize) -> Checked<&'a [T]> {
    check(pointer)?;
    check_count::<T>(count)?;
    // SAFETY: not null, aligned, of a length that memory can have; the rest is the caller's promise.
    Ok(unsafe { slice::from_raw_parts(pointer, count) })
}

/// `count` numbers from `pointer` on, to write to.
///
/// # Safety
///
/// Unless it is refused, so many valid T are there, which nobody else uses during `'a`.
pub unsafe fn numbers_mut<'a, T>(pointer: *mut T, count: usize) -> Checked<&'a mut [T]> {
    check(pointer)?;
    check_count::<T>(count)?;
    // SAFETY: not null, aligned, of a length that memory can have; the rest is the caller's promise.
    Ok(unsafe { slice::from_raw_parts_mut(pointer, count) })
}

/// No object is larger than `isize::MAX` bytes.
fn check_count<T>(count: usize) -> Checked {
    let bytes = count.checked_mul(size_of::<T>()).ok_or(Error::Empty)?;
    isize::try_from(bytes).map(|_| ()).map_err(|_| Error::Empty)
}

/// Puts a value where `to` points, if there is a place.
///
/// # Safety
///
/// Unless it is refused, `to` points at memory for a T.
pub unsafe fn put<T>(to: *mut T, value: T) -> Checked {
    check(to)?;
    // SAFETY: not null, aligned; the rest is the caller's promise.
    unsafe { ptr::write(to, value) };
    Ok(())
}

/// Bytes of an object in the caller's memory: `header` bytes, then `words` of four bytes and `halves` of two.
pub fn size(header: usize, words: Option<usize>, halves: Option<usize>) -> usize {
    let bytes = |count: Option<usize>, size| count.and_then(|count| count.checked_mul(size));
    let sum = || bytes(words, 4)?.checked_add(bytes(halves, 2)?)?.checked_add(header);
    // A length that does not fit is never large enough.
    sum().unwrap_or(usize::MAX)
}

/// The caller's memory for an object, zeroed; it is aligned to 8 bytes on every machine.
///
/// # Safety
///
/// Unless it is refused, `bytes` bytes are there, which nobody else uses.
pub unsafe fn claim<T>(memory: *mut c_void, bytes: usize, needed: usize) -> Checked<*mut T> {
    const { assert!(align_of::<T>() <= align_of::<u64>()) };
    check(memory.cast::<u64>())?;
    if bytes < needed || isize::try_from(needed).is_err() {
        return Err(Error::Memory);
    }
    // SAFETY: `needed` bytes are there.
    unsafe { ptr::write_bytes(memory.cast::<u8>(), 0, needed) };
    Ok(memory.cast())
}

/// Refuses an object that was not initialised, or was moved: its mark is not the one of its address.
///
/// # Safety
///
/// Unless it is refused, `object` points at memory of an object, whose mark is at `place`.
pub unsafe fn check_mark<T>(object: *const T, place: *const usize, kind: usize) -> Checked {
    // SAFETY: C's memory was written before it was handed over.
    if unsafe { place.read() } == mark(object, kind) { Ok(()) } else { Err(Error::NotInitialised) }
}

/// Mark of an object at this address: neither a copy elsewhere nor other memory has it.
pub fn mark<T>(object: *const T, kind: usize) -> usize {
    object.addr() ^ kind
}
