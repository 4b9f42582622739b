#![forbid(unsafe_code)]
//! Trains policies that pick step sizes, by proximal policy optimisation or evolution strategies.
//!
//! A factorisation is an episode, a half-step is a decision, and the reward is the decrease of the loss. Training makes a
//! small network in floats. [`quantise`](mod@quantise) turns it into the int8 blob that `tinynmf-core` reads in place from
//! flash, and [`export`] writes it for other programs.
//!
//! ```
//! use tinynmf::core::Policy;
//! use tinynmf::family::Family;
//! use tinynmf_train::quantise::quantise;
//! use tinynmf_train::{Config, Trainer};
//!
//! let family = Family { horizon: [10, 20], ..Family::default() };
//! // Far too short to learn much, but whole.
//! let config = Config { iterations: 2, episodes: 4, problems: 4, family, ..Config::default() };
//! let mut trainer = Trainer::new(config)?;
//! while !trainer.finished() {
//!     println!("mean reward {}", trainer.iterate().reward);
//! }
//! let blob = quantise(&trainer.policy());
//! assert!(Policy::from_bytes(&blob).is_ok());
//! # Ok::<(), tinynmf::error::Error>(())
//! ```
//!
//! | for | see |
//! |---|---|
//! | problems to train on | [`tinynmf::family`], of a user's matrix: [`source`] |
//! | one factorisation as an episode, and its reward | [`episode`], the paper's: [`paper`] |
//! | the latents of one column as an episode | [`columns`] |
//! | the differences between the environments | [`mode`] |
//! | episodes that are decided from outside, in any mode | [`game`] |
//! | the policies that act in it | [`actor`], [`float_policy`] |
//! | the network, forward and backward | [`network`], [`kernel`] |
//! | the two algorithms, and their input | [`algorithm`], [`round`] |
//! | PPO: advantages, the update | [`advantage`], [`ppo`], [`adam`] |
//! | evolution strategies | [`es`] |
//! | mode schedule: problems, episodes, reward | [`schedule`] |
//! | a classical rule to begin with | [`imitate`] |
//! | the configuration, its limits, and the memory that it takes | [`config`], [`limits`] |
//! | the loop, its checkpoints | [`trainer`], [`checkpoint`] |
//! | the learning curve, for TensorBoard too | [`curve`], [`events`] |
//! | schedules on problems held out, and the best of them | [`validation`] |
//! | the int8 blob; safetensors, ONNX and Rust source | [`quantise`](mod@quantise), [`export`] |
//!
//! A seed determines every result, for any number of threads: each episode draws from a stream of its own, sums have a
//! fixed order, and functions are libm's.
//!
//! Read on in [`trainer`] for the loop, in [`config`] for the settings, in [`tinynmf_core::policy`] for the blob, and in
//! `tinynmf-lab` for the quality of a policy.

pub mod actor;
pub mod adam;
pub mod advantage;
pub mod algorithm;
mod check;
pub mod checkpoint;
pub mod columns;
pub mod config;
pub mod curve;
pub mod episode;
pub mod es;
pub mod events;
pub mod export;
pub mod float_policy;
pub mod game;
pub mod imitate;
pub mod kernel;
pub mod limits;
pub mod mode;
pub mod network;
pub mod normaliser;
mod number;
pub mod paper;
pub mod ppo;
pub mod progress;
pub mod quantise;
pub mod round;
pub mod schedule;
pub mod source;
pub mod trainer;
pub mod validation;

pub use algorithm::Algorithm;
pub use config::Config;
pub use float_policy::FloatPolicy;
pub use mode::Mode;
pub use ppo::Ppo;
pub use progress::Progress;
pub use source::{Given, Source};
pub use trainer::Trainer;
pub use validation::Validation;
