//! Figures 1a, 1b and 2: constant rates, and the bound along their runs.

use std::cmp::Ordering;

use tinynmf::error::Result;
use tinynmf::seeds::Purpose;
use tinynmf_core::Rule;
use tinynmf_core::rule::Fixed;

use super::lab::{Lab, Order};
use super::plate::{self, Claim, Plate, Table, Verdict, short};
use super::record::{Choice, Fate, Record, mean};
use super::rivals;
use super::setup::SOLVED;
use crate::plot::{Figure, Lines, Series};

/// The instance that Figures 1 to 4 are about.
pub const INSTANCE: (Purpose, u64) = (Purpose::Training, 0);

/// The constant rates.
const ALPHAS: [f32; 14] =
    [1e-5, 1e-4, 1e-3, 3e-3, 0.01, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 1.0, 10.0];

/// Runs that the figures need.
#[must_use]
pub fn count() -> usize {
    ALPHAS.len() + rivals::rivals().len()
}

/// Figures 1a, 1b and 2.
///
/// # Errors
///
/// The errors of [`Lab::runs`].
pub fn plates(lab: &Lab<'_>) -> Result<Vec<Plate>> {
    let order = |alpha: f32| Order {
        name: format!("fixed-{alpha:e}"),
        choice: Choice::Rule(fixed(alpha)),
        instance: INSTANCE,
        seed: 0,
        end: 0.0,
    };
    let orders = ALPHAS.into_iter().map(order).chain(rivals::orders(INSTANCE)).collect();
    let mut records = lab.runs(orders)?;
    let rules = records.split_off(ALPHAS.len());
    let runs = Runs { lab, fixed: records, rules };
    Ok(vec![runs.losses(), runs.bounds(), runs.sweep()])
}

/// The rule of a constant rate.
fn fixed(alpha: f32) -> Rule<'static> {
    Fixed::new(alpha).expect("the rates are positive").into()
}

struct Runs<'a> {
    lab: &'a Lab<'a>,
    fixed: Vec<Record>,
    rules: Vec<Record>,
}

