//! Fixed point against f32 on the reference problems, on hostile data, and its own bits.

use tinynmf_core::fixed_point::{FixedBuffers, FixedRun, Integer};
use tinynmf_core::penalty::{Penalties, Penalty};
use tinynmf_core::rule::Widening;
use tinynmf_core::run::State;
use tinynmf_core::{
    Data, Error, Fingerprint, Nmf, NmfFixed, Outcome, Policy, Rule, Settings, policy,
};
use tinynmf_tests::problem::Problem;
use tinynmf_tests::reference::cases;
use tinynmf_tests::rules;

mod samples;

const EPOCHS: u32 = 20;

fn settings() -> Settings {
    Settings { horizon: EPOCHS, ..Settings::default() }
}

/// V in so many bits: entries and scale.
fn quantised(problem: &Problem, bits: u32) -> (Vec<u16>, f32) {
    let levels = ((1_u32 << bits) - 1) as f32;
    let scale = problem.v.iter().fold(0.0_f32, |max, v| max.max(*v)) / levels;
    (problem.v.iter().map(|v| (v / scale).round() as u16).collect(), scale)
}

/// Worst |F − F₃₂| / F₃₂ over all epochs, of both arithmetics on the same integers.
fn error<const M: usize, const N: usize, const R: usize>(
    problem: &Problem,
    bits: u32,
    rule: &Rule<'static>,
) -> f32 {
    let (entries, scale) = quantised(problem, bits);
    let data = Data::new(&entries, M, N, scale).unwrap();
    let mut floats = Nmf::<M, N, R>::new(settings()).unwrap();
    floats.set(&problem.w, &problem.h).unwrap();
    let mut floats = floats.run(data).unwrap();
    let mut fixed = NmfFixed::<M, N, R>::new(settings()).unwrap();
    fixed.set(&problem.w, &problem.h, scale).unwrap();
    let mut fixed = fixed.run(data).unwrap();
    let (mut rule_of_floats, mut rule_of_fixed) = (rule.clone(), rule.clone());
    (0..EPOCHS).fold(0.0, |worst, _| {
        floats.epoch(&mut rule_of_floats);
        fixed.epoch(&mut rule_of_fixed);
        let expected = floats.loss();
        worst.max((fixed.loss() - expected).abs() / expected)
    })
}

/// The stated error: relative in F, along the whole trajectory of a rule without line search or memory.
#[test]
fn follows_f32_on_the_reference_problems() {
    let cases = cases();
    let problem = |name: &str| &cases.iter().find(|case| case.name == name).unwrap().problem;
    for bits in [8, 12, 16] {
        for (name, parameters, stated) in
            [("bound", &[0.5][..], 2e-3), ("bound", &[0.95], 2e-3), ("cauchy", &[], 2e-3)]
        {
            let rule = rules::rule(name, parameters);
            let errors = [
                error::<12, 9, 2>(problem("12x9_r2"), bits, &rule),
                error::<24, 17, 4>(problem("24x17_r4"), bits, &rule),
                error::<40, 30, 6>(problem("40x30_r6"), bits, &rule),
            ];
            println!("{bits} bits, {name}: {errors:?}");
            assert!(errors.iter().all(|e| *e <= stated), "{bits} bits, {name}: {errors:?}");
        }
    }
}

