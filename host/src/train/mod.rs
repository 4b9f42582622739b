//! Training: a policy that picks step sizes, by proximal policy optimisation or evolution strategies.
//!
//! | what | in |
//! |---|---|
//! | problems to train on | [`family`], of a user's matrix: [`source`] |
//! | one factorisation as an episode, and its reward | [`episode`], the paper's: [`paper`] |
//! | the latents of one column as an episode | [`columns`] |
//! | what sets the two environments apart for everything else | [`mode`] |
//! | who acts in it | [`actor`], [`float_policy`] |
//! | the network, forward and backward | [`network`], [`kernel`] |
//! | the two algorithms, and what they are given to play with | [`algorithm`], [`round`] |
//! | PPO: advantages, the update | [`advantage`], [`ppo`], [`adam`] |
//! | evolution strategies | [`es`] |
//! | a classical rule to begin with | [`imitate`] |
//! | the loop, its checkpoints | [`trainer`], [`checkpoint`] |
//! | the learning curve, for TensorBoard too | [`curve`], [`events`] |
//!
//! Everything is deterministic for a seed, whatever the number of threads: episodes draw from streams of
//! their own, sums are made in a fixed order, and functions are libm's.

pub mod actor;
pub mod adam;
pub mod advantage;
pub mod algorithm;
pub mod checkpoint;
pub mod columns;
pub mod config;
pub mod curve;
pub mod episode;
pub mod es;
pub mod events;
pub mod family;
pub mod float_policy;
pub mod imitate;
pub mod kernel;
pub mod mode;
pub mod network;
pub mod normaliser;
pub mod paper;
pub mod ppo;
pub mod round;
pub mod source;
pub mod trainer;

pub use algorithm::Algorithm;
pub use config::Config;
pub use family::{Family, Problem};
pub use float_policy::FloatPolicy;
pub use mode::Mode;
pub use ppo::Ppo;
pub use source::{Given, Source};
pub use trainer::{Progress, Trainer};
