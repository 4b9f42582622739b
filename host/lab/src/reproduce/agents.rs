//! The paper's agents: trained by PPO on one instance each, looked at after several budgets.
//!
//! How the paper's words were taken: an *iteration* is a step of the environment, an epoch of the
//! factorisation; an *agent learning rate* is Adam's, for policy and value network, held constant. An agent
//! is updated after every 2000 steps (Schulman et al. 2017 have 2048), which are two whole episodes unless
//! some end early.

use std::path::Path;
use std::time::{Duration, Instant};
use tinynmf::input;
use tinynmf::text::shown;
use tinynmf_train::limits;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use tinynmf::error::{Error, Result};
use tinynmf::output;
use tinynmf::seeds::Purpose;
use tinynmf_train::paper::{self, Paper};
use tinynmf_train::ppo::Ppo;
use tinynmf_train::trainer::State;
use tinynmf_train::{Config, FloatPolicy, Mode, Trainer, checkpoint, mode};

use super::lab::{Event, Lab};
use super::setup::{SOLVED, Setup};

/// Episodes that are played at once.
const TOGETHER: usize = 2;

/// The α that an action of 1, the deviation that agents begin to explore with, stands for: a fifth of the
/// first bound.
pub const UNIT: f32 = 0.02;

/// The least time between two checkpoints.
const PAUSE: Duration = Duration::from_secs(5);

/// The agent learning rates of the paper's figures.
pub const RATES: [f32; 2] = [0.01, 0.1];

/// An agent after one of its budgets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Steps of the environment that it has learned from.
    pub steps: usize,
    /// Its policy.
    pub policy: FloatPolicy,
    /// The log of the deviation that it explored with.
    pub log_deviation: f32,
}

/// Configuration of an agent.
#[must_use]
pub fn config(setup: &Setup, rate: f32, seed: u64) -> Config {
    Config {
        seed,
        mode: Mode::Paper,
        iterations: limits::ITERATIONS,
        episodes: TOGETHER,
        decisions: setup.update,
        problems: 1,
        log_deviation: 0.0,
        ppo: Ppo { rates: [rate; 2], anneal: false, minibatch: 256, ..Ppo::default() },
        paper: paper(setup.sample),
        ..Config::default()
    }
}

/// The environment's rewards, with the loss measured on a share of the rows.
#[must_use]
pub fn paper(sample: f32) -> Paper {
    Paper { threshold: SOLVED, unit: UNIT, balanced: true, sample, ..Paper::default() }
}

/// The agents of a learning rate, one for each training instance, after each of the first `budgets` budgets.
///
/// # Errors
///
/// A file that cannot be written, or that holds something else.
pub fn agents(lab: &Lab<'_>, rate: f32, budgets: usize) -> Result<Vec<Vec<Snapshot>>> {
    let seeds = 0..lab.setup.agents;
    seeds.into_par_iter().map(|seed| agent(lab, rate, seed, budgets)).collect()
}

fn agent(lab: &Lab<'_>, rate: f32, seed: u64, budgets: usize) -> Result<Vec<Snapshot>> {
    let (budgets, all) = (&lab.setup.budgets[..budgets], &lab.setup.budgets);
    let name = |what: &str| lab.file(&format!("agent-{rate}-seed{seed}-{what}.json"));
    let snapshot = |budget: &usize| name(&budget.to_string());
    let last = *budgets.last().unwrap_or(&0);
    if budgets.iter().all(|budget| snapshot(budget).exists()) {
        lab.tell(Event::Spared(last as u64));
        return budgets.iter().map(|budget| read(&snapshot(budget))).collect();
    }
    let config = config(lab.setup, rate, seed);
    let work = lab.instance((Purpose::Training, seed));
    let environment = paper::Environment::new(work, config.paper.clone());
    let path = name("checkpoint");
    let fresh = State::new(&config);
    let state = if path.exists() { checkpoint::load(&path)?.1 } else { fresh.clone() };
    if let Some(fault) = state.fault(&config) {
        let problem = format!("a checkpoint of another agent: state.{fault}");
        return Err(Error::format(
            &shown(&path),
            problem,
            "remove it, and the next run trains the agent again",
        ));
    }
    // A snapshot that has gone cannot be taken from a later state.
    let gone = |budget: &usize| *budget <= steps(&state) && !snapshot(budget).exists();
    let state = if all.iter().any(gone) { fresh } else { state };
    let mut trainer = Trainer::on(vec![mode::Environment::Paper(environment)], config, state);
    lab.tell(Event::Spared(steps(trainer.state()) as u64));
    let mut saved = Instant::now();
    while steps(trainer.state()) < last {
        let before = steps(trainer.state());
        trainer.iterate();
        let steps = steps(trainer.state());
        lab.tell(Event::Done((steps - before) as u64));
        for budget in all.iter().filter(|budget| before < **budget && **budget <= steps) {
            let log_deviation = trainer.state().learner.log_deviation(&trainer.config().learning());
            let it = Snapshot { steps, policy: trainer.policy(), log_deviation };
            output::write(&snapshot(budget), |file| Ok(serde_json::to_writer(file, &it)?))?;
        }
        if saved.elapsed() > PAUSE || steps >= last {
            checkpoint::save(&trainer, &path)?;
            saved = Instant::now();
        }
    }
    budgets.iter().map(|budget| read(&snapshot(budget))).collect()
}

/// Steps of the environment that a state has learned from.
fn steps(state: &State) -> usize {
    state.curve.iter().map(|progress| progress.steps).sum()
}

fn read(path: &Path) -> Result<Snapshot> {
    let text = input::read(path, input::RECORD)?;
    serde_json::from_slice(&text).map_err(|_| {
        let (problem, remedy) =
            ("not the snapshot of an agent", "remove it, and the next run makes it again");
        Error::format(&shown(path), problem, remedy)
    })
}
