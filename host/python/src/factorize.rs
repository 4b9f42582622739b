//! `factorize` and `latents`, the work behind the estimator.

use std::ops::ControlFlow;

use numpy::prelude::*;
use numpy::{PyArray1, PyArray2, PyReadonlyArray2};
use pyo3::prelude::*;
use tinynmf::factorize::{self as library, Factorization, Init, Options, Seen};
use tinynmf::sparse::Compressed;
use tinynmf_core::Rule;

use crate::error::refused;
use crate::latents::{Components, Rows};
use crate::matrix::{Input, Matrix, Portable};
use crate::policy::{self, Policy};
use crate::supervise::{Caller, supervise};

/// Argument of a callback after an epoch.
#[expect(clippy::struct_field_names, reason = "an epoch has a number")]
#[pyclass(frozen, get_all, module = "tinynmf")]
#[derive(Clone)]
pub struct Epoch {
    /// Which of the starts, from 0.
    start: usize,
    /// Epochs done.
    epoch: u32,
    /// Their cost, in epochs on all of V.
    cost: f64,
    /// F and the penalties, where it is known without another pass over V.
    objective: Option<f32>,
    /// The shares of V's columns and rows that the W and the H half-step looked at.
    shares: [f32; 2],
    /// The relaxations of their sweeps, or the rates of their gradient steps.
    moves: [Vec<f32>; 2],
}

#[pymethods]
impl Epoch {
    fn __repr__(&self) -> String {
        let Self { start, epoch, cost, objective, .. } = self;
        let objective = objective.map_or("None".to_owned(), |it| it.to_string());
        format!("Epoch(start={start}, epoch={epoch}, cost={cost}, objective={objective})")
    }
}

impl Epoch {
    fn of(seen: &Seen<'_>) -> Self {
        let Seen { start, epoch, cost, objective, shares, moves } = *seen;
        Self { start, epoch, cost, objective, shares, moves: moves.map(<[f32]>::to_vec) }
    }
}

/// Result of a factorisation.
#[pyclass(frozen, get_all, module = "tinynmf")]
pub struct Found {
    /// W, m × r.
    w: Py<PyArray2<f32>>,
    /// H, r × n.
    h: Py<PyArray2<f32>>,
    /// ½‖V − WH‖² over the known entries.
    loss: f32,
    /// The same with penalties: what was minimised.
    objective: f32,
    /// Epochs done.
    epochs: u32,
    /// Their cost, in epochs on all of V.
    cost: f64,
    /// Epoch, cost and objective wherever it was known.
    history: Py<PyArray2<f64>>,
    /// Whether the tolerance ended it.
    converged: bool,
    /// Whether it ended above its start, or not at a number.
    diverged: bool,
    /// Whether the callback ended it.
    stopped: bool,
}

/// How to factorise, by keyword.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub struct How<'py> {
    rule: Option<String>,
    policy: Option<Bound<'py, Policy>>,
    init: String,
    start: Option<[PyReadonlyArray2<'py, f32>; 2]>,
    /// The first rows of H, if they are known.
    known: Option<PyReadonlyArray2<'py, f32>>,
    starts: usize,
    max_epochs: u32,
    tol: f32,
    seed: u64,
    /// l1 and l2 of W, then of H.
    penalties: [f32; 4],
    threads: usize,
    /// Whether by core's own arithmetic.
    portable: bool,
}

impl How<'_> {
    /// The same for the library.
    fn options(&self, rank: usize) -> PyResult<Options<'_, Rule<'_>>> {
        let start =
            self.start.as_ref().map(|[w, h]| Ok::<_, PyErr>([w.as_slice()?, h.as_slice()?]));
        let init = match (&*self.init, start.transpose()?) {
            ("nndsvd", _) => Init::Nndsvd,
            ("nndsvda", _) => Init::Nndsvda,
            (_, Some([w, h])) => Init::Given { w, h },
            _ => Init::Random,
        };
        let policy = self.policy.as_ref().map(Bound::get);
        let mut options: Options<'_, Rule<'_>> = match &self.rule {
            None => Factorization::options(rank),
            Some(name) => Factorization::options(rank).schedule(policy::rule(name, policy)?),
        };
        if let Some(known) = &self.known {
            options = options.known_h(known.as_slice()?);
        }
        let [l1_w, l2_w, l1_h, l2_h] = self.penalties;
        Ok(options
            .init(init)
            .starts(self.starts)
            .max_epochs(self.max_epochs)
            .tol(self.tol)
            .seed(self.seed)
            .penalty_w(l1_w, l2_w)
            .penalty_h(l1_h, l2_h)
            .threads(self.threads))
    }
}

