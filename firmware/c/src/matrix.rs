//! V, as C describes it.

use core::ffi::c_void;

use tinynmf_core::Error as CoreError;

use crate::element::{Refusal, Type, View};
use crate::error::{Checked, Error};
use crate::memory::{borrow, check, put};

/// A matrix that is read in place, in flash or in RAM: rows x columns entries, row by row.
#[derive(Debug, Clone, Copy)]
#[repr(C)]
pub struct Matrix {
    /// The entries; they stay where they are for as long as the matrix is in use.
    pub entries: *const c_void,
    /// Their type: &TINYNMF_U8, &TINYNMF_U16, &TINYNMF_I16 or &TINYNMF_F32; &TINYNMF_FIXED_U8,
    /// &TINYNMF_FIXED_U16 or &TINYNMF_FIXED_I16 for tinynmf_fixed_init.
    pub element: *const Type,
    /// m, at least 1.
    pub rows: u32,
    /// n, at least 1.
    pub columns: u32,
    /// The matrix is scale times its entries.
    pub scale: f32,
}

/// A matrix whose every entry was checked.
#[derive(Clone, Copy)]
pub(crate) struct Viewed {
    pub element: &'static Type,
    pub view: View,
    pub rows: usize,
    pub columns: usize,
    pub scale: f32,
}

/// Checks every entry once.
///
/// # Safety
///
/// Unless they are refused, `matrix` points at a matrix, whose entries stay as they are while the view is used.
pub(crate) unsafe fn view(matrix: *const Matrix) -> Result<Viewed, Refusal> {
    // SAFETY: the caller's promise.
    let matrix = unsafe { borrow(matrix) }.map_err(Refusal::Pointer)?;
    // SAFETY: types are constants of this library, or at least in memory.
    let element = unsafe { borrow::<'static>(matrix.element) }.map_err(Refusal::Pointer)?;
    element.check().map_err(Refusal::Pointer)?;
    let (rows, columns) = (matrix.rows as usize, matrix.columns as usize);
    // SAFETY: the caller's promise.
    let view = unsafe { (element.view)(matrix.entries, [rows, columns], matrix.scale) }?;
    Ok(Viewed { element, view, rows, columns, scale: matrix.scale })
}

impl Viewed {
    /// Refuses another shape than this one's, and a matrix for the other arithmetic.
    pub(crate) fn check_successor(&self, next: &Self) -> Checked {
        if (next.rows, next.columns) != (self.rows, self.columns) {
            return Err(Error::Shape);
        }
        if next.element.float().is_ok() == self.element.float().is_ok() {
            return Ok(());
        }
        Err(Error::Type)
    }
}

/// Checks a matrix, and says where the entry is that is not finite, negative or too large.
///
/// `row` and `column` count from 0 and may be null; they are only written to for such an entry.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tinynmf_check(
    matrix: *const Matrix,
    row: *mut u32,
    column: *mut u32,
) -> Error {
    let places = [row, column];
    for place in places {
        match check(place) {
            Ok(()) | Err(Error::Null) => (),
            Err(error) => return error,
        }
    }
    // SAFETY: C's promise.
    let Err(refusal) = (unsafe { view(matrix) }) else { return Error::None };
    if let Refusal::Content(
        CoreError::NotFinite { row, column }
        | CoreError::Negative { row, column }
        | CoreError::TooLarge { row, column },
    ) = refusal
    {
        for (place, index) in places.into_iter().zip([row, column]) {
            // SAFETY: C's promise; a null pointer says that nobody wants to know.
            let _ = unsafe { put(place, index as u32) };
        }
    }
    refusal.into()
}
