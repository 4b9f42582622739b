//! Every trajectory of `reference/`, computed elsewhere in float64, is followed in float32.

use tinynmf_core::{Factor, HalfStep, Settings};
use tinynmf_tests::float64::{by_rows, lambda_max};
use tinynmf_tests::problem::Asked as _;
use tinynmf_tests::reference::{Case, Trajectory, cases};
use tinynmf_tests::rules::{rule, title};

/// How closely a rule is followed: relative differences at most.
struct Tolerance {
    rule: &'static str,
    /// Epochs that are compared; the factors are compared only after all of them.
    epochs: usize,
    /// F after an epoch, from the residual.
    loss: f64,
    /// α.
    rate: f64,
    /// L against λmax(A) of the trajectory.
    lipschitz: f64,
    /// ‖G‖.
    gradient: f64,
}

const ALL: usize = usize::MAX;

/// About three times the worst difference measured.
///
/// - fixed: α is given, so that nothing but rounding is left.
/// - armijo, lin: α is one of a few powers of two. No trial of these cases lies so near its threshold
///   that rounding decides it; the rates are equal.
/// - bound, silver: α inherits the certified L's excess over λmax, up to 10⁻⁵ where the two largest
///   eigenvalues are close, and F on these small, ill-conditioned problems enlarges it by up to ten.
/// - cauchy, rate: 12x9_r2 has converged after 20 epochs. G is then what is left of two products that
///   are 10³ times as large, so that α, a ratio of squares of G, keeps two digits; F does not feel it.
/// - gradient: the same cancellation, first power.
/// - bb1, bb2, abb: each α is a function of the last difference of two iterates, so that a rounding
///   grows with every epoch (factor 3 or so): chaotic after the first few.
#[rustfmt::skip]
const TABLE: [Tolerance; 9] = [
    Tolerance { rule: "fixed",  epochs: ALL, loss: 1e-6, rate: 1e-7, lipschitz: 2e-5, gradient: 1e-6 },
    Tolerance { rule: "bound",  epochs: ALL, loss: 1e-4, rate: 2e-4, lipschitz: 2e-4, gradient: 4e-4 },
    Tolerance { rule: "armijo", epochs: ALL, loss: 4e-5, rate: 0.0,  lipschitz: 4e-5, gradient: 2e-4 },
    Tolerance { rule: "lin",    epochs: ALL, loss: 4e-5, rate: 0.0,  lipschitz: 4e-5, gradient: 2e-4 },
    Tolerance { rule: "cauchy", epochs: ALL, loss: 1e-5, rate: 2e-2, lipschitz: 3e-4, gradient: 1e-4 },
    Tolerance { rule: "silver", epochs: ALL, loss: 1e-4, rate: 2e-4, lipschitz: 2e-4, gradient: 3e-4 },
    Tolerance { rule: "bb1",    epochs: 5,   loss: 1e-4, rate: 4e-4, lipschitz: 3e-4, gradient: 4e-4 },
    Tolerance { rule: "bb2",    epochs: 5,   loss: 1e-4, rate: 3e-4, lipschitz: 3e-4, gradient: 3e-4 },
    Tolerance { rule: "abb",    epochs: 5,   loss: 1e-4, rate: 3e-4, lipschitz: 3e-4, gradient: 3e-4 },
];

/// W and H after the last epoch, relative to their largest entries.
const FACTORS: f64 = 1e-4;

#[test]
fn fixed() {
    follow("fixed", 6);
}

#[test]
fn bound() {
    follow("bound", 9);
}

#[test]
fn armijo() {
    follow("armijo", 3);
}

#[test]
fn lin() {
    follow("lin", 3);
}

#[test]
fn cauchy() {
    follow("cauchy", 6);
}

#[test]
fn silver() {
    follow("silver", 3);
}

#[test]
fn barzilai_borwein() {
    follow("bb1", 3);
    follow("bb2", 3);
    follow("abb", 3);
}

#[test]
fn nothing_is_left_out() {
    for case in cases() {
        assert_eq!(case.trajectories.len(), 13, "{}", case.name);
        for trajectory in &case.trajectories {
            assert!(TABLE.iter().any(|row| row.rule == trajectory.rule), "{}", trajectory.rule);
            assert_eq!(trajectory.loss.len(), case.epochs + 1);
            assert!(
                trajectory.w.rate.len() == case.epochs && trajectory.h.rate.len() == case.epochs
            );
        }
    }
}

