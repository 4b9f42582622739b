//! Which of the two factors moves, and with it which way V is read.

/// Which factor moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Factor {
    /// W, m × r: V is read by rows, products are V·Hᵀ, a sample is a set of columns.
    W,
    /// H, r × n: V is read by columns, products are Vᵀ·W, a sample is a set of rows.
    H,
}

impl Factor {
    /// The factor that stays while this one moves.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::W => Self::H,
            Self::H => Self::W,
        }
    }
}
