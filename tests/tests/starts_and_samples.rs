//! What a half-step may rely on: a start begins a run again, a sample says nothing of what it does not hold, a penalty reaches
//! components that the other factor lacks, and V of any size is factorised.

use tinynmf::nmf_vec::NmfVec;
use tinynmf_core::online::{Keep, Latents, OnlineSettings};
use tinynmf_core::penalty::{Penalties, Penalty};
use tinynmf_core::random::{Stream, generator, uniform};
use tinynmf_core::rule::{Rule, Sweeps, Thrifty, Widening};
use tinynmf_core::transform::TransformSettings;
use tinynmf_core::{Data, Error, Factor, Nmf, NmfFixed, Online, Settings, Transform};

fn numbers(len: usize, seed: u64) -> Vec<f32> {
    let mut rng = generator(seed, Stream::Noise);
    (0..len).map(|_| uniform(&mut rng)).collect()
}

/// Rules that compare F with that of the half-step before, and the default one.
fn rules() -> [Rule<'static>; 3] {
    [
        Sweeps::HALS.into(),
        Thrifty::new(0.05, 1.5, 0.9, 1.2, 0.8).unwrap().into(),
        Widening::DEFAULT.into(),
    ]
}

#[test]
fn a_start_begins_a_run_again() {
    let (v, w, h) = (numbers(12 * 9, 1), numbers(12 * 3, 2), numbers(9 * 3, 3));
    let data = Data::new(&v, 12, 9, 1.0).unwrap();
    for rule in rules() {
        let mut used = Nmf::<12, 9, 3>::new(Settings::default()).unwrap();
        let other: Vec<f32> = v.iter().map(|v| 30.0 * v).collect();
        let other = Data::new(&other, 12, 9, 1.0).unwrap();
        for _ in 0..7 {
            used.run(other).unwrap().epoch(&mut rule.clone());
        }
        let mut fresh = Nmf::<12, 9, 3>::new(Settings::default()).unwrap();
        used.set(&w, &h).unwrap();
        fresh.set(&w, &h).unwrap();
        for _ in 0..5 {
            let expected = fresh.run(data).unwrap().epoch(&mut rule.clone());
            assert_eq!(used.run(data).unwrap().epoch(&mut rule.clone()), expected, "{rule:?}");
        }
    }
}

/// Blocks of ones along the diagonal: most samples hold no column of some block.
fn blocks(count: usize, [rows, columns]: [usize; 2]) -> (Vec<f32>, usize, usize) {
    let (m, n) = (count * rows, count * columns);
    let entry = |i: usize, j: usize| f32::from(u8::from(i / rows == j / columns));
    ((0..m * n).map(|at| entry(at / n, at % n)).collect(), m, n)
}

#[test]
fn a_row_of_which_a_sample_holds_nothing_stays() {
    let (v, m, n) = blocks(4, [6, 10]);
    let data = Data::new(&v, m, n, 1.0).unwrap();
    let mut nmf = NmfVec::new(m, n, 4, Settings::default()).unwrap();
    let mut run = nmf.run(data).unwrap();
    let before = run.w().to_vec();
    let mut open = run.begin(Factor::W, 0.2);
    open.sweep(1.0);
    open.close();
    let w = run.w();
    let stays = |i: usize| w[4 * i..][..4] == before[4 * i..][..4];
    // 8 columns of 40: a block has none of them, or 4 blocks would each have moved.
    let still: Vec<bool> = (0..4).map(|block| (6 * block..6 * (block + 1)).all(stays)).collect();
    let moved: Vec<bool> = (0..4).map(|block| !(6 * block..6 * (block + 1)).any(stays)).collect();
    assert!(still.iter().zip(&moved).all(|(still, moved)| still != moved), "{still:?} {moved:?}");
    assert!(still.iter().any(|still| *still), "a seed whose sample misses a block");
    assert!(w.chunks(4).all(|w| w.iter().any(|w| *w > 0.0)));
}

/// Each of the five blocks is lost for good if samples take its rows and columns to 0: F is then a fifth of ½‖V‖² at least.
#[test]
fn samples_lose_no_block() {
    let (v, m, n) = blocks(5, [20, 10]);
    let data = Data::new(&v, m, n, 1.0).unwrap();
    let [lost, of_hals] = [Widening::DEFAULT.into(), Rule::from(Sweeps::HALS)].map(|rule| {
        let found = (0..20).filter(|seed| {
            let settings = Settings { seed: *seed, ..Settings::default() };
            let mut nmf = NmfVec::new(m, n, 5, settings).unwrap();
            let mut run = nmf.run(data).unwrap();
            let mut rule: Rule<'_> = rule.clone();
            for _ in 0..60 {
                run.epoch(&mut rule);
            }
            run.loss() > 0.05 * data.norm_squared()
        });
        found.count()
    });
    assert!(lost <= of_hals + 4, "{lost} of 20 runs, {of_hals} with hals");
}

