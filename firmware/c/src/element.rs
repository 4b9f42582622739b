//! Element types: everything that is compiled once for each, behind a table of functions.
//!
//! A program names the tables that it uses, so that its linker leaves the other types' code out.

use core::ffi::c_void;

use tinynmf_core::data::Entry;
use tinynmf_core::run::{Buffers, State};
use tinynmf_core::{Data, Epoch, Error as CoreError, Rule, Run, Transform};

use crate::error::{Checked, Error};
use crate::memory::numbers;

/// An element type of a matrix: TINYNMF_U8, TINYNMF_U16, TINYNMF_I16 or TINYNMF_F32.
pub struct Type {
    mark: usize,
    pub(crate) view: unsafe fn(*const c_void, [usize; 2], f32) -> Result<View, Refusal>,
    pub(crate) start: unsafe fn(Parts<'_>, u64) -> Checked,
    pub(crate) epoch: unsafe fn(Parts<'_>, &mut Rule<'static>) -> Checked<Epoch>,
    pub(crate) loss: unsafe fn(Parts<'_>) -> Checked<f32>,
    pub(crate) columns:
        unsafe fn(&mut Transform<'static>, View, &mut Rule<'static>, &mut [f32]) -> Checked,
}

const MARK: usize = 0x544e_4d45;

/// uint8_t
#[unsafe(no_mangle)]
pub static TINYNMF_U8: Type = Type::of::<u8>();

/// uint16_t
#[unsafe(no_mangle)]
pub static TINYNMF_U16: Type = Type::of::<u16>();

/// int16_t, none of them negative
#[unsafe(no_mangle)]
pub static TINYNMF_I16: Type = Type::of::<i16>();

/// float
#[unsafe(no_mangle)]
pub static TINYNMF_F32: Type = Type::of::<f32>();

impl Type {
    const fn of<E: Element>() -> Self {
        Self {
            mark: MARK,
            view: view::<E>,
            start: start::<E>,
            epoch: epoch::<E>,
            loss: loss::<E>,
            columns: columns::<E>,
        }
    }

    /// Refuses what is none of the four.
    pub(crate) fn check(&self) -> Checked {
        if self.mark == MARK { Ok(()) } else { Err(Error::Type) }
    }
}

/// What a run is made of.
pub(crate) struct Parts<'a> {
    pub view: View,
    pub rank: usize,
    pub buffers: Buffers<'a>,
    pub state: &'a mut State,
}

/// V of an element type that is known elsewhere, once it is checked.
#[derive(Clone, Copy)]
pub(crate) union View {
    u8: Data<'static, u8>,
    u16: Data<'static, u16>,
    i16: Data<'static, i16>,
    f32: Data<'static, f32>,
}

/// An element type that a view may have.
trait Element: Entry + 'static {
    fn view(data: Data<'static, Self>) -> View;

    /// # Safety
    ///
    /// The view was made by [`Element::view`] of the same type.
    unsafe fn data(view: View) -> Data<'static, Self>;
}

macro_rules! elements {
    ($($t:ident),*) => {$(
        impl Element for $t {
            fn view(data: Data<'static, Self>) -> View {
                View { $t: data }
            }

            unsafe fn data(view: View) -> Data<'static, Self> {
                // SAFETY: the caller's promise.
                unsafe { view.$t }
            }
        }
    )*};
}
elements!(u8, u16, i16, f32);

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
unsafe fn view<E: Element>(
    entries: *const c_void,
    [rows, columns]: [usize; 2],
    scale: f32,
) -> Result<View, Refusal> {
    let count = rows.checked_mul(columns).ok_or(Refusal::Pointer(Error::Empty))?;
    // SAFETY: the caller's promise.
    let entries =
        unsafe { numbers::<'static, E>(entries.cast(), count) }.map_err(Refusal::Pointer)?;
    Data::new(entries, rows, columns, scale).map(E::view).map_err(Refusal::Content)
}

/// # Safety
///
/// The view is of type E; so in all that follows.
unsafe fn run<E: Element>(parts: Parts<'_>) -> Checked<Run<'_, E>> {
    let Parts { view, rank, buffers, state } = parts;
    // SAFETY: the caller's promise.
    Ok(Run::new(unsafe { E::data(view) }, rank, buffers, state)?)
}

unsafe fn start<E: Element>(parts: Parts<'_>, seed: u64) -> Checked {
    // SAFETY: the caller's promise.
    unsafe { run::<E>(parts) }.map(|mut run| run.start(seed))
}

unsafe fn epoch<E: Element>(parts: Parts<'_>, rule: &mut Rule<'static>) -> Checked<Epoch> {
    // SAFETY: the caller's promise.
    unsafe { run::<E>(parts) }.map(|mut run| run.epoch(rule))
}

unsafe fn loss<E: Element>(parts: Parts<'_>) -> Checked<f32> {
    // SAFETY: the caller's promise.
    unsafe { run::<E>(parts) }.map(|run| run.loss())
}

unsafe fn columns<E: Element>(
    transform: &mut Transform<'static>,
    view: View,
    rule: &mut Rule<'static>,
    h: &mut [f32],
) -> Checked {
    // SAFETY: the caller's promise.
    Ok(transform.columns(&unsafe { E::data(view) }, rule, h)?)
}
