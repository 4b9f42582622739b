//! Environments of mode schedule: problems that are measured once, and games on them, one or many at a time.

use std::sync::{Arc, OnceLock};

use numpy::prelude::*;
use numpy::{PyArray1, PyArray2, PyReadonlyArray2};
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use rayon::prelude::*;
use self_cell::self_cell;
use tinynmf::seeds::{Purpose, problem_seed};
use tinynmf_core::Factor;
use tinynmf_core::observe::{SCHEDULE_NAMES, SCHEDULE_OBSERVATIONS};
use tinynmf_core::policy::SCHEDULE_OUTPUTS;
use tinynmf_train::schedule::{Environment, Game, Schedule};

use crate::error::refused;
use crate::factorize::matrix;
use crate::supervise::{Caller, supervise};

/// Problems to play on, as the trainer draws and measures them; each is measured when it is first played.
#[pyclass(frozen, module = "tinynmf._tinynmf")]
pub struct Problems {
    schedule: Schedule,
    seed: u64,
    environments: Vec<OnceLock<Arc<Environment>>>,
}

#[pymethods]
impl Problems {
    /// `text` is what stands under `[schedule]` in a training configuration.
    #[new]
    fn new(text: &str, count: usize, seed: u64) -> PyResult<Self> {
        let schedule: Schedule = toml::from_str(text).map_err(|e| refused(e.message()))?;
        if let Some(fault) = schedule.fault() {
            return Err(refused(fault));
        }
        if count == 0 {
            return Err(refused("an environment needs at least one problem"));
        }
        let environments = (0..count).map(|_| OnceLock::new()).collect();
        Ok(Self { schedule, seed, environments })
    }

    fn __len__(&self) -> usize {
        self.environments.len()
    }
}

impl Problems {
    fn environment(&self, number: usize) -> Arc<Environment> {
        let made = self.environments[number].get_or_init(|| {
            let seed = problem_seed(Purpose::Training, self.seed, [u64::MAX, number as u64]);
            Arc::new(Environment::new(self.schedule.problems.problem(seed), &self.schedule))
        });
        Arc::clone(made)
    }
}

self_cell!(
    /// A game with the environment that it is played in.
    struct Table {
        owner: Arc<Environment>,
        #[not_covariant]
        dependent: Game,
    }
);

/// Games side by side.
#[pyclass(module = "tinynmf._tinynmf")]
pub struct Games {
    problems: Py<Problems>,
    /// Multiply-adds that a decision is charged.
    cost: u64,
    tables: Vec<Option<Table>>,
}

/// The result of a step: rewards, ends, ln of the gaps, costs.
type Steps<'py> = (
    Bound<'py, PyArray1<f64>>,
    Bound<'py, PyArray1<bool>>,
    Bound<'py, PyArray1<f64>>,
    Bound<'py, PyArray1<f64>>,
);

#[pymethods]
impl Games {
    #[new]
    fn new(problems: Py<Problems>, count: usize, cost: u64) -> Self {
        Self { problems, cost, tables: (0..count).map(|_| None).collect() }
    }

    /// Begins game `games[i]` on problem `numbers[i]`.
    fn begin(&mut self, py: Python<'_>, games: Vec<usize>, numbers: Vec<usize>) -> PyResult<()> {
        let problems = self.problems.get();
        let known = problems.environments.len();
        let pairs: Vec<_> = games.into_iter().zip(numbers).collect();
        if pairs.iter().any(|(game, number)| *game >= self.tables.len() || *number >= known) {
            return Err(PyValueError::new_err("there is no such game or problem"));
        }
        let begun = supervise(py, None, |caller: &Caller<()>| {
            let begin = |(game, number): &(usize, usize)| {
                let environment = (!caller.stopped()).then(|| problems.environment(*number))?;
                Some((*game, Table::new(environment, |environment| environment.begin())))
            };
            pairs.par_iter().map(begin).collect::<Vec<_>>()
        })?;
        for (game, table) in begun.into_iter().flatten() {
            self.tables[game] = Some(table);
        }
        Ok(())
    }

