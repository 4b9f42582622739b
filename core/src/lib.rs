//! Non-negative matrix factorisation V ≈ WH for microcontrollers, which picks its own schedule.
//!
//! The crate finds W (m × r) ≥ 0 and H (r × n) ≥ 0 that minimise F = ½‖V − WH‖²_F for a given V (m × n) ≥ 0. It updates W and H
//! in turn; each update is a half-step of gradient steps or of sweeps over the components. A [`Rule`] chooses how much of V a
//! half-step looks at and how far it steps. A rule is classical, or it asks a small int8 [`Policy`], which reinforcement
//! learning trained and which is read in place from flash.
//!
//! The crate has no heap, no `unsafe` code and no panics: constructors check their input, so that steps cannot fail. The same
//! problem, seed and rule give the same bits on every target and in every build profile, because every sum has one order, no
//! multiply-add is fused, and every transcendental function is libm's.
//!
//! ```
//! use tinynmf_core::rule::Learned;
//! use tinynmf_core::{Data, Nmf, Policy, Settings, policy};
//!
//! static READINGS: [u8; 12] = [9, 0, 3, 8, 0, 3, 0, 7, 7, 9, 7, 9];
//! let data = Data::new(&READINGS, 4, 3, 1.0 / 16.0)?;
//! let mut rule = Learned::new(Policy::from_bytes(policy::SHIPPED)?);
//! let mut nmf = Nmf::<4, 3, 2>::new(Settings { horizon: 50, ..Settings::default() })?;
//! let mut run = nmf.run(data)?;
//! let before = run.loss();
//! for _ in 0..50 {
//!     run.epoch(&mut rule);
//! }
//! assert!(run.loss() < 0.1 * before);
//! # Ok::<(), tinynmf_core::Error>(())
//! ```
//!
//! A program that names its rule, as this one does, contains no other. A [`Rule`] is any rule, chosen at run time, and takes the
//! flash of all of them.
//!
//! Where to read on:
//!
//! | to learn about | read |
//! |---|---|
//! | V: its types, shapes and limits | [`data`] |
//! | the gram matrix A = HHᵀ, the certified bound 2/L, the products V·Hᵀ | [`gram`], [`bound`], [`product`] |
//! | the half-step of a factor: samples, moves, records | [`subproblem`], [`step`] |
//! | the rules, and what they observe | [`rule`], [`situation`], [`observe`], [`policy`] |
//! | a whole factorisation, and its loss | [`run`], [`state`], [`nmf`], [`loss()`](mod@loss), [`penalty`] |
//! | who keeps its memory | [`storage`] |
//! | the same without a floating-point unit | [`fixed_point`] |
//! | noise on gradients, for experiments | [`noise`] |
//! | parts that are known beforehand | [`known_parts`] |
//! | a restart after a brown-out | [`retained`] |
//! | latents of new columns; W from a stream | [`transform`], [`online`] |

#![no_std]
#![forbid(unsafe_code)]

/// The front page's example is a doctest, too.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct FrontPage;

#[macro_use]
mod pass_on;

mod batch;
mod checksum;
mod cosine;
pub mod error;
pub mod factor;
pub mod fingerprint;
pub mod fixed_point;
pub mod float;
#[cfg(feature = "defmt")]
mod format;
pub mod known_parts;
pub mod matrix;
pub mod nmf;
pub mod noise;
pub mod online;
pub mod policy;
pub mod random;
pub mod retained;
mod rows;
pub mod rule;
pub mod run;
pub mod state;
pub mod step;
pub mod storage;
pub mod subproblem;
mod target;
pub mod transform;

pub use matrix::{data, gram, loss, product};
pub use step::{observe, situation};
pub use subproblem::{bound, penalty};
pub(crate) use subproblem::{exact, quadratic, slope};

pub use data::Data;
pub use error::Error;
pub use factor::Factor;
pub use fingerprint::Fingerprint;
pub use fixed_point::NmfFixed;
pub use known_parts::KnownParts;
pub use matrix::Matrix;
pub use nmf::{Nmf, NmfInner, NmfOver, NmfWhole};
pub use online::Online;
pub use policy::Policy;
pub use rule::Rule;
pub use run::{Epoch, Run, Settings};
pub use step::{HalfStep, Open, Outcome, Sample, Schedule, StepRule, full_epoch};
pub use subproblem::Subproblem;
pub use transform::Transform;
