//! Why a constructor refused its input.

use crate::policy::PolicyError;

/// An input that is refused, with its place.
///
/// Fields count rows and columns from 0, as slices do; messages count them from 1, as people do, and say so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Error {
    /// A matrix without rows or without columns.
    #[error("the matrix is empty")]
    Empty,
    /// A matrix of another shape than the one that was prepared for.
    #[error(
        "the matrix is {} x {}, but {} x {} is expected (rows x columns)",
        found[0], found[1], expected[0], expected[1]
    )]
    MatrixShape {
        /// Rows and columns expected.
        expected: [usize; 2],
        /// Rows and columns found.
        found: [usize; 2],
    },
    /// The number of entries is not rows × columns.
    #[error("{found} entries where the shape needs {expected}")]
    Shape {
        /// rows × columns.
        expected: usize,
        /// Entries given.
        found: usize,
    },
    /// An entry is NaN or infinite.
    #[error(
        "the entry at row {}, column {} (counted from 1) is not finite",
        from_1(*row),
        from_1(*column)
    )]
    NotFinite {
        /// Row of the entry, from 0.
        row: usize,
        /// Column of the entry, from 0.
        column: usize,
    },
    /// An entry is below zero.
    #[error(
        "the entry at row {}, column {} (counted from 1) is negative",
        from_1(*row),
        from_1(*column)
    )]
    Negative {
        /// Row of the entry, from 0.
        row: usize,
        /// Column of the entry, from 0.
        column: usize,
    },
    /// An entry is above [`crate::data::MAX_ENTRY`], so that sums of squares could overflow.
    #[error(
        "the entry at row {}, column {} (counted from 1) is above 2^40: rescale the matrix",
        from_1(*row),
        from_1(*column)
    )]
    TooLarge {
        /// Row of the entry, from 0.
        row: usize,
        /// Column of the entry, from 0.
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
    /// A parameter of a step rule, or a setting, is outside its range.
    #[error("{what} needs {needs}")]
    Parameter {
        /// The rule with its parameters, or the setting's name.
        what: &'static str,
        /// The condition that it breaks.
        needs: &'static str,
    },
    /// The policy blob was refused.
    #[error(transparent)]
    Policy(#[from] PolicyError),
}

/// As a message counts.
fn from_1(index: usize) -> usize {
    index.saturating_add(1)
}

impl Error {
    /// [`Error::MatrixShape`] unless both are equal: rows and columns.
    ///
    /// # Errors
    ///
    /// That one.
    pub fn unless_equal(expected: [usize; 2], found: [usize; 2]) -> Result<(), Self> {
        if found == expected { Ok(()) } else { Err(Self::MatrixShape { expected, found }) }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use crate::fixed_point::NmfFixed;
    use crate::online::{Keep, Online, OnlineSettings};
    use crate::rule::{Bound, Rule};
    use crate::transform::{Transform, TransformSettings};
    use crate::{Data, Nmf, Settings};
    use std::string::ToString as _;

    #[test]
    fn another_shape_is_named_with_the_one_expected() {
        let data = Data::new(&[1_u8; 12], 3, 4, 1.0).unwrap();
        let expected = Error::MatrixShape { expected: [4, 3], found: [3, 4] };
        let mut nmf = Nmf::<4, 3, 2>::new(Settings::default()).unwrap();
        let refused = nmf.run(data).err().unwrap();
        assert_eq!(refused, expected);
        let text = "the matrix is 3 x 4, but 4 x 3 is expected (rows x columns)";
        assert_eq!(refused.to_string(), text);
        let mut nmf = NmfFixed::<4, 3, 2>::new(Settings::default()).unwrap();
        assert_eq!(nmf.run(data).err(), Some(expected));

        let mut rule = Rule::from(Bound::new(0.5).unwrap());
        let mut memory = [0.0; Online::floats(4, 2, Keep::Gram)];
        let settings = OnlineSettings { keep: Keep::Gram, ..OnlineSettings::default() };
        let mut online = Online::new(4, 2, settings, &mut memory).unwrap();
        let column = Error::MatrixShape { expected: [4, 1], found: [3, 4] };
        assert_eq!(online.column(&data, &mut rule).err(), Some(column));

        let w = [1.0; 8];
        let mut memory = [0.0; Transform::floats(2)];
        let mut transform =
            Transform::new(&w, 2, TransformSettings::default(), &mut memory).unwrap();
        let rows = Error::MatrixShape { expected: [4, 4], found: [3, 4] };
        assert_eq!(transform.columns(&data, &mut rule, &mut [0.0; 8]).err(), Some(rows));
        let data = Data::new(&[1_u8; 12], 4, 3, 1.0).unwrap();
        let room = Error::Shape { expected: 6, found: 5 };
        assert_eq!(transform.columns(&data, &mut rule, &mut [0.0; 5]).err(), Some(room));
    }

    #[test]
    fn fields_count_from_0_and_messages_from_1() {
        let refused = Data::new(&[1.0, 2.0, 3.0, f32::NAN], 2, 2, 1.0).unwrap_err();
        assert_eq!(refused, Error::NotFinite { row: 1, column: 1 });
        let place = "the entry at row 2, column 2 (counted from 1) is";
        assert_eq!(refused.to_string(), std::format!("{place} not finite"));
        let (row, column) = (1, 1);
        assert_eq!(Error::Negative { row, column }.to_string(), std::format!("{place} negative"));
        let large = Error::TooLarge { row, column }.to_string();
        assert_eq!(large, std::format!("{place} above 2^40: rescale the matrix"));
    }

    #[test]
    fn a_parameter_says_whose_it_is() {
        let scale = Data::new(&[1_u8], 1, 1, 0.0).unwrap_err().to_string();
        assert_eq!(scale, "the scale of V needs a positive, finite number");
        let noise = crate::noise::GradientNoise::new(-1.0, 0);
        let noise = noise.err().unwrap().to_string();
        assert_eq!(noise, "the noise level needs a finite number of at least 0");
        let settings = OnlineSettings { window: 0.5, ..OnlineSettings::default() };
        let window = Online::new(1, 1, settings, &mut []).err().unwrap().to_string();
        assert_eq!(window, "the window needs a number of at least 1");
        let rule = Bound::new(1.5).unwrap_err().to_string();
        assert!(rule.starts_with("bound(c) needs "), "{rule}");
    }
}
