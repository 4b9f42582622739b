//! A million mutated policies: none panics, none is accepted with a wrong checksum, and what is accepted
//! chooses finite rates.

use std::collections::BTreeMap;
use std::ops::Range;

use tinynmf_core::observe::OBSERVATIONS;
use tinynmf_core::policy::SHIPPED;
use tinynmf_core::random::{Rng, Stream, generator, uniform};
use tinynmf_core::{Data, Nmf, Policy, Rule, Settings};
use tinynmf_tests::blobs::untrained;

/// Fewer where nothing is optimised: there it is overflow checks that count.
const MUTANTS: u32 = if cfg!(debug_assertions) { 200_000 } else { 1_000_000 };

/// Bytes that begin a blob, up to the first layer; see [`tinynmf_core::policy`].
const LAYERS: usize = 24 + 8 * OBSERVATIONS;

/// Numbers that limits are made of.
const EDGES: [u32; 14] = [
    0,
    1,
    2,
    4,
    5,
    64,
    65,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_ffff,
    0x3fff_ffff,
    0x4000_0000,
    f32::NAN.to_bits(),
    f32::INFINITY.to_bits(),
];

/// An index below `end`.
fn below(end: usize, rng: &mut Rng) -> usize {
    ((end as f32 * uniform(rng)) as usize).min(end.saturating_sub(1))
}

fn range(end: usize, rng: &mut Rng) -> Range<usize> {
    let (a, b) = (below(end + 1, rng), below(end + 1, rng));
    a.min(b)..a.max(b)
}

fn byte(rng: &mut Rng) -> u8 {
    below(256, rng) as u8
}

/// Changes a blob in one of nine ways.
fn mutate(blob: &mut Vec<u8>, other: &[u8], rng: &mut Rng) {
    let end = blob.len();
    match below(9, rng) {
        0 => (0..=below(8, rng)).for_each(|_| blob[below(end, rng)] ^= 1 << below(8, rng)),
        1 => blob.truncate(below(end, rng)),
        2 => blob.extend((0..below(40, rng)).map(|_| byte(rng))),
        3 => {
            // The front of one and the back of another.
            blob.truncate(below(end, rng));
            blob.extend(&other[below(other.len(), rng)..]);
        }
        4 => {
            // A field of the header.
            let (at, size) =
                [(4, 2), (6, 2), (8, 4), (12, 2), (14, 2), (16, 4), (20, 4)][below(7, rng)];
            put(blob, at, size, rng);
        }
        5 => {
            // The sizes of the first layer, or one of its numbers.
            put(blob, LAYERS + [0, 2, 4][below(3, rng)], [2, 2, 4][below(3, rng)], rng);
        }
        6 => {
            let at = below(end, rng);
            put(blob, at, 4, rng);
        }
        7 => drop(blob.drain(range(end, rng))),
        _ => {
            let value = [0, 0xff, 0x7f, 0x80, byte(rng)][below(5, rng)];
            blob[range(end, rng)].fill(value);
        }
    }
}

/// A number that may be at a limit, in `size` bytes.
fn put(blob: &mut [u8], at: usize, size: usize, rng: &mut Rng) {
    let number = EDGES[below(EDGES.len(), rng)].wrapping_add(below(3, rng) as u32).wrapping_sub(1);
    let bytes = blob.get_mut(at..).unwrap_or_default().iter_mut().take(size);
    bytes.zip(number.to_le_bytes()).for_each(|(to, from)| *to = from);
}

/// Makes what the checks before the deeper ones look at right again.
fn repair(blob: &mut [u8], length: bool) {
    let stated = (blob.len() as u32).to_le_bytes();
    if let Some(field) = blob.get_mut(8..12).filter(|_| length) {
        field.copy_from_slice(&stated);
    }
    if let Some((content, end)) = blob.split_last_chunk_mut() {
        *end = crc32fast::hash(content).to_le_bytes();
    }
}

/// Asks an accepted policy about ordinary, extreme and impossible observations.
fn question(policy: &Policy<'_>, rng: &mut Rng) {
    let extremes = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX, f32::MIN_POSITIVE, -0.0];
    let ordinary: [f32; OBSERVATIONS] = std::array::from_fn(|_| 24.0 * uniform(rng) - 12.0);
    let mixed = ordinary.map(|x| if uniform(rng) < 0.3 { extremes[below(6, rng)] } else { x });
    let [low, high] = policy.limits();
    for observations in [ordinary, mixed, [extremes[below(6, rng)]; OBSERVATIONS]] {
        let rate = policy.log_rate(&observations);
        assert!(rate.is_finite() && (low..=high).contains(&rate), "{rate} of {observations:?}");
    }
}

/// Factorises with an accepted policy.
fn factorise(policy: Policy<'_>) {
    let entries = [9_u8, 0, 3, 8, 0, 3, 0, 7, 7, 9, 7, 9];
    let mut nmf = Nmf::<4, 3, 2>::new(Settings::default()).unwrap();
    let mut run = nmf.run(Data::new(&entries, 4, 3, 1.0).unwrap()).unwrap();
    let mut rule = Rule::learned(policy);
    for _ in 0..5 {
        run.epoch(&mut rule);
    }
    assert!(run.w().iter().chain(run.h()).all(|x| x.is_finite() && *x >= 0.0));
}

#[test]
fn mutated_policies_are_refused_or_sound() {
    let small =
        [&[][..], &[1], &[2], &[3, 2], &[7, 5], &[1, 1, 1]].map(|hidden| untrained(hidden, 1));
    let mut rng = generator(1, Stream::Noise);
    let mut outcomes = BTreeMap::<String, u32>::new();
    let mut blob = Vec::new();
    for k in 0..MUTANTS {
        // The shipped policy is long: its turn comes less often.
        let pick =
            |k: u32| if k.is_multiple_of(32) { SHIPPED } else { &small[k as usize % small.len()] };
        blob.clear();
        blob.extend(pick(k));
        for _ in 0..=below(3, &mut rng) {
            mutate(&mut blob, pick(k / 7), &mut rng);
            if blob.is_empty() {
                break;
            }
        }
        if uniform(&mut rng) < 0.6 {
            repair(&mut blob, uniform(&mut rng) < 0.8);
        }
        let outcome = match Policy::from_bytes(&blob) {
            Ok(policy) => {
                let (content, end) = blob.split_last_chunk().unwrap();
                assert_eq!(crc32fast::hash(content), u32::from_le_bytes(*end), "mutant {k}");
                question(&policy, &mut rng);
                if k % 64 == 1 {
                    factorise(policy);
                }
                "accepted".to_owned()
            }
            Err(reason) => {
                assert!(!reason.to_string().is_empty());
                let name = format!("{reason:?}");
                name.split([' ', '(']).next().unwrap().to_owned()
            }
        };
        *outcomes.entry(outcome).or_default() += 1;
    }
    println!("{MUTANTS} mutants: {outcomes:?}");
    // Every check was reached many times, from both sides.
    let reasons = ["Magic", "Version", "Observations", "Length", "Checksum", "Shape", "Range"];
    for outcome in reasons.into_iter().chain(["accepted"]) {
        let count = outcomes.get(outcome).copied().unwrap_or(0);
        assert!(count > MUTANTS / 500, "{outcome}: only {count} of {MUTANTS}");
    }
}
