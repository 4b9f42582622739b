//! A problem of mode schedule with the losses that its rewards are measured by.

use std::ops::ControlFlow;

use tinynmf::family::Problem;
use tinynmf::play::play;
use tinynmf_core::Epoch;
use tinynmf_core::rule::Widening;
use tinynmf_core::rule::table::kind;

use super::Schedule;

/// F_best is the lowest loss of these: rules, and full epochs of cost that each may take.
const REFERENCES: [(&str, [f32; 5], f32); 3] = [
    ("sweeps", [1.5, 2.0, 0.0, 0.0, 0.0], 120.0),
    ("widening", Widening::DEFAULT.parameters(), 80.0),
    ("growing", [0.1, 1.1, 1.3, 2.0, 0.0], 80.0),
];

/// Costs below this, in full epochs, earn nothing.
pub(super) const CHEAPEST: f32 = 0.3;

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
}

/// Cost of an epoch, in full epochs.
fn price(epoch: &Epoch, unit: f32) -> f32 {
    (epoch.w.cost + epoch.h.cost) as f32 / unit
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actor::Actor;
    use crate::episode::ACTIONS;
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
