//! An anomaly monitor in integers, for a core without a floating-point unit.
//!
//! A machine runs in cycles. Its loads draw current by profiles of their own, each cycle as strongly as the work asks
//! for: v ≈ Wh. The monitor learns W from cycles that are normal, then how far normal cycles are from W. From then on, a
//! cycle that is further away is unlike all before.
//!
//! | to read | in |
//! |---|---|
//! | the machine, which is synthetic | [`machine`] |
//! | the monitor: W, the threshold, the verdict | [`monitor`] |
//! | a session of both, and how it went | [`session`] |

#![no_std]
#![forbid(unsafe_code)]

pub mod machine;
pub mod monitor;
pub mod session;

pub use machine::{Condition, Machine, ROWS};
pub use monitor::{Learner, Monitor, RANK};
pub use session::Outcome;
