//! Environments of every mode: problems that are measured once, and games on them, one or many at a time.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use numpy::prelude::*;
use numpy::{PyArray1, PyArray2, PyReadonlyArray2};
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use rayon::prelude::*;
use self_cell::self_cell;
use tinynmf_train::game::Game;
use tinynmf_train::mode::{Environment, Mode};
use tinynmf_train::{Config, Source};

use crate::error::refused;
use crate::factorize::matrix;
use crate::situation::situation;
use crate::supervise::{Caller, supervise};

/// Problems to play on, as the trainer draws and measures them; each is measured when it is first played.
#[pyclass(frozen, module = "tinynmf._tinynmf")]
pub struct Problems {
    config: Config,
    source: Source,
    environments: Vec<OnceLock<Arc<Environment>>>,
}

#[pymethods]
impl Problems {
    /// `text` is a training configuration, whose mode and seed the arguments take the place of.
    #[new]
    fn new(mode: &str, text: &str, count: usize, seed: u64) -> PyResult<Self> {
        let mode = match mode {
            "scale-free" => Mode::ScaleFree,
            "paper" => Mode::Paper,
            "schedule" => Mode::Schedule,
            _ => return Err(refused("mode must be 'schedule', 'scale-free' or 'paper'")),
        };
        let config: Config = toml::from_str(text).map_err(|e| refused(e.message()))?;
        let mut config = Config { mode, seed, ..config };
        if let Some(fault) = config.fault() {
            return Err(refused(fault));
        }
        if config.family.transforms > 0.0 {
            return Err(refused(
                "an environment plays whole factorizations: family.transforms must be 0",
            ));
        }
        if count == 0 {
            return Err(refused("an environment needs at least one problem"));
        }
        let source = config.source().map_err(refused)?;
        let environments = (0..count).map(|_| OnceLock::new()).collect();
        Ok(Self { config, source, environments })
    }

    fn __len__(&self) -> usize {
        self.environments.len()
    }
}

impl Problems {
    fn environment(&self, number: usize) -> Arc<Environment> {
        let made = self.environments[number].get_or_init(|| {
            let problem = self.source.training_problem(self.config.seed, number);
            Arc::new(Environment::new(&self.config.play(), problem))
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
    /// Nobody waits for these locks: they make what is never shared look as if it could be.
    tables: Vec<Option<Mutex<Table>>>,
}

/// The result of a step: rewards, ends, and how far the games are.
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
                let table = Table::new(environment, |environment| {
                    environment.begin().expect("no columns, see Problems::new")
                });
                Some((*game, table))
            };
            pairs.par_iter().map(begin).collect::<Vec<_>>()
        })?;
        for (game, table) in begun.into_iter().flatten() {
            self.tables[game] = Some(Mutex::new(table));
        }
        Ok(())
    }

    /// What a policy sees now, a row for every game.
    fn observe(&mut self, py: Python<'_>) -> PyResult<Py<PyArray2<f32>>> {
        let width = self.mode().interface().observations;
        let tables = self.tables()?;
        let mut rows = vec![0.0; tables.len() * width];
        py.detach(|| {
            let pairs = tables.into_par_iter().zip(rows.par_chunks_exact_mut(width));
            pairs.for_each(|(table, row)| table.with_dependent_mut(|_, game| game.observe(row)));
        });
        matrix(py, &rows, [rows.len() / width, width])
    }

    /// Acts in every game that is not over, as a policy of these outputs would.
    fn step<'py>(
        &mut self,
        py: Python<'py>,
        outputs: PyReadonlyArray2<'py, f32>,
    ) -> PyResult<Steps<'py>> {
        let (cost, width) = (self.cost, self.mode().interface().outputs);
        let tables = self.tables()?;
        if outputs.shape() != [tables.len(), width] {
            let text = format!(
                "actions have the shape {:?}, but {:?} is needed",
                outputs.shape(),
                [tables.len(), width]
            );
            return Err(PyValueError::new_err(text));
        }
        let outputs = outputs.as_slice()?.par_chunks_exact(width);
        let step = |(table, outputs): (&mut Table, &[f32])| {
            table.with_dependent_mut(|_, game| {
                let reward = if game.over() { 0.0 } else { game.decide(outputs, cost) };
                (reward, game.over(), game.standing())
            })
        };
        let results: Vec<_> = py.detach(|| tables.into_par_iter().zip(outputs).map(step).collect());
        Ok((
            PyArray1::from_iter(py, results.iter().map(|it| f64::from(it.0))),
            PyArray1::from_iter(py, results.iter().map(|it| it.1)),
            PyArray1::from_iter(py, results.iter().map(|it| f64::from(it.2[0]))),
            PyArray1::from_iter(py, results.iter().map(|it| f64::from(it.2[1]))),
        ))
    }

    /// V, W and H of a game: for whoever wants to look behind the observations.
    fn matrices(&mut self, py: Python<'_>, game: usize) -> PyResult<[Py<PyArray2<f32>>; 3]> {
        let mut tables = self.tables()?;
        let table = tables.get_mut(game).ok_or_else(|| PyValueError::new_err("no such game"))?;
        table.with_dependent(|environment, game| {
            let problem = environment.problem();
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
        table.with_dependent_mut(|_, game| situation(py, game))
    }

    /// What is observed, in order.
    fn observation_names(&self) -> Vec<&'static str> {
        self.mode().observation_names().to_vec()
    }

    /// What the last two arrays of a step are.
    fn standing_names(&self) -> [&'static str; 2] {
        self.mode().standing_names()
    }

    /// How many outputs a policy has.
    fn outputs(&self) -> usize {
        self.mode().interface().outputs
    }

    /// Limits of a policy's outputs.
    fn limits(&self) -> [f64; 2] {
        self.mode().interface().limits.map(f64::from)
    }
}

impl Games {
    fn mode(&self) -> Mode {
        self.problems.get().config.mode
    }

    fn tables(&mut self) -> PyResult<Vec<&mut Table>> {
        let begun: Option<Vec<_>> = self.tables.iter_mut().map(Option::as_mut).collect();
        let tables = begun.map(|tables| tables.into_iter().map(unlocked).collect());
        tables.ok_or_else(|| PyRuntimeError::new_err("reset() comes before the first step"))
    }
}

fn unlocked(table: &mut Mutex<Table>) -> &mut Table {
    table.get_mut().unwrap_or_else(PoisonError::into_inner)
}
