//! The names of a table's rows, as a column gives them.

use super::unreadable;
use crate::error::Result;

/// Names that are together no longer than a limit: a long one that is stored once may stand in every row.
pub(in crate::matrix) struct Names {
    all: Vec<String>,
    /// Letters that the limit leaves; none once a name went beyond it.
    left: Option<usize>,
}

impl Names {
    /// None yet, with a limit of `most` letters.
    pub fn new(most: usize) -> Self {
        Self { all: Vec::new(), left: Some(most) }
    }

    /// Appends a name, or an empty one from the limit on.
    pub fn push(&mut self, name: &str) {
        self.left = self.left.and_then(|left| left.checked_sub(name.len()));
        self.all.push(if self.left.is_some() { name.to_owned() } else { String::new() });
    }

    /// Appends a number as the name of a row, an empty one for NaN.
    pub fn push_number(&mut self, value: f64) {
        self.push(&if value.is_nan() { String::new() } else { value.to_string() });
    }

    /// All names of the file `name`.
    ///
    /// # Errors
    ///
    /// Names that are longer than the limit.
    pub fn finish(self, name: &str) -> Result<Vec<String>> {
        self.left.map(|_| self.all).ok_or_else(|| unreadable(name, "its names are too long"))
    }
}
