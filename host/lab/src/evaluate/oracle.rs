//! The best fixed α of an instance, found by trying them all on it: a ceiling that no user has.

use tinynmf::error::Result;
use tinynmf::family::Problem;
use tinynmf::trajectory::Trajectory;
use tinynmf_core::rule::Fixed;

use super::metric::{MAIN_TAU, Measure, Score, TAUS};
use super::rivals::ALPHAS;

/// The run with the α of [`ALPHAS`] that is best by `measure`, F_best being given; `guess` is tried first.
///
/// No α is cut short that could still win: once one reaches the gap in t epochs, the others have t − 1.
///
/// # Errors
///
/// A rank that does not fit the problem's shape.
pub fn oracle(problem: &Problem, best: f32, measure: Measure, guess: f32) -> Result<Trajectory> {
    let horizon = problem.settings.horizon;
    let far = |alpha: f32| (alpha / guess).ln().abs();
    let mut alphas = ALPHAS.to_vec();
    alphas.sort_by(|a, b| far(*a).total_cmp(&far(*b)));
    let (mut least, mut winner) = (f64::INFINITY, alphas[0]);
    for &alpha in &alphas {
        let epochs = match measure {
            Measure::Epochs | Measure::Cost if least < f64::from(horizon) => {
                (least as u32).saturating_sub(1)
            }
            _ => horizon,
        };
        let run = run(problem, alpha, epochs)?;
        let value = match measure {
            // Every epoch costs the same.
            Measure::Epochs | Measure::Cost => {
                run.epochs_to(best, TAUS[MAIN_TAU]).map_or(f64::INFINITY, |t| t as f64)
            }
            Measure::Gap => Score::of(&run, best).gap,
        };
        if value < least {
            (least, winner) = (value, alpha);
        }
    }
    run(problem, winner, horizon)
}

fn run(problem: &Problem, alpha: f32, epochs: u32) -> Result<Trajectory> {
    let (noise, mut memory) = (problem.noise(), problem.memory());
    let mut run = memory.run(noise.on(problem.data()))?;
    Ok(Trajectory::record(&mut run, &mut Fixed::new(alpha)?, epochs, || ()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tinynmf::family::Family;

    #[test]
    fn no_alpha_of_the_sweep_is_better_whatever_the_guess() {
        let family = Family { rows: [12; 2], columns: [10; 2], rank: [2; 2], ..Family::default() };
        let problem = Family { horizon: [40; 2], ..family }.problem(1);
        let [_, best] = problem.reference();
        let runs: Vec<_> = ALPHAS.iter().map(|a| run(&problem, *a, 40).unwrap()).collect();
        for measure in [Measure::Epochs, Measure::Gap] {
            let value = |run: &Trajectory| measure.of(&Score::of(run, best));
            let least = runs.iter().map(value).fold(f64::INFINITY, f64::min);
            for guess in [1e-5, 0.01, 10.0] {
                let found = value(&oracle(&problem, best, measure, guess).unwrap());
                assert!((found - least).abs() < 1e-12, "{found} for {least}");
            }
        }
    }
}
