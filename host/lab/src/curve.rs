//! The learning curve as a picture.

use tinynmf_train::Progress;

use crate::plot::{Figure, Lines, Series};

/// The objective of a training; of PPO also the exploration it has left, and how well its value network predicts.
#[must_use]
pub fn figure(curve: &[Progress]) -> Figure {
    let panel = |title: &str, of: fn(&Progress) -> f32| {
        let values = curve.iter().map(|p| f64::from(of(p)));
        Lines::new(title, "iteration", "").series(Series::new("", values))
    };
    let figure = Figure::new("Learning curve")
        .caption("mean of an iteration's episodes")
        .row([panel("Discounted reward", |p| p.discounted), panel("Sum of rewards", |p| p.reward)]);
    if curve.iter().all(|p| p.update.passes == 0) {
        return figure;
    }
    figure.row([
        panel("Standard deviation of actions", |p| libm::expf(p.log_deviation)),
        panel("Explained variance of the returns", |p| p.update.explained),
    ])
}
