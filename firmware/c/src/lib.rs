//! tinynmf for C: `include/tinynmf.h` is generated from this crate, `libtinynmf.a` is what it builds.
//!
//! The only crate of the project with `unsafe` code: it trusts what C says about memory, after checking
//! what can be checked. Nothing is allocated; every object lives in memory that the caller owns.
//!
//! | to read | in |
//! |---|---|
//! | what can go wrong | `error` |
//! | what pointers from C are checked for | `memory` |
//! | V, step rules, factorisations, H alone | `matrix` and `element`, `rule`, `nmf`, `transform` |
//!
//! What C promises for every function: a pointer is null or points at what its type says, memory was
//! written before it is handed over, and no object is used by two threads at once.

#![no_std]
// The comments of public items end up in the header, where these are the conventions of C.
#![allow(clippy::doc_markdown, clippy::missing_safety_doc)]

mod element;
mod error;
mod matrix;
mod memory;
mod nmf;
mod panic;
mod rule;
mod transform;

pub use element::{TINYNMF_F32, TINYNMF_I16, TINYNMF_U8, TINYNMF_U16, Type};
pub use error::{Error, tinynmf_error_string};
pub use matrix::{Matrix, tinynmf_check};
pub use nmf::{
    DEFAULTS, HEADER, HalfStep, Nmf, Outcome, ROWS, Record, Settings, tinynmf_epoch,
    tinynmf_fingerprint, tinynmf_h, tinynmf_init, tinynmf_loss, tinynmf_set, tinynmf_set_data,
    tinynmf_size, tinynmf_w,
};
pub use rule::{
    RULE_WORDS, Rule, RuleKind, tinynmf_rule_init, tinynmf_rule_learned, tinynmf_shipped_policy,
};
pub use transform::{
    TRANSFORM_DEFAULTS, TRANSFORM_HEADER, TRANSFORM_ROWS, Transform, TransformSettings,
    tinynmf_transform_columns, tinynmf_transform_init, tinynmf_transform_size,
};
