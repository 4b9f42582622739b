//! V of an element type that is known elsewhere.

use core::ffi::c_void;

use tinynmf_core::data::Entry;
use tinynmf_core::fixed_point::{Integer, IntegerData};
use tinynmf_core::{Data, Error as CoreError};

use crate::error::Error;
use crate::memory::numbers;

/// V once it is checked; its type is known elsewhere.
#[derive(Clone, Copy)]
pub(crate) union View {
    u8: Data<'static, u8>,
    u16: Data<'static, u16>,
    i16: Data<'static, i16>,
    f32: Data<'static, f32>,
    fixed_u8: IntegerData<'static, u8>,
    fixed_u16: IntegerData<'static, u16>,
    fixed_i16: IntegerData<'static, i16>,
}

/// An element type that a view may have, in floats.
pub(super) trait Element: Entry + 'static {
    fn view(data: Data<'static, Self>) -> View;

    /// # Safety
    ///
    /// The view was made by [`Element::view`] of the same type.
    unsafe fn data(view: View) -> Data<'static, Self>;
}

/// The same in fixed point.
pub(super) trait FixedElement: Integer + 'static {
    fn view(data: IntegerData<'static, Self>) -> View;

    /// # Safety
    ///
    /// The view was made by [`FixedElement::view`] of the same type.
    unsafe fn data(view: View) -> IntegerData<'static, Self>;
}

macro_rules! elements {
    ($element:ident of $data:ident: $($field:ident: $t:ty),*) => {$(
        impl $element for $t {
            fn view(data: $data<'static, Self>) -> View {
                View { $field: data }
            }

            unsafe fn data(view: View) -> $data<'static, Self> {
                // SAFETY: the caller's promise.
                unsafe { view.$field }
            }
        }
    )*};
}
elements!(Element of Data: u8: u8, u16: u16, i16: i16, f32: f32);
elements!(FixedElement of IntegerData: fixed_u8: u8, fixed_u16: u16, fixed_i16: i16);

/// Why a matrix was refused.
pub(crate) enum Refusal {
    /// Before its entries were read.
    Pointer(Error),
    /// For its entries, its shape or its scale.
    Content(CoreError),
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Pointer(error) => error,
            Refusal::Content(error) => error.into(),
        }
    }
}

/// Checks every entry once.
///
/// # Safety
///
/// Unless they are refused, the entries are of type E, and stay as they are while the view is used.
unsafe fn checked<E: Entry + 'static>(
    entries: *const c_void,
    [rows, columns]: [usize; 2],
    scale: f32,
) -> Result<Data<'static, E>, Refusal> {
    let count = rows.checked_mul(columns).ok_or(Refusal::Pointer(Error::Empty))?;
    // SAFETY: the caller's promise.
    let entries =
        unsafe { numbers::<'static, E>(entries.cast(), count) }.map_err(Refusal::Pointer)?;
    Data::new(entries, rows, columns, scale).map_err(Refusal::Content)
}

/// # Safety
///
/// As [`checked`]; so in what follows.
pub(super) unsafe fn float<E: Element>(
    entries: *const c_void,
    shape: [usize; 2],
    scale: f32,
) -> Result<View, Refusal> {
    // SAFETY: the caller's promise.
    unsafe { checked::<E>(entries, shape, scale) }.map(E::view)
}

pub(super) unsafe fn fixed<E: FixedElement>(
    entries: *const c_void,
    shape: [usize; 2],
    scale: f32,
) -> Result<View, Refusal> {
    // SAFETY: the caller's promise.
    unsafe { checked::<E>(entries, shape, scale) }.map(|data| E::view(data.into()))
}
