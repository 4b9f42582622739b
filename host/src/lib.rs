#![forbid(unsafe_code)]
//! Host side of tinynmf.
