//! The paper's conjecture: an agent that sees loss, epoch and gradient norm infers second-order
//! information from them.
//!
//! If it does, its log(α) must follow curvature quantities that it is *not* shown, beyond what time
//! alone explains: L, the curvature along the free gradient, the Barzilai-Borwein steps, of W. Three
//! shares of variance tell, over runs on problems whose scale differs by a factor of sixteen (α·L must
//! stay near a constant for a step to be good, so an agent that knows L must follow it):
//!
//! 1. what t/T alone explains,
//! 2. what t/T and the hidden quantities explain,
//! 3. what the hidden quantities explain of log(α) *between* problems at the same epoch, where time is
//!    the same for all.

use rayon::prelude::*;
use tinynmf::descent::Workload;
use tinynmf::error::Result;
use tinynmf::family::{Family, Problem};
use tinynmf_core::Factor;
use tinynmf_core::Subproblem;
use tinynmf_core::random::Rng;
use tinynmf_core::rule::StepRule;
use tinynmf_core::situation::Situation;
use tinynmf_train::paper::{Environment, History, Paper};
use tinynmf_train::{Config, Mode, Trainer};

use super::regression::explained;
use super::{HORIZON, problems, train};
use crate::evaluate::statistics::Estimate;

/// Problems of the test.
const RUNS: usize = 60;

/// Epochs of a run that count: every such many.
const EVERY: usize = 5;

/// Runs that must still be going on for an epoch to count between problems.
const FEWEST: usize = 10;

/// V is multiplied by 2 to one of these.
const SCALES: [f32; 5] = [-2.0, -1.0, 0.0, 1.0, 2.0];

/// Finding of the study.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Share of the variance of log α that t/T and (t/T)² explain.
    pub by_time: Estimate,
    /// Share that they and the hidden curvature quantities explain.
    pub by_time_and_curvature: Estimate,
    /// Share of the variance between problems at one epoch that the hidden quantities explain.
    pub between: Estimate,
    /// The deviation of log α between problems at one epoch, and that of log(1/L).
    pub deviations: [f64; 2],
}

/// One epoch of one problem.
struct Sample {
    time: f64,
    log_rate: f64,
    hidden: Vec<f64>,
}

/// Trains an agent in mode paper for `iterations` rounds and asks it; `each` is called after a round.
///
/// # Errors
///
/// None for this configuration.
pub fn test(iterations: u32, each: impl Fn()) -> Result<Answer> {
    let family = Family { spread: [0.0, 1.5], horizon: [HORIZON; 2], ..Family::default() };
    let config =
        Config { mode: Mode::Paper, log_deviation: -3.5, iterations, family, ..Config::default() };
    let agent = train(config, each)?;
    let follow = |(index, problem): (usize, &Problem)| {
        let scale = SCALES[index % SCALES.len()].exp2();
        let entries = problem.entries.iter().map(|v| scale * v).collect();
        let problem = Problem { entries, ..problem.clone() };
        let history = unsolved(&agent, &problem);
        // After a divergence the environment restarts: the rest is another run.
        let end = history.resets.first().map_or(history.alphas.len(), |last| *last);
        samples(&problem, &history.alphas[..end])
    };
    let problems = problems(RUNS);
    let runs: Vec<Vec<Sample>> = problems.par_iter().enumerate().map(follow).collect();
    Ok(answer(&runs))
}

/// Run of an agent of mode paper on a problem that no loss counts as solved.
pub(super) fn unsolved(agent: &Trainer, problem: &Problem) -> History {
    let rewards = Paper { threshold: 0.0, ..agent.config().paper.clone() };
    let environment = Environment::new(Workload::core(problem.clone()), rewards);
    environment.history(&agent.policy(), HORIZON as usize)
}

/// Repeats the run with the agent's α, and watches what it was not shown.
fn samples(problem: &Problem, alphas: &[f32]) -> Vec<Sample> {
    let mut memory = problem.memory();
    let mut run = memory.run(problem.data()).expect("the memory was made for this shape");
    let mut watch = Watch { alpha: 0.0, hidden: Vec::new() };
    let mut all = Vec::new();
    for (epoch, alpha) in alphas.iter().enumerate() {
        watch.alpha = alpha.max(f32::MIN_POSITIVE);
        run.epoch(&mut watch);
        if epoch % EVERY == EVERY - 1 && *alpha > 0.0 {
            let time = epoch as f64 / f64::from(HORIZON);
            let hidden = watch.hidden.clone();
            all.push(Sample { time, log_rate: f64::from(*alpha).ln(), hidden });
        }
    }
    all
}

/// fixed(α) that keeps W's curvature quantities.
struct Watch {
    alpha: f32,
    hidden: Vec<f64>,
}

