//! Factorisations of handwritten digits that the host can compare bit by bit: what boards and WebAssembly share.

#![no_std]
#![forbid(unsafe_code)]

pub mod identity;
pub mod images;
mod order;
mod report;

pub use order::Order;
pub use report::{Report, factorise, factorise_noisy, fingerprint};
