//! The extension module of Python's package `tinynmf`: arrays in, the libraries' work, arrays out.
//!
//! The documentation for callers is in Python, see `python/tinynmf`.
//!
//! | what | in |
//! |---|---|
//! | V from numpy and scipy | `matrix` |
//! | work without the interpreter's lock, Ctrl-C, callbacks; on all cores | `supervise`, `side_by_side` |
//! | a factorisation; latents of rows | `factorize`, `latents`, `nnls` |
//! | rules, policies | `rules`, `policy` |
//! | what policies learn in, and what they see there | `env`, `situation` |

#![allow(clippy::needless_pass_by_value, reason = "arguments from Python arrive as values")]

mod env;
mod error;
mod factorize;
mod latents;
mod matrix;
mod nnls;
mod policy;
mod rules;
mod side_by_side;
mod situation;
mod supervise;

use pyo3::prelude::*;

/// The compiled half of `tinynmf`.
#[pymodule]
mod _tinynmf {
    #[pymodule_export]
    use super::env::{Games, Problems};
    #[pymodule_export]
    use super::factorize::{Epoch, Found, cross_validate, factorize, latents};
    #[pymodule_export]
    use super::policy::{Policy, rust_module, to_onnx};
    use super::pyfunction;
    #[pymodule_export]
    use super::rules::{compare, default_rule, kinds, written};

    /// The version.
    #[pyfunction]
    fn version() -> &'static str {
        env!("CARGO_PKG_VERSION")
    }
}
