//! Factorisations of large matrices: core's half-step on blocks whose products are GEMM's.
//!
//! Twenty times as fast as core's kernel at rank 100, but not bit-identical: GEMM picks its kernel by the
//! processor, sums in its own order, and fuses multiply and add. `tests.rs` ties the two together.
//!
//! | what | in |
//! |---|---|
//! | sums and products | [`gemm`] |
//! | a half-step's gradient and step | [`block`] |
//! | epochs and loss | [`nmf`] |

pub mod block;
pub mod gemm;
pub mod nmf;

#[cfg(test)]
mod tests;

pub use nmf::{LargeMatrix, LargeNmf};
