//! Readers of bytes from outside: one function a reader, which panics where a promise is broken.
//!
//! The fuzzer (`tests/fuzz`) and the replay of the corpora (`tests/tests/corpus.rs`) call the same functions. Each returns
//! whether the bytes were accepted, so that a corpus can be seen to reach both ends.

mod host;
mod policy;
mod slots;

#[cfg(feature = "once")]
pub use host::elf;
pub use host::{checkpoint, configuration, matrix, safetensors, sound};
pub use policy::policy;
pub use slots::slots;

/// A reader's name, which is also its corpus's and its fuzz target's, and its function.
pub type Target = (&'static str, fn(&[u8]) -> bool);

/// Every reader.
pub const TARGETS: &[Target] = &[
    ("matrix", matrix),
    ("policy", policy),
    ("configuration", configuration),
    ("checkpoint", checkpoint),
    ("safetensors", safetensors),
    ("slots", slots),
    #[cfg(feature = "once")]
    ("elf", elf),
];
