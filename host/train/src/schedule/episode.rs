//! An episode of mode schedule: one factorisation, every half-step one decision, until the budget is spent.

use std::ops::ControlFlow;

use tinynmf::family::Problem;
use tinynmf::play::play;
use tinynmf_core::Open;
use tinynmf_core::policy::SchedulePolicy;
use tinynmf_core::random::{Rng, Stream, generator, normal};
use tinynmf_core::rule::table::kind;
use tinynmf_core::rule::{Decision, Scheduled, Widening};
use tinynmf_core::situation::Before;
use tinynmf_core::{Epoch, Subproblem};

use super::game::CHEAPEST;
use super::{Game, Schedule};
use crate::actor::Actor;
use crate::episode::{ACTIONS, Transition};
use crate::validation::{GAP, Score};

/// F_best is the lowest loss of these: rules, and full epochs of cost that each may take.
const REFERENCES: [(&str, [f32; 5], f32); 3] = [
    ("sweeps", [1.5, 2.0, 0.0, 0.0, 0.0], 120.0),
    ("widening", Widening::DEFAULT.parameters(), 80.0),
    ("growing", [0.1, 1.1, 1.3, 2.0, 0.0], 80.0),
];

/// A problem with the losses that its gap is measured by.
#[derive(Debug, Clone)]
pub struct Environment {
    /// The problem.
    pub problem: Problem,
    pub(super) first: f32,
    best: f32,
    pub(super) unit: f32,
    pub(super) told: Told,
}

/// Parts of the configuration that an episode needs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Told {
    pub budget: f32,
    pub floor: f32,
    pub ceiling: f32,
    pub last: f32,
}

impl Environment {
    /// Measures the losses of the problem that its gap needs.
    ///
    /// # Panics
    ///
    /// If the problem is not one that a family draws.
    #[must_use]
    pub fn new(problem: Problem, schedule: &Schedule) -> Self {
        let unit = problem.full_epoch();
        let Schedule { budget, floor, ceiling, last, .. } = *schedule;
        let mut best = f32::MAX;
        let first = problem.memory().run(problem.data()).expect("made for it").loss();
        for (name, parameters, budget) in REFERENCES {
            let rule = kind(name).and_then(|kind| kind.make_from(&parameters).ok());
            let mut rule = rule.expect("a rule of the table");
            let mut memory = problem.memory();
            let mut run = memory.run(problem.data()).expect("made for it");
            let mut cost = 0.0;
            play(&mut run, &mut rule, u32::MAX, |_, epoch| {
                cost += price(epoch, unit);
                if cost < budget { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            });
            let loss = run.loss();
            best = if loss < best { loss } else { best };
        }
        let best = best.min(0.99 * first);
        Self { problem, first, best, unit, told: Told { budget, floor, ceiling, last } }
    }

    /// ln g within floor and ceiling; a NaN is at the ceiling.
    pub(super) fn log_gap(&self, loss: f32) -> f32 {
        let gap = (loss - self.best) / (self.first - self.best);
        let Told { floor, ceiling, .. } = self.told;
        libm::logf(if gap < ceiling { gap.max(floor) } else { ceiling })
    }

    /// Begins an episode.
    #[must_use]
    pub fn begin(&self) -> Game<'_> {
        Game::new(self)
    }

    /// Score of an episode of a policy, without exploration.
    #[must_use]
    pub fn score(&self, policy: &SchedulePolicy<'_>) -> Score {
        let level = libm::logf(GAP.max(self.told.floor));
        let (mut rule, mut game) = (Scheduled::new(policy.clone()), self.begin());
        let (mut cost, mut reward) = (None, 0.0);
        while !game.over() {
            reward += game.half_step(&mut rule);
            if game.log_gap() <= level {
                cost.get_or_insert(game.cost());
            }
        }
        let Told { budget, .. } = self.told;
        Score { cost: cost.unwrap_or(budget).clamp(CHEAPEST, budget), reward }
    }

    /// Plays an episode.
    ///
    /// # Panics
    ///
    /// If the actor's policy is not one of schedules.
    #[must_use]
    pub fn play(&self, actor: &Actor, seed: u64) -> Vec<Transition> {
        let mut player = Player::new(actor, seed);
        let mut game = self.begin();
        while !game.over() {
            let gap = game.log_gap();
            let reward = game.half_step(&mut player);
            let Some(last) = player.transitions.last_mut() else { break };
            last.see_gap(gap);
            last.reward = reward;
        }
        player.transitions
    }
}

/// Cost of an epoch, in full epochs.
fn price(epoch: &Epoch, unit: f32) -> f32 {
    (epoch.w.cost + epoch.h.cost) as f32 / unit
}

/// The actor as a schedule, keeping what it saw and did.
struct Player<'a> {
    actor: &'a Actor,
    int8: Option<Scheduled<'a>>,
    decision: Option<Decision>,
    rng: Rng,
    transitions: Vec<Transition>,
}

impl<'a> Player<'a> {
    fn new(actor: &'a Actor, seed: u64) -> Self {
        let int8 = actor.schedule().map(Scheduled::new);
        let rng = generator(seed, Stream::Rule);
        Self { actor, int8, decision: None, rng, transitions: Vec::new() }
    }
}

