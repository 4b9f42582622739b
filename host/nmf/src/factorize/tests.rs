//! Promises of the builder.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU32, Ordering};

use tinynmf_core::rule::{Bound, Fixed, Growing, Sweeps};

use super::{Factorization, Init};
use crate::digits;
use crate::family::Family;
use crate::large::LargeMatrix;
use crate::sparse::SparseMatrix;

fn digits() -> LargeMatrix {
    let v = digits::first(200);
    LargeMatrix::of(&v).unwrap()
}

/// F of W and H, both row by row, summed in f64.
fn loss(v: &[f32], found: &Factorization) -> f64 {
    let Factorization { columns, rank, w, h, .. } = found;
    let mut sum = 0.0;
    for (at, v) in v.iter().enumerate() {
        let (i, j) = (at / columns, at % columns);
        let fit: f64 =
            (0..*rank).map(|k| f64::from(w[i * rank + k]) * f64::from(h[k * columns + j])).sum();
        sum += (f64::from(*v) - fit).powi(2);
    }
    0.5 * sum
}

#[test]
fn the_losses_are_those_of_the_factors() {
    let v = digits();
    let found = Factorization::options(8).fit(&v).unwrap();
    let expected = loss(&digits::first(200).entries(), &found);
    assert!((f64::from(found.loss) / expected - 1.0).abs() < 1e-5, "{} {expected}", found.loss);
    assert!(found.converged && found.epochs > 1 && found.cost < 200.0, "{found:?}");
    assert_eq!(found.ending("--epochs"), format!("converged after {:.0} epochs", found.cost));
    let last = found.history.last().unwrap();
    assert_eq!((last.epoch, last.objective.to_bits()), (found.epochs, found.loss.to_bits()));
    assert!(found.history.is_sorted_by(|a, b| a.epoch < b.epoch && a.cost < b.cost));
    assert!(found.relative_error > 0.0 && found.relative_error < 0.5);
}

#[test]
fn every_known_loss_is_close_to_the_sum() {
    // Ends after the same epochs with the sum itself.
    let v = digits();
    let options = Factorization::options(6).schedule(Sweeps::new(1.4, 2).unwrap()).tol(0.0);
    let long = options.clone().max_epochs(60).fit(&v).unwrap();
    for epochs in [5, 20, 40] {
        let short = options.clone().max_epochs(epochs).fit(&v).unwrap();
        let at = long.history.iter().find(|point| point.epoch == short.epochs).unwrap();
        assert!((at.objective / short.loss - 1.0).abs() < 1e-4, "{at:?} {}", short.loss);
        assert!(!short.converged && short.ending("it").contains("raise it"));
    }
}

#[test]
fn a_smaller_tolerance_goes_further_and_starts_keep_the_best() {
    let v = digits();
    let fit = |tol, starts| Factorization::options(8).tol(tol).starts(starts).fit(&v).unwrap();
    let [rough, fine] = [fit(1e-2, 1), fit(1e-5, 1)];
    assert!(rough.cost < fine.cost && rough.loss > fine.loss);
    let best = fit(1e-3, 4);
    let each = (0..4)
        .map(|seed| Factorization::options(8).tol(1e-3).seed(seed).fit(&v).unwrap().objective);
    let lowest = each.fold(f32::INFINITY, f32::min);
    assert_eq!(best.objective.to_bits(), lowest.to_bits());
}

#[test]
fn an_observer_sees_every_epoch_and_may_end_it() {
    let v = digits();
    let seen = AtomicU32::new(0);
    let observer = |it: &super::Seen<'_>| {
        assert!(it.epoch == seen.fetch_add(1, Ordering::Relaxed) + 1 && it.shares[0] > 0.0);
        assert!(!it.moves[1].is_empty() && it.cost > 0.0);
        if it.epoch == 7 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let found = Factorization::options(8).observer(&observer).fit(&v).unwrap();
    assert_eq!((found.epochs, seen.load(Ordering::Relaxed)), (7, 7));
    assert!(found.stopped && !found.converged && found.loss < found.history[0].objective);
}

#[test]
fn starts_are_what_they_say() {
    let v = digits();
    let start = |init| Factorization::options(8).max_epochs(0).init(init).fit(&v).unwrap();
    let [random, nndsvd, nndsvda] = [Init::Random, Init::Nndsvd, Init::Nndsvda].map(start);
    assert!(nndsvd.loss < 0.7 * random.loss, "{} {}", nndsvd.loss, random.loss);
    assert!(nndsvd.w.contains(&0.0) && !nndsvda.w.contains(&0.0));
    let given = start(Init::Given { w: &nndsvd.w, h: &nndsvd.h });
    assert_eq!((&given.w, &given.h), (&nndsvd.w, &nndsvd.h));
    assert_eq!((given.epochs, given.history.len()), (0, 1));
    let short = Init::Given { w: &nndsvd.w, h: &nndsvd.h[1..] };
    assert!(Factorization::options(8).init(short).fit(&v).is_err());
    assert!(Factorization::options(65).init(Init::Nndsvd).fit(&v).is_err());
}

#[test]
fn the_first_pair_of_nndsvd_is_the_leading_singular_pair() {
    // A matrix of rank 1 is its own leading pair.
    let (a, b) = ([1.0, 2.0, 0.5, 3.0], [2.0, 1.0, 4.0]);
    let entries: Vec<f32> = a.iter().flat_map(|a| b.map(|b| a * b)).collect();
    let v = LargeMatrix::new(entries.into(), 4, 3).unwrap();
    let found = Factorization::options(1).max_epochs(0).init(Init::Nndsvd).fit(&v).unwrap();
    assert!(found.relative_error < 1e-4, "{found:?}");
}

