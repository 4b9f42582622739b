//! The schedules of a policy in units of 1/L, beside the two that theory knows.
//!
//! **Silver** (Altschuler & Parrilo 2023): 1 + ρ^(ν−1) with ρ = 1 + √2, from √2 − … up to ever longer
//! steps. **Chebyshev**: for a quadratic with eigenvalues in [μ, L] the k steps of a cycle are
//! α_j = 2/(L + μ + (L − μ)·cos(π(2j + 1)/2k)): a few long ones, up to about 1/μ, between many short ones.
//! A quadratic with *all* eigenvalues forbids nothing shorter than 1/L; so what matters is how long the
//! long steps are, and what lies between them.

use rayon::prelude::*;
use tinynmf::trajectory::Trajectory;
use tinynmf_core::{Policy, Rule, rule};

use super::{problems, run};
use crate::evaluate::statistics::{median, quantile};
use crate::plot::{Figure, Lines, Series};

/// Runs that are looked at.
const RUNS: usize = 48;

/// Epochs in the picture of one run.
const SHOWN: usize = 48;

/// A step beyond the bound is a long one.
const BOUND: f32 = 2.0;

/// Habits of one rule's schedules, W and H together, over all runs.
#[derive(Debug, Clone)]
pub struct Habit {
    /// The rule.
    pub name: String,
    /// αL of the first run, W.
    pub first: Vec<f32>,
    /// Share of steps beyond the bound.
    pub long_share: f64,
    /// Median αL of those, and of the others.
    pub medians: [f64; 2],
    /// The 95th percentile of αL.
    pub longest: f64,
    /// Share of the long steps that come 2, 3, 4, … half-steps of the same factor after the last one.
    pub distances: Vec<f64>,
    /// The geometric mean of αL.
    pub mean: f64,
}

/// Habits of `policy`, silver and a Chebyshev cycle.
#[must_use]
pub fn habits(policy: &Policy<'_>) -> Vec<Habit> {
    let rules = [("learned", Rule::learned(policy.clone())), ("silver", rule::Silver.into())];
    let mut all = Vec::new();
    for (name, rule) in rules {
        let problems = problems(RUNS);
        let runs: Vec<Trajectory> =
            problems.par_iter().map(|problem| run(problem, &mut rule.clone())).collect();
        let schedules: Vec<Vec<f32>> = runs.iter().flat_map(Trajectory::scaled_rates).collect();
        all.push(Habit::of(name, &schedules));
    }
    let longest = all[0].longest;
    all.push(Habit::of("Chebyshev", &[chebyshev(longest, cycle(&all[0]))]));
    all
}

/// Half-steps from one long step to the next, as most of the policy's are.
fn cycle(learned: &Habit) -> usize {
    let most = learned.distances.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1));
    most.map_or(3, |(index, _)| index + 1).max(2)
}

/// A Chebyshev cycle of `length` steps, again and again, whose longest step is `longest`/L.
#[must_use]
pub fn chebyshev(longest: f64, length: usize) -> Vec<f32> {
    // The longest step is 2/(1 + μ − (1 − μ)c), with c the cosine of the angle next to π.
    let c = (std::f64::consts::PI / (2.0 * length as f64)).cos();
    let mu = ((2.0 / longest - 1.0 + c) / (1.0 + c)).max(0.0);
    let step = |j: usize| {
        let angle = std::f64::consts::PI * (2 * j + 1) as f64 / (2 * length) as f64;
        (2.0 / (1.0 + mu + (1.0 - mu) * angle.cos())) as f32
    };
    (0..super::HORIZON as usize).map(|t| step(t % length)).collect()
}

impl Habit {
    fn of(name: &str, schedules: &[Vec<f32>]) -> Self {
        let steps: Vec<f64> =
            schedules.iter().flatten().filter(|a| **a > 0.0).map(|a| f64::from(*a)).collect();
        let of = |keep: &dyn Fn(f64) -> bool| steps.iter().copied().filter(|a| keep(*a)).collect();
        let (long, short): (Vec<f64>, Vec<f64>) =
            (of(&|a| a > f64::from(BOUND)), of(&|a| a <= f64::from(BOUND)));
        let mut distances = vec![0.0; 8];
        for schedule in schedules {
            let places: Vec<usize> = (0..schedule.len()).filter(|t| schedule[*t] > BOUND).collect();
            for pair in places.windows(2) {
                distances[(pair[1] - pair[0]).min(8) - 1] += 1.0;
            }
        }
        let count = distances.iter().sum::<f64>().max(1.0);
        Self {
            name: name.to_owned(),
            first: schedules[0].clone(),
            long_share: long.len() as f64 / steps.len() as f64,
            medians: [median(long), median(short)],
            longest: quantile(steps.clone(), 0.95),
            distances: distances.into_iter().map(|n| n / count).collect(),
            mean: (steps.iter().map(|a| a.ln()).sum::<f64>() / steps.len() as f64).exp(),
        }
    }
}

/// One run's schedules one below the other, and how the steps are distributed.
#[must_use]
pub fn figure(habits: &[Habit]) -> Figure {
    let panels = habits.iter().map(|habit| {
        let shown = habit.first.iter().take(SHOWN).map(|a| f64::from(*a));
        Lines::new(&*habit.name, "epoch", "rate of W in units of 1/L")
            .log_y()
            .limits(0.2..60.0)
            .reference(f64::from(BOUND), "bound")
            .series(Series::new(&*habit.name, shown).step())
    });
    let distances = habits.iter().fold(
        Lines::new(
            "From one long step to the next",
            "half-steps of the factor (8: or more)",
            "share",
        ),
        |lines, habit| {
            let points = habit.distances.iter().enumerate().map(|(i, s)| ((i + 1) as f64, *s));
            lines.series(Series::points(&*habit.name, points))
        },
    );
    Figure::new("Schedules: the policy, silver, Chebyshev")
        .caption(format!("64 x 48, rank 8; first of {RUNS} runs; bottom right: all runs"))
        .grid(2, panels.chain([distances]))
}

/// The numbers as a Markdown table.
#[must_use]
pub fn table(habits: &[Habit]) -> String {
    let line = |habit: &Habit| {
        let [long, short] = habit.medians;
        format!(
            "| {} | {:.0} % | {long:.2} | {short:.2} | {:.1} | {:.2} |\n",
            habit.name,
            100.0 * habit.long_share,
            habit.longest,
            habit.mean
        )
    };
    let head = "| schedule | share beyond 2/L | median αL there | median αL below | 95th percentile | \
                geometric mean |\n|---|---:|---:|---:|---:|---:|\n";
    head.to_owned() + &habits.iter().map(line).collect::<String>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chebyshev_cycle_has_the_longest_step_that_was_asked_for() {
        let cycle = chebyshev(9.0, 3);
        assert!((f64::from(cycle[2]) - 9.0).abs() < 1e-5, "{:?}", &cycle[..3]);
        assert!(cycle[0] > 1.0 && cycle[0] < 1.1 && cycle[..3] == cycle[3..6]);
    }

    #[test]
    fn habits_of_a_known_schedule() {
        let habit = Habit::of("x", &[vec![1.0, 1.0, 8.0, 1.0, 1.0, 8.0]]);
        assert!((habit.long_share - 1.0 / 3.0).abs() < 1e-12 && (habit.mean - 2.0).abs() < 1e-12);
        assert!((habit.distances[2] - 1.0).abs() < 1e-12);
        assert_eq!(cycle(&habit), 3);
    }
}
