//! An evaluation as two tables of at most 80 columns: a line a family, and a line a rule.

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

use super::Evaluation;
use super::metric::Measure;
use super::statistics::Estimate;

impl Evaluation {
    /// Both tables, with what their columns mean.
    #[must_use]
    pub fn table(&self) -> String {
        format!(
            "Suite {}: {}\nPolicy {}, {} bytes\n\n{}\n\n{}\n\n{}\n\n{}\n",
            self.suite.name(),
            self.measure.title(),
            self.policy,
            self.policy_bytes,
            self.by_family(),
            self.about_families(),
            self.by_rule(),
            self.about_rules(),
        )
    }

    fn by_family(&self) -> String {
        let header = ["family", "learned", "/bound(.95)", "/best tuned", "which is", "95th", "div"];
        let rows = self.families.iter().map(|family| {
            let [learned, best] = [&family.contenders[0], &family.contenders[family.best]];
            [
                family.name.clone(),
                number(learned.median(self.measure).value),
                ratio(&learned.to_reference.of_medians),
                ratio(&family.learned_to_best.of_medians),
                best.name.split('(').next().unwrap_or_default().to_owned(),
                short(learned.to_reference.p95),
                learned.diverged.to_string(),
            ]
        });
        lines(header, rows)
    }

    fn about_families(&self) -> String {
        let counts = self.families.iter().map(|family| family.instances);
        let counts = match (counts.clone().min(), counts.max()) {
            (Some(least), Some(most)) if least < most => format!("{least} to {most}"),
            (least, _) => least.unwrap_or(0).to_string(),
        };
        let best = match self.measure {
            Measure::Epochs | Measure::Cost => {
                format!(
                    "any rule. What takes more than {0} epochs counts as {0} + 1.",
                    self.horizon
                )
            }
            Measure::Gap => format!("any rule or of a long exact run; {} epochs.", self.horizon),
        };
        format!(
            "Medians of {counts} instances, and ratios of medians (95 % intervals). 95th:\n\
             percentile of the instances' ratios to bound(0.95). div: learned runs that\n\
             diverged. Gap: (F - F_best)/(F_0 - F_best), F_best the lowest loss of\n{best}\n{}",
            self.suite.names()
        )
    }

    fn by_rule(&self) -> String {
        let rows = self.overall.iter().map(|rule| {
            let [one, two] = match rule.within {
                Some(shares) => shares.map(|share| format!("{:.0} %", 100.0 * share)),
                None => [String::new(), String::new()],
            };
            let diverged = rule.diverged.to_string();
            [rule.name.clone(), ratio(&rule.ratio), short(rule.p95), one, two, diverged]
        });
        lines(["rule", "ratio", "95th", "within 1", "within 2", "div"], rows)
    }

    fn about_rules(&self) -> String {
        let instances: usize = self.families.iter().map(|family| family.instances).sum();
        let algorithms = match self.measure {
            Measure::Epochs | Measure::Cost => {
                " HALS and NeNMF\nare other algorithms, no step rules."
            }
            Measure::Gap => "",
        };
        format!(
            "All {instances} instances. Ratio: to bound(0.95)'s number on the same instance,\n\
             interquartile mean (95 % interval). Within 1, 2: share of instances within\n\
             that factor of the best rule. Rules are tuned on other instances, family by\n\
             family; best fixed is found on the instance itself: a ceiling.{algorithms}"
        )
    }
}

/// A number of epochs or a gap.
#[must_use]
pub fn number(value: f64) -> String {
    match value {
        1000.0.. => format!("{value:.0e}"),
        10.0.. => format!("{value:.0}"),
        1.0.. => format!("{value:.1}"),
        _ => format!("{value:.1e}"),
    }
}

/// A ratio.
#[must_use]
pub fn short(value: f64) -> String {
    match value {
        ..0.01 | 1000.0.. => format!("{value:.0e}"),
        100.0.. => format!("{value:.0}"),
        10.0.. => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

fn ratio(Estimate { value, low, high }: &Estimate) -> String {
    format!("{} {}–{}", short(*value), short(*low), short(*high))
}

fn lines<const N: usize>(header: [&str; N], rows: impl Iterator<Item = [String; N]>) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(header).add_rows(rows);
    for (k, column) in table.column_iter_mut().enumerate() {
        column.set_padding((if k == 0 { 0 } else { 2 }, 0));
        if k > 0 {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stay_short() {
        assert_eq!(
            [1e6, 201.0, 35.5, 9.5, 0.012_34].map(number),
            ["1e6", "201", "36", "9.5", "1.2e-2"]
        );
        let shown = [0.0004, 0.01, 0.567, 12.345, 206.9, 1e7].map(short);
        assert_eq!(shown, ["4e-4", "0.01", "0.57", "12.3", "207", "1e7"]);
    }
}
