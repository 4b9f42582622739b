//! The paper's claims on learned schedules, against the fresh instances.

use super::Learned;
use crate::evaluate::statistics::median;
use crate::reproduce::course::spread;
use crate::reproduce::plate::{Claim, Verdict, short};
use crate::reproduce::record::{Record, mean};
use crate::reproduce::rivals;

/// An initial low phase would be in the first of so many parts of the epochs until the problem is solved.
const BEGINNING: usize = 5;

impl Learned<'_> {
    /// The epochs of the learned schedule over those of a rival, instance by instance.
    fn ratios(&self, rival: usize) -> Vec<f64> {
        let pairs = self.fresh.iter().zip(self.rival(rival));
        pairs
            .map(|(a, b)| a.solved_or_late(self.lab.setup) / b.solved_or_late(self.lab.setup))
            .collect()
    }

    /// Faster or slower than the run at the bound on most instances?
    pub(super) fn speed(&self, claim: &'static str) -> Claim {
        let ratios = self.ratios(0);
        let (faster, slower) = (count(&ratios, |x| x < 1.0), count(&ratios, |x| x > 1.0));
        let names = rivals::rivals().map(|(name, _)| name);
        let fastest = rivals::CLASSICAL.map(|k| (median(self.ratios(k)), names[k]));
        let (ratio, name) = fastest.max_by(|a, b| a.0.total_cmp(&b.0)).expect("there are rivals");
        Claim {
            claim,
            verdict: Verdict::of(2 * faster > ratios.len(), 2 * slower > ratios.len()),
            evidence: format!(
                "Epochs to F < 10 on {} fresh instances, over those of the run at the bound: {}; of that with one α for both \
                 factors: {}; of {name}, the fastest of decay, cauchy, abb and silver: {}.",
                ratios.len(),
                spread(ratios.iter().copied()),
                spread(self.ratios(1).into_iter()),
                short(ratio)
            ),
            figure: self.topic.id,
        }
    }

    pub(super) fn lower(&self) -> Claim {
        let over = |rival: usize| -> Vec<f64> {
            let pairs = self.fresh.iter().zip(self.rival(rival));
            let mean = |run: &Record| run.mean_alpha().iter().sum::<f64>();
            pairs.map(|(a, b)| mean(a) / mean(b)).collect()
        };
        let (bound, one) = (over(0), over(1));
        let most = |yes: fn(f64) -> bool| {
            2 * count(&bound, yes) > bound.len() && 2 * count(&one, yes) > one.len()
        };
        Claim {
            claim: "The learned schedule has a lower mean learning rate than the run at the bound.",
            verdict: Verdict::of(most(|x| x < 0.98), most(|x| x > 1.02)),
            evidence: format!(
                "Its mean α until the problem is solved is {} times that of the run at the bound (mean of W and H), and {} \
                 times that of the run at the bound with one α for both factors.",
                spread(bound.iter().copied()),
                spread(one.iter().copied())
            ),
            figure: "1c",
        }
    }

    pub(super) fn low_phase(&self) -> Claim {
        let ratios: Vec<f64> = self.fresh.iter().map(beginning).collect();
        Claim {
            claim: "After a large budget (100K iterations) the agent begins with a phase of low rates.",
            verdict: Verdict::of(
                2 * count(&ratios, |x| x < 0.8) > ratios.len(),
                2 * count(&ratios, |x| x >= 0.95) > ratios.len(),
            ),
            evidence: format!(
                "In the first fifth of the epochs until the problem is solved, α is {} times α afterwards.",
                spread(ratios.iter().copied())
            ),
            figure: "8",
        }
    }
}

/// The mean α of the first fifth of the epochs until the problem was solved, over that of the others.
pub fn beginning(run: &Record) -> f64 {
    let alphas = run.alphas(0);
    let (early, late) = alphas.split_at((alphas.len() / BEGINNING).max(1).min(alphas.len()));
    mean(early) / mean(late)
}

fn count(values: &[f64], yes: fn(f64) -> bool) -> usize {
    values.iter().filter(|value| yes(**value)).count()
}
