//! The sweeps of a half-step, as they are recorded.

/// Moves that a record holds: no schedule makes more in one half-step.
pub const MOVES: usize = 8;

/// The relaxations of the sweeps of a half-step, in their order; of more than [`MOVES`], the first.
#[derive(Clone, Copy, Default, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Moves {
    relaxations: [f32; MOVES],
    len: u8,
}

impl Moves {
    /// Adds one, if there is room.
    pub fn push(&mut self, relaxation: f32) {
        if let Some(place) = self.relaxations.get_mut(usize::from(self.len)) {
            *place = relaxation;
            self.len += 1;
        }
    }

    /// The relaxations.
    #[must_use]
    pub fn as_slice(&self) -> &[f32] {
        self.relaxations.get(..usize::from(self.len)).unwrap_or_default()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Whether no more are recorded.
    #[must_use]
    pub fn is_full(&self) -> bool {
        usize::from(self.len) >= MOVES
    }
}

impl core::fmt::Debug for Moves {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.as_slice().fmt(f)
    }
}
