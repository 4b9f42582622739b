//! Gestures from the muscle synergies of a forearm, in real time.
//!
//! A **synergy** is a group of muscles that work together: a column of W. How active each synergy is, h, tells which
//! gesture the hand makes. Eight electrodes around the forearm give samples; their mean amplitudes over a window are a
//! column v ≈ Wh.
//!
//! | to read | in |
//! |---|---|
//! | samples to columns: rectify, average | [`amplitude`] |
//! | latents to features | [`features`] |
//! | features to a gesture | [`classifier`] |
//! | all of it, W fixed or relearnt as electrodes drift | [`recognizer`] |
//! | the same in integers, for cores without a floating-point unit | [`integers`] |
//! | a recorded session, and how often the gesture was right | [`session`] |
//! | what is learnt on a first session: W, the classifier; what was | [`model`], [`learnt`] |

#![no_std]
#![forbid(unsafe_code)]

pub mod amplitude;
pub mod classifier;
pub mod features;
pub mod integers;
pub mod learnt;
pub mod model;
pub mod recognizer;
pub mod session;

pub use amplitude::{Amplitude, CHANNELS, WINDOW};
pub use classifier::{Classifier, GESTURES};
pub use features::{FEATURES, Features, RANK};
pub use integers::Integers;
pub use model::Model;
pub use recognizer::Recognizer;
pub use session::{Recognize, Recognized, Tally, Windows};

/// This crate's folder, where it is built.
pub const FOLDER: &str = env!("CARGO_MANIFEST_DIR");

/// The part of a second session that the repository holds, a `.npy` file.
pub const PART: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data/session_2_part.npy");
