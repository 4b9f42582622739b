//! A comparison as a table of at most 80 columns.

use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Table, presets};

use super::{Comparison, quartiles};

/// Columns for a rule's name: `armijo(0.1,0.5,1)` fits.
const NAME: usize = 17;

/// Stands for "not within the horizon".
const NEVER: &str = "∞";

impl Comparison {
    /// Two tables, a line a rule each: cost to each gap with the last loss and the runs that diverged; epochs to each gap.
    /// Medians, with quartiles where there are several starts.
    #[must_use]
    pub fn table(&self) -> String {
        let unit = self.full_epoch as f64;
        let mut costs = empty(["rule", "cost to 1e-1", "1e-2", "1e-3", "loss", "failed"]);
        let mut epochs = empty(["rule", "epochs to 1e-1", "1e-2", "1e-3"]);
        for runs in self.by_rule() {
            let rule = runs.first().map_or(String::new(), |run| run.rule.clone());
            let diverged = runs.iter().filter(|run| run.diverged).count();
            let final_loss = runs.iter().map(|run| f64::from(run.trajectory.last_loss()));
            let cost = |cost: Option<u64>| cost.map(|cost| cost as f64 / unit);
            let count = |epochs: Option<usize>| epochs.map(|epochs| epochs as f64);
            let rule = folded(&rule);
            costs.add_row([
                rule.clone(),
                spread(runs.iter().map(|run| cost(run.cost_to.tenth)), decimal),
                spread(runs.iter().map(|run| cost(run.cost_to.hundredth)), decimal),
                spread(runs.iter().map(|run| cost(run.cost_to.thousandth)), decimal),
                loss(quartiles(final_loss.collect())[1]),
                if diverged == 0 {
                    "no".to_owned()
                } else {
                    format!("{diverged} of {}", runs.len())
                },
            ]);
            epochs.add_row([
                rule,
                spread(runs.iter().map(|run| count(run.epochs_to.tenth)), |x| x.to_string()),
                spread(runs.iter().map(|run| count(run.epochs_to.hundredth)), |x| x.to_string()),
                spread(runs.iter().map(|run| count(run.epochs_to.thousandth)), |x| x.to_string()),
            ]);
        }
        let shown = if self.plan.seeds > 1 { "Medians (and quartiles)" } else { "Numbers" };
        format!(
            "{}\n\n{}\n\n{shown} until (F - F_best)/(F_0 - F_best) <= 1e-1, 1e-2, 1e-3.\n\
             F_best: the lowest loss of all rules. Cost: multiply-adds of all that is\n\
             done, in units of an epoch that looks at all of V, 2mnr + (m + n)r^2/2.\n\
             {NEVER}: not within {} epochs. Failed: diverged.\n",
            text(costs),
            text(epochs),
            self.plan.epochs
        )
    }
}

fn empty<const N: usize>(header: [&str; N]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(80);
    table.set_header(header);
    table
}

/// The table's lines, numbers to the right.
fn text(mut table: Table) -> String {
    for (k, column) in table.column_iter_mut().enumerate() {
        column.set_padding((if k == 0 { 0 } else { 2 }, 0));
        if k == 0 {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
        if (1..=4).contains(&k) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let lines: Vec<String> = table.lines().map(|line| line.trim_end().to_owned()).collect();
    lines.join("\n")
}

/// A rule's name in lines of at most [`NAME`] columns, which end at commas: the table itself would cut numbers in two.
fn folded(name: &str) -> String {
    let mut text = String::new();
    let mut width = 0;
    for part in name.split_inclusive(',') {
        if width > 0 && width + part.len() > NAME {
            text += "\n  ";
            width = 2;
        }
        text += part;
        width += part.len();
    }
    text
}

/// Three digits at most behind which nothing is told apart.
fn decimal(value: f64) -> String {
    if value < 10.0 { format!("{value:.1}") } else { format!("{value:.0}") }
}

/// Median and quartiles, like `31 (28–40)`; of one run, or of none that came there, the median alone.
fn spread(values: impl Iterator<Item = Option<f64>>, shown: impl Fn(f64) -> String) -> String {
    let late = f64::INFINITY;
    let values: Vec<f64> = values.map(|value| value.unwrap_or(late)).collect();
    let only = values.len() == 1;
    let [low, middle, high] = quartiles(values);
    let text = |value: f64| if value < late { shown(value) } else { NEVER.to_owned() };
    if only || low.is_infinite() {
        text(middle)
    } else {
        format!("{} ({}–{})", text(middle), text(low), text(high))
    }
}

/// Five digits, with an exponent where they need one.
fn loss(value: f64) -> String {
    match value {
        _ if !value.is_finite() => "not finite".to_owned(),
        0.001..100_000.0 => {
            let digits = 4 - value.log10().floor() as i32;
            format!("{value:.*}", digits.max(0) as usize)
        }
        _ => format!("{value:.3e}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::{Plan, Record, ToGap};
    use tinynmf::trajectory::Trajectory;

    #[test]
    fn losses_have_five_digits() {
        let shown = [0.012_345_678, 1.0, 12.345_678, 99_999.0, 1.5e7, 1.5e-7, f64::NAN].map(loss);
        assert_eq!(
            shown,
            ["0.012346", "1.0000", "12.346", "99999", "1.500e7", "1.500e-7", "not finite"]
        );
    }

    #[test]
    fn names_are_cut_at_commas() {
        assert_eq!(folded("armijo(0.1,0.5,1)"), "armijo(0.1,0.5,1)");
        assert_eq!(folded("growing(0.1,1.2,1.3,2)"), "growing(0.1,1.2,\n  1.3,2)");
        assert_eq!(folded("fixed(0.0000123456789123)"), "fixed(0.0000123456789123)");
    }

    #[test]
    fn the_widest_table_fits_80_columns() {
        let record = |seed: u64| Record {
            rule: "widening(2,1.3,1.2,0.7,0.5)".into(),
            seed,
            trajectory: Trajectory { loss: vec![2.0e9, 3.0e9], ..Trajectory::default() },
            cost_to: ToGap { tenth: Some(seed), hundredth: Some(10), thousandth: None },
            epochs_to: ToGap {
                tenth: Some(100 + seed as usize),
                hundredth: Some(200 + seed as usize),
                thousandth: (seed < 3).then_some(300 + seed as usize),
            },
            diverged: true,
        };
        let plan = Plan { rank: 1, seeds: 5, epochs: 1, batch: 1.0 };
        let table = Comparison { runs: (0..5).map(record).collect(), plan, full_epoch: 2 }.table();
        assert!(table.lines().all(|line| line.chars().count() <= 80), "{table}");
        assert!(
            table.contains("1.0 (0.5–1.5)")
                && table.contains("102 (101–103)")
                && table.contains("302 (301–∞)"),
            "{table}"
        );
        assert_eq!(table.matches("widening(2,1.3,").count(), 2, "{table}");
        assert_eq!(table.matches("\n  1.2,0.7,0.5)").count(), 2, "{table}");
        assert!(table.contains("5 of 5") && table.contains("3.000e9"), "{table}");
    }
}
