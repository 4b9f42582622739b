//! Topic of each figure about agents.

use crate::reproduce::rivals;
use crate::reproduce::setup::Setup;

/// A figure about agents.
#[derive(Debug, Clone, Copy)]
pub struct Topic {
    /// The figure's number.
    pub id: &'static str,
    /// Title of the figure.
    pub title: &'static str,
    /// The paper's statement on it.
    pub paper: &'static str,
    /// The agent learning rate, as an index into [`RATES`](crate::reproduce::agents::RATES).
    pub rate: usize,
    /// An index into the setup's budgets.
    pub budget: usize,
}

/// All of them.
pub const TOPICS: [Topic; 6] = [
    Topic {
        id: "1c",
        title: "The learned schedule against the run at the bound",
        paper: "The learned schedule lowers the loss faster than the run at the bound, at a lower mean learning rate.",
        rate: 0,
        budget: 3,
    },
    Topic {
        id: "5",
        title: "Agent learning rate 0.01, first budget",
        paper: "Loss and action over 1000 epochs after 10K iterations.",
        rate: 0,
        budget: 0,
    },
    Topic {
        id: "6",
        title: "Agent learning rate 0.01, second budget",
        paper: "Loss and action over 1000 epochs after 20K iterations.",
        rate: 0,
        budget: 1,
    },
    Topic {
        id: "7",
        title: "Agent learning rate 0.01, third budget",
        paper: "Loss and action over 1000 epochs after 50K iterations.",
        rate: 0,
        budget: 2,
    },
    Topic {
        id: "8",
        title: "Agent learning rate 0.01, fourth budget",
        paper: "Loss and action over 1000 epochs after 100K iterations: an initial phase of low rates appears.",
        rate: 0,
        budget: 3,
    },
    Topic {
        id: "9",
        title: "Agent learning rate 0.1",
        paper: "Loss and action over 1000 epochs after 100K iterations at ten times the agent learning rate.",
        rate: 1,
        budget: 3,
    },
];

/// Training steps, and epochs of runs besides, that figures `ids` need.
#[must_use]
pub fn epochs(ids: &[&str], setup: &Setup) -> u64 {
    let of = |rate: usize| TOPICS.iter().filter(move |it| ids.contains(&it.id) && it.rate == rate);
    let training = |rate: usize| of(rate).map(|it| setup.budgets[it.budget]).max().unwrap_or(0);
    let runs = [0, 1].map(|rate| of(rate).count()).into_iter().sum::<usize>() as u64;
    let rivals = if runs > 0 { rivals::rivals().len() as u64 } else { 0 };
    setup.agents * (training(0) + training(1)) as u64
        + (runs * (setup.agents + setup.fresh) + rivals * setup.fresh) * u64::from(setup.epochs)
}
