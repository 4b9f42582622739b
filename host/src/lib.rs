#![forbid(unsafe_code)]
//! Host side of tinynmf.

pub mod compare;
pub mod descent;
pub mod device;
pub mod digits;
pub mod error;
pub mod evaluate;
pub mod export;
pub mod factorize;
pub mod html;
pub mod inspect;
pub mod interrupt;
pub mod large;
pub mod matrix;
pub mod monitor;
pub mod nmf_vec;
pub mod output;
pub mod plot;
pub mod policy_file;
pub mod quantise;
pub mod reproduce;
pub mod rule_name;
pub mod seeds;
pub mod study;
pub mod train;
pub mod trajectory;