/// The rules whose steps depend chaotically on the last bits, and the policy, end as low as in f32.
#[test]
fn ends_as_low_as_f32() {
    let cases = cases();
    let problem = &cases.iter().find(|case| case.name == "40x30_r6").unwrap().problem;
    let (entries, scale) = quantised(problem, 12);
    let data = Data::new(&entries, 40, 30, scale).unwrap();
    let learned = Rule::learned(Policy::from_bytes(policy::SHIPPED).unwrap());
    let named = ["cauchy", "abb"].map(|name| (name, rules::rule(name, &[])));
    for (name, rule) in named.into_iter().chain([("learned", learned)]) {
        let settings = Settings { horizon: 60, ..Settings::default() };
        let mut floats = Nmf::<40, 30, 6>::new(settings).unwrap();
        floats.set(&problem.w, &problem.h).unwrap();
        let mut floats = floats.run(data).unwrap();
        let mut fixed = NmfFixed::<40, 30, 6>::new(settings).unwrap();
        fixed.set(&problem.w, &problem.h, scale).unwrap();
        let mut fixed = fixed.run(data).unwrap();
        let (mut a, mut b) = (rule.clone(), rule);
        for _ in 0..60 {
            floats.epoch(&mut a);
            fixed.epoch(&mut b);
        }
        let ratio = fixed.loss() / floats.loss();
        println!("{name}: {ratio}");
        assert!(ratio < 1.02, "{name}: {ratio}");
    }
}

fn soundly<E: Integer>(mut run: FixedRun<'_, E>, rule: &mut Rule<'static>, name: &str) {
    for t in 0..12 {
        let epoch = run.epoch(rule);
        for step in [epoch.w, epoch.h] {
            assert!(step.rate.is_finite() && step.rate >= 0.0, "{name}, epoch {t}: {step:?}");
            assert!(step.lipschitz.is_finite() && step.bound.is_finite(), "{name}: {step:?}");
            let moved = step.rate > 0.0 || !step.moves.is_empty();
            assert_eq!(moved, step.outcome == Outcome::Stepped);
        }
        for view in [run.w(), run.h()] {
            assert!(view.unit.is_finite() && view.unit > 0.0, "{name}, epoch {t}: {}", view.unit);
            assert!(view.entries.iter().all(|x| *x < 1 << 15));
        }
    }
    assert!(!run.loss().is_nan(), "{name}");
}

/// Largest values everywhere, dead rows and columns, one single entry: whatever a converter may deliver.
#[test]
fn hostile_data() {
    let full = |_: usize| u16::MAX;
    let constant = |i: usize| if i % 7 == 3 { u16::MAX } else { (i * 2011 % 65_536) as u16 };
    let dead = |i: usize| if i % 7 == 3 || i / 7 == 2 { 0 } else { (i * 977 % 4096) as u16 };
    let single = |i: usize| u16::from(i == 30);
    let shapes: [&dyn Fn(usize) -> u16; 4] = [&full, &constant, &dead, &single];
    for (k, shape) in shapes.iter().enumerate() {
        let words: Vec<u16> = (0..63).map(shape).collect();
        let bytes: Vec<u8> = words.iter().map(|x| ((x >> 8) as u8).max(u8::from(*x > 0))).collect();
        for scale in [1e-30, 1.0 / 256.0, 1.0, 1e6] {
            for (name, mut rule) in rules::every() {
                let name = format!("{name}, data {k}, scale {scale}");
                let mut nmf = NmfFixed::<9, 7, 3>::new(settings()).unwrap();
                soundly(
                    nmf.run(Data::new(&words, 9, 7, scale).unwrap()).unwrap(),
                    &mut rule,
                    &name,
                );
                let mut nmf = NmfFixed::<9, 7, 3>::new(settings()).unwrap();
                soundly(
                    nmf.run(Data::new(&bytes, 9, 7, scale).unwrap()).unwrap(),
                    &mut rule,
                    &name,
                );
            }
        }
    }
}

/// A step below the bound never increases F: not of the rounded factors by more than their rounding.
#[test]
fn the_bound_holds() {
    let entries: Vec<u8> = (0..24 * 17).map(|i| (i * i % 251) as u8).collect();
    let data = Data::new(&entries, 24, 17, 1.0 / 64.0).unwrap();
    let mut nmf = NmfFixed::<24, 17, 4>::new(settings()).unwrap();
    let mut run = nmf.run(data).unwrap();
    let mut rule = rules::rule("bound", &[0.95]);
    let mut before = run.loss();
    for t in 0..200 {
        let epoch = run.epoch(&mut rule);
        assert!(epoch.w.change.loss() <= 0.0 && epoch.h.change.loss() <= 0.0, "epoch {t}");
        let loss = run.loss();
        assert!(loss <= before * (1.0 + 1e-4), "epoch {t}: {loss} after {before}");
        before = loss;
    }
}

