//! Whatever the data, the start and the rule: W and H stay finite and non-negative, and observations
//! stay within their limit.

use proptest::prelude::*;
use tinynmf::strategies::{self, Sizes};
use tinynmf_core::noise::GradientNoise;
use tinynmf_core::observe::{LIMIT, NAMES, observe};
use tinynmf_core::random::Rng;
use tinynmf_core::rule::StepRule;
use tinynmf_core::situation::Situation;
use tinynmf_core::{HalfStep, Matrix, Outcome, Rule, Settings, Subproblem};
use tinynmf_tests::problem::{Asked as _, Problem, config, hostile, ordinary};
use tinynmf_tests::rules;

/// Looks at the observations before every choice of another rule.
struct Watched<'p>(Rule<'p>);

impl StepRule for Watched<'_> {
    fn rate<B: Subproblem>(&mut self, at: &Situation<'_>, block: &mut B, rng: &mut Rng) -> f32 {
        for (x, name) in observe(at).iter().zip(NAMES) {
            assert!(x.abs() <= LIMIT, "{name} is {x}");
        }
        self.0.rate(at, block, rng).unwrap_or(at.safe_rate())
    }
}

fn stays_sound(problem: &Problem, name: &str, rule: Rule<'_>, settings: Settings, epochs: u32) {
    stays_sound_on(problem.data(), problem, name, rule, settings, epochs);
}

fn stays_sound_on<M: Matrix>(
    v: M,
    problem: &Problem,
    name: &str,
    rule: Rule<'_>,
    settings: Settings,
    epochs: u32,
) {
    let mut nmf = problem.nmf(settings);
    let mut run = nmf.run(v).unwrap();
    let mut rule = Watched(rule);
    for t in 0..epochs {
        let epoch = run.epoch(&mut rule);
        for step in [epoch.w, epoch.h] {
            let HalfStep { rate, bound, lipschitz, outcome, .. } = step;
            assert!(rate >= 0.0 && rate.is_finite(), "{name}, epoch {t}: rate {rate}");
            assert!(bound >= 0.0 && bound.is_finite() && lipschitz >= 0.0 && lipschitz.is_finite());
            let moved = rate > 0.0 || !step.moves.is_empty();
            assert_eq!(moved, outcome == Outcome::Stepped, "{name}, epoch {t}");
            let losses = [step.slope.loss, step.change.loss()];
            assert!(!losses.iter().any(|loss| loss.is_nan()), "{name}, epoch {t}: {losses:?}");
            assert_eq!(lipschitz > 0.0, outcome != Outcome::OtherFactorZero, "{name}, epoch {t}");
        }
        for x in run.w().iter().chain(run.h()) {
            assert!(x.is_finite() && x.is_sign_positive(), "{name}, epoch {t}: an entry is {x}");
        }
    }
}

fn every_rule() -> impl Iterator<Item = (String, Rule<'static>)> {
    let long = [("fixed", [10.0]), ("fixed", [1e30]), ("around", [0.999])];
    rules::every().into_iter().chain(long.map(|(n, p)| (rules::title(n, &p), rules::rule(n, &p))))
}

proptest! {
    // Every rule a case.
    #![proptest_config(config(400))]

    #[test]
    fn hostile_problems(problem in hostile(), seed in any::<u64>(), batch in 0.01_f32..=1.0) {
        for (name, rule) in every_rule() {
            let exact = Settings { horizon: 10, seed, ..Settings::default() };
            stays_sound(&problem, &name, rule.clone(), exact, 12);
            stays_sound(&problem, &name, rule.clone(), Settings { batch, ..exact }, 12);
            let noise = GradientNoise::new(1e3, seed).unwrap();
            stays_sound_on(noise.on(problem.data()), &problem, &name, rule, exact, 12);
        }
    }

    #[test]
    fn ordinary_problems(problem in ordinary(), seed in any::<u64>(), batch in 0.01_f32..=1.0) {
        for (name, rule) in every_rule() {
            let exact = Settings { horizon: 10, seed, ..Settings::default() };
            stays_sound(&problem, &name, rule.clone(), exact, 12);
            stays_sound(&problem, &name, rule, Settings { batch, ..exact }, 12);
        }
    }

    /// W = H = 0 is a fixed point without a bound, and is reported as such.
    #[test]
    fn a_zero_start_stays_and_is_reported(problem in ordinary()) {
        let zero = Problem {
            w: vec![0.0; problem.w.len()],
            h: vec![0.0; problem.h.len()],
            ..problem
        };
        for (name, mut rule) in every_rule() {
            let mut nmf = zero.nmf(Settings::default());
            let mut run = nmf.run(zero.data()).unwrap();
            for _ in 0..3 {
                let epoch = run.epoch(&mut rule);
                for step in [epoch.w, epoch.h] {
                    prop_assert_eq!(step.outcome, Outcome::OtherFactorZero, "{}", name);
                    prop_assert!(step.rate <= 0.0 && step.bound <= 0.0);
                }
            }
            prop_assert!(run.w().iter().chain(run.h()).all(|x| x.to_bits() == 0));
        }
    }

    /// With only H zero, the W half-step has nothing to do and the H half-step leaves zero.
    #[test]
    fn one_zero_factor_recovers(problem in ordinary()) {
        let start = Problem {
            w: problem.w.iter().map(|w| w.max(1e-3)).collect(),
            h: vec![0.0; problem.h.len()],
            ..problem
        };
        let mut nmf = start.nmf(Settings::default());
        let mut run = nmf.run(start.data()).unwrap();
        let epoch = run.epoch(&mut rules::rule("bound", &[0.5]));
        prop_assert_eq!(epoch.w.outcome, Outcome::OtherFactorZero);
        prop_assert_eq!(epoch.h.outcome, Outcome::Stepped);
        prop_assert!(run.h().iter().any(|h| *h > 0.0));
    }
}

proptest! {
    #![proptest_config(config(10_000))]

    /// A rule a case; the first test above plays every rule on small shapes.
    #[test]
    fn hostile_problems_of_every_size(
        problem in strategies::hostile(Sizes::FULL),
        seed in any::<u64>(),
        pick in any::<prop::sample::Index>(),
    ) {
        let rules: Vec<_> = every_rule().collect();
        let (name, rule) = pick.get(&rules);
        let settings = Settings { horizon: 10, seed, ..Settings::default() };
        stays_sound(&problem, name, rule.clone(), settings, 3);
    }
}
