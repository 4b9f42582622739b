//! The three modes: what a policy sees, what its action means, and what it is paid for.

use serde::{Deserialize, Serialize};
use tinynmf::descent::Workload;
use tinynmf::family::{Family, Problem};
use tinynmf_core::observe::{OBSERVATIONS, SCHEDULE_OBSERVATIONS};
use tinynmf_core::policy::SCHEDULE_OUTPUTS;
use tinynmf_core::random::Rng;

use super::actor::Actor;
use super::columns::Columns;
use super::episode::{self, Transition, VALUE_INPUTS};
use super::float_policy::{FloatPolicy, LIMITS};
use super::network::Network;
use super::paper::{self, Paper};
use super::schedule::{self, Schedule};

/// Which environment a policy is trained in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Scale-free observations, log(αL) for every half-step: policies for microcontrollers
    #[default]
    ScaleFree,
    /// The paper's: loss, epoch and gradient norm, one α in [0, 1] an epoch
    Paper,
    /// Share of V, relaxations and sweeps for every half-step, paid by cost
    Schedule,
}

/// The sizes and limits that a mode gives to networks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interface {
    /// Inputs of the policy network.
    pub observations: usize,
    /// Inputs of the value network; the first ones are the policy network's.
    pub value_inputs: usize,
    /// Action of the policy before it has learned anything.
    pub first_action: f32,
    /// Limits of the action.
    pub limits: [f32; 2],
    /// Decisions an epoch.
    pub decisions: usize,
    /// Outputs of the policy network.
    pub outputs: usize,
}

impl Mode {
    /// Interface that networks must fit.
    #[must_use]
    pub fn interface(self) -> Interface {
        match self {
            // The first policy is bound(0.95).
            Self::ScaleFree => Interface {
                observations: OBSERVATIONS,
                value_inputs: VALUE_INPUTS,
                first_action: libm::logf(1.9),
                limits: LIMITS,
                decisions: 2,
                outputs: 1,
            },
            Self::Paper => Interface {
                observations: paper::OBSERVATIONS,
                value_inputs: paper::OBSERVATIONS,
                first_action: 0.0,
                limits: [0.0, 1.0],
                decisions: 1,
                outputs: 1,
            },
            // The first policy is the hand-set rule that core's `Scheduled` starts from.
            Self::Schedule => Interface {
                observations: SCHEDULE_OBSERVATIONS,
                value_inputs: VALUE_INPUTS,
                first_action: 0.0,
                limits: [-3.0, 3.0],
                decisions: 2,
                outputs: SCHEDULE_OUTPUTS,
            },
        }
    }

    /// A policy network that always does the first action: its output layer is almost zero.
    #[must_use]
    pub fn first_policy(self, hidden: &[usize], rng: &mut Rng) -> Network {
        let Interface { observations, first_action, outputs, .. } = self.interface();
        let mut policy = Network::with_outputs(outputs, observations, hidden, 0.01, rng);
        policy
            .parameters_mut()
            .iter_mut()
            .rev()
            .take(outputs)
            .for_each(|bias| *bias = first_action);
        policy
    }
}

/// Shape and start of networks.
#[derive(Debug, Clone, Copy)]
pub struct Networks<'a> {
    /// Seed of everything random.
    pub seed: u64,
    /// The environment that they must fit.
    pub mode: Mode,
    /// Hidden units of the policy, layer by layer.
    pub policy: &'a [usize],
    /// Hidden units of the value network.
    pub value: &'a [usize],
    /// The log of the actions' first standard deviation.
    pub log_deviation: f32,
}

impl Networks<'_> {
    /// The first difference of a policy from the networks that are asked for.
    pub(super) fn fault_of(&self, policy: &FloatPolicy) -> Option<String> {
        let Interface { observations, outputs, limits, .. } = self.mode.interface();
        if let Some(fault) = policy.network.fault(observations, self.policy, outputs) {
            return Some(format!("network: {fault}"));
        }
        let finite = policy.scale.0.iter().flatten().all(|x| x.is_finite());
        let sound = finite && policy.limits.map(f32::to_bits) == limits.map(f32::to_bits);
        (!sound).then(|| "scale or limits are not those of a training".to_owned())
    }
}

/// A problem that episodes are played on, in any mode.
#[derive(Debug, Clone)]
pub enum Environment {
    /// [`episode::Environment`].
    ScaleFree(episode::Environment),
    /// [`Columns`].
    Columns(Columns),
    /// [`paper::Environment`].
    Paper(paper::Environment),
    /// [`schedule::Environment`].
    Schedule(schedule::Environment),
}

/// How problems are played.
#[derive(Debug, Clone, Copy)]
pub struct Play<'a> {
    /// Which environment.
    pub mode: Mode,
    /// The family of the problems, which says how many are played column by column.
    pub family: &'a Family,
    /// Rewards and exploration of mode scale-free.
    pub episode: episode::Options,
    /// The rewards of mode paper.
    pub paper: &'a Paper,
    /// The problems and rewards of mode schedule.
    pub schedule: &'a Schedule,
}

impl Environment {
    /// Of the mode that `play` asks for.
    #[must_use]
    pub fn new(play: &Play<'_>, problem: Problem) -> Self {
        match play.mode {
            Mode::ScaleFree => {
                let columns = play.family.transforms(&problem);
                let columns = columns.then(|| Columns::new(problem.clone())).flatten();
                columns.map_or_else(
                    || Self::ScaleFree(episode::Environment::new(problem, play.episode)),
                    Self::Columns,
                )
            }
            Mode::Paper => {
                Self::Paper(paper::Environment::new(Workload::core(problem), play.paper.clone()))
            }
            Mode::Schedule => Self::Schedule(schedule::Environment::new(problem, play.schedule)),
        }
    }

    /// The problem.
    #[must_use]
    pub fn problem(&self) -> &Problem {
        match self {
            Self::ScaleFree(environment) => &environment.problem,
            Self::Columns(columns) => &columns.problem,
            Self::Paper(environment) => environment.problem(),
            Self::Schedule(environment) => &environment.problem,
        }
    }

    /// Plays an episode. The paper's mode has no int8 policy: its actor's float policy plays.
    #[must_use]
    pub fn play(&self, actor: &Actor, seed: u64) -> Vec<Transition> {
        match self {
            Self::ScaleFree(environment) => environment.play(actor, seed),
            Self::Columns(columns) => columns.play(actor, seed),
            Self::Paper(environment) => environment.play(&actor.policy, actor.deviation, seed),
            Self::Schedule(environment) => environment.play(actor, seed),
        }
    }
}
