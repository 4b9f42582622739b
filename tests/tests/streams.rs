//! Columns of a stream: latents for a fixed W, W learnt online, and every fault that a sensor may have.

use proptest::prelude::*;
use tinynmf_core::data::Entry;
use tinynmf_core::loss::loss;
use tinynmf_core::online::{Keep, Latents, OnlineSettings};
use tinynmf_core::penalty::{Penalties, Penalty};
use tinynmf_core::random::{Rng, Stream, generator, normal, uniform};
use tinynmf_core::transform::TransformSettings;
use tinynmf_core::{Data, Error, Nmf, Online, Outcome, Policy, Rule, Settings, Transform, policy};
use tinynmf_tests::problem::{config, hostile, ordinary};
use tinynmf_tests::rules;

const ROWS: usize = 12;
const RANK: usize = 3;
const KEEPS: [Keep; 2] = [Keep::Gram, Keep::Products];

fn memory(keep: Keep) -> Vec<f32> {
    vec![f32::NAN; Online::floats(ROWS, RANK, keep)]
}

fn settings(keep: Keep) -> OnlineSettings {
    OnlineSettings { keep, ..OnlineSettings::default() }
}

fn bits(x: &[f32]) -> Vec<u32> {
    x.iter().map(|x| x.to_bits()).collect()
}

fn sound(online: &Online<'_>, place: &str) {
    for x in online.w().iter().chain(online.h()) {
        assert!(x.is_finite() && x.is_sign_positive(), "{place}: an entry is {x}");
    }
}

/// Non-negative columns of a hidden W, n of them, and that W's share of zeros is a half.
fn columns(n: usize, rng: &mut Rng) -> Vec<[f32; ROWS]> {
    let sparse = |rng: &mut Rng| if uniform(rng) < 0.5 { normal(rng).abs() } else { 0.0 };
    let w: Vec<f32> = (0..ROWS * RANK).map(|_| sparse(rng)).collect();
    let column = |rng: &mut Rng| {
        let h: [f32; RANK] = core::array::from_fn(|_| sparse(rng));
        core::array::from_fn(|i| {
            w[i * RANK..][..RANK].iter().zip(h).fold(0.0, |sum, (w, h)| sum + w * h)
        })
    };
    (0..n).map(|_| column(rng)).collect()
}

/// F of the columns for a W, with the best latents for it.
fn loss_of(w: &[f32], columns: &[[f32; ROWS]]) -> f32 {
    let mut memory = [0.0; Transform::floats(RANK)];
    let settings = TransformSettings { steps: 60, ..TransformSettings::default() };
    let mut transform = Transform::new(w, RANK, settings, &mut memory).unwrap();
    let mut rule = rules::rule("bound", &[0.95]);
    columns.iter().fold(0.0, |sum, column| {
        let v = Data::column(column, 1.0).unwrap();
        let mut h = [0.0; RANK];
        transform.columns(&v, &mut rule, &mut h).unwrap();
        sum + loss(&v, w, &h, RANK)
    })
}

/// One pass over a stream against 200 epochs over all of it.
#[test]
fn online_comes_near_the_batch_result() {
    let columns = columns(400, &mut generator(5, Stream::Start));
    let by_rows: Vec<f32> =
        (0..ROWS).flat_map(|i| columns.iter().map(move |column| column[i])).collect();
    let data = Data::new(&by_rows, ROWS, 400, 1.0).unwrap();
    let mut nmf = Nmf::<ROWS, 400, RANK>::new(Settings::default()).unwrap();
    let mut run = nmf.run(data).unwrap();
    let mut rule = rules::rule("abb", &[]);
    (0..200).for_each(|_| {
        run.epoch(&mut rule);
    });
    let batch = loss_of(run.w(), &columns);
    let nothing = 0.5 * data.norm_squared();
    for (keep, name, share) in [
        (Keep::Gram, "bound", 0.02),
        (Keep::Gram, "cauchy", 0.02),
        (Keep::Products, "bound", 0.01),
        (Keep::Products, "learned", 0.01),
    ] {
        let mut memory = memory(keep);
        let mut online = Online::new(ROWS, RANK, settings(keep), &mut memory).unwrap();
        let mut rule = match name {
            "bound" => rules::rule(name, &[0.95]),
            "learned" => Rule::learned(Policy::from_bytes(policy::SHIPPED).unwrap()),
            _ => rules::rule(name, &[]),
        };
        let mut before = f32::NAN;
        for (t, column) in columns.iter().enumerate() {
            online.column(&Data::column(column, 1.0).unwrap(), &mut rule).unwrap();
            if t == 0 {
                before = loss_of(online.w(), &columns);
            }
        }
        let after = loss_of(online.w(), &columns);
        println!("{keep:?}, {name}: {before} to {after}; batch {batch}, ‖V‖²/2 {nothing}");
        assert!(after <= batch + share * nothing, "{keep:?}, {name}: {after} of {nothing}");
        assert!(after < 0.5 * before);
    }
}

