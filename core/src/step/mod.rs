//! The half-step: a sample of V, then moves, then a record. Written once, for every storage and arithmetic.

pub mod moves;
pub mod observe;
mod observe_schedule;
mod open;
mod record;
mod sample;
mod schedule;
pub mod situation;
mod step_rule;

pub use open::Open;
pub use record::{HalfStep, Outcome};
pub use sample::{Sample, full_epoch};
pub use schedule::{Schedule, half_step};
pub use step_rule::StepRule;
