//! However V is stored: dense, by GEMM, sparse, with entries that could be missing; on one thread and on many.
//!
//! Sums run in another order there, so that runs agree up to rounding; [`close`] states how closely.

use std::sync::LazyLock;

use proptest::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};
use tinynmf::large::LargeMatrix;
use tinynmf::nmf_vec::NmfVec;
use tinynmf::source::Source;
use tinynmf::sparse::{Compressed, SparseMatrix};
use tinynmf::strategies::{self, Problem, Sizes};
use tinynmf_core::random::{Stream, generator, uniform};
use tinynmf_core::rule::{Bound, Sweeps};
use tinynmf_core::{Matrix, Rule, Settings};
use tinynmf_tests::problem::{config, draw};

const EPOCHS: u32 = 4;

/// F after a few epochs from the problem's start.
fn run<M: Matrix>(problem: &Problem, matrix: M, rule: &Rule<'_>) -> f32 {
    run_for(EPOCHS, problem, matrix, rule)
}

/// F after so many epochs.
fn run_for<M: Matrix>(epochs: u32, problem: &Problem, matrix: M, rule: &Rule<'_>) -> f32 {
    let settings = Settings { horizon: EPOCHS, ..Settings::default() };
    let mut nmf = NmfVec::new(problem.rows, problem.columns, problem.rank, settings).unwrap();
    nmf.set(&problem.w, &problem.h).unwrap();
    let mut run = nmf.run(matrix).unwrap();
    let mut rule = rule.clone();
    for _ in 0..epochs {
        run.epoch(&mut rule);
    }
    run.loss()
}

/// Whether every latent keeps a thousandth of ‖V‖ in every epoch.
///
/// A latent that is lost stays lost where it is exactly zero, and may come back where rounding leaves a trace of it.
fn keeps_its_latents(problem: &Problem, rule: &Rule<'_>) -> bool {
    let Problem { rows, columns, rank, .. } = *problem;
    let mut nmf = NmfVec::new(rows, columns, rank, Settings::default()).unwrap();
    nmf.set(&problem.w, &problem.h).unwrap();
    let mut run = nmf.run(problem.data()).unwrap();
    let mut rule = rule.clone();
    let norm_squared =
        |x: &[f32], k: usize| -> f32 { x.iter().skip(k).step_by(rank).map(|x| x * x).sum() };
    let least = 1e-6 * problem.data().norm_squared();
    (0..EPOCHS).all(|_| {
        run.epoch(&mut rule);
        (0..rank).all(|k| norm_squared(run.w(), k) * norm_squared(run.h(), k) > least)
    })
}

/// √F of both are within 10⁻³ of ‖V‖. Rounding decides whether an entry ends at zero or just above; the worst seen was 1.8·10⁻⁴.
fn close(a: f32, b: f32, norm_squared: f32) -> bool {
    (a.sqrt() - b.sqrt()).abs() <= 1e-3 * norm_squared.sqrt()
}

/// V dense, by GEMM and sparse; after one epoch, V of which entries could be missing and none is, and V dense.
///
/// Where entries could be missing, products have roundings of their own: what is zero elsewhere may be a trace there, from
/// which an entry grows in later epochs.
fn losses(problem: &Problem, rule: &Rule<'_>) -> [f32; 5] {
    let Problem { rows, columns, .. } = *problem;
    let stored = Compressed::from_dense(&problem.v, rows, columns, |v| v > 0.0).unwrap();
    let large = LargeMatrix::new(problem.v.clone().into(), rows, columns).unwrap();
    let sparse = SparseMatrix::new(stored).unwrap();
    let known = SparseMatrix::with_missing(&problem.v, rows, columns).unwrap();
    [
        run(problem, problem.data(), rule),
        run(problem, large.view(), rule),
        run(problem, sparse.view(), rule),
        run_for(1, problem, known.view(), rule),
        run_for(1, problem, problem.data(), rule),
    ]
}

static ONE_THREAD: LazyLock<ThreadPool> = LazyLock::new(|| pool(1));

fn pool(threads: usize) -> ThreadPool {
    ThreadPoolBuilder::new().num_threads(threads).build().unwrap()
}

fn rules() -> [Rule<'static>; 3] {
    let sweeps = |omega, count| Rule::from(Sweeps::new(omega, count).unwrap());
    [sweeps(1.0, 1), sweeps(1.5, 2), Bound::new(0.95).unwrap().into()]
}

/// A storage that gives another loss than V dense, if one does.
fn another(problem: &Problem) -> Option<String> {
    let norm_squared = problem.data().norm_squared();
    rules().iter().filter(|rule| keeps_its_latents(problem, rule)).find_map(|rule| {
        let [dense, gemm, sparse, masked, first] = losses(problem, rule);
        let pairs = [(dense, gemm), (dense, sparse), (first, masked)];
        let differ = pairs.into_iter().any(|(a, b)| !close(a, b, norm_squared));
        differ.then(|| format!("{rule:?}: dense with GEMM, sparse, masked: {pairs:?}"))
    })
}

proptest! {
    // Three rules a case.
    #![proptest_config(config(3_400))]

    #[test]
    fn sparse_dense_and_masked_with_nothing_missing_agree(
        problem in strategies::plain(Sizes::SMALL),
    ) {
        // From zero, rounding alone decides whether an entry ever grows.
        let positive = |x: &[f32]| x.iter().map(|x| x + 0.1).collect();
        let problem = Problem { w: positive(&problem.w), h: positive(&problem.h), ..problem };
        // Within the pool, no product waits for another thread.
        prop_assert_eq!(ONE_THREAD.install(|| another(&problem)), None);
    }
}

/// Large enough for products and sweeps to be shared among threads.
fn large(seed: u64) -> Problem {
    let (rows, columns, rank) = (700, 300, 20);
    let mut rng = generator(seed, Stream::Start);
    let mut draw = |len: usize, density: f32| -> Vec<f32> {
        let mut entry = || if uniform(&mut rng) < density { uniform(&mut rng) } else { 0.0 };
        (0..len).map(|_| entry()).collect()
    };
    let (v, w, h) = (draw(rows * columns, 0.3), draw(rows * rank, 0.7), draw(columns * rank, 0.7));
    Problem { rows, columns, rank, v, w, h }
}

/// Most problems are of the kind that the property above looks at.
#[test]
fn few_problems_lose_a_latent() {
    let problems = draw(&strategies::plain(Sizes::SMALL), 500);
    let kept = problems.iter().filter(|it| keeps_its_latents(it, &rules()[1])).count();
    assert!(kept > 250, "{kept} of 500");
}

#[test]
fn any_number_of_threads_gives_what_one_gives() {
    let problem = large(3);
    for rule in rules() {
        let on = |threads: usize| pool(threads).install(|| losses(&problem, &rule));
        let one = on(1);
        let norm_squared = problem.data().norm_squared();
        for threads in [2, 3] {
            let many = on(threads);
            for (a, b) in one.into_iter().zip(many) {
                assert!(close(a, b, norm_squared), "{threads} threads: {one:?}, {many:?}");
            }
        }
    }
}
