//! A comparison as a table of at most 80 columns.

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

use super::{Comparison, EpochsTo, Record, quartiles};

/// Stands for "not within the horizon".
const NEVER: &str = "∞";

impl Comparison {
    /// A line a rule: median and quartiles of the epochs to each gap, the median of the last loss, the runs that
    /// diverged.
    #[must_use]
    pub fn table(&self) -> String {
        let mut table = Table::new();
        table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
        table.set_width(80);
        table.set_header(["rule", "to 1e-1", "to 1e-2", "to 1e-3", "loss", "failed"]);
        for runs in self.by_rule() {
            let diverged = runs.iter().filter(|run| run.diverged).count();
            let final_loss = runs.iter().map(|run| f64::from(run.trajectory.last_loss()));
            table.add_row([
                runs.first().map_or(String::new(), |run| run.rule.clone()),
                epochs(runs, |to| to.tenth),
                epochs(runs, |to| to.hundredth),
                epochs(runs, |to| to.thousandth),
                loss(quartiles(final_loss.collect())[1]),
                if diverged == 0 {
                    "no".to_owned()
                } else {
                    format!("{diverged} of {}", runs.len())
                },
            ]);
        }
        for (k, column) in table.column_iter_mut().enumerate() {
            column.set_padding((if k == 0 { 0 } else { 2 }, 0));
            if (1..=4).contains(&k) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        let lines: Vec<String> = table.lines().map(|line| line.trim_end().to_owned()).collect();
        let shown = if self.plan.seeds > 1 { "Medians (and quartiles)" } else { "Number" };
        format!(
            "{}\n\n{shown} of epochs until (F - F_best)/(F_0 - F_best) <= 1e-1, ...\n\
             F_best: the lowest loss of all rules. {NEVER}: more than {} epochs. Failed: diverged.\n",
            lines.join("\n"),
            self.plan.epochs
        )
    }
}

/// Median and quartiles, like `31 (28–40)`; of one run, or of none that came there, the median alone.
fn epochs(runs: &[Record], to: impl Fn(&EpochsTo) -> Option<usize>) -> String {
    let late = f64::INFINITY;
    let values = runs.iter().map(|run| to(&run.epochs_to).map_or(late, |epochs| epochs as f64));
    let [low, middle, high] = quartiles(values.collect());
    let text = |value: f64| if value < late { value.to_string() } else { NEVER.to_owned() };
    if runs.len() == 1 || low.is_infinite() {
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
    use crate::compare::Plan;
    use crate::trajectory::Trajectory;

    #[test]
    fn losses_have_five_digits() {
        let shown = [0.012_345_678, 1.0, 12.345_678, 99_999.0, 1.5e7, 1.5e-7, f64::NAN].map(loss);
        assert_eq!(
            shown,
            ["0.012346", "1.0000", "12.346", "99999", "1.500e7", "1.500e-7", "not finite"]
        );
    }

    #[test]
    fn the_widest_table_fits_80_columns() {
        let record = |seed: u64| Record {
            rule: "armijo(0.1,0.5,1)".into(),
            seed,
            trajectory: Trajectory { loss: vec![2.0e9, 3.0e9], ..Trajectory::default() },
            epochs_to: EpochsTo {
                tenth: Some(100 + seed as usize),
                hundredth: Some(200 + seed as usize),
                thousandth: (seed < 3).then_some(300 + seed as usize),
            },
            diverged: true,
        };
        let plan = Plan { rank: 1, seeds: 5, epochs: 1, batch: 1.0 };
        let table = Comparison { runs: (0..5).map(record).collect(), plan }.table();
        assert!(table.lines().all(|line| line.chars().count() <= 80), "{table}");
        assert!(table.contains("102 (101–103)") && table.contains("302 (301–∞)"), "{table}");
        assert!(table.contains("5 of 5") && table.contains("3.000e9"), "{table}");
    }
}
