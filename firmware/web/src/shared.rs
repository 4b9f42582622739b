//! Memory of a module between calls.

use core::cell::RefCell;

/// A value for a static.
pub struct Shared<T>(RefCell<T>);

// SAFETY: this module has one thread; it is built without atomics, and its memory is not shared.
unsafe impl<T> Sync for Shared<T> {}

impl<T> Shared<T> {
    pub const fn new(value: T) -> Self {
        Self(RefCell::new(value))
    }

    /// Lends the value; `None` while it is lent already, which takes a host that calls back.
    pub fn with<R>(&self, work: impl FnOnce(&mut T) -> R) -> Option<R> {
        self.0.try_borrow_mut().ok().map(|mut value| work(&mut value))
    }
}