#[test]
fn scales_of_v_change_nothing_else() {
    let v = digits::first(60);
    let fit = |power: i32| {
        let entries = v.entries().iter().map(|v| libm::ldexpf(*v, 2 * power)).collect();
        let v = LargeMatrix::new(entries, v.rows(), v.cols()).unwrap();
        Factorization::options(5).init(Init::Nndsvda).max_epochs(20).fit(&v).unwrap()
    };
    let plain = fit(0);
    for power in [-14, 11, 16] {
        let scaled = fit(power);
        assert_eq!(scaled.epochs, plain.epochs);
        assert!((scaled.relative_error - plain.relative_error).abs() < 1e-5);
        assert!((libm::ldexpf(scaled.w[3], -power) - plain.w[3]).abs() <= 1e-3 * plain.w[3]);
    }
}

#[test]
fn a_rank_above_the_smaller_side_is_allowed() {
    let family = Family { rows: [12; 2], columns: [4; 2], rank: [2; 2], ..Family::default() };
    let problem = family.problem(1);
    let v = LargeMatrix::new(problem.entries, 12, 4).unwrap();
    let found = Factorization::options(6).max_epochs(500).tol(1e-6).fit(&v).unwrap();
    assert!(found.relative_error < 0.02 && found.w.len() == 12 * 6, "{found:?}");
    assert!(Factorization::options(0).fit(&v).is_err());
    assert!(Factorization::options(2).tol(-1.0).fit(&v).is_err());
}

#[test]
fn what_diverges_is_told_and_the_best_is_kept() {
    let v = digits();
    let rule = Fixed::new(1.0).unwrap();
    let found = Factorization::options(4).schedule(rule).max_epochs(30).fit(&v).unwrap();
    assert!(found.diverged && !found.converged, "{found:?}");
    assert!(found.loss <= found.history[0].objective && found.ending("").starts_with("diverged"));
}

#[test]
fn going_on_from_what_was_found_is_no_divergence() {
    let v = digits();
    let found = Factorization::options(4).fit(&v).unwrap();
    let init = Init::Given { w: &found.w, h: &found.h };
    for seed in 0..5 {
        let next = Factorization::options(4).seed(seed).init(init).fit(&v).unwrap();
        assert!(!next.diverged && next.loss <= found.loss * (1.0 + 1e-6), "{next:?}");
    }
}

#[test]
fn what_is_hidden_is_told_by_what_is_known_whatever_the_start() {
    // Rank 2, a fifth of it unknown: a row, a column and single entries.
    let family = Family { rows: [40; 2], columns: [30; 2], rank: [2; 2], ..Family::default() };
    let whole = family.problem(3).entries;
    let drawn = |at: usize| (at as u32).wrapping_mul(2_654_435_761) >> 24 < 51;
    let hidden = |at: usize| at / 30 == 7 || at % 30 == 11 || drawn(at);
    let known: Vec<f32> =
        whole.iter().enumerate().map(|(at, v)| if hidden(at) { f32::NAN } else { *v }).collect();
    let v = SparseMatrix::with_missing(&known, 40, 30).unwrap();
    for seed in 0..20 {
        let found = Factorization::options(2).seed(seed).fit(&v).unwrap();
        let Factorization { w, h, diverged, .. } = &found;
        assert!(!diverged);
        assert!(w[14..16].iter().chain([&h[11], &h[41]]).all(|x| x.to_bits() == 0));
        let fit = |at: usize| w[at / 30 * 2] * h[at % 30] + w[at / 30 * 2 + 1] * h[30 + at % 30];
        let told = || (0..1200).filter(|at| at / 30 != 7 && at % 30 != 11 && drawn(*at));
        let squares = |x: &dyn Fn(usize) -> f32| told().map(|at| x(at) * x(at)).sum::<f32>();
        let rest = squares(&|at| fit(at) - whole[at]) / squares(&|at| whole[at]);
        assert!(rest < 0.05, "{seed}: {rest} of what was hidden is not told");
    }
}

#[test]
fn penalties_are_part_of_the_objective_alone() {
    let v = digits();
    let rule = Growing::new(0.3, 1.3, Sweeps::HALS).unwrap();
    let options = Factorization::options(6).schedule(rule).init(Init::Nndsvda);
    let plain = options.clone().fit(&v).unwrap();
    let sparse = options.penalty_h(300.0, 0.0).penalty_w(0.0, 10.0).fit(&v).unwrap();
    let zeros = |h: &[f32]| h.iter().filter(|h| **h <= 0.0).count();
    assert!(zeros(&sparse.h) > zeros(&plain.h) + 20);
    assert!(sparse.objective > sparse.loss && sparse.loss > plain.loss);
    let l1: f32 = sparse.h.iter().sum::<f32>() * 300.0;
    let l2: f32 = 5.0 * sparse.w.iter().map(|w| w * w).sum::<f32>();
    assert!((sparse.objective / (sparse.loss + l1 + l2) - 1.0).abs() < 1e-4);
}

#[test]
fn latents_are_the_best_for_these_parts() {
    let v = digits();
    let found = Factorization::options(6).fit(&v).unwrap();
    let latents = found.transform(&v).unwrap();
    assert!(latents.converged && latents.loss <= found.loss * (1.0 + 1e-5));
    // Steps below the bound from there gain nothing.
    let init = Init::Given { w: &found.w, h: &latents.h };
    let rule = Bound::new(0.9).unwrap();
    let more = Factorization::options(6).schedule(rule).init(init).max_epochs(0).fit(&v).unwrap();
    assert!((more.loss / latents.loss - 1.0).abs() < 1e-5);
    let new = digits::first(210);
    let v = LargeMatrix::of(&new).unwrap();
    assert!(found.transform(&v).is_err(), "another number of rows");
}
