//! Element types: everything that is compiled once for each, behind a table of functions.
//!
//! A program names the tables that it uses, so that its linker leaves the other types' code out: that of
//! fixed point, too, which has tables of its own.

mod floats;
mod integers;
mod view;

use core::ffi::c_void;

pub(crate) use floats::{Float, Owner};
pub(crate) use integers::{Fixed, FixedOwner};
pub(crate) use view::{Refusal, View};

use crate::error::{Checked, Error};

/// An element type of a matrix, and the arithmetic: TINYNMF_U8, TINYNMF_U16, TINYNMF_I16 or TINYNMF_F32 for
/// floats, TINYNMF_FIXED_U8, TINYNMF_FIXED_U16 or TINYNMF_FIXED_I16 for fixed point.
pub struct Type {
    mark: usize,
    pub(crate) view: unsafe fn(*const c_void, [usize; 2], f32) -> Result<View, Refusal>,
    arithmetic: Arithmetic,
}

/// Arithmetic for a matrix of the type.
enum Arithmetic {
    Float(Float),
    Fixed(Fixed),
}

const MARK: usize = 0x544e_4d45;

/// uint8_t
#[unsafe(no_mangle)]
pub static TINYNMF_U8: Type = Type::of(view::float::<u8>, Arithmetic::Float(Float::of::<u8>()));

/// uint16_t
#[unsafe(no_mangle)]
pub static TINYNMF_U16: Type = Type::of(view::float::<u16>, Arithmetic::Float(Float::of::<u16>()));

/// int16_t, none of them negative
#[unsafe(no_mangle)]
pub static TINYNMF_I16: Type = Type::of(view::float::<i16>, Arithmetic::Float(Float::of::<i16>()));

/// float
#[unsafe(no_mangle)]
pub static TINYNMF_F32: Type = Type::of(view::float::<f32>, Arithmetic::Float(Float::of::<f32>()));

/// uint8_t, in fixed point
#[unsafe(no_mangle)]
pub static TINYNMF_FIXED_U8: Type =
    Type::of(view::fixed::<u8>, Arithmetic::Fixed(Fixed::of::<u8>()));

/// uint16_t, in fixed point
#[unsafe(no_mangle)]
pub static TINYNMF_FIXED_U16: Type =
    Type::of(view::fixed::<u16>, Arithmetic::Fixed(Fixed::of::<u16>()));

/// int16_t, none of them negative, in fixed point
#[unsafe(no_mangle)]
pub static TINYNMF_FIXED_I16: Type =
    Type::of(view::fixed::<i16>, Arithmetic::Fixed(Fixed::of::<i16>()));

impl Type {
    const fn of(
        view: unsafe fn(*const c_void, [usize; 2], f32) -> Result<View, Refusal>,
        arithmetic: Arithmetic,
    ) -> Self {
        Self { mark: MARK, view, arithmetic }
    }

    /// Refuses what is no element type.
    pub(crate) fn check(&self) -> Checked {
        if self.mark == MARK { Ok(()) } else { Err(Error::Type) }
    }

    /// The arithmetic in floats; a type of fixed point is refused.
    pub(crate) fn float(&self) -> Checked<&Float> {
        match &self.arithmetic {
            Arithmetic::Float(float) => Ok(float),
            Arithmetic::Fixed(_) => Err(Error::Type),
        }
    }

    /// The arithmetic in fixed point; a type of floats is refused.
    pub(crate) fn fixed(&self) -> Checked<&Fixed> {
        match &self.arithmetic {
            Arithmetic::Fixed(fixed) => Ok(fixed),
            Arithmetic::Float(_) => Err(Error::Type),
        }
    }
}
