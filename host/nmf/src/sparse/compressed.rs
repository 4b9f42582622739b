//! Slices of a sparse matrix, of which only some entries are stored: compressed rows (CSR) or columns (CSC).

use tinynmf_core::Error;

/// Slices (rows or columns) of `width` places each.
#[derive(Debug, Clone, PartialEq)]
pub struct Compressed {
    width: usize,
    starts: Vec<usize>,
    indices: Vec<u32>,
    values: Vec<f32>,
}

impl Compressed {
    /// Slices with the values `values[starts[i]..starts[i + 1]]` at the places `indices[…]`, ascending in each slice.
    ///
    /// # Errors
    ///
    /// [`Error::Parameter`] if the starts do not ascend from 0 to the number of values, or if places are beyond
    /// `width` or do not ascend.
    pub fn new(
        width: usize,
        starts: Vec<usize>,
        indices: Vec<u32>,
        values: Vec<f32>,
    ) -> Result<Self, Error> {
        let wrong = |needs| Err(Error::Parameter { what: "a sparse matrix", needs });
        let whole = starts.first() == Some(&0) && starts.last() == Some(&values.len());
        if !whole || !starts.is_sorted() || indices.len() != values.len() {
            return wrong("starts that ascend from 0 to the number of its values");
        }
        for range in starts.windows(2) {
            let places = &indices[range[0]..range[1]];
            let ascending = places.is_sorted_by(|a, b| a < b);
            if !ascending || places.last().is_some_and(|last| *last as usize >= width) {
                return wrong("places within its shape that ascend in each row, none twice");
            }
        }
        Ok(Self { width, starts, indices, values })
    }

    /// The entries of a dense matrix, row by row, that `keep` wants.
    ///
    /// # Errors
    ///
    /// [`Error::Shape`] unless there are `rows`·`columns` entries.
    pub fn from_dense(
        entries: &[f32],
        rows: usize,
        columns: usize,
        keep: impl Fn(f32) -> bool,
    ) -> Result<Self, Error> {
        if entries.len() != rows * columns {
            return Err(Error::Shape { expected: rows * columns, found: entries.len() });
        }
        let mut it =
            Self { width: columns, starts: vec![0], indices: Vec::new(), values: Vec::new() };
        for row in entries.chunks_exact(columns.max(1)) {
            for (column, v) in row.iter().enumerate().filter(|(_, v)| keep(**v)) {
                it.indices.push(column as u32);
                it.values.push(*v);
            }
            it.starts.push(it.values.len());
        }
        Ok(it)
    }

    /// The number of slices.
    #[must_use]
    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// Whether there is no slice.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The places of a slice.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// The stored entries.
    #[must_use]
    pub fn stored(&self) -> usize {
        self.values.len()
    }

    /// Where each slice begins in [`Compressed::places`] and [`Compressed::values`], and where the last ends.
    #[must_use]
    pub fn starts(&self) -> &[usize] {
        &self.starts
    }

    /// The place, from 0, of every stored entry; ascending in each slice.
    #[must_use]
    pub fn places(&self) -> &[u32] {
        &self.indices
    }

    /// Every stored entry, slice by slice.
    #[must_use]
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// The stored entries of a slice with their places.
    pub fn slice(&self, index: usize) -> impl Iterator<Item = (usize, f32)> + '_ {
        self.band(index, 0, self.width)
    }

    /// Those of the places `from..to`.
    pub(super) fn band(
        &self,
        index: usize,
        from: usize,
        to: usize,
    ) -> impl Iterator<Item = (usize, f32)> + '_ {
        let range = self.starts[index]..self.starts[index + 1];
        let (mut indices, mut values) = (&self.indices[range.clone()], &self.values[range]);
        if from > 0 || to < self.width {
            let first = indices.partition_point(|at| (*at as usize) < from);
            let last = indices.partition_point(|at| (*at as usize) < to);
            (indices, values) = (&indices[first..last], &values[first..last]);
        }
        indices.iter().map(|at| *at as usize).zip(values.iter().copied())
    }

    /// The entries of which `first` wants the number, counted over all slices, and the others.
    #[must_use]
    pub fn split(&self, first: impl Fn(usize) -> bool) -> [Self; 2] {
        let part = |wanted: bool| {
            let (mut starts, mut indices, mut values) = (vec![0], Vec::new(), Vec::new());
            for range in self.starts.windows(2) {
                for at in (range[0]..range[1]).filter(|at| first(*at) == wanted) {
                    indices.push(self.indices[at]);
                    values.push(self.values[at]);
                }
                starts.push(values.len());
            }
            Self { width: self.width, starts, indices, values }
        };
        [part(true), part(false)]
    }

    /// ‖·‖² of every slice.
    pub(super) fn norms(&self) -> Vec<f32> {
        let of = |index| self.slice(index).map(|(_, v)| f64::from(v * v)).sum::<f64>() as f32;
        (0..self.len()).map(of).collect()
    }

    pub(super) fn map(&mut self, change: impl Fn(f32) -> f32) {
        self.values.iter_mut().for_each(|v| *v = change(*v));
    }

    /// The same matrix in slices of the other direction.
    #[must_use]
    pub fn transposed(&self) -> Self {
        let mut starts = vec![0; self.width + 1];
        self.indices.iter().for_each(|at| starts[*at as usize + 1] += 1);
        for at in 0..self.width {
            starts[at + 1] += starts[at];
        }
        let mut next = starts.clone();
        let (mut indices, mut values) = (vec![0; self.stored()], vec![0.0; self.stored()]);
        for index in 0..self.len() {
            for (at, v) in self.slice(index) {
                let to = &mut next[at];
                (indices[*to], values[*to]) = (index as u32, v);
                *to += 1;
            }
        }
        Self { width: self.len(), starts, indices, values }
    }
}
