//! The numbers behind the pictures of what agents do.

use super::Learned;
use crate::evaluate::statistics::median;
use crate::reproduce::course::spread;
use crate::reproduce::plate::{Table, short};
use crate::reproduce::record::{Fate, Record};

impl Learned<'_> {
    pub(super) fn summary(&self, groups: &[(String, Vec<&Record>)]) -> Table {
        let mut table = Table::new(&[
            "run",
            "descend",
            "last F",
            "epochs to F < 10",
            "mean α of W",
            "mean α of H",
            "ms an epoch",
        ]);
        for (name, runs) in groups {
            let descend = runs.iter().filter(|run| run.fate() == Fate::Descended).count();
            let alpha = |factor: usize| spread(runs.iter().map(|run| run.mean_alpha()[factor]));
            table.row([
                name.clone(),
                format!("{descend} of {}", runs.len()),
                spread(runs.iter().map(|run| run.last_loss().into())),
                self.solved(runs),
                alpha(0),
                alpha(1),
                short(median(runs.iter().map(|run| run.milliseconds()).collect())),
            ]);
        }
        table
    }

    pub(super) fn curves(&self, groups: &[(String, Vec<&Record>)]) -> Table {
        let mut columns: Vec<(String, Vec<f32>)> = Vec::new();
        for (seed, history) in self.histories.iter().enumerate() {
            columns.push((format!("history {seed}: F"), history.losses.clone()));
            columns.push((format!("history {seed}: α"), history.alphas.clone()));
        }
        for (name, runs) in groups {
            for (k, run) in runs.iter().enumerate() {
                columns.push((format!("{name}, fresh {k}: F"), run.loss.clone()));
            }
        }
        for (k, run) in self.fresh.iter().enumerate() {
            columns.push((format!("learned, fresh {k}: α"), run.alpha[0].clone()));
        }
        let borrowed: Vec<(String, &[f32])> =
            columns.iter().map(|(name, column)| (name.clone(), column.as_slice())).collect();
        Table::curves(&borrowed, |epoch| self.lab.setup.written(epoch))
    }
}
