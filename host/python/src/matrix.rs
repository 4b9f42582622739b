//! V as Python hands it over: an array row by row, NaN where entries are missing, or the rows of a sparse matrix.

use std::borrow::Cow;
use std::sync::Arc;

use numpy::{PyReadonlyArray1, PyReadonlyArray2, PyUntypedArrayMethods};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use tinynmf::large::LargeMatrix;
use tinynmf::source::Source;
use tinynmf::sparse::{Compressed, SparseMatrix};
use tinynmf_core::Data;

use crate::error::refused;
use crate::latents::Rows;

/// Numbers of either precision, where Python keeps them.
#[derive(Clone, Copy)]
pub enum Numbers<'a> {
    Single(&'a [f32]),
    Double(&'a [f64]),
}

/// An array of one or two dimensions, in either precision.
#[derive(FromPyObject)]
pub enum Array<'py> {
    SingleMatrix(PyReadonlyArray2<'py, f32>),
    DoubleMatrix(PyReadonlyArray2<'py, f64>),
    Single(PyReadonlyArray1<'py, f32>),
    Double(PyReadonlyArray1<'py, f64>),
}

impl Array<'_> {
    /// Rows and columns.
    fn shape(&self) -> PyResult<[usize; 2]> {
        let shape = match self {
            Self::SingleMatrix(it) => it.shape(),
            Self::DoubleMatrix(it) => it.shape(),
            _ => return Err(PyValueError::new_err("V has one dimension; a matrix has two")),
        };
        Ok([shape[0], shape[1]])
    }

    /// Its numbers, which must lie one behind the other, row by row.
    pub fn numbers(&self) -> PyResult<Numbers<'_>> {
        let found = match self {
            Self::SingleMatrix(it) => it.as_slice().map(Numbers::Single),
            Self::DoubleMatrix(it) => it.as_slice().map(Numbers::Double),
            Self::Single(it) => it.as_slice().map(Numbers::Single),
            Self::Double(it) => it.as_slice().map(Numbers::Double),
        };
        let text =
            "the array does not lie row by row in memory; numpy.ascontiguousarray makes it so";
        found.map_err(|_| PyValueError::new_err(text))
    }
}

impl<'a> Numbers<'a> {
    /// In single precision, where they are if they are so already.
    fn single(self) -> Cow<'a, [f32]> {
        match self {
            Self::Single(numbers) => Cow::Borrowed(numbers),
            Self::Double(numbers) => numbers.iter().map(|x| *x as f32).collect(),
        }
    }

    fn at(self, index: usize) -> f64 {
        match self {
            Self::Single(numbers) => f64::from(numbers[index]),
            Self::Double(numbers) => numbers[index],
        }
    }
}

/// V from Python.
#[derive(FromPyObject)]
pub enum Input<'py> {
    /// Starts of the rows, columns and values of the entries that are stored, and n.
    Sparse(PyReadonlyArray1<'py, i64>, PyReadonlyArray1<'py, u32>, Array<'py>, usize),
    /// All entries.
    #[pyo3(transparent)]
    Dense(Array<'py>),
}

/// An [`Input`] without Python: it may go to other threads.
#[derive(Clone, Copy)]
pub enum View<'a> {
    /// m, n and all entries.
    Dense(usize, usize, Numbers<'a>),
    /// Starts, columns and values, and n.
    Sparse(&'a [i64], &'a [u32], Numbers<'a>, usize),
}

impl Input<'_> {
    /// The part that other threads may read.
    pub fn view(&self) -> PyResult<View<'_>> {
        match self {
            Self::Sparse(starts, columns, values, width) => {
                Ok(View::Sparse(starts.as_slice()?, columns.as_slice()?, values.numbers()?, *width))
            }
            Self::Dense(array) => {
                let [rows, columns] = array.shape()?;
                Ok(View::Dense(rows, columns, array.numbers()?))
            }
        }
    }
}

/// V as the library factorises it.
pub enum Matrix {
    Dense(LargeMatrix),
    Sparse(SparseMatrix),
}

impl<'a> View<'a> {
    /// m and n.
    pub fn shape(self) -> [usize; 2] {
        match self {
            Self::Dense(rows, columns, _) => [rows, columns],
            Self::Sparse(starts, _, _, columns) => [starts.len() - 1, columns],
        }
    }

    /// The entries row by row, of a V that has them all.
    pub fn entries(self) -> PyResult<Cow<'a, [f32]>> {
        match self {
            Self::Dense(_, _, numbers) => Ok(numbers.single()),
            Self::Sparse(..) => Err(PyValueError::new_err(
                "this takes a dense X (X.toarray()): zeros of a sparse one would count as unknown",
            )),
        }
    }

    /// V for the library: entries that are NaN are missing.
    pub fn matrix(self) -> PyResult<Matrix> {
        match self {
            Self::Dense(rows, columns, numbers) => {
                let entries = numbers.single();
                if entries.iter().any(|v| v.is_nan()) {
                    let observed = SparseMatrix::with_missing(&entries, rows, columns);
                    return observed.map(Matrix::Sparse).map_err(refused);
                }
                LargeMatrix::new(Arc::from(entries), rows, columns)
                    .map(Matrix::Dense)
                    .map_err(refused)
            }
            Self::Sparse(starts, columns, numbers, width) => {
                let starts = starts.iter().map(|at| *at as usize).collect();
                let rows =
                    Compressed::new(width, starts, columns.to_vec(), numbers.single().into_owned());
                rows.and_then(SparseMatrix::new).map(Matrix::Sparse).map_err(refused)
            }
        }
    }
}

/// V where Python keeps it, for core's own arithmetic: the same bits on every machine.
pub struct Portable<'a>(Data<'a, f32>);

impl<'a> Portable<'a> {
    /// A matrix of `entries`, row by row; one that is NaN is refused.
    pub fn new(entries: &'a [f32], [rows, columns]: [usize; 2]) -> PyResult<Self> {
        if entries.iter().any(|v| v.is_nan()) {
            let text =
                "the portable arithmetic knows no missing entries (NaN): take portable=False";
            return Err(PyValueError::new_err(text));
        }
        Data::new(entries, rows, columns, 1.0).map(Self).map_err(refused)
    }
}

impl Source for Portable<'_> {
    type View<'v>
        = Data<'v, f32>
    where
        Self: 'v;

    fn view(&self) -> Data<'_, f32> {
        self.0
    }

    fn norm_squared(&self) -> f64 {
        f64::from(self.0.norm_squared())
    }
}

impl Rows for View<'_> {
    fn count(&self) -> usize {
        match self {
            Self::Dense(rows, ..) => *rows,
            Self::Sparse(starts, ..) => starts.len() - 1,
        }
    }

    fn visit(&self, row: usize, mut each: impl FnMut(usize, f64)) {
        match *self {
            Self::Dense(_, columns, numbers) => {
                for column in 0..columns {
                    let value = numbers.at(row * columns + column);
                    if !value.is_nan() {
                        each(column, value);
                    }
                }
            }
            Self::Sparse(starts, columns, numbers, _) => {
                let range = starts[row] as usize..starts[row + 1] as usize;
                range.for_each(|at| each(columns[at] as usize, numbers.at(at)));
            }
        }
    }

    fn absent_are_zero(&self, row: usize) -> bool {
        match *self {
            Self::Dense(_, columns, numbers) => {
                (row * columns..(row + 1) * columns).all(|at| !numbers.at(at).is_nan())
            }
            Self::Sparse(..) => true,
        }
    }
}