/// Rank, error on hidden entries and its standard error, for every rank.
#[pyfunction]
pub fn cross_validate(
    py: Python<'_>,
    v: Input<'_>,
    ranks: Vec<usize>,
    folds: usize,
    how: How<'_>,
) -> PyResult<Vec<(usize, f32, f32)>> {
    let (view, options) = (v.view()?, how.options(1)?);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(how.threads).build().map_err(refused)?;
    let scores = supervise(py, None, |caller: &Caller<()>| {
        let observe = |_: &Seen<'_>| {
            if caller.stopped() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let options = options.threads(0).observer(&observe);
        let [rows, columns] = view.shape();
        let known = Compressed::from_dense(&view.entries()?, rows, columns, |v| !v.is_nan());
        let known = known.map_err(refused)?;
        let judge = || library::cross_validate(&known, &ranks, folds, how.seed, &options);
        pool.install(judge).map_err(refused)
    })?;
    Ok(scores?.into_iter().map(|score| (score.rank, score.error, score.spread)).collect())
}

/// W and H for V.
#[pyfunction]
#[pyo3(signature = (v, rank, how, observer=None))]
pub fn factorize(
    py: Python<'_>,
    v: Input<'_>,
    rank: usize,
    how: How<'_>,
    observer: Option<Py<PyAny>>,
) -> PyResult<Found> {
    let view = v.view()?;
    let options = how.options(rank)?;
    let hear = |py: Python<'_>, epoch: Epoch| match &observer {
        Some(observer) => Ok(!observer.call1(py, (epoch,))?.is_truthy(py)?),
        None => Ok(true),
    };
    let listens = observer.is_some();
    let found = supervise(py, listens.then_some(&hear), |caller: &Caller<Epoch>| {
        let observe = |seen: &Seen<'_>| {
            let go_on = caller.tell(|| Epoch::of(seen));
            if go_on { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        };
        let options = options.observer(&observe);
        if how.portable {
            return Ok(options.fit(&Portable::new(&view.entries()?, view.shape())?));
        }
        Ok::<_, PyErr>(match view.matrix()? {
            Matrix::Dense(v) => options.fit(&v),
            Matrix::Sparse(v) => options.fit(&v),
        })
    })?;
    Found::of(py, &found?.map_err(refused)?)
}

impl Found {
    fn of(py: Python<'_>, found: &Factorization) -> PyResult<Self> {
        let Factorization { rows, columns, rank, .. } = *found;
        let history = found
            .history
            .iter()
            .map(|point| vec![f64::from(point.epoch), point.cost, f64::from(point.objective)]);
        Ok(Self {
            w: matrix(py, &found.w, [rows, rank])?,
            h: matrix(py, &found.h, [rank, columns])?,
            loss: found.loss,
            objective: found.objective,
            epochs: found.epochs,
            cost: found.cost,
            history: PyArray2::from_vec2(py, &history.collect::<Vec<_>>())?.unbind(),
            converged: found.converged,
            diverged: found.diverged,
            stopped: found.stopped,
        })
    }
}

/// Numbers row by row as an array.
pub fn matrix<T: numpy::Element>(
    py: Python<'_>,
    numbers: &[T],
    shape: [usize; 2],
) -> PyResult<Py<PyArray2<T>>> {
    Ok(PyArray1::from_slice(py, numbers).reshape(shape)?.unbind())
}

/// Rows between two looks at the caller.
const BLOCK: usize = 4096;

/// The latents (m × r) of the rows of V for H (r × n, row by row) and the penalty l1·Σw + ½l2·‖w‖² of each row.
#[pyfunction]
pub fn latents(
    py: Python<'_>,
    v: Input<'_>,
    h: PyReadonlyArray2<'_, f64>,
    l1: f64,
    l2: f64,
    threads: usize,
) -> PyResult<Py<PyArray2<f64>>> {
    let (view, rank) = (v.view()?, h.shape()[0]);
    let (count, h) = (view.count(), h.as_slice()?);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().map_err(refused)?;
    let w = supervise(py, None, |caller: &Caller<()>| {
        let mut w = vec![0.0; count * rank];
        pool.install(|| {
            let components = Components::new(h, rank, [l1, l2]);
            for (block, w) in w.chunks_mut(BLOCK * rank).enumerate() {
                if caller.stopped() {
                    break;
                }
                components.latents(&view, block * BLOCK, w);
            }
        });
        w
    })?;
    matrix(py, &w, [count, rank])
}