/// Follows every trajectory of the rule; `count` guards against following none.
fn follow(name: &str, count: usize) {
    let tolerance = TABLE.iter().find(|row| row.rule == name).unwrap();
    let mut followed = 0;
    for case in cases() {
        for trajectory in case.trajectories.iter().filter(|trajectory| trajectory.rule == name) {
            compare(&case, trajectory, tolerance);
            followed += 1;
        }
    }
    assert_eq!(followed, count, "trajectories of {name}");
}

fn compare(case: &Case, trajectory: &Trajectory, tolerance: &Tolerance) {
    let Case { problem, batches, .. } = case;
    let gradients = if trajectory.exact { "exact" } else { "batches" };
    let place =
        format!("{}, {}, {gradients}", case.name, title(&trajectory.rule, &trajectory.parameters));
    let mut rule = rule(&trajectory.rule, &trajectory.parameters);
    let mut nmf = problem.nmf(Settings::default());
    let mut run = nmf.run(problem.data()).unwrap();
    close(run.loss(), trajectory.loss[0], 1e-6, &place, "first loss");

    for (t, [columns, rows]) in batches.iter().enumerate().take(tolerance.epochs) {
        let fixed_h = lambda(run.h(), problem.rank, (!trajectory.exact).then_some(columns));
        let epoch = if trajectory.exact {
            run.epoch(&mut rule)
        } else {
            run.epoch_on(&mut rule, columns, rows)
        };
        let fixed_w = lambda(run.w(), problem.rank, (!trajectory.exact).then_some(rows));
        let place = format!("{place}, epoch {t}");
        half_step(&epoch.w, trajectory, Factor::W, t, tolerance, fixed_h, &place);
        half_step(&epoch.h, trajectory, Factor::H, t, tolerance, fixed_w, &place);
        close(run.loss(), trajectory.loss[t + 1], tolerance.loss, &place, "loss");
    }
    if tolerance.epochs >= case.epochs {
        for (factor, expected) in [(run.w(), &trajectory.w.last), (run.h(), &trajectory.h.last)] {
            let largest = expected.iter().fold(0.0_f32, |max, x| max.max(*x));
            for (k, (x, expected)) in factor.iter().zip(expected).enumerate() {
                let difference = f64::from((x - expected).abs() / largest);
                assert!(difference <= FACTORS, "{place}: entry {k} differs by {difference:e}");
            }
        }
    }
}

fn half_step(
    step: &HalfStep,
    trajectory: &Trajectory,
    factor: Factor,
    t: usize,
    tolerance: &Tolerance,
    exact: f64,
    place: &str,
) {
    let place = format!("{place}, {factor:?}");
    let expected = trajectory.of(factor);
    // An α of 0.01 is not a float32: allow its rounding where the rates are to be equal.
    let rate = tolerance.rate.max(f64::from(f32::EPSILON));
    close(step.rate, expected.rate[t], rate, &place, "rate");
    close(step.lipschitz, expected.lipschitz[t], tolerance.lipschitz, &place, "L");
    let norm = step.slope.norm_squared.sqrt();
    close(norm, expected.gradient[t], tolerance.gradient, &place, "gradient norm");
    let l = f64::from(step.lipschitz);
    assert!(l >= exact, "{place}: L = {l} is below λmax = {exact}");
    assert!(l <= exact * (1.0 + 2e-4), "{place}: L = {l} is far above λmax = {exact}");
}

/// λmax of the gram matrix of a factor, or of the given rows of it, scaled up.
fn lambda(factor: &[f32], rank: usize, batch: Option<&Vec<u32>>) -> f64 {
    let y = by_rows(factor, rank);
    batch.map_or_else(
        || lambda_max(&y),
        |batch| {
            let rows: Vec<_> = batch.iter().map(|j| *j as usize).collect();
            lambda_max(&y.select_rows(&rows)) * y.nrows() as f64 / rows.len() as f64
        },
    )
}

fn close(x: f32, expected: f64, tolerance: f64, place: &str, what: &str) {
    let difference = (f64::from(x) - expected).abs() / expected.abs();
    assert!(
        difference <= tolerance,
        "{place}: {what} {x} for {expected}, a difference of {difference:.1e}, over {tolerance:e}"
    );
}