impl StepRule for Watch {
    fn rate<B: Subproblem>(&mut self, at: &Situation<'_>, _: &mut B, _: &mut Rng) -> f32 {
        if at.factor == Factor::W {
            let change = &at.own.change;
            let log = |x: f32| f64::from(x.clamp(1e-30, 1e30)).ln();
            self.hidden = vec![
                log(at.lipschitz),
                log(at.slope.free_curvature / at.slope.free_norm_squared),
                log(change.curvature / change.norm_squared),
                log(change.image_norm_squared / change.curvature),
            ];
        }
        self.alpha
    }
}

fn answer(runs: &[Vec<Sample>]) -> Answer {
    let share = |of: fn(&[&Vec<Sample>]) -> f64| {
        Estimate::of(runs.len(), |indices| {
            of(&indices.iter().map(|i| &runs[*i]).collect::<Vec<_>>())
        })
    };
    let between = between(&runs.iter().collect::<Vec<_>>());
    let deviation = |of: fn(&(Vec<f64>, f64)) -> f64| {
        (between.iter().map(|it| of(it).powi(2)).sum::<f64>() / between.len() as f64).sqrt()
    };
    Answer {
        by_time: share(|runs| fit(runs, false)),
        by_time_and_curvature: share(|runs| fit(runs, true)),
        between: share(|runs| {
            let (rows, y): (Vec<_>, Vec<_>) = self::between(runs).into_iter().unzip();
            explained(&rows, &y)
        }),
        deviations: [deviation(|it| it.1), deviation(|it| it.0[0])],
    }
}

fn fit(runs: &[&Vec<Sample>], curvature: bool) -> f64 {
    let samples = runs.iter().flat_map(|run| run.iter());
    let row = |sample: &Sample| {
        let hidden: &[f64] = if curvature { &sample.hidden } else { &[] };
        [sample.time, sample.time.powi(2)].iter().chain(hidden).copied().collect()
    };
    let (rows, y): (Vec<Vec<f64>>, Vec<f64>) = samples.map(|s| (row(s), s.log_rate)).unzip();
    explained(&rows, &y)
}

/// Hidden quantities and log α of every sample, less their means over the runs at the same epoch.
fn between(runs: &[&Vec<Sample>]) -> Vec<(Vec<f64>, f64)> {
    let length = runs.iter().map(|run| run.len()).max().unwrap_or(0);
    let mut all = Vec::new();
    for place in 0..length {
        let at: Vec<&Sample> = runs.iter().filter_map(|run| run.get(place)).collect();
        if at.len() < FEWEST {
            break;
        }
        let mean =
            |of: &dyn Fn(&Sample) -> f64| at.iter().map(|s| of(s)).sum::<f64>() / at.len() as f64;
        let log_rate = mean(&|s| s.log_rate);
        let hidden: Vec<f64> = (0..at[0].hidden.len()).map(|i| mean(&|s| s.hidden[i])).collect();
        all.extend(at.iter().map(|s| {
            let row = s.hidden.iter().zip(&hidden).map(|(x, mean)| x - mean).collect();
            (row, s.log_rate - log_rate)
        }));
    }
    all
}

/// The answer as a Markdown table.
#[must_use]
pub fn table(answer: &Answer) -> String {
    let Answer { by_time, by_time_and_curvature, between, .. } = answer;
    let [rate, bound] = answer.deviations;
    format!(
        "| share of the variance of log α explained | |\n|---|---:|\n\
         | by the epoch | {by_time} |\n| by the epoch and the hidden curvature | {by_time_and_curvature} |\n\
         | between problems at one epoch, by the hidden curvature | {between} |\n\n\
         Between problems at one epoch, log α varies by {rate:.2} and log(1/L) by {bound:.2} (standard deviations).\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs of an agent whose α is what `rate` makes of time and L.
    fn runs(rate: fn(f64, f64) -> f64) -> Vec<Vec<Sample>> {
        let sample = |run: usize, t: usize| {
            let (time, lipschitz) = (t as f64 / 20.0, (run as f64 * 1.7).sin());
            Sample { time, log_rate: rate(time, lipschitz), hidden: vec![lipschitz] }
        };
        (0..12).map(|run| (0..20).map(|t| sample(run, t)).collect()).collect()
    }

    #[test]
    fn an_agent_that_knows_the_bound_is_told_from_one_that_watches_the_clock() {
        let clock = answer(&runs(|time, _| -time));
        assert!(clock.by_time.value > 0.999 && clock.between.value < 1e-6);
        let knows = answer(&runs(|time, lipschitz| -time - lipschitz));
        assert!(knows.by_time.value < 0.5 && knows.between.value > 0.999);
        assert!(knows.by_time_and_curvature.value > 0.999);
    }
}
