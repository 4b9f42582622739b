//! Training: a policy that picks step sizes, by proximal policy optimisation.
//!
//! | what | in |
//! |---|---|
//! | problems to train on | [`family`] |
//! | one factorisation as an episode, and its reward | [`episode`] |
//! | the network, forward and backward | [`network`] |
//! | advantages, the update | [`advantage`], [`ppo`], [`adam`] |
//! | the loop, its checkpoints | [`trainer`], [`checkpoint`] |
//! | the learning curve | [`curve`] |
//!
//! Everything is deterministic for a seed, whatever the number of threads: episodes draw from streams of
//! their own, sums are made in a fixed order, and functions are libm's.

pub mod adam;
pub mod advantage;
pub mod checkpoint;
pub mod config;
pub mod curve;
pub mod episode;
pub mod family;
pub mod float_policy;
pub mod network;
pub mod normaliser;
pub mod ppo;
pub mod trainer;

pub use config::Config;
pub use family::{Family, Problem};
pub use float_policy::FloatPolicy;
pub use trainer::{Progress, Trainer};