impl Runs<'_> {
    fn losses(&self) -> Plate {
        let epochs = self.lab.setup.epochs;
        let rules: Vec<_> = self.named_rules().collect();
        let [by_epoch, by_time] = plate::rules(&rules, self.lab.setup);
        let fixed = Lines::new("Constant α: those that leave the picture diverge", "epoch", "F")
            .log_y()
            .limits(plate::losses(&self.fixed[0]))
            .reference(SOLVED.into(), "solved");
        let fixed = self
            .named_fixed()
            .fold(fixed, |lines, (name, run)| lines.series(Series::points(name, run.curve())));
        Plate {
            id: "1a",
            title: "Loss curves of constant learning rates",
            paper: "The loss by epoch for constant α between 10⁻⁵ and 10; the largest diverge.",
            measured: vec![self.sentence()],
            picture: Figure::new("Figure 1a").row([fixed]).row([by_epoch, by_time]),
            curves: self.curves(|run| &run.loss),
            summary: Table::of_runs(self.named_fixed().chain(self.named_rules()), epochs),
            claims: vec![self.claim()],
        }
    }

    fn bounds(&self) -> Plate {
        let panels = ["W: 2/L, L of H", "H: 2/L, L of W"].into_iter().enumerate();
        let panels = panels.map(|(factor, title)| {
            let lines = Lines::new(title, "epoch", "2/L").log_y().limits(3e-4..10.0);
            let fixed = self.named_fixed().filter(|(_, run)| run.fate() == Fate::Descended);
            let shown = fixed.chain(self.named_rules().take(2));
            shown.fold(lines, |lines, (name, run)| {
                lines.series(Series::points(name, windows(&run.bound[factor])))
            })
        });
        let bound = &self.rules[0].bound;
        let range = |of: &[f32]| {
            let low = of.iter().copied().fold(f32::INFINITY, f32::min);
            let high = of.iter().copied().fold(0.0, f32::max);
            format!("{} to {}", short(low.into()), short(high.into()))
        };
        Plate {
            id: "1b",
            title: "The upper bound 2/L along those runs",
            paper: "The bound by epoch; it begins at about 0.1.",
            measured: vec![format!(
                "The first bounds are {} for W and {} for H. Along the run at the bound they are {} (W) and {} (H): where \
                 each factor has a bound of its own, long steps let the two drift apart.",
                short(bound[0][0].into()),
                short(bound[1][0].into()),
                range(&bound[0]),
                range(&bound[1])
            )],
            picture: Figure::new("Figure 1b")
                .caption("of the mini-batches, as rules see them; means of 20 epochs")
                .row(panels),
            curves: self.curves(|run| &run.bound[0]),
            summary: Table::default(),
            claims: Vec::new(),
        }
    }

    fn sweep(&self) -> Plate {
        let epochs = self.lab.setup.epochs;
        let at = |name: &str, epoch: u32| {
            let points = ALPHAS.iter().zip(&self.fixed);
            Series::points(
                name,
                points.map(|(alpha, run)| {
                    let lost = run.fate() != Fate::Descended;
                    let loss = if lost { f32::INFINITY } else { run.loss_at(epoch) };
                    (f64::from(*alpha).log10(), f64::from(loss))
                }),
            )
        };
        let sweep = Lines::new("Loss against the constant α: up is divergence", "log₁₀ α", "F")
            .log_y()
            .limits(plate::losses(&self.fixed[0]))
            .reference(SOLVED.into(), "solved")
            .series(at(&format!("after {} epochs", epochs / 100), epochs / 100))
            .series(at(&format!("after {} epochs", epochs / 10), epochs / 10))
            .series(at(&format!("after {epochs} epochs"), epochs).emphasised());
        let first = f64::from(self.fixed[0].loss[0]);
        let early =
            Lines::new("The first epochs", "epoch", "F").log_y().limits(0.03 * first..3.0 * first);
        let early = self.named_fixed().fold(early, |lines, (name, run)| {
            lines.series(Series::points(name, run.curve().take_while(|(epoch, _)| *epoch <= 50.0)))
        });
        let runs = ALPHAS.iter().zip(&self.fixed);
        let solved = |run: &Record| run.solved_or_late(self.lab.setup);
        let key = |run: &Record| (solved(run), f64::from(run.last_loss()));
        let best = runs.min_by(|a, b| key(a.1).partial_cmp(&key(b.1)).unwrap_or(Ordering::Equal));
        let (alpha, run) = best.expect("there are rates");
        let first = self.rules[0].bound[0][0];
        Plate {
            id: "2",
            title: "The same runs: which constant rate is best",
            paper: "The loss curves of constant rates, once more in full.",
            measured: vec![format!(
                "The best constant rate is {}, {} times the first bound of W: {} epochs to F < 10, and F = {} after {epochs}. \
                 The run at the bound takes {} epochs and ends at {}.",
                short((*alpha).into()),
                short((alpha / first).into()),
                solved(run),
                short(run.last_loss().into()),
                solved(&self.rules[0]),
                short(self.rules[0].last_loss().into()),
            )],
            picture: Figure::new("Figure 2").row([sweep, early]),
            curves: Table::default(),
            summary: Table::default(),
            claims: Vec::new(),
        }
    }

    /// Which rates descend, next to the bounds that their own runs met.
    fn sentence(&self) -> String {
        let bounds = &self.rules[0].bound;
        format!(
            "Every constant α up to {} descends and every one from {} on does not; the first bounds are {} (W) and {} (H).",
            short(self.largest_good().into()),
            short(self.smallest_bad().into()),
            short(bounds[0][0].into()),
            short(bounds[1][0].into())
        )
    }

    fn claim(&self) -> Claim {
        let runs = || ALPHAS.iter().zip(&self.fixed);
        // How far above a bound of its run a rate was, at the most.
        let excess = |(alpha, run): (&f32, &Record)| {
            run.bound.iter().flatten().fold(0.0, |most, bound| f32::max(most, alpha / bound))
        };
        let within: Vec<_> = runs().filter(|it| excess(*it) < 1.0).collect();
        let kept = within.iter().filter(|(_, run)| run.fate() == Fate::Descended).count();
        let lost: Vec<_> = runs().filter(|(_, run)| run.fate() != Fate::Descended).collect();
        let at_it = self.rules[0].fate() == Fate::Descended;
        let first = self.rules[0].bound[0][0];
        let far = runs().filter(|(alpha, _)| **alpha > 2.0 * first);
        let far_lost = far.clone().all(|(_, run)| run.fate() != Fate::Descended);
        Claim {
            claim: "A rate below 2/L at every step converges; far above it the loss diverges.",
            verdict: Verdict::of(
                kept == within.len() && at_it && far_lost,
                kept < within.len() || !at_it,
            ),
            evidence: format!(
                "{kept} of {} constant rates that stayed below every bound of their runs descended, and the run at {} of \
                 the bound {}. {} rates failed, from {} on, {} times the first bound; bounds fall along a run.",
                within.len(),
                rivals::AT_THE_BOUND,
                if at_it { "too" } else { "did not" },
                lost.len(),
                short(self.smallest_bad().into()),
                short((self.smallest_bad() / first).into())
            ),
            figure: "1a",
        }
    }

    fn largest_good(&self) -> f32 {
        let bad = self.smallest_bad();
        ALPHAS.into_iter().filter(|alpha| *alpha < bad).fold(0.0, f32::max)
    }

    fn smallest_bad(&self) -> f32 {
        let bad = ALPHAS.iter().zip(&self.fixed).find(|(_, run)| run.fate() != Fate::Descended);
        bad.map_or(f32::INFINITY, |(alpha, _)| *alpha)
    }

    fn named_fixed(&self) -> impl Iterator<Item = (String, &Record)> {
        ALPHAS.iter().map(|alpha| format!("α = {alpha}")).zip(&self.fixed)
    }

    fn named_rules(&self) -> impl Iterator<Item = (String, &Record)> {
        rivals::rivals().into_iter().map(|(name, _)| name.to_owned()).zip(&self.rules)
    }

    fn curves(&self, of: impl Fn(&Record) -> &Vec<f32>) -> Table {
        let named: Vec<_> = self.named_fixed().chain(self.named_rules()).collect();
        let columns: Vec<_> =
            named.iter().map(|(name, run)| (name.clone(), of(run).as_slice())).collect();
        Table::curves(&columns, |epoch| self.lab.setup.written(epoch))
    }
}

/// The means of windows of 20 epochs, which single mini-batches do not shake; at the windows' middles.
fn windows(values: &[f32]) -> impl Iterator<Item = (f64, f64)> + '_ {
    const WINDOW: usize = 20;
    let windows = values.chunks(WINDOW).enumerate();
    windows.map(|(k, window)| ((k * WINDOW) as f64 + 0.5 * window.len() as f64, mean(window)))
}