impl tinynmf_core::Schedule for Player<'_> {
    fn share(&mut self, before: &Before<'_>) -> f32 {
        let observed = Decision::observe(before);
        let Actor { policy, deviation, .. } = self.actor;
        let noise: [f32; ACTIONS] = std::array::from_fn(|_| normal(&mut self.rng));
        let drawn = Transition::draw(policy, *deviation, observed, noise);
        let [low, high] = policy.limits;
        let action = drawn.action.map(|y| y.clamp(low, high));
        self.transitions.push(drawn);
        if let Some(int8) = &mut self.int8 {
            return int8.share(before);
        }
        let decision = Decision::new(action, before);
        self.decision = Some(decision);
        decision.share
    }

    fn passes(&self) -> bool {
        true
    }

    fn moves<S: Subproblem>(&mut self, open: &mut Open<'_, S>, rng: &mut Rng) {
        match (&mut self.int8, self.decision) {
            (Some(int8), _) => int8.moves(open, rng),
            (None, Some(decision)) => {
                // As the int8 policy is charged for.
                let layers = self.actor.policy.network.layers();
                open.charge(layers.map(|layer| layer.weights.len() as u64).sum());
                decision.moves(open);
            }
            (None, None) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::game::Outside;

    use crate::config::Config;
    use crate::mode::Mode;
    use tinynmf::structured::Structured;

    fn environment() -> Environment {
        let problems = Structured { rows: [30, 40], columns: [20, 30], ..Structured::default() };
        let schedule = Schedule { problems: problems.clone(), ..Schedule::default() };
        Environment::new(problems.problem(5), &schedule)
    }

    /// The rewards of an episode that is played epoch by epoch.
    fn paid_by_epochs(environment: &Environment, rule: &mut Outside) -> Vec<f32> {
        let Told { budget, floor, ceiling, last } = environment.told;
        let mut memory = environment.problem.memory();
        let mut run = memory.run(environment.problem.data()).unwrap();
        let (mut cost, mut spent, end) = (0.0, libm::logf(CHEAPEST), libm::logf(budget));
        let (mut before, mut paid) = (libm::logf(ceiling), Vec::new());
        let mut loss = run.loss();
        while cost < budget {
            let epoch = run.epoch(rule);
            cost += price(&epoch, environment.unit);
            let exact = epoch.w.share >= 1.0 && epoch.h.share >= 1.0;
            loss = if exact {
                loss + (epoch.w.change.loss() + epoch.h.change.loss())
            } else {
                run.loss()
            };
            let (now, log_cost) = (environment.log_gap(loss), libm::logf(cost));
            let solved = exact && now <= libm::logf(floor);
            let upto = if solved { end.max(log_cost) } else { log_cost.min(end) };
            let mut reward = 0.0;
            if log_cost > spent {
                reward -= 0.5 * (before + now) * (log_cost.min(end) - spent);
                reward -= now * (upto - log_cost.min(end));
                spent = log_cost.min(end);
            }
            before = now;
            paid.extend([0.0, reward]);
            if solved {
                break;
            }
        }
        *paid.last_mut().unwrap() -= last * before;
        paid
    }

    #[test]
    fn half_steps_are_paid_as_whole_epochs_are() {
        let environment = environment();
        let expected = paid_by_epochs(&environment, &mut still());
        let (mut game, mut paid, mut rule) = (environment.begin(), Vec::new(), still());
        while !game.over() {
            paid.push(game.half_step(&mut rule).to_bits());
        }
        assert_eq!(paid, expected.iter().map(|it| it.to_bits()).collect::<Vec<_>>());
        // The same, decided one by one.
        let mut game = environment.begin();
        for paid in paid {
            assert!(!game.over() && game.observe().iter().all(|x| x.abs() <= 12.0));
            assert_eq!(game.decide([0.0; ACTIONS], 0).to_bits(), paid);
        }
        assert!(game.over());
    }

    /// Outputs of 0, free of charge.
    fn still() -> Outside {
        Outside::new([0.0; ACTIONS], 0)
    }

    /// With outputs of 0 the policy is the hand-set rule: same decisions, same bits.
    #[test]
    fn an_episode_is_the_run_of_its_rule_and_is_paid_for_its_gaps() {
        let environment = environment();
        let config = Config { mode: Mode::Schedule, policy: vec![], ..Config::default() };
        let mut state = crate::trainer::State::new(&config);
        state.learner.network_mut().parameters_mut().fill(0.0);
        let policy = state.current(&config);
        let total = |actor: &Actor| {
            let episode = environment.play(actor, 3);
            (episode.len(), episode.iter().map(|it| it.reward).sum::<f32>())
        };
        let (decisions, paid) = total(&Actor::quantised(policy.clone()));
        assert_eq!((decisions, paid), total(&Actor::exploring(policy.clone(), 0.0)));
        // Between the ceiling and the floor all the way.
        let Told { budget, floor, ceiling, last } = environment.told;
        let span = libm::logf(budget / CHEAPEST);
        assert!(paid > -libm::logf(ceiling) * (0.5 * span + last), "{paid}");
        assert!(paid < -libm::logf(floor) * (span + last), "{paid}");
        let mut rule = still();
        let mut memory = environment.problem.memory();
        let mut run = memory.run(environment.problem.data()).unwrap();
        let epochs: f32 = (0..3).map(|_| price(&run.epoch(&mut rule), environment.unit)).sum();
        assert!(epochs > 0.1 && epochs < 9.0, "{epochs}");
        // A policy that dawdles is paid less.
        let mut slow = policy;
        slow.network.parameters_mut().iter_mut().rev().take(3).for_each(|bias| *bias = -3.0);
        assert!(total(&Actor::quantised(slow)).1 < paid);
    }
}
