#![forbid(unsafe_code)]
//! Host side of tinynmf.

pub mod device;
pub mod digits;
pub mod error;
pub mod matrix;
pub mod nmf_vec;
pub mod output;
pub mod quantise;
pub mod train;
