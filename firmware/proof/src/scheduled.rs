//! [`product`] with the policy of schedules that ships.
#![no_std]
#![no_main]

#[macro_use]
mod product;

use tinynmf_core::policy::{self, SchedulePolicy};
use tinynmf_core::rule::Scheduled;

product!(Scheduled::new(SchedulePolicy::from_bytes(policy::SCHEDULE)?));
