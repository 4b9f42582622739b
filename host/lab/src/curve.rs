//! The learning curve as a picture.

use tinynmf_train::Progress;
use tinynmf_train::trainer::State;
use tinynmf_train::validation::{GAP, Score};

use crate::plot::{Figure, Lines, Series};

/// On problems held out, if any are: the cost and the reward. What is maximised and how fast; of PPO also the two losses,
/// the exploration it has left, and how well its value network predicts.
#[must_use]
pub fn figure(state: &State) -> Figure {
    let curve = &state.curve;
    let panel = |title: &str, of: fn(&Progress) -> f32| {
        let values = curve.iter().map(|p| f64::from(of(p)));
        Lines::new(title, "iteration", "").series(Series::new("", values))
    };
    let mut figure = Figure::new("Learning curve").caption("mean of an iteration's episodes");
    if let Some(validated) = &state.validated {
        let held_out = |title: &str, of: fn(&Score) -> f32| {
            let later = (1..).zip(curve).filter_map(|(done, p)| Some((done, p.validation?)));
            let all = [(0, validated.start)].into_iter().chain(later);
            let points =
                all.map(|(done, score): (u32, _)| (f64::from(done), f64::from(of(&score))));
            Lines::new(title, "iterations done", "").series(Series::points("", points))
        };
        let cost = format!("Held out: cost to {GAP}, in full epochs");
        figure = figure
            .row([held_out(&cost, |it| it.cost), held_out("Held out: reward", |it| it.reward)]);
    }
    figure = figure
        .row([panel("Discounted reward", |p| p.discounted), panel("Sum of rewards", |p| p.reward)]);
    if curve.iter().all(|p| p.update.passes == 0) {
        return figure.row([panel("Learning rate", |p| p.update.rate)]);
    }
    figure
        .row([
            panel("Policy loss", |p| p.update.policy_loss),
            panel("Value loss", |p| p.update.value_loss),
        ])
        .row([
            panel("Entropy of actions, in nats", |p| p.update.entropy),
            panel("Learning rate", |p| p.update.rate),
        ])
        .row([
            panel("Standard deviation of actions", |p| libm::expf(p.log_deviation)),
            panel("Explained variance of the returns", |p| p.update.explained),
        ])
}
