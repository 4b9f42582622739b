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
use tinynmf_train::mode::{Environment, Interface, Mode};
use tinynmf_train::{Config, Source};

use crate::error::refused;
use crate::factorize::matrix;
use crate::side_by_side::side_by_side;
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

/// Action of a game in a step.
#[derive(Debug, Clone, Copy)]
enum Turn {
    /// Acts, unless it is over.
    Act,
    /// Begins on this problem, which is measured.
    Begin(usize),
    /// Nothing more: it has just begun.
    Begun,
}

/// The result of a step: observations, rewards, ends, and how far the games are.
type Steps<'py> = (
    Py<PyArray2<f32>>,
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
                Some((*game, begun(environment)))
            };
            pairs.par_iter().map(begin).collect::<Vec<_>>()
        })?;
        for (game, table) in begun.into_iter().flatten() {
            self.tables[game] = Some(Mutex::new(table));
        }
        Ok(())
    }

    /// Observations now, a row for every game.
    fn observe(&mut self, py: Python<'_>) -> PyResult<Py<PyArray2<f32>>> {
        let width = self.mode().interface().observations;
        let tables = self.tables()?;
        let mut rows = vec![0.0; tables.len() * width];
        for (table, row) in tables.into_iter().zip(rows.chunks_exact_mut(width)) {
            table.with_dependent_mut(|_, game| game.observe(row));
        }
        matrix(py, &rows, [rows.len() / width, width])
    }

    /// Acts in every game that is not over, as a policy of these outputs would; the games `again` begin instead, each
    /// on the problem beside it.
    fn step<'py>(
        &mut self,
        py: Python<'py>,
        outputs: PyReadonlyArray2<'py, f32>,
        again: Vec<(usize, usize)>,
    ) -> PyResult<Steps<'py>> {
        let (cost, Interface { observations, outputs: width, .. }) =
            (self.cost, self.mode().interface());
        let count = self.tables()?.len();
        if outputs.shape() != [count, width] {
            let text = format!(
                "actions have the shape {:?}, but {:?} is needed",
                outputs.shape(),
                [count, width]
            );
            return Err(PyValueError::new_err(text));
        }
        let turns = self.turns(py, again)?;
        let problems = self.problems.get();
        let mut rows = vec![0.0; count * observations];
        let outputs = outputs.as_slice()?.chunks_exact(width);
        let rest = outputs.zip(rows.chunks_exact_mut(observations)).zip(turns);
        let items: Vec<_> = self.tables.iter_mut().flatten().zip(rest).collect();
        let results = py.detach(|| {
            side_by_side(items, |(table, ((outputs, row), turn))| {
                if let Turn::Begin(number) = turn {
                    *table = Mutex::new(begun(problems.environment(number)));
                }
                unlocked(table).with_dependent_mut(|_, game| {
                    let acts = matches!(turn, Turn::Act) && !game.over();
                    let reward = if acts { game.decide(outputs, cost) } else { 0.0 };
                    game.observe(row);
                    (reward, game.over(), game.standing())
                })
            })
        });
        Ok((
            matrix(py, &rows, [count, observations])?,
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

    /// Names of the observations, in order.
    fn observation_names(&self) -> Vec<&'static str> {
        self.mode().observation_names().to_vec()
    }

    /// Names of the last two arrays of a step.
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
    /// Actions of every game in a step in which those of `again` begin. Problems that nobody played yet are measured
    /// here, which Ctrl-C may end.
    fn turns(&mut self, py: Python<'_>, again: Vec<(usize, usize)>) -> PyResult<Vec<Turn>> {
        let (mut turns, environments) =
            (vec![Turn::Act; self.tables.len()], &self.problems.get().environments);
        let is_measured =
            |number: usize| environments.get(number).is_some_and(|it| it.get().is_some());
        let (ready, slow): (Vec<_>, Vec<_>) =
            again.into_iter().partition(|(_, number)| is_measured(*number));
        for (game, number) in ready {
            let turn = turns.get_mut(game).ok_or_else(|| PyValueError::new_err("no such game"))?;
            *turn = Turn::Begin(number);
        }
        if !slow.is_empty() {
            let (games, numbers): (Vec<_>, Vec<_>) = slow.into_iter().unzip();
            self.begin(py, games.clone(), numbers)?;
            games.into_iter().for_each(|game| turns[game] = Turn::Begun);
        }
        Ok(turns)
    }

    fn mode(&self) -> Mode {
        self.problems.get().config.mode
    }

    fn tables(&mut self) -> PyResult<Vec<&mut Table>> {
        let begun: Option<Vec<_>> = self.tables.iter_mut().map(Option::as_mut).collect();
        let tables = begun.map(|tables| tables.into_iter().map(unlocked).collect());
        tables.ok_or_else(|| PyRuntimeError::new_err("reset() comes before the first step"))
    }
}

fn begun(environment: Arc<Environment>) -> Table {
    Table::new(environment, |environment| {
        environment.begin().expect("no columns, see Problems::new")
    })
}

fn unlocked(table: &mut Mutex<Table>) -> &mut Table {
    table.get_mut().unwrap_or_else(PoisonError::into_inner)
}
