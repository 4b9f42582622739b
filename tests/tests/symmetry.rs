//! Indifference of a run to the order of rows and to interruptions; and limits that no policy can pass.

use proptest::prelude::*;
use tinynmf_core::noise::GradientNoise;
use tinynmf_core::observe::OBSERVATIONS;
use tinynmf_core::policy::{BATCHES, NOISY, SHIPPED};
use tinynmf_core::run::{Buffers, ROWS, State};
use tinynmf_core::{Data, Factor, HalfStep, Policy, Rule, Run, Settings};
use tinynmf_tests::float64::Matrix;
use tinynmf_tests::forged::Forged;
use tinynmf_tests::problem::{Asked as _, Problem, config, ordinary, plain};
use tinynmf_tests::rules;
use tinynmf_tests::walk::walk;

const EPSILON: f64 = f32::EPSILON as f64;

fn bits(x: &[f32]) -> Vec<u32> {
    x.iter().map(|x| x.to_bits()).collect()
}

/// The rows of a matrix in reverse.
fn reversed(x: &[f32], columns: usize) -> Vec<f32> {
    x.chunks(columns).rev().flatten().copied().collect()
}

proptest! {
    #![proptest_config(config(10_000))]

    /// Rows of W follow the rows of V, bit for bit: a row's half-step knows of the others by α alone. H sums over
    /// rows, whose order moves its last bits.
    #[test]
    fn the_order_of_rows_does_not_matter(problem in ordinary(), share in 0.05_f32..0.95) {
        let other = Problem {
            v: reversed(&problem.v, problem.columns),
            w: reversed(&problem.w, problem.rank),
            ..problem.clone()
        };
        let run = |problem: &Problem| {
            let mut steps = Vec::new();
            walk(problem, &mut rules::rule("bound", &[share]), 1, |step| steps.push(step.clone()));
            steps
        };
        let [[w, h], [other_w, other_h]] = [&problem, &other].map(|p| <[_; 2]>::try_from(run(p)).unwrap());
        prop_assert_eq!(w.record.lipschitz.to_bits(), other_w.record.lipschitz.to_bits());
        for i in 0..problem.rows {
            prop_assert_eq!(w.next.row(i), other_w.next.row(problem.rows - 1 - i));
        }
        let a = h.half.y.tr_mul(&h.half.y);
        let terms = (&h.x * &a).norm() + (&h.half.v * &h.half.y).norm();
        let rate = f64::from(h.record.rate);
        let unit = EPSILON * (rate * terms + h.next.norm());
        let rates = (rate - f64::from(other_h.record.rate)).abs() * h.half.gradient(&h.x).norm();
        let error = (&h.next - &other_h.next).norm();
        prop_assert!(error <= 8.0 * unit + 1.01 * rates, "{error:e}, unit {unit:e}, by α {rates:e}");
    }
}

proptest! {
    // Every rule a case.
    #![proptest_config(config(400))]

    /// A run carries its factors, its state and the two warm starts from one half-step to the next;
    /// from them it goes on as if it had never stopped, whatever else is in memory.
    #[test]
    fn a_run_can_be_resumed_at_any_half_step(problem in plain(), noise in prop_oneof![Just(0.0), Just(0.1_f32)]) {
        let settings = Settings { horizon: 5, ..Settings::default() };
        let noises = || GradientNoise::new(noise, settings.seed).unwrap();
        for (name, rule) in rules::every() {
            let mut nmf = problem.nmf(settings);
            let noise = noises();
            let mut run = nmf.run(noise.on(problem.data())).unwrap();
            let (mut whole, mut rule_of_whole) = (Vec::new(), rule.clone());
            for _ in 0..5 {
                let epoch = run.epoch(&mut rule_of_whole);
                whole.extend([format!("{:?}", epoch.w), format!("{:?}", epoch.h)]);
            }
            let mut parts = Interrupted::new(&problem, settings, noises());
            let mut rule = rule;
            for (k, expected) in whole.iter().enumerate() {
                let step = parts.half_step([Factor::W, Factor::H][k % 2], &mut rule);
                prop_assert_eq!(&format!("{step:?}"), expected, "{}, half-step {}", name, k);
            }
            prop_assert_eq!(bits(run.w()), bits(&parts.problem.w), "{}", name);
            prop_assert_eq!(bits(run.h()), bits(&parts.problem.h), "{}", name);
        }
    }
}

proptest! {
    // Seven policies a case.
    #![proptest_config(config(1_500))]

    /// Whatever a policy was trained on, if on anything: the safeguard keeps F at or below F₀.
    #[test]
    fn no_policy_lifts_the_loss_above_the_start(problem in ordinary(), seed in any::<u64>()) {
        let wild = Forged::any(OBSERVATIONS, &[9, 6], seed).blob();
        let lively = Forged::lively(seed).blob();
        let long = Forged { limits: [1.0, 19.0], ..Forged::lively(seed) }.blob();
        for (name, blob) in [
            ("shipped", SHIPPED),
            ("batches", BATCHES),
            ("noisy", NOISY),
            ("golden", rules::POLICY),
            ("wild", &wild),
            ("lively", &lively),
            ("long", &long),
        ] {
            let mut rule = Rule::learned(Policy::from_bytes(blob).unwrap());
            let first = problem.loss();
            // The safeguard sees losses that cancel: they are off by a share of ε(‖V‖² + ‖WH‖²).
            let fit = |x: &Matrix, y: &Matrix| (x * y.transpose()).norm_squared();
            let v = problem.half(Factor::W).v.norm_squared();
            let start = fit(&problem.factor(Factor::W), &problem.factor(Factor::H));
            walk(&problem, &mut rule, 8, |step| {
                let unit = EPSILON * (v + start + fit(&step.next, &step.half.y));
                let excess = (step.half.loss(&step.next) - first) / unit;
                assert!(excess <= 16.0, "{name}: {excess} above the start");
            });
        }
    }
}

/// A run whose memory is thrown away after every half-step, but for what it says it carries.
struct Interrupted {
    problem: Problem,
    noise: GradientNoise,
    state: State,
    directions: Vec<f32>,
    orders: [Vec<u32>; 2],
}

impl Interrupted {
    fn new(problem: &Problem, settings: Settings, noise: GradientNoise) -> Self {
        Self {
            problem: problem.clone(),
            noise,
            state: State::new(settings).unwrap(),
            directions: vec![1.0; 2 * problem.rank],
            orders: [problem.rows, problem.columns].map(|len| (0..len as u32).collect()),
        }
    }

    fn half_step(&mut self, factor: Factor, rule: &mut Rule<'_>) -> HalfStep {
        let Self { problem, noise, state, directions, orders: [row_order, column_order] } = self;
        let Problem { rows: m, columns: n, rank, v, w, h } = problem;
        let data = noise.on(Data::new(v, *m, *n, 1.0).unwrap());
        let longer = *m.max(n) * *rank;
        let [mut gradient, mut before, mut gram, mut rows] =
            [longer, longer, *rank * *rank, ROWS * *rank].map(|len| vec![f32::NAN; len]);
        rows[..2 * *rank].copy_from_slice(directions);
        let buffers = Buffers {
            w,
            h,
            gradient: &mut gradient,
            before: &mut before,
            gram: &mut gram,
            rows: &mut rows,
            row_order,
            column_order,
        };
        let step = Run::new(data, *rank, buffers, state).unwrap().half_step(rule, factor);
        directions.copy_from_slice(&rows[..2 * *rank]);
        step
    }
}