#[test]
fn what_there_is_not_is_refused() {
    let refuse = |settings| NmfFixed::<4, 3, 2>::new(settings).err();
    assert_eq!(refuse(Settings { batch: 1.5, ..settings() }), Some(Error::BatchShare));
    let needs = |error| matches!(error, Some(Error::Parameter { .. }));
    let negative = Penalties { h: Penalty { l1: -0.1, l2: 0.0 }, ..Penalties::default() };
    assert!(needs(refuse(Settings { penalties: negative, ..settings() })));
    let mut nmf = NmfFixed::<4, 3, 2>::new(settings()).unwrap();
    assert!(nmf.set(&[1.0; 8], &[1.0; 6], f32::NAN).is_err());
    assert!(nmf.set(&[1.0; 7], &[1.0; 6], 1.0).is_err());
    assert!(nmf.run(Data::new(&[1_u8; 6], 3, 2, 1.0).unwrap()).is_err());
}

/// On memory of a shape that is known at run time only: the same bits, and no other lengths.
#[test]
fn borrowed_memory_gives_the_same_bits_and_has_to_fit() {
    let entries: Vec<u8> = (0..24 * 17).map(|i| (i * i % 251) as u8).collect();
    let data = Data::new(&entries, 24, 17, 0.5).unwrap();
    // Which takes samples by passes, and remembers a factor.
    let mut rule = Rule::from(Widening::DEFAULT);
    let mut nmf = NmfFixed::<24, 17, 4>::new(settings()).unwrap();
    let mut fixed = nmf.run(data).unwrap();
    (0..EPOCHS).for_each(|_| {
        fixed.epoch(&mut rule.clone());
    });

    let run = |rank: usize, change: usize, settings: Settings, rule: &mut Rule<'static>| {
        let length = |k: usize, len: usize| len + usize::from(k == change);
        let (mut w, mut h) = (vec![0; length(0, 24 * rank)], vec![0; length(1, 17 * rank)]);
        let (mut gradient, mut row) = (vec![0; length(2, 24 * rank)], vec![0; length(3, rank)]);
        let (mut gram, mut floats) =
            (vec![0; length(4, rank * rank)], vec![0.0; length(5, rank * rank)]);
        let (mut of_w, mut of_h) = (vec![1.0; length(6, rank)], vec![1.0; length(7, rank)]);
        let (mut image, mut exponents) = (vec![0.0; length(8, rank)], [0; 2]);
        let mut before = vec![0; length(9, 24 * rank)];
        let order = |k: usize, len: usize| (0..length(k, len) as u32).collect::<Vec<_>>();
        let (mut row_order, mut column_order) = (order(10, 24), order(11, 17));
        let buffers = FixedBuffers {
            w: &mut w,
            h: &mut h,
            exponents: &mut exponents,
            gradient: &mut gradient,
            before: &mut before,
            gram: &mut gram,
            floats: &mut floats,
            directions: [&mut of_w, &mut of_h],
            image: &mut image,
            row: &mut row,
            row_order: &mut row_order,
            column_order: &mut column_order,
        };
        let mut state = State::new(settings)?;
        let mut run = FixedRun::new(data, rank, buffers, &mut state)?;
        run.start(settings.seed);
        (0..EPOCHS).for_each(|_| {
            run.epoch(rule);
        });
        Ok((run.w().entries.to_vec(), run.h().entries.to_vec(), run.loss().to_bits()))
    };
    let expected = (fixed.w().entries.to_vec(), fixed.h().entries.to_vec(), fixed.loss().to_bits());
    assert_eq!(run(4, usize::MAX, settings(), &mut rule.clone()), Ok(expected));
    for change in 0..12 {
        let refused = run(4, change, settings(), &mut rule).unwrap_err();
        assert!(matches!(refused, Error::Shape { .. }), "{change}: {refused}");
    }
    for rank in [0, 18] {
        let refused = run(rank, usize::MAX, settings(), &mut rule).unwrap_err();
        assert_eq!(refused, Error::Rank { rank, max: 17 });
    }
}