    /// What a policy sees now, a row for every game.
    fn observe(&mut self, py: Python<'_>) -> PyResult<Py<PyArray2<f32>>> {
        let tables = self.tables()?;
        let observe = |table: &mut Table| table.with_dependent_mut(|_, game| game.observe());
        let rows: Vec<_> = py.detach(|| tables.into_par_iter().map(observe).collect());
        let numbers = rows.as_flattened();
        matrix(py, numbers, [rows.len(), SCHEDULE_OBSERVATIONS])
    }

    /// Makes a half-step in every game that is not over, as a policy of these outputs would.
    fn step<'py>(
        &mut self,
        py: Python<'py>,
        outputs: PyReadonlyArray2<'py, f32>,
    ) -> PyResult<Steps<'py>> {
        let cost = self.cost;
        let tables = self.tables()?;
        if outputs.shape() != [tables.len(), SCHEDULE_OUTPUTS] {
            let text = format!(
                "actions have the shape {:?}, but {:?} is needed",
                outputs.shape(),
                [tables.len(), SCHEDULE_OUTPUTS]
            );
            return Err(PyValueError::new_err(text));
        }
        let outputs = outputs.as_slice()?.as_chunks::<SCHEDULE_OUTPUTS>().0;
        let step = |(table, outputs): (&mut Table, &[f32; SCHEDULE_OUTPUTS])| {
            table.with_dependent_mut(|_, game| {
                let reward = if game.over() { 0.0 } else { game.decide(*outputs, cost) };
                (reward, game.over(), game.log_gap(), game.cost())
            })
        };
        let results: Vec<_> = py.detach(|| tables.into_par_iter().zip(outputs).map(step).collect());
        Ok((
            PyArray1::from_iter(py, results.iter().map(|it| f64::from(it.0))),
            PyArray1::from_iter(py, results.iter().map(|it| it.1)),
            PyArray1::from_iter(py, results.iter().map(|it| f64::from(it.2))),
            PyArray1::from_iter(py, results.iter().map(|it| f64::from(it.3))),
        ))
    }

    /// V, W and H of a game: for whoever wants to look behind the observations.
    fn matrices(&mut self, py: Python<'_>, game: usize) -> PyResult<[Py<PyArray2<f32>>; 3]> {
        let mut tables = self.tables()?;
        let table = tables.get_mut(game).ok_or_else(|| PyValueError::new_err("no such game"))?;
        table.with_dependent(|environment, game| {
            let problem = &environment.problem;
            let (m, n, r) = (problem.rows, problem.columns, problem.rank);
            let [w, h] = game.factors();
            let transposed = tinynmf::matrix::transposed(h, r);
            Ok([
                matrix(py, &problem.entries, [m, n])?,
                matrix(py, w, [m, r])?,
                matrix(py, &transposed, [r, n])?,
            ])
        })
    }

    /// The numbers that a game's observations are made of.
    fn situation<'py>(&mut self, py: Python<'py>, game: usize) -> PyResult<Bound<'py, PyDict>> {
        let mut tables = self.tables()?;
        let table = tables.get_mut(game).ok_or_else(|| PyValueError::new_err("no such game"))?;
        let dict = PyDict::new(py);
        table.with_dependent_mut(|_, game| {
            game.situation(|before| {
                dict.set_item("factor", if before.factor == Factor::W { "W" } else { "H" })?;
                dict.set_item("shape", before.shape)?;
                dict.set_item("epoch", before.progress.epoch)?;
                dict.set_item("first_loss", before.progress.first_loss)?;
                for (name, memory) in [("own", before.own), ("other", before.other)] {
                    let of = PyDict::new(py);
                    of.set_item("steps", memory.steps)?;
                    of.set_item("share", memory.share)?;
                    of.set_item("gain", memory.gain())?;
                    of.set_item("gain_change", memory.gain_change)?;
                    of.set_item("first_part", memory.first_part)?;
                    dict.set_item(name, of)?;
                }
                Ok::<_, PyErr>(())
            })
        })?;
        Ok(dict)
    }

    /// What is observed, in order.
    #[staticmethod]
    fn observation_names() -> Vec<&'static str> {
        SCHEDULE_NAMES.to_vec()
    }
}

impl Games {
    fn tables(&mut self) -> PyResult<Vec<&mut Table>> {
        let begun: Option<Vec<_>> = self.tables.iter_mut().map(Option::as_mut).collect();
        begun.ok_or_else(|| PyRuntimeError::new_err("reset() comes before the first step"))
    }
}
