//! A comparison as a picture: how the gaps close, and the schedules that close them.

use super::{Comparison, Record, quartiles};
use crate::plot::{Figure, Lines, Series};

/// Gaps below this are not shown: the best run's own gap ends at 0.
const SMALLEST_GAP: f64 = 1e-5;

/// Rates αL beyond these are not shown: what the rules have in common lies between.
const RATES: [f64; 2] = [0.05, 50.0];

/// Epochs of a schedule: more of them would hide its pattern.
const SCHEDULE: usize = 60;

impl Comparison {
    /// Gaps by epoch (median over the seeds), and below them a panel for each rule with its schedule (seed 0): αL of W, or of a
    /// rule of sweeps the share of V.
    #[must_use]
    pub fn figure(&self, title: &str) -> Figure {
        let plan = self.plan;
        let gaps =
            Lines::new("How fast each rule closes the gap", "epoch", "(F - F_best)/(F_0 - F_best)");
        let gaps = self.by_rule().fold(gaps.log_y().limits(SMALLEST_GAP..1.5), |lines, runs| {
            lines.series(curve(runs, self.median_gap(runs)))
        });
        let batches = if plan.batch < 1.0 {
            format!("mini-batches of {} %", 100.0 * plan.batch)
        } else {
            "exact gradients".to_owned()
        };
        let caption = format!("rank {}, {batches}, median of {} starts", plan.rank, plan.seeds);
        Figure::new(title).caption(caption).row([gaps]).grid(3, self.by_rule().map(schedule))
    }

    fn median_gap(&self, runs: &[Record]) -> Vec<f64> {
        let gaps: Vec<Vec<f64>> =
            runs.iter().map(|run| run.trajectory.gaps(self.best(run.seed)).collect()).collect();
        let at = |epoch: usize| gaps.iter().filter_map(|gap| gap.get(epoch).copied()).collect();
        // A gap of 0 has no place on a logarithmic axis, one just below its end has.
        let shown = |gap: f64| if gap < SMALLEST_GAP { 0.5 * SMALLEST_GAP } else { gap };
        (0..=self.plan.epochs as usize).map(|epoch| shown(quartiles(at(epoch))[1])).collect()
    }
}

/// αL of the W half-steps of a rule's first run; the share that they looked at where they swept.
fn schedule(runs: &[Record]) -> Lines {
    let title = format!("Schedule of {}", name(runs));
    if let Some(Record { trajectory, .. }) = runs.first()
        && !trajectory.alpha_w.iter().any(|alpha| *alpha > 0.0)
    {
        let shares = trajectory.share_w.iter().take(SCHEDULE).copied().map(f64::from);
        return Lines::new(title, "epoch", "share of V in W's half-step, seed 0")
            .limits(0.0..1.05)
            .series(curve(runs, shares).step());
    }
    let [rates, _] = runs.first().map(|run| run.trajectory.scaled_rates()).unwrap_or_default();
    let rates = rates.into_iter().take(SCHEDULE).map(f64::from);
    Lines::new(title, "epoch", "rate of W in units of 1/L, seed 0")
        .log_y()
        .limits(RATES[0]..RATES[1])
        .reference(2.0, "bound")
        .series(curve(runs, rates).step())
}

/// The curve of a rule; that of the policy stands out.
fn curve(runs: &[Record], values: impl IntoIterator<Item = f64>) -> Series {
    let series = Series::new(name(runs), values);
    if name(runs) == "learned" { series.emphasised() } else { series }
}

fn name(runs: &[Record]) -> &str {
    runs.first().map_or("", |run| &run.rule)
}

#[cfg(test)]
mod tests {
    use crate::compare::{Plan, compare};
    use tinynmf::rule_name;
    use tinynmf_core::{Policy, policy::SHIPPED};

    #[test]
    fn a_rule_of_sweeps_has_a_panel_of_shares() {
        let policy = Policy::from_bytes(SHIPPED).unwrap();
        let rules = rule_name::parse_list("bound,hals,widening,schedule", &policy).unwrap();
        let plan = Plan { rank: 4, seeds: 1, epochs: 9, batch: 1.0 };
        let matrix = tinynmf::digits::first(30);
        let picture = compare(&matrix, &rules, plan, || ()).unwrap().figure("t").svg().unwrap();
        assert_eq!(picture.matches("share of V in W").count(), 3);
        assert_eq!(picture.matches("rate of W in units").count(), 1);
    }
}
