//! Helpers that the integration tests share.

pub mod float64;
pub mod problem;
pub mod reference;
pub mod rules;
pub mod walk;