/// The same in every build profile and on every machine.
#[test]
fn fingerprints_are_the_golden_ones() {
    let entries: Vec<u8> = (0..24 * 17).map(|i| (i * i % 251) as u8).collect();
    let words: Vec<u16> = entries.iter().map(|x| u16::from(*x) * 257).collect();
    let print = |(rule, settings): (Rule<'static>, Settings)| {
        let mut prints = [Fingerprint::new(), Fingerprint::new()];
        let [of_bytes, of_words] = &mut prints;
        let mut nmf = NmfFixed::<24, 17, 4>::new(settings).unwrap();
        fingerprint(nmf.run(Data::new(&entries, 24, 17, 0.5).unwrap()).unwrap(), &rule, of_bytes);
        let mut nmf = NmfFixed::<24, 17, 4>::new(settings).unwrap();
        fingerprint(nmf.run(Data::new(&words, 24, 17, 0.01).unwrap()).unwrap(), &rule, of_words);
        prints.map(|print| print.value())
    };
    let batch = Settings { batch: 0.5, ..settings() };
    let sparse = Penalty { l1: 40.0, l2: 20.0 };
    let penalties = Penalties { w: Penalty { l1: 0.0, l2: 20.0 }, h: sparse };
    let penalised = Settings { penalties, ..settings() };
    let [abb, cauchy, hals] = ["abb", "cauchy", "hals"].map(|name| rules::rule(name, &[]));
    let found = [
        (rules::rule("bound", &[0.95]), settings()),
        (abb, settings()),
        (cauchy.clone(), settings()),
        (rules::rule("growing", &[0.3, 1.3, 1.3, 2.0]), settings()),
        (rules::rule("thrifty", &[0.3, 1.5, 0.3, 1.3, 0.8]), settings()),
        (Widening::DEFAULT.into(), settings()),
        (cauchy.clone(), batch),
        (hals.clone(), batch),
        (cauchy, penalised),
        (hals, penalised),
    ]
    .map(print);
    assert_eq!(found, GOLDEN, "{found:#x?}");
}

const GOLDEN: [[u64; 2]; 10] = [
    [0xc996_1260_eab4_d9cc, 0x4a5d_34e5_8231_aa0d],
    [0xec30_bf5b_2adf_4539, 0x1295_6216_8a9c_23d8],
    [0x9ef6_2676_52ad_08c5, 0xebe5_f753_a704_9870],
    [0x50d7_1a81_fe56_c1c2, 0x5e00_d950_e9b6_8637],
    [0xa470_5fcf_3d32_e29d, 0xb519_1a44_be15_21af],
    [0xe004_fce0_7d87_500f, 0x60b4_96cd_02f3_b9a3],
    [0x3e0a_67ff_0156_58eb, 0xa046_c5ff_7409_3eb3],
    [0xdb5c_236d_1830_2125, 0x377a_6345_d00c_4101],
    [0x5424_919d_28ef_4d52, 0x2dd5_3475_e193_1750],
    [0xee90_d06d_684c_f30e, 0x53e8_0ce9_d1d8_7362],
];

fn fingerprint<E: Integer>(
    mut run: FixedRun<'_, E>,
    rule: &Rule<'static>,
    print: &mut Fingerprint,
) {
    let mut rule = rule.clone();
    for _ in 0..EPOCHS {
        let epoch = run.epoch(&mut rule);
        for step in [epoch.w, epoch.h] {
            print.floats(&[step.rate, step.lipschitz, step.slope.loss, step.change.inner]);
        }
    }
    for view in [run.w(), run.h()] {
        print.float(view.unit);
        view.entries.iter().for_each(|x| print.float(f32::from(*x)));
    }
}
