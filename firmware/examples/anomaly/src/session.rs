//! A session: the machine runs, the monitor learns and watches.

use core::fmt;

use tinynmf_core::Error;
use tinynmf_core::fingerprint::Fingerprint;

use crate::machine::{ANOMALIES, Condition, Machine, ROWS};
use crate::monitor::{CALM, COLUMNS, Learner, Monitor};

/// Cycles that are watched.
pub const WATCHED: u32 = 1000;

/// Of these, one in so many is an anomaly, each kind in its turn.
const EVERY: u32 = 5;

/// Outcome of a session; equal outcomes mean equal bits. Displayed as JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    /// The learnt threshold.
    pub threshold: u32,
    /// Normal cycles that were told of.
    pub false_alarms: u32,
    /// Anomalies that were told of.
    pub found: u32,
    /// Fingerprint of every score.
    pub scores: u64,
}

impl fmt::Display for Outcome {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { threshold, false_alarms, found, scores } = self;
        write!(
            out,
            r#"{{"threshold":{threshold},"false_alarms":{false_alarms},"found":{found},"scores":{scores}}}"#
        )
    }
}

/// How cycle `t` of those that are watched is.
#[must_use]
pub fn condition(t: u32) -> Condition {
    let kind = ANOMALIES.get((t / EVERY) as usize % ANOMALIES.len()).copied();
    if t % EVERY == EVERY - 1 { kind.unwrap_or(Condition::Normal) } else { Condition::Normal }
}

/// Runs a session of the machine of `seed`. `learn` has the learner learn, `judge` has the monitor judge a cycle: what
/// measures them comes in between. `each` is told of every watched cycle and its score.
///
/// # Errors
///
/// The errors of `learn`.
pub fn session(
    seed: u64,
    learn: impl FnOnce(&Learner) -> Result<Monitor, Error>,
    mut judge: impl FnMut(&mut Monitor, &[u16; ROWS]) -> (u32, bool),
    mut each: impl FnMut(Condition, &[u16; ROWS], u32),
) -> Result<Outcome, Error> {
    let mut machine = Machine::new(seed);
    let mut learner = Learner::default();
    for t in 0..COLUMNS {
        learner.take(t, &machine.cycle(Condition::Normal));
    }
    let mut monitor = learn(&learner)?;
    let mut scores = Fingerprint::new();
    for _ in 0..CALM {
        let (score, _) = judge(&mut monitor, &machine.cycle(Condition::Normal));
        scores.word(score.into());
    }
    let threshold = monitor.threshold();
    let (mut false_alarms, mut found) = (0, 0);
    for t in 0..WATCHED {
        let condition = condition(t);
        let cycle = machine.cycle(condition);
        let (score, alarm) = judge(&mut monitor, &cycle);
        let counter = if condition == Condition::Normal { &mut false_alarms } else { &mut found };
        *counter += u32::from(alarm);
        scores.word(score.into());
        each(condition, &cycle, score);
    }
    Ok(Outcome { threshold, false_alarms, found, scores: scores.value() })
}
