//! Options for a file of numbers, where the file itself leaves something open.

use std::str::FromStr;

/// Whether something is there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "lowercase"))]
pub enum Choice {
    /// It is.
    Yes,
    /// It is not.
    No,
    /// As the file shows; refused where it can be both.
    #[default]
    Auto,
}

impl FromStr for Choice {
    type Err = &'static str;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word {
            "yes" => Ok(Self::Yes),
            "no" => Ok(Self::No),
            "auto" => Ok(Self::Auto),
            _ => Err("this is yes, no or auto"),
        }
    }
}

/// How to read a file of numbers, where the format itself leaves it open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct ReadOptions {
    /// Whether the first line is column names.
    pub header: Choice,
    /// Whether the first column is row names.
    pub index: Choice,
    /// Whether empty cells, `NA` and NaN are entries that are not known; they are refused otherwise.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub missing: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_are_three_words() {
        for (word, choice) in [("yes", Choice::Yes), ("no", Choice::No), ("auto", Choice::Auto)] {
            assert_eq!(word.parse(), Ok(choice));
        }
        assert_eq!("Yes".parse::<Choice>(), Err("this is yes, no or auto"));
    }
}
