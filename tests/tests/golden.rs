//! Fingerprints of runs, the same in every build profile and on every machine.
//!
//! `TINYNMF_BLESS=1 cargo test -p tinynmf-tests --test golden` writes `golden/fingerprints.txt` anew
//! after a change that is meant to change bits; the commit says why.

use std::fmt::Write as _;
use std::path::Path;
use tinynmf_core::random::{Stream, generator, uniform};
use tinynmf_core::{Data, Fingerprint, Nmf, Rule, Run, Settings};
use tinynmf_host::nmf_vec::NmfVec;
use tinynmf_tests::rules;

const GOLDEN: &str = include_str!("../golden/fingerprints.txt");

const EPOCHS: u32 = 30;

/// The name and settings of what a gradient may be.
fn gradients() -> [(&'static str, Settings); 3] {
    let exact = Settings { horizon: EPOCHS, seed: 7, ..Settings::default() };
    [
        ("exact", exact),
        ("batch 0.25", Settings { batch: 0.25, ..exact }),
        ("noise 0.1", Settings { noise: 0.1, ..exact }),
    ]
}

/// α, L, the losses and the last factors.
fn fingerprint(mut run: Run<'_, u8>, mut rule: Rule<'_>) -> u64 {
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
    for (gradient, settings) in gradients() {
        for (name, rule) in rules::every() {
            let mut fixed = Nmf::<M, N, R>::new(settings).unwrap();
            let mut vectors = NmfVec::new(M, N, R, settings).unwrap();
            let print = fingerprint(fixed.run(data).unwrap(), rule.clone());
            let other = fingerprint(vectors.run(data).unwrap(), rule);
            assert_eq!(print, other, "{M}x{N} r{R} {name}, {gradient}: vectors differ");
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
    if std::env::var_os("TINYNMF_BLESS").is_some() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/fingerprints.txt");
        std::fs::write(path, found).unwrap();
        return;
    }
    assert_eq!(found.lines().count(), GOLDEN.lines().count(), "lines");
    let changed: Vec<_> =
        found.lines().zip(GOLDEN.lines()).filter(|(found, golden)| found != golden).collect();
    assert!(changed.is_empty(), "(found, golden): {changed:#?}");
}