/// With B kept, a step below the bound never increases the sum that W minimises.
#[test]
fn products_are_exact_gradients() {
    let mut memory = memory(Keep::Products);
    let settings = OnlineSettings {
        penalties: Penalties { w: Penalty { l1: 0.01, l2: 0.02 }, ..Penalties::default() },
        ..settings(Keep::Products)
    };
    let mut online = Online::new(ROWS, RANK, settings, &mut memory).unwrap();
    let mut rule = rules::rule("bound", &[0.9]);
    for (t, column) in columns(100, &mut generator(6, Stream::Start)).iter().enumerate() {
        let step = online.column(&Data::column(column, 1.0).unwrap(), &mut rule).unwrap();
        assert!(step.change.loss() <= 0.0, "column {t}: {step:?}");
    }
}

#[test]
fn latents_do_not_depend_on_the_columns_beside_them() {
    let columns = columns(9, &mut generator(7, Stream::Start));
    let w: Vec<f32> = columns[..RANK].iter().flatten().copied().collect();
    let together: Vec<f32> =
        (0..ROWS).flat_map(|i| columns.iter().map(move |column| column[i])).collect();
    for (name, rule) in rules::every() {
        if name == "random" || name.starts_with("around") {
            continue;
        }
        let mut memory = [0.0; Transform::floats(RANK)];
        let mut transform =
            Transform::new(&w, RANK, TransformSettings::default(), &mut memory).unwrap();
        let mut all = [0.0; 9 * RANK];
        let data = Data::new(&together, ROWS, 9, 1.0).unwrap();
        transform.columns(&data, &mut rule.clone(), &mut all).unwrap();
        for (column, expected) in columns.iter().zip(all.chunks(RANK)) {
            let mut h = [f32::NAN; RANK];
            let v = Data::column(column, 1.0).unwrap();
            transform.columns(&v, &mut rule.clone(), &mut h).unwrap();
            assert_eq!(bits(&h), bits(expected), "{name}");
        }
    }
}

/// Extraordinary columns, and the outcome of each.
#[test]
fn every_fault_of_a_sensor_is_an_error_or_a_result() {
    let refused = |change: fn(&mut [f32; ROWS])| {
        let mut column = [1.0; ROWS];
        change(&mut column);
        Data::column(&column, 1.0).err()
    };
    let at = |row| Some(Error::NotFinite { row, column: 0 });
    assert_eq!(refused(|v| v[4] = f32::NAN), at(4));
    assert_eq!(refused(|v| v[11] = f32::INFINITY), at(11));
    assert_eq!(refused(|v| v[0] = f32::NEG_INFINITY), at(0));
    assert_eq!(refused(|v| v[2] = -1e-9), Some(Error::Negative { row: 2, column: 0 }));
    assert_eq!(refused(|v| v[3] = 1e13), Some(Error::TooLarge { row: 3, column: 0 }));
    assert_eq!(refused(|v| v.fill(0.0)), None);

    for keep in KEEPS {
        for (name, mut rule) in rules::every() {
            let mut memory = memory(keep);
            let mut online = Online::new(ROWS, RANK, settings(keep), &mut memory).unwrap();
            // Silence before anything was heard.
            let step =
                online.column(&Data::column(&[0_u8; ROWS], 1.0).unwrap(), &mut rule).unwrap();
            assert_eq!(step.outcome, Outcome::OtherFactorZero, "{name}");
            let columns = columns(60, &mut generator(8, Stream::Start));
            for (t, column) in columns.iter().enumerate() {
                let place = format!("{keep:?}, {name}, column {t}");
                // A sensor that is dead, stuck or saturated from column 20 on.
                let mut column = *column;
                if t >= 20 {
                    (column[1], column[5], column[7]) = (0.0, 0.25, 65_535.0);
                }
                online.column(&Data::column(&column, 1.0).unwrap(), &mut rule).unwrap();
                sound(&online, &place);
                let before = bits(online.w());
                match t % 4 {
                    0 => {
                        let silence = Data::column(&[0.0; ROWS], 1.0).unwrap();
                        let step = online.column(&silence, &mut rule).unwrap();
                        assert_eq!(step.outcome, Outcome::OtherFactorZero, "{place}");
                        assert_eq!(
                            bits(online.w()),
                            before,
                            "{place}: silence has taught something"
                        );
                        assert!(online.h().iter().all(|h| h.to_bits() == 0), "{place}");
                    }
                    1 => {
                        let full = Data::column(&[u16::MAX; ROWS], 1.0).unwrap();
                        online.column(&full, &mut rule).unwrap();
                        sound(&online, &place);
                    }
                    2 => {
                        let short = Data::column(&[1.0; ROWS - 1], 1.0).unwrap();
                        assert!(online.column(&short, &mut rule).is_err());
                        assert_eq!(
                            bits(online.w()),
                            before,
                            "{place}: an error has taught something"
                        );
                    }
                    _ => {
                        let largest = Data::column(&[tinynmf_core::data::MAX_ENTRY; ROWS], 1.0);
                        online.column(&largest.unwrap(), &mut rule).unwrap();
                        sound(&online, &place);
                    }
                }
            }
        }
    }
}

