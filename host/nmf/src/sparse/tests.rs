//! Sparse V against the same V dense; and what is promised where entries are missing.

use tinynmf_core::penalty::{Penalties, Penalty};
use tinynmf_core::random::{Rng, Stream, generator, uniform};
use tinynmf_core::rule::{Bound, Growing, Sweeps};
use tinynmf_core::{Data, Error, Factor, Rule, Settings};

use super::{Compressed, SparseMatrix};
use crate::family::{Family, Problem};
use crate::nmf_vec::NmfVec;
use crate::source::Source;

/// A problem of which most entries are zero.
fn problem(seed: u64) -> Problem {
    let density = [0.15; 2];
    let family = Family {
        rows: [151; 2],
        columns: [80; 2],
        rank: [5; 2],
        density,
        noise: [0.0; 2],
        ..Family::default()
    };
    family.problem(seed)
}

fn sparse(problem: &Problem) -> SparseMatrix {
    let entries = &problem.entries;
    let rows = Compressed::from_dense(entries, problem.rows, problem.columns, |v| v > 0.0);
    SparseMatrix::new(rows.unwrap()).unwrap()
}

fn close(a: f32, b: f32, tolerance: f32) -> bool {
    (a - b).abs() <= tolerance * a.abs().max(b.abs())
}

#[test]
fn epochs_agree_with_those_of_core() {
    let rules: [Rule<'_>; 2] = [
        Growing::new(0.2, 1.2, Sweeps::new(1.3, 2).unwrap()).unwrap().into(),
        Bound::new(0.9).unwrap().into(),
    ];
    let penalties = Penalties { w: Penalty { l1: 0.01, l2: 0.1 }, h: Penalty::default() };
    for mut rule in rules {
        for scale in [1.0, libm::ldexpf(1.0, 34)] {
            let mut problem = problem(3);
            problem.entries = problem.entries.iter().map(|v| v * scale).collect();
            let v = sparse(&problem);
            assert!(v.stored() * 2 < problem.entries.len() && v.density() < 0.5);
            let settings = Settings { seed: 2, penalties, ..Settings::default() };
            let [mut of_core, mut of_sparse] =
                [(); 2].map(|()| NmfVec::new(151, 80, 5, settings).unwrap());
            let mut core = of_core.run(problem.data()).unwrap();
            let mut run = of_sparse.run(v.view()).unwrap();
            let mut other = rule.clone();
            for _ in 0..12 {
                let [a, b] = [core.epoch(&mut rule), run.epoch(&mut other)];
                assert!(close(core.loss(), run.loss(), 1e-3), "{} {}", core.loss(), run.loss());
                assert!(close(a.h.share, b.h.share, 1e-6));
                assert!(close(a.h.slope.loss, b.h.slope.loss, 1e-3) || scale > 1.0);
            }
        }
    }
}

#[test]
fn what_is_not_a_matrix_is_refused() {
    let rows = |starts: &[usize], places: &[u32], values: &[f32]| {
        Compressed::new(3, starts.to_vec(), places.to_vec(), values.to_vec())
    };
    let good = rows(&[0, 2, 2, 3], &[0, 2, 1], &[1.0, 2.0, 3.0]).unwrap();
    assert_eq!(good.transposed().transposed(), good);
    for (starts, places) in [
        (&[0, 2, 1, 3][..], &[0, 2, 1][..]),
        (&[1, 2, 2, 3], &[0, 2, 1]),
        (&[0, 2, 2, 2], &[0, 2, 1]),
        (&[0, 2, 2, 3], &[2, 0, 1]),
        (&[0, 2, 2, 3], &[0, 0, 1]),
        (&[0, 2, 2, 3], &[0, 3, 1]),
    ] {
        assert!(matches!(rows(starts, places, &[1.0; 3]), Err(Error::Parameter { .. })));
    }
    let refuse = |value| SparseMatrix::new(rows(&[0, 0, 1], &[1], &[value]).unwrap()).unwrap_err();
    assert_eq!(refuse(-1.0), Error::Negative { row: 1, column: 1 });
    assert_eq!(refuse(f32::NAN), Error::NotFinite { row: 1, column: 1 });
    assert_eq!(refuse(0.0), Error::AllZero);
}

