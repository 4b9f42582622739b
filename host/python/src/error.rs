//! Errors as Python knows them.

use std::fmt::Display;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

/// Something that a caller can put right: a `ValueError` with the same sentence.
pub fn refused(error: impl Display) -> PyErr {
    PyValueError::new_err(error.to_string())
}
