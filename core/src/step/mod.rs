//! The half-step: what it looks at, what a rule may see, what is recorded.

pub mod half_step;
pub mod moves;
pub mod observe;
mod observe_schedule;
pub mod situation;
