//! [`product`] with the policy of gradient steps that ships.
#![no_std]
#![no_main]

#[macro_use]
mod product;

use tinynmf_core::rule::Learned;
use tinynmf_core::{Policy, policy};

product!(Learned::new(Policy::from_bytes(policy::SHIPPED)?));