#[test]
fn a_penalty_clears_components_that_the_other_factor_lacks() {
    let penalties = Penalties { w: Penalty { l1: 0.25, l2: 0.0 }, h: Penalty::default() };
    let settings = Settings { penalties, ..Settings::default() };
    let v: [u8; 20] = core::array::from_fn(|at| (at * 7 % 5) as u8);
    let data = Data::new(&v, 5, 4, 1.0).unwrap();
    // H has nothing of the second component.
    let (w, h) = ([0.5; 10], [1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0]);
    let mut nmf = Nmf::<5, 4, 2>::new(settings).unwrap();
    nmf.set(&w, &h).unwrap();
    let mut run = nmf.run(data).unwrap();
    let before = run.objective();
    let record = run.half_step(&mut Sweeps::HALS.clone(), Factor::W);
    assert!(run.w().iter().skip(1).step_by(2).all(|w| w.to_bits() == 0), "{:?}", run.w());
    let fell = before - run.objective();
    assert!((record.change.loss() + fell).abs() < 1e-5 * before, "{record:?} {fell}");
    // So in fixed point.
    let mut nmf = NmfFixed::<5, 4, 2>::new(settings).unwrap();
    nmf.set(&w, &h, 1.0).unwrap();
    let mut run = nmf.run(data).unwrap();
    run.half_step(&mut Sweeps::HALS.clone(), Factor::W);
    assert!(run.w().entries.iter().skip(1).step_by(2).all(|w| *w == 0), "{:?}", run.w());
}

#[test]
fn a_stream_of_steps_tells_no_loss_of_another_sum() {
    let (m, r) = (12, 2);
    for rule in rules() {
        let latents = Latents::Steps(5);
        let settings =
            OnlineSettings { latents, keep: Keep::Products, ..OnlineSettings::default() };
        let mut memory = vec![0.0; Online::floats(m, r, Keep::Products)];
        let mut online = Online::new(m, r, settings, &mut memory).unwrap();
        let mut rule = rule.clone();
        for seed in 0..60 {
            let column = numbers(m, seed);
            let data = Data::column(&column, 1.0).unwrap();
            let record = online.column(&data, &mut rule).unwrap();
            assert!(record.slope.loss >= 0.0, "{rule:?}, column {seed}: {}", record.slope.loss);
        }
    }
}

#[test]
fn a_matrix_of_subnormal_numbers_is_factorised() {
    // Smaller numbers than the first have fewer digits, in V and in its products.
    for (size, limit) in [(1e-37_f32, 0.1), (1e-41, 0.1), (3e-44, 1.0)] {
        let v: Vec<f32> = numbers(30, 4).iter().map(|v| (1.0 + v) * size).collect();
        let data = Data::new(&v, 6, 5, 1.0).unwrap();
        let mut nmf = Nmf::<6, 5, 1>::new(Settings::default()).unwrap();
        let mut run = nmf.run(data).unwrap();
        for _ in 0..20 {
            run.epoch(&mut Sweeps::HALS.clone());
        }
        let (w, h) = (run.w(), run.h());
        let at = |at: usize| f64::from(w[at / 5]) * f64::from(h[at % 5]);
        let squares = |x: &dyn Fn(usize) -> f64| (0..30).map(|at| x(at).powi(2)).sum::<f64>();
        let rest = squares(&|k| f64::from(v[k]) - at(k)) / squares(&|k| f64::from(v[k]));
        assert!(rest <= limit, "{size}: {rest}");
    }
}

#[test]
fn a_transform_refuses_parts_too_small_to_tell() {
    let settings = TransformSettings::default();
    let new = |size: f32| {
        let w: Vec<f32> = numbers(12, 5).iter().map(|w| size * w).collect();
        let mut memory = vec![0.0; Transform::floats(2)];
        Transform::new(&w, 2, settings, &mut memory).err()
    };
    assert_eq!((new(1e-16), new(1e-19)), (None, Some(Error::AllZero)));
}
