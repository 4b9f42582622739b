//! Large matrices: core's run on products that are GEMM's.
//!
//! Twenty times as fast as core's kernel at rank 100, but not bit-identical: GEMM picks its kernel by the
//! processor, sums in its own order, and fuses multiply and add. `tests.rs` ties the two together.
//!
//! | what | in |
//! |---|---|
//! | sums and products | [`gemm`] |
//! | V by rows and by columns | [`matrix`] |
//! | what a run asks of it | `products` |
//! | a half-step's moves | [`block`], [`sweep`] |
//! | both for two to twelve components | `few` |

pub mod block;
mod few;
pub mod gemm;
pub mod matrix;
mod products;
pub mod sweep;

#[cfg(test)]
mod tests;

pub use matrix::{Gemm, LargeMatrix};