/// `problem` with so large a share of its entries missing.
fn missing(problem: &Problem, share: f32, rng: &mut Rng) -> Vec<f32> {
    problem.entries.iter().map(|v| if uniform(rng) < share { f32::NAN } else { *v }).collect()
}

#[test]
fn no_half_step_raises_the_loss_over_what_is_known() {
    let mut rng = generator(1, Stream::Noise);
    for seed in 0..24 {
        let family = Family { excess: [1.0, 3.0], ..Family::default() };
        let problem = family.problem(seed);
        let Problem { rows, columns, rank, .. } = problem;
        let gone = 0.95 * uniform(&mut rng);
        let entries = missing(&problem, gone, &mut rng);
        let v = SparseMatrix::with_missing(&entries, rows, columns).unwrap();
        let relaxation = 0.2 + 1.7 * uniform(&mut rng);
        let rules: [Rule<'_>; 2] = [
            Sweeps::new(relaxation, 1 + seed as u32 % 4).unwrap().into(),
            Bound::new(relaxation / 2.0).unwrap().into(),
        ];
        for mut rule in rules {
            let mut nmf = NmfVec::new(rows, columns, rank, problem.settings).unwrap();
            let mut run = nmf.run(v.view()).unwrap();
            let mut before = run.loss();
            for step in 0..40 {
                let factor = if step % 2 == 0 { Factor::W } else { Factor::H };
                let record = run.half_step(&mut rule, factor);
                let loss = run.loss();
                assert!(loss <= before * (1.0 + 1e-5) + 1e-9, "{rule:?} {gone}: {before} {loss}");
                // At least as much as it promised.
                let promised = record.change.loss();
                assert!(loss <= before + promised + 1e-4 * before + 1e-9, "{record:?}");
                before = loss;
            }
        }
    }
}

#[test]
fn with_nothing_missing_it_is_the_same() {
    let problem = problem(7);
    let v = SparseMatrix::with_missing(&problem.entries, 151, 80).unwrap();
    let [mut of_core, mut of_it] =
        [(); 2].map(|()| NmfVec::new(151, 80, 5, problem.settings).unwrap());
    let mut core = of_core.run(problem.data()).unwrap();
    let mut run = of_it.run(v.view()).unwrap();
    let mut rules = [(); 2].map(|()| Growing::new(0.3, 1.3, Sweeps::HALS).unwrap());
    for _ in 0..10 {
        let [a, b] = [core.epoch(&mut rules[0]), run.epoch(&mut rules[1])];
        assert!(close(core.loss(), run.loss(), 1e-3));
        assert!(close(a.h.slope.loss, b.h.slope.loss, 1e-3));
    }
}

#[test]
fn what_is_missing_is_found_again() {
    let mut rng = generator(5, Stream::Noise);
    let family = Family {
        rows: [90; 2],
        columns: [60; 2],
        rank: [3; 2],
        noise: [0.0; 2],
        ..Family::default()
    };
    let problem = family.problem(11);
    let entries = missing(&problem, 0.3, &mut rng);
    let v = SparseMatrix::with_missing(&entries, 90, 60).unwrap();
    let found =
        crate::factorize::Factorization::options(3).max_epochs(2000).tol(1e-6).fit(&v).unwrap();
    let (mut error, mut norm) = (0.0, 0.0);
    for (at, v) in entries.iter().enumerate().filter(|(_, v)| v.is_nan()) {
        assert!(v.is_nan());
        let (i, j) = (at / 60, at % 60);
        let fit: f32 = (0..3).map(|k| found.w[i * 3 + k] * found.h[k * 60 + j]).sum();
        error += (fit - problem.entries[at]).powi(2);
        norm += problem.entries[at].powi(2);
    }
    assert!((error / norm).sqrt() < 0.05, "{} {found:?}", (error / norm).sqrt());
    // Whoever takes the missing for zeros does far worse.
    let zeros: Vec<f32> = entries.iter().map(|v| if v.is_nan() { 0.0 } else { *v }).collect();
    let data = Data::new(&zeros, 90, 60, 1.0).unwrap();
    assert!(data.norm_squared() < 0.9 * problem.data().norm_squared());
}
