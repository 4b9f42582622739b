//! GEMM against core's kernel: the same trajectories, up to what rounding makes of them.

use tinynmf_core::penalty::{Penalties, Penalty};
use tinynmf_core::rule::{Abb, Armijo, Bound, Cauchy, Growing, Learned, Random, Sweeps};
use tinynmf_core::{Epoch, Policy, Rule, Settings, policy::SHIPPED};

use super::{Gemm, LargeMatrix};
use crate::family::{Family, Problem};
use crate::nmf_vec::NmfVec;

const EPOCHS: u32 = 12;

fn problem(settings: Settings) -> Problem {
    let family = Family { rows: [151; 2], columns: [80; 2], rank: [7; 2], ..Family::default() };
    Problem { settings, ..family.problem(5) }
}

/// Every epoch of both, with the losses after it.
fn both(rule: &Rule<'_>, settings: Settings) -> Vec<[(Epoch, f32); 2]> {
    let problem = problem(settings);
    let (mut rule, mut other) = (rule.clone(), rule.clone());
    let mut memory = problem.memory();
    let mut run = memory.run(problem.data()).unwrap();
    let matrix = LargeMatrix::new(problem.entries.clone(), 151, 80).unwrap();
    let mut memory = NmfVec::new(151, 80, 7, settings).unwrap();
    let gemm = Gemm::new(&matrix);
    let mut large = memory.run(gemm).unwrap();
    (0..EPOCHS)
        .map(|_| {
            let core = (run.epoch(&mut rule), run.loss());
            [core, (large.epoch(&mut other), large.loss())]
        })
        .collect()
}

fn close(a: f32, b: f32, tolerance: f32) -> bool {
    (a - b).abs() <= tolerance * a.abs().max(b.abs())
}

#[test]
fn epochs_agree_with_those_of_core() {
    // Relative tolerances of rates, bounds and losses. Rules that divide differences of small numbers, or
    // that accept or refuse a trial by a hair, pass rounding on magnified.
    let rules: [(Rule<'_>, f32); 7] = [
        (Bound::new(0.9).unwrap().into(), 1e-4),
        (Random.into(), 1e-4),
        (Growing::new(0.4, 1.2, Sweeps::new(1.3, 2).unwrap()).unwrap().into(), 1e-4),
        (Cauchy.into(), 1e-3),
        (Abb.into(), 1e-2),
        (Armijo::new(0.1, 0.5, 1.0).unwrap().into(), 1e-4),
        (Learned::new(Policy::from_bytes(SHIPPED).unwrap()).into(), 1e-2),
    ];
    for batch in [1.0, 0.3] {
        for (rule, tolerance) in &rules {
            for [(a, loss), (b, large)] in
                both(rule, Settings { batch, seed: 3, ..Settings::default() })
            {
                assert!(close(loss, large, *tolerance), "{rule:?} {batch}: {loss} {large}");
                for (a, b) in [(a.w, b.w), (a.h, b.h)] {
                    assert!(close(a.bound, b.bound, 1e-3), "{rule:?}: {a:?} {b:?}");
                    assert!(close(a.rate, b.rate, *tolerance), "{rule:?}: {a:?} {b:?}");
                }
            }
        }
    }
}

#[test]
fn a_first_half_step_agrees_in_every_number() {
    let some = Penalty { l1: 0.3, l2: 2.0 };
    for (batch, w) in [(1.0, some), (0.3, Penalty::default())] {
        let penalties = Penalties { w, h: some };
        let settings = Settings { batch, penalties, seed: 8, ..Settings::default() };
        let [(a, _), (b, _)] = both(&Bound::new(0.9).unwrap().into(), settings)[0];
        let numbers = |it: &Epoch| {
            let (slope, change) = (it.w.slope, it.w.change);
            [
                slope.loss,
                slope.norm_squared,
                slope.free_norm_squared,
                slope.free_curvature,
                change.inner,
                change.curvature,
                change.norm_squared,
                change.image_norm_squared,
                it.w.lipschitz,
            ]
        };
        for (a, b) in numbers(&a).into_iter().zip(numbers(&b)) {
            assert!(close(a, b, 1e-4), "{a} {b}");
        }
    }
}

#[test]
fn curvatures_are_left_out_without_another_change() {
    let problem = problem(Settings { batch: 0.2, seed: 1, ..Settings::default() });
    let matrix = LargeMatrix::new(problem.entries.clone(), 151, 80).unwrap();
    let mut rule = Rule::from(Bound::new(0.9).unwrap());
    let [mut of_all, mut of_some] =
        [(); 2].map(|()| NmfVec::new(151, 80, 7, problem.settings).unwrap());
    let (whole, partial) = (Gemm::new(&matrix), Gemm::new(&matrix).without_curvatures());
    let (mut all, mut some) = (of_all.run(whole).unwrap(), of_some.run(partial).unwrap());
    for _ in 0..5 {
        let (a, b) = (all.epoch(&mut rule), some.epoch(&mut rule));
        assert!(a.w.change.curvature > 0.0 && b.w.change.curvature <= 0.0);
        assert_eq!(a.h.rate.to_bits(), b.h.rate.to_bits());
    }
    assert_eq!((all.w(), all.h()), (some.w(), some.h()));
}
