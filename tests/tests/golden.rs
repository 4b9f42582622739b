//! Fingerprints of runs, the same in every build profile and on every machine.
//!
//! `TINYNMF_BLESS=1 cargo test -p tinynmf-tests --test golden` writes `golden/fingerprints.txt` again
//! after a change that is meant to change bits; the commit says why. It writes `golden/policy.tnmf` too:
//! run it twice if that changes.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use tinynmf::nmf_vec::NmfVec;
use tinynmf_core::noise::GradientNoise;
use tinynmf_core::random::{Stream, generator, uniform};
use tinynmf_core::rule::Learned;
use tinynmf_core::{Data, Fingerprint, Matrix, Nmf, Policy, Rule, Run, Settings};
use tinynmf_tests::forged::Forged;
use tinynmf_tests::rules;

const GOLDEN: &str = include_str!("../golden/fingerprints.txt");

const EPOCHS: u32 = 30;

/// Of the policy in `golden/policy.tnmf`.
const POLICY_SEED: u64 = 17;

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("golden").join(name)
}

fn is_to_bless() -> bool {
    std::env::var_os("TINYNMF_BLESS").is_some()
}

/// The name and settings of what a gradient may be, and the level of noise on it.
fn gradients() -> [(&'static str, Settings, f32); 3] {
    let exact = Settings { horizon: EPOCHS, seed: 7, ..Settings::default() };
    [
        ("exact", exact, 0.0),
        ("batch 0.25", Settings { batch: 0.25, ..exact }, 0.0),
        ("noise 0.1", exact, 0.1),
    ]
}

/// α, L, the losses and the last factors.
fn fingerprint<M: Matrix>(mut run: Run<'_, M>, mut rule: Rule<'_>) -> u64 {
    let mut print = Fingerprint::new();
    for _ in 0..EPOCHS {
        let epoch = run.epoch(&mut rule);
        for step in [epoch.w, epoch.h] {
            print.floats(&[step.rate, step.lipschitz, step.slope.loss]);
        }
        print.float(run.loss());
    }
    print.floats(run.w());
    print.floats(run.h());
    print.value()
}

/// One line per rule and kind of gradient; fixed buffers and vectors have to agree.
fn lines<const M: usize, const N: usize, const R: usize>(out: &mut String) {
    let mut rng = generator(M as u64, Stream::Start);
    // A third of the entries is zero; the range is that of grey levels.
    let mut entry = || (1.5 * uniform(&mut rng) - 0.5).max(0.0) * 255.0;
    let entries: Vec<u8> = (0..M * N).map(|_| entry() as u8).collect();
    let data = Data::new(&entries, M, N, 1.0 / 256.0).unwrap();
    for (gradient, settings, level) in gradients() {
        for (name, rule) in rules::every() {
            let mut fixed = Nmf::<M, N, R>::new(settings).unwrap();
            let mut vectors = NmfVec::new(M, N, R, settings).unwrap();
            let noise = || GradientNoise::new(level, settings.seed).unwrap();
            let (of_fixed, of_vectors) = (noise(), noise());
            let print = fingerprint(fixed.run(of_fixed.on(data)).unwrap(), rule.clone());
            let other = fingerprint(vectors.run(of_vectors.on(data)).unwrap(), rule.clone());
            assert_eq!(print, other, "{M}x{N} r{R} {name}, {gradient}: vectors differ");
            if level <= 0.0 {
                let mut bare = Nmf::<M, N, R>::new(settings).unwrap();
                let bare = fingerprint(bare.run(data).unwrap(), rule);
                assert_eq!(print, bare, "{M}x{N} r{R} {name}, {gradient}: without the wrapper");
            }
            writeln!(out, "{print:016x}  {M}x{N} r{R}  {gradient}  {name}").unwrap();
        }
    }
}

#[test]
fn fingerprints_are_the_golden_ones() {
    let mut found = String::new();
    lines::<12, 9, 2>(&mut found);
    lines::<17, 24, 4>(&mut found);
    lines::<40, 30, 7>(&mut found);
    if is_to_bless() {
        fs::write(file("fingerprints.txt"), found).unwrap();
        return;
    }
    assert_eq!(found.lines().count(), GOLDEN.lines().count(), "lines");
    let changed: Vec<_> =
        found.lines().zip(GOLDEN.lines()).filter(|(found, golden)| found != golden).collect();
    assert!(changed.is_empty(), "(found, golden): {changed:#?}");
}

/// A rule that runs as another one would guard nothing of its own.
#[test]
fn no_two_rules_have_the_same_fingerprint() {
    let mut cases = BTreeMap::<(&str, &str), Vec<(&str, &str)>>::new();
    for line in GOLDEN.lines() {
        let [print, shape, gradient, rule] = *line.split("  ").collect::<Vec<_>>() else {
            panic!("{line} has other columns");
        };
        let case = cases.entry((shape, gradient)).or_default();
        let twin = case.iter().find(|(other, _)| *other == print);
        assert_eq!(twin, None, "{shape}, {gradient}: {rule} equals it");
        case.push((print, rule));
    }
    assert_eq!(cases.len(), 9);
    for (case, rules) in cases {
        assert!(rules.len() > 10 && rules.iter().any(|(_, rule)| *rule == "learned"), "{case:?}");
    }
}

#[test]
fn the_policy_is_the_one_that_its_generator_makes() {
    let forged = Forged::lively(POLICY_SEED);
    assert_eq!(forged.hidden.len(), 2, "hidden layers");
    if is_to_bless() {
        fs::write(file("policy.tnmf"), forged.blob()).unwrap();
    } else {
        assert_eq!(forged.blob(), rules::POLICY);
    }
}

/// How often αL falls into each eighth of the policy's range, on a logarithmic scale, and how often the
/// safeguard refuses it.
fn choices<const M: usize, const N: usize, const R: usize>(counts: &mut [u32; 8]) -> u32 {
    let [low, high] = Forged::lively(POLICY_SEED).limits;
    let mut rng = generator(M as u64, Stream::Start);
    let entries: Vec<f32> = (0..M * N).map(|_| uniform(&mut rng)).collect();
    let data = Data::new(&entries, M, N, 1.0).unwrap();
    let mut refused = 0;
    for (_, settings, level) in gradients() {
        let noise = GradientNoise::new(level, settings.seed).unwrap();
        let mut nmf = NmfVec::new(M, N, R, settings).unwrap();
        let mut run = nmf.run(noise.on(data)).unwrap();
        let mut rule = Learned::new(Policy::from_bytes(rules::POLICY).unwrap());
        for _ in 0..EPOCHS {
            let epoch = run.epoch(&mut rule);
            for step in [epoch.w, epoch.h] {
                let share = ((step.rate * step.lipschitz).ln() - low) / (high - low);
                counts[(8.0 * share).clamp(0.0, 7.0) as usize] += 1;
            }
        }
        refused += rule.refused();
    }
    refused
}

#[test]
fn the_policy_chooses_over_its_whole_range() {
    let mut counts = [0; 8];
    let refused = [
        choices::<12, 9, 2>(&mut counts),
        choices::<17, 24, 4>(&mut counts),
        choices::<40, 30, 7>(&mut counts),
    ];
    println!("{counts:?} of which the safeguard chose {refused:?}");
    let all: u32 = counts.iter().sum();
    assert!(counts.iter().all(|count| *count >= all / 50), "{counts:?}");
    let refused: u32 = refused.iter().sum();
    assert!(refused > 0 && refused < all / 4, "the safeguard refused {refused} of {all}");
}
