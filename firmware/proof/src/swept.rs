//! [`product`] with sweeps, and without a policy.
#![no_std]
#![no_main]

#[macro_use]
mod product;

use tinynmf_core::rule::Sweeps;

product!(Sweeps::new(black_box(1.5), 2)?);