#[test]
fn the_same_faults_in_a_batch() {
    let columns = columns(20, &mut generator(9, Stream::Start));
    let entries: Vec<f32> = (0..ROWS)
        .flat_map(|i| {
            let entry = move |(t, column): (usize, &[f32; ROWS])| match (i, t) {
                (_, 3) | (1, _) => 0.0,
                (5, _) => 0.25,
                (_, 7) | (7, _) => 65_535.0,
                _ => column[i],
            };
            columns.iter().enumerate().map(entry)
        })
        .collect();
    for (name, mut rule) in rules::every() {
        let mut nmf = Nmf::<ROWS, 20, RANK>::new(Settings::default()).unwrap();
        let mut run = nmf.run(Data::new(&entries, ROWS, 20, 1.0).unwrap()).unwrap();
        for t in 0..40 {
            run.epoch(&mut rule);
            for x in run.w().iter().chain(run.h()) {
                assert!(x.is_finite() && x.is_sign_positive(), "{name}, epoch {t}: {x}");
            }
        }
    }
}

#[test]
fn bad_settings_are_refused() {
    let refuse = |rows, rank, settings, floats: usize| {
        Online::new(rows, rank, settings, &mut vec![0.0; floats]).err()
    };
    let good = settings(Keep::Gram);
    let floats = Online::floats(ROWS, RANK, Keep::Gram);
    assert_eq!(refuse(ROWS, RANK, good, floats), None);
    assert_eq!(refuse(ROWS, 0, good, floats), Some(Error::Rank { rank: 0, max: ROWS }));
    assert_eq!(refuse(2, 3, good, floats), Some(Error::Rank { rank: 3, max: 2 }));
    let shape = Some(Error::Shape { expected: floats, found: floats - 1 });
    assert_eq!(refuse(ROWS, RANK, good, floats - 1), shape);
    for window in [0.5, 0.0, f32::NAN, -1.0] {
        let refused = refuse(ROWS, RANK, OnlineSettings { window, ..good }, floats);
        assert!(matches!(refused, Some(Error::Parameter { .. })), "{window}");
    }
    let long = OnlineSettings { window: 51.0, ..good };
    assert!(matches!(refuse(ROWS, RANK, long, floats), Some(Error::Parameter { .. })));
    let (long, room) = (
        OnlineSettings { window: f32::INFINITY, ..settings(Keep::Products) },
        Online::floats(ROWS, RANK, Keep::Products),
    );
    assert_eq!(refuse(ROWS, RANK, long, room), None);
}

/// The columns of a matrix one after the other, twice.
fn stream<E: Entry>(online: &mut Online<'_>, data: &Data<'_, E>, rule: &mut Rule<'_>, place: &str) {
    for j in (0..data.columns()).chain(0..data.columns()) {
        let column: Vec<E> = data.rows_iter().map(|row| row[j]).collect();
        let column = Data::column(&column, data.scale()).unwrap();
        let step = online.column(&column, rule).unwrap();
        assert!(step.rate.is_finite() && step.rate >= 0.0, "{place}, column {j}: {step:?}");
        sound(online, place);
    }
}

proptest! {
    // Every rule with every kind of memory a case.
    #![proptest_config(config(200))]

    #[test]
    fn hostile_streams(problem in hostile(), window in 1.0_f32..50.0) {
        let (m, r) = (problem.rows, problem.rank);
        for keep in KEEPS {
            for (name, mut rule) in rules::every() {
                let settings = OnlineSettings { latents: Latents::Steps(4), window, keep, ..OnlineSettings::default() };
                let mut memory = vec![f32::NAN; Online::floats(m, r, keep)];
                let mut online = Online::new(m, r, settings, &mut memory).unwrap();
                online.set(&problem.w).unwrap();
                stream(&mut online, &problem.data(), &mut rule, &format!("{keep:?}, {name}"));
            }
        }
    }
}

proptest! {
    #![proptest_config(config(10_000))]

    /// More half-steps never give a higher loss, each of them below the bound.
    #[test]
    fn transform_descends(problem in ordinary(), c in 0.05_f32..0.99) {
        let (w, r) = (&problem.w, problem.rank);
        prop_assume!(w.iter().any(|w| *w > 0.0));
        let data = problem.data();
        let loss_after = |steps| {
            let mut memory = vec![0.0; Transform::floats(r)];
            let settings = TransformSettings { steps, ..TransformSettings::default() };
            let mut transform = Transform::new(w, r, settings, &mut memory).unwrap();
            let mut h = vec![0.0; data.columns() * r];
            transform.columns(&data, &mut rules::rule("bound", &[c]), &mut h).unwrap();
            f64::from(loss(&data, w, &h, r))
        };
        let losses = [0, 1, 2, 5, 20].map(loss_after);
        let rounding = 1e-5 * f64::from(data.norm_squared());
        prop_assert!(losses.windows(2).all(|pair| pair[1] <= pair[0] + rounding), "{losses:?}");
    }
}
