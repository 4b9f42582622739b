//! An evaluation as two tables of at most 80 columns: a line a family, and a line a rule.

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

use super::Evaluation;
use super::contenders::Role;
use super::family::FamilyResult;
use super::metric::Measure;
use super::profile::kind;
use super::statistics::{Estimate, interquartile_mean, quantile};

impl Evaluation {
    /// Both tables, with what their columns mean.
    #[must_use]
    pub fn table(&self) -> String {
        let instances: usize = self.families.iter().map(|family| family.instances).sum();
        format!(
            "{}: {}, policy {} ({} bytes)\n\n{}\n\n{}\n\n{}\n\n{}\n",
            format!("{:?}", self.suite).to_lowercase(),
            self.measure.title(),
            self.policy,
            self.policy_bytes,
            self.by_family(),
            self.legend(),
            self.by_rule(),
            format_args!(
                "All {instances} instances. Ratio: interquartile mean of a run's number over bound(0.95)'s on\n\
                 the same instance (95 % interval); 95th: percentile of it; within 1, 2: share\n\
                 of instances within that factor of the best rule's number; div: diverged.\n\
                 Rules are tuned on other instances, family by family; best fixed is found\n\
                 on the instance itself: a ceiling. HALS and NeNMF are other algorithms."
            ),
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
                format!("{:.2}", learned.to_reference.p95),
                learned.diverged.to_string(),
            ]
        });
        lines(&header.map(str::to_owned), rows)
    }

    fn legend(&self) -> String {
        let counts: Vec<usize> = self.families.iter().map(|family| family.instances).collect();
        let (least, most) = (counts.iter().min(), counts.iter().max());
        let counts = match (least, most) {
            (Some(least), Some(most)) if least < most => format!("{least} to {most}"),
            (Some(least), _) => least.to_string(),
            _ => "no".to_owned(),
        };
        let late = match self.measure {
            Measure::Epochs => format!(
                "F_best: lowest loss of any rule. Gaps not reached count as {} epochs.",
                self.horizon + 1
            ),
            Measure::Gap => {
                format!(
                    "F_best: lowest loss of any rule and of a long exact run. T = {}.",
                    self.horizon
                )
            }
        };
        format!(
            "Medians of {counts} instances, and ratios of medians (95 % intervals). 95th:\n\
             percentile of the instances' ratios to bound(0.95). div: learned runs that\n\
             diverged. Gap: (F - F_best)/(F_0 - F_best).\n{late}"
        )
    }

    fn by_rule(&self) -> String {
        let header = ["rule", "ratio", "95th", "within 1", "within 2", "div"];
        let count = self.families.first().map_or(0, |family| family.contenders.len());
        let rows = (0..count).map(|place| {
            let all = || self.families.iter().map(|family| &family.contenders[place]);
            let ratios = self.ratios(place);
            let within = |factor: f64| {
                let name = kind(&self.families, place);
                let role = all().next().map(|it| it.role);
                let profile = self.profiles.iter().find(|it| it.name == name);
                let profile =
                    profile.filter(|_| !matches!(role, Some(Role::Ceiling | Role::Algorithm)));
                let at = |it: &super::Profile| it.factor.iter().position(|f| *f >= factor - 1e-9);
                let share = profile.and_then(|it| at(it).map(|at| it.share[at]));
                share.map_or(String::new(), |share| format!("{:.0} %", 100.0 * share))
            };
            [
                kind(&self.families, place),
                ratio(&Estimate::of_values(&ratios, interquartile_mean)),
                format!("{:.2}", quantile(ratios, 0.95)),
                within(1.0),
                within(2.0),
                all().map(|it| it.diverged).sum::<usize>().to_string(),
            ]
        });
        lines(&header.map(str::to_owned), rows)
    }

    /// The measure of the contender at `place` over the reference's, on every instance.
    #[must_use]
    pub fn ratios(&self, place: usize) -> Vec<f64> {
        let of_family = |family: &FamilyResult| -> Vec<f64> {
            let values = |place: usize| family.contenders[place].values(self.measure);
            values(place).iter().zip(values(1)).map(|(own, other)| own / other).collect()
        };
        self.families.iter().flat_map(of_family).collect()
    }
}

/// A number of epochs or a gap.
#[must_use]
pub fn number(value: f64) -> String {
    if value >= 10.0 {
        format!("{value:.0}")
    } else if value >= 1.0 {
        format!("{value:.1}")
    } else {
        format!("{value:.1e}")
    }
}

/// A ratio with its interval.
#[must_use]
pub fn ratio(Estimate { value, low, high }: &Estimate) -> String {
    format!("{value:.2} {low:.2}–{high:.2}")
}

fn lines<const N: usize>(header: &[String; N], rows: impl Iterator<Item = [String; N]>) -> String {
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
