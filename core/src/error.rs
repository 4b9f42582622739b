//! Why a constructor refused its input.

use crate::policy::PolicyError;

/// What is wrong with an input, and where; rows and columns count from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Error {
    /// A matrix without rows or without columns.
    #[error("the matrix is empty")]
    Empty,
    /// The number of entries is not rows × columns.
    #[error("{found} entries where the shape needs {expected}")]
    Shape {
        /// rows × columns.
        expected: usize,
        /// Entries given.
        found: usize,
    },
    /// An entry is NaN or infinite.
    #[error("the entry at row {row}, column {column} is not finite")]
    NotFinite {
        /// Row of the entry.
        row: usize,
        /// Column of the entry.
        column: usize,
    },
    /// An entry is below zero.
    #[error("the entry at row {row}, column {column} is negative")]
    Negative {
        /// Row of the entry.
        row: usize,
        /// Column of the entry.
        column: usize,
    },
    /// An entry is above [`crate::data::MAX_ENTRY`], so that sums of squares could overflow.
    #[error("the entry at row {row}, column {column} is above 2^40: rescale the matrix")]
    TooLarge {
        /// Row of the entry.
        row: usize,
        /// Column of the entry.
        column: usize,
    },
    /// Every entry is zero: there is nothing to factorise.
    #[error("every entry is zero")]
    AllZero,
    /// The rank is 0 or above min(m, n).
    #[error("rank {rank} is not in 1 to {max}, the smaller side of the matrix")]
    Rank {
        /// The rank asked for.
        rank: usize,
        /// min(m, n).
        max: usize,
    },
    /// The share of columns or rows in a batch is not in (0, 1].
    #[error("the batch share is not in (0, 1]")]
    BatchShare,
    /// A parameter of a step rule is outside its range.
    #[error("{rule} needs {needs}")]
    Parameter {
        /// The rule's name.
        rule: &'static str,
        /// What it needs.
        needs: &'static str,
    },
    /// The policy blob was refused.
    #[error(transparent)]
    Policy(#[from] PolicyError),
}
