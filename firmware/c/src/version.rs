//! Which library this is, and which headers fit it.

use core::ffi::{CStr, c_char};

use crate::error::{Checked, Error};

/// Number of the interface between header and library: it rises when a type, a size, a number or a parameter changes.
pub const ABI: u32 = 4;

/// The version of the library, as TINYNMF_VERSION is the header's.
#[unsafe(no_mangle)]
pub extern "C" fn tinynmf_version() -> *const c_char {
    const TEXT: &CStr =
        match CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
            Ok(text) => text,
            Err(_) => panic!("a version holds no zero"),
        };
    TEXT.as_ptr()
}

/// Refuses a program that was compiled with the header of a library that does not fit this one.
pub fn check_abi(abi: u32) -> Checked {
    if abi == ABI { Ok(()) } else { Err(Error::Abi) }
}
