//! The pictures of what agents do.

use super::Learned;
use super::topic::Topic;
use crate::evaluate::statistics::median;
use crate::plot::{Figure, Lines, Series};
use crate::reproduce::agents::RATES;
use crate::reproduce::plate;
use crate::reproduce::record::Record;

/// The largest α in pictures: thrice the first bound.
const HIGHEST: f64 = 0.3;

impl Learned<'_> {
    pub(super) fn picture(&self, groups: &[(String, Vec<&Record>)]) -> Figure {
        let Topic { id, rate, budget, .. } = self.topic;
        let history = &self.histories[0];
        let marks = || history.resets.iter().map(|epoch| *epoch as f64 + 0.5);
        let numbers = |of: &[f32]| of.iter().map(|x| f64::from(*x)).collect::<Vec<_>>();
        let loss =
            Lines::new("Loss on the instance it knows, seed 0; dotted: resets", "epoch", "F")
                .log_y()
                .marks(marks())
                .reference(10.0, "solved")
                .series(Series::new("learned", numbers(&history.losses)).emphasised());
        let bound = |factor: usize| history.bounds.iter().map(move |it| f64::from(it[factor]));
        let action = Lines::new("Action α; dotted: resets", "epoch", "α")
            .limits(0.0..HIGHEST)
            .marks(marks())
            .series(Series::new("2/L of W", bound(0)))
            .series(Series::new("2/L of H", bound(1)))
            .series(Series::new("learned", numbers(&history.alphas)).emphasised());
        let end = plate::shown(
            groups.iter().take(2).flat_map(|(_, runs)| runs.iter().copied()),
            self.lab.setup,
        );
        let [by_epoch, by_time] = ["epoch", "seconds"].map(|x| {
            let lines =
                Lines::new(format!("Fresh instances, by {x}"), x, "F: median and range").log_y();
            let lines = lines.limits(plate::losses(&self.fresh[0])).reference(10.0, "solved");
            groups.iter().enumerate().fold(lines, |lines, (k, (name, runs))| {
                let milliseconds = median(runs.iter().map(|run| run.milliseconds()).collect());
                let scale = if x == "epoch" { 1.0 } else { 1e-3 * milliseconds };
                let name = if k == 0 { "learned" } else { name };
                let series = band(name, runs, end, scale, k < 2 && x == "epoch");
                lines.series(if k == 0 { series.emphasised() } else { series })
            })
        });
        Figure::new(format!("Figure {id}"))
            .caption(format!(
                "agent learning rate {}, {} iterations",
                RATES[rate], self.lab.setup.budgets[budget]
            ))
            .row([loss, action])
            .row([by_epoch, by_time])
    }
}

/// The median loss of runs, if so asked with the range, at the epochs where the first one was measured.
fn band(name: &str, runs: &[&Record], end: f64, scale: f64, shaded: bool) -> Series {
    let longest = runs.iter().max_by_key(|run| run.loss.len()).expect("there are runs");
    let (mut points, mut low, mut high) = (Vec::new(), Vec::new(), Vec::new());
    for (epoch, _) in longest.curve().take_while(|(epoch, _)| *epoch <= end) {
        let mut losses: Vec<f64> =
            runs.iter().map(|run| run.loss_at(epoch as u32).into()).collect();
        losses.sort_by(f64::total_cmp);
        points.push((epoch * scale, losses[losses.len() / 2]));
        low.push(losses[0]);
        high.push(losses[losses.len() - 1]);
    }
    let series = Series::points(name, points);
    if shaded && runs.len() > 1 { series.band(low, high) } else { series }
}
