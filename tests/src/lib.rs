//! Helpers that the integration tests share.

pub mod blobs;
#[cfg(feature = "once")]
pub mod browser;
pub mod flash;
pub mod float64;
// Beside core, whose own tests take it too.
#[path = "../../core/tests/forged/mod.rs"]
pub mod forged;
pub mod hostile;
pub mod problem;
pub mod reference;
pub mod rules;
pub mod slow_flash;
pub mod template;
pub mod walk;

/// The README's examples, compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;
