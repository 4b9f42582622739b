//! tinynmf for C: `include/tinynmf.h` is generated from this crate, `libtinynmf.a` is what it builds.
//!
//! Its `unsafe` code trusts what C says about memory, after checking what can be checked. Nothing is allocated;
//! every object lives in memory that the caller owns.
//!
//! | to read | in |
//! |---|---|
//! | what can go wrong | `error` |
//! | which header fits this library | `version` |
//! | what pointers from C are checked for | `memory` |
//! | V, step rules | `matrix` and `element`, `rule` |
//! | factorisations, in floats and in fixed point | `nmf`, `fixed`; both: `settings`, `record` |
//! | H alone, W from a stream | `transform`; `online`, `column` |
//!
//! C promises for every function: a pointer is null or points at what its type says, memory was
//! written before it is handed over, and no object is used by two threads at once.

#![no_std]
// The comments of public items end up in the header, where these are the conventions of C.
#![allow(clippy::doc_markdown, clippy::missing_safety_doc)]

mod column;
mod element;
mod error;
mod exact;
mod fingerprint;
mod fixed;
mod matrix;
mod memory;
mod nmf;
mod online;
mod panic;
mod record;
mod rule;
mod settings;
mod transform;
mod version;

pub use column::{tinynmf_online_f32, tinynmf_online_i16, tinynmf_online_u8, tinynmf_online_u16};
pub use element::{
    TINYNMF_F32, TINYNMF_FIXED_I16, TINYNMF_FIXED_U8, TINYNMF_FIXED_U16, TINYNMF_I16, TINYNMF_U8,
    TINYNMF_U16, Type,
};
pub use error::{Error, tinynmf_error_string};
pub use exact::{
    tinynmf_transform_exact_f32, tinynmf_transform_exact_i16, tinynmf_transform_exact_u8,
    tinynmf_transform_exact_u16,
};
pub use fingerprint::tinynmf_fingerprint;
pub use fixed::{
    FIXED_HEADER, FIXED_ROWS, Fixed, tinynmf_fixed_epoch, tinynmf_fixed_h, tinynmf_fixed_init,
    tinynmf_fixed_loss, tinynmf_fixed_objective, tinynmf_fixed_set, tinynmf_fixed_set_data,
    tinynmf_fixed_size, tinynmf_fixed_w,
};
pub use matrix::{Matrix, tinynmf_check};
pub use nmf::{
    HEADER, Nmf, ROWS, tinynmf_epoch, tinynmf_h, tinynmf_init, tinynmf_loss, tinynmf_objective,
    tinynmf_set, tinynmf_set_data, tinynmf_size, tinynmf_w,
};
pub use online::{
    Keep, ONLINE_DEFAULTS, ONLINE_HEADER, ONLINE_ROWS, Online, OnlineSettings, tinynmf_online_h,
    tinynmf_online_init, tinynmf_online_residual, tinynmf_online_set, tinynmf_online_size,
    tinynmf_online_w,
};
pub use record::{HalfStep, Outcome, Record};
pub use rule::{
    RULE_WORDS, Rule, RuleKind, tinynmf_rule_init, tinynmf_rule_learned, tinynmf_shipped_policy,
};
pub use settings::{DEFAULTS, NO_PENALTY, Penalty, Settings};
pub use transform::{
    TRANSFORM_DEFAULTS, TRANSFORM_HEADER, TRANSFORM_ROWS, Transform, TransformSettings,
    tinynmf_transform_columns, tinynmf_transform_init, tinynmf_transform_size,
};
pub use version::{ABI, tinynmf_version};
