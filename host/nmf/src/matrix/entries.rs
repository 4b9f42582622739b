//! Entries of a matrix in the type that holds them, and the numbers that are accepted.

use crate::error::{Fault, Result};

/// The largest entry that is accepted, 2⁴⁰: squares of larger ones, summed, leave the range of f32.
pub const LARGEST: f64 = (1u64 << 40) as f64;

/// The smallest acceptable largest entry, 2⁻⁴⁰: a matrix with nothing above it has a norm that f32 rounds away.
pub const FAINTEST: f32 = 1.0 / LARGEST as f32;

/// The m·n entries, row by row, in the type that holds them without loss or else in f32.
#[derive(Debug, Clone, PartialEq)]
pub enum Entries {
    /// Numbers.
    Float(Vec<f32>),
    /// Whole numbers up to 255, like pixels: a quarter of the memory.
    Byte(Vec<u8>),
}

impl Entries {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Float(entries) => entries.len(),
            Self::Byte(entries) => entries.len(),
        }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(super) fn largest(&self) -> f32 {
        match self {
            Self::Float(entries) => entries.iter().copied().fold(0.0, f32::max),
            Self::Byte(entries) => f32::from(entries.iter().copied().max().unwrap_or(0)),
        }
    }
}

impl From<Vec<f32>> for Entries {
    fn from(entries: Vec<f32>) -> Self {
        Self::Float(entries)
    }
}

impl From<Vec<u8>> for Entries {
    fn from(entries: Vec<u8>) -> Self {
        Self::Byte(entries)
    }
}

/// The entries of a file as they come, and which of them are not known.
pub(super) struct Collected {
    entries: Vec<f32>,
    missing: Vec<usize>,
    accepts_missing: bool,
}

impl Collected {
    /// Of `count` entries; NaN is one that is not known, if that is accepted.
    pub(super) fn new(count: usize, accepts_missing: bool) -> Self {
        Self { entries: vec![0.0; count], missing: Vec::new(), accepts_missing }
    }

    /// Entry `at` is this.
    pub(super) fn set(&mut self, at: usize, value: f64) -> Result<(), Fault> {
        if value.is_nan() && self.accepts_missing {
            self.missing.push(at);
        } else {
            self.entries[at] = checked(value)?;
        }
        Ok(())
    }

    /// The entries, and the numbers of those that are not known.
    pub(super) fn finish(mut self) -> (Vec<f32>, Vec<usize>) {
        self.missing.sort_unstable();
        (self.entries, self.missing)
    }
}

/// The entry as f32, or what is wrong with it.
pub(crate) fn checked(value: f64) -> Result<f32, Fault> {
    if value.is_nan() {
        Err(Fault::NaN)
    } else if value.is_infinite() {
        Err(Fault::Infinite)
    } else if value < 0.0 {
        Err(Fault::Negative(value))
    } else if value > LARGEST {
        Err(Fault::TooLarge(value))
    } else {
        // Adding 0 makes -0 a plain 0.
        Ok(value as f32 + 0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn either_type_tells_how_many_there_are_and_the_largest() {
        for entries in [Entries::Float(vec![1.0, 3.0, 2.0]), Entries::Byte(vec![1, 3, 2])] {
            assert_eq!((entries.len(), entries.is_empty(), entries.largest()), (3, false, 3.0));
        }
        for entries in [Entries::Float(Vec::new()), Entries::Byte(Vec::new())] {
            assert_eq!((entries.len(), entries.is_empty(), entries.largest()), (0, true, 0.0));
        }
    }

    #[test]
    fn what_is_not_known_is_collected_in_order_where_that_is_let_in() {
        let mut columns = Collected::new(4, true);
        for (at, value) in [(0, 1.0), (2, f64::NAN), (1, f64::NAN), (3, 2.0)] {
            columns.set(at, value).unwrap();
        }
        assert!(columns.set(3, -1.0).is_err());
        assert_eq!(columns.finish(), (vec![1.0, 0.0, 0.0, 2.0], vec![1, 2]));
        assert!(Collected::new(1, false).set(0, f64::NAN).is_err());
    }
}
