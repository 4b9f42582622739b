//! Small cases, all of them: arithmetic, index arithmetic and readers, as `tests/SOUNDNESS.md` lists them.
//!
//! A debug build checks every addition, product and shift for overflow on the way.

use tinynmf_core::fixed_point::{Integer, Range, product as fixed_product};
use tinynmf_core::policy::{MAX_WIDTH, Network, PolicyError, requantise};
use tinynmf_core::product::{Left, product, times};
use tinynmf_core::rule::Sweeps;
use tinynmf_core::{Data, Factor, NmfFixed, Policy, Settings};
use tinynmf_slots::Slots;
use tinynmf_tests::blobs::{repair, untrained};
use tinynmf_tests::flash::Flash;

/// round(x · 2^−shift), halves away from zero, from the definition.
fn rounded(x: i128, shift: u32) -> i128 {
    let half = (1_i128 << shift) >> 1;
    if x < 0 { -((-x + half) >> shift) } else { (x + half) >> shift }
}

/// The second stage of requantising rounds each of its 2³² numbers by each of its 32 shifts; here every number within
/// 2¹³ of a power of two or of zero, where a carry can begin. The nightly command asks for all of them.
#[test]
fn requantise_rounds_halves_away_from_zero() {
    let near = |x: i64| (x - (1 << 13)..=x + (1 << 13)).filter_map(|x| i32::try_from(x).ok());
    let powers = (13..=31).flat_map(|k| [1_i64 << k, -(1_i64 << k)]);
    for accumulator in powers.flat_map(near).chain(near(0)) {
        // The first stage is a floor by definition: with the largest multiplier it gives nearly every number.
        let first = (i128::from(accumulator) * i128::from(i32::MAX) + (1 << 30)) >> 31;
        for shift in 0..32 {
            let found = requantise(accumulator, i32::MAX, shift);
            assert_eq!(i128::from(found), rounded(first, shift.into()), "{accumulator} >> {shift}");
        }
    }
}

/// Numbers that tell where they come from: sums of products of different pairs differ.
fn telling(len: usize, step: usize) -> Vec<f32> {
    (0..len).map(|k| 1.0 + ((k * step) % 97) as f32 / 97.0).collect()
}

/// Entry (i, c) of (V or Vᵀ)·Y, summed in order over the inner indices; what lies beyond an end counts as zero.
fn entry(v: &[f32], [m, n]: [usize; 2], side: Factor, j: usize, i: usize) -> f32 {
    let (row, column) = if side == Factor::W { (i, j) } else { (j, i) };
    let inside = row < m && column < n;
    if inside { v.get(row * n + column).copied().unwrap_or(0.0) } else { 0.0 }
}

/// Every tiling of every shape up to 9 × 9, rank 12, with each side, over all indices and over a batch.
#[test]
fn tiles_reach_each_entry_and_no_other() {
    const GUARD: f32 = -7.0;
    for m in 1..=9 {
        for n in 1..=9 {
            let v = telling(m * n, 31);
            for rank in 1..=12 {
                for (side, k, l) in [(Factor::W, m, n), (Factor::H, n, m)] {
                    let y = telling(l * rank, 17);
                    let batch: Vec<u32> = (0..l as u32).rev().step_by(2).collect();
                    for batch in [None, Some(&batch[..])] {
                        let mut out = vec![GUARD; k * rank + 4];
                        let left = Left { entries: &v, columns: n };
                        product(left, side, batch, &y, 1.0, &mut out[..k * rank], rank);
                        let inner = |j: usize| batch.map_or(j, |batch| batch[j] as usize);
                        let terms = batch.map_or(l, <[u32]>::len);
                        for i in 0..k {
                            for c in 0..rank {
                                let term = |j| entry(&v, [m, n], side, j, i) * y[j * rank + c];
                                let exact = (0..terms).fold(0.0, |sum, j| sum + term(inner(j)));
                                let found = out[i * rank + c];
                                assert_eq!(
                                    found.to_bits(),
                                    exact.to_bits(),
                                    "{m} {n} {rank} {side:?}"
                                );
                            }
                        }
                        assert!(out[k * rank..].iter().all(|x| x.to_bits() == GUARD.to_bits()));
                    }
                }
            }
        }
    }
}

/// Slices of any length for any shape: products of them end, without a panic and without NaN.
#[test]
fn products_of_slices_that_do_not_fit_are_harmless() {
    let numbers = telling(40, 13);
    for columns in 0..=5 {
        for rank in 0..=9 {
            for v in 0..=12 {
                for y in (0..=36).step_by(3) {
                    for len in (0..=36).step_by(5) {
                        for side in [Factor::W, Factor::H] {
                            let left = Left { entries: &numbers[..v], columns };
                            for batch in [None, Some(&[0, 7, u32::MAX][..])] {
                                let mut out = vec![0.0; len];
                                product(left, side, batch, &numbers[..y], 1.0, &mut out, rank);
                                assert!(out.iter().all(|x| x.is_finite()));
                            }
                        }
                        let mut out = vec![0.0; len];
                        times(&numbers[..v], &numbers[..y], &mut out, rank);
                        assert!(out.iter().all(|x| x.is_finite()));
                    }
                }
            }
        }
    }
}

/// Every V of 2 × 2 and every Y over the given entries, with every rank whose kernel differs.
fn fixed_products<E: Integer>(entries: &[E], bits: u32) {
    const LARGEST: u16 = (1 << 15) - 1;
    let digits = |mut k: usize, base: usize| {
        std::array::from_fn::<usize, 4, _>(|_| {
            let digit = k % base;
            k /= base;
            digit
        })
    };
    for of_v in 0..entries.len().pow(4) {
        let v = digits(of_v, entries.len()).map(|k| entries[k]);
        for of_y in 0..81 {
            let column = digits(of_y, 3).map(|k| [0, 1, LARGEST][k]);
            for rank in [1, 2, 4, 8] {
                let y: Vec<u16> = (0..2 * rank).map(|k| column[(k + k / rank) % 4]).collect();
                let range = Range::new(bits, 2);
                for side in [Factor::W, Factor::H] {
                    let mut out = vec![-1; 2 * rank];
                    let left = Left { entries: &v, columns: 2 };
                    fixed_product(left, side, None, &y, range, &mut out, rank);
                    for (at, out) in out.iter().enumerate() {
                        let (i, c) = (at / rank, at % rank);
                        let term = |j: usize| {
                            let v = v[if side == Factor::W { 2 * i + j } else { 2 * j + i }];
                            (u64::from(v.integer()) * u64::from(y[j * rank + c])) >> range.shift
                        };
                        assert_eq!(u64::try_from(*out), Ok(term(0) + term(1)), "{rank}");
                    }
                }
            }
        }
    }
}

#[test]
fn fixed_point_products_of_two_by_two_are_exact() {
    fixed_products(&[0_u8, 1, 128, 255], 8);
    fixed_products(&[0_u16, 1, 1 << 15, u16::MAX], 16);
    fixed_products(&[0_i16, 1, i16::MAX], 15);
}

/// Every V of 2 × 2 over extreme entries, from every start over extreme numbers: entries keep to 15 bits, sums to their
/// words (in debug builds), and F falls but for rounding.
#[test]
fn fixed_point_sweeps_of_two_by_two_stay_in_range() {
    let v = [0_u16, 1, 300, u16::MAX];
    let starts = [0.0, 1e-6, 1.0, 3e4];
    let mut fell = 0;
    for of_v in 1..256 {
        let v: [u16; 4] = std::array::from_fn(|k| v[of_v >> (2 * k) & 3]);
        let data = Data::new(&v, 2, 2, 0.5).unwrap();
        let norm: f32 = v.iter().map(|v| 0.125 * f32::from(*v).powi(2)).sum();
        for of_start in 0..256 {
            let start: [f32; 4] = std::array::from_fn(|k| starts[of_start >> (2 * k) & 3]);
            let mut nmf = NmfFixed::<2, 2, 1>::new(Settings::default()).unwrap();
            nmf.set(&start[..2], &start[2..], 0.5).unwrap();
            let mut run = nmf.run(data).unwrap();
            let mut rule = Sweeps::new([0.1, 1.0, 1.9][of_start % 3], 2).unwrap();
            let first = run.loss();
            for _ in 0..3 {
                run.epoch(&mut rule);
                for view in [run.w(), run.h()] {
                    assert!(view.entries.iter().all(|x| *x < 1 << 15), "{v:?} {start:?}");
                    assert!(view.unit.is_finite() && view.unit > 0.0, "{v:?} {start:?}");
                }
            }
            let last = run.loss();
            assert!(last <= first + 1e-3 * norm, "{v:?} {start:?}: {first} to {last}");
            fell += u32::from(last < 0.9 * first);
        }
    }
    assert!(fell > 10_000, "{fell}");
}

/// Every blob that differs in one byte from a small one, its length and its checksum made right.
#[test]
fn every_policy_one_byte_away_is_refused_or_answers() {
    let whole = untrained(&[2], 1);
    let mut outcomes = [0_u32; 2];
    for at in 0..whole.len() - 4 {
        for byte in 0..=u8::MAX {
            let mut blob = whole.clone();
            blob[at] = byte;
            repair(&mut blob);
            match Policy::from_bytes(&blob) {
                Ok(policy) => {
                    let [low, high] = policy.limits();
                    for x in [0.0, 12.0, -12.0, f32::NAN, f32::MAX] {
                        let rate = policy
                            .log_rate(&std::array::from_fn(|k| if k % 3 == 0 { x } else { 1.0 }));
                        assert!((low..=high).contains(&rate), "{rate}, byte {at} is {byte}");
                    }
                    outcomes[0] += 1;
                }
                Err(_) => outcomes[1] += 1,
            }
        }
    }
    assert!(outcomes.iter().all(|count| *count > 2000), "{outcomes:?}");
    for len in 0..whole.len() {
        let mut blob = whole[..len].to_vec();
        assert!(Policy::from_bytes(&blob).is_err(), "{len} bytes");
        repair(&mut blob);
        assert!(Policy::from_bytes(&blob).is_err(), "{len} bytes with their own checksum");
    }
}

/// Every pair of numbers in a layer's head, every count of layers and of inputs.
#[test]
fn no_size_in_a_policy_reaches_beyond_its_end() {
    let layers = |outputs: u16, inputs: u16| {
        let mut bytes = inputs.to_le_bytes().to_vec();
        bytes.extend(outputs.to_le_bytes());
        bytes.extend([0; 64]);
        bytes
    };
    let mut read = 0;
    for outputs in (0..=130).chain([255, 256, 32_767, 32_768, u16::MAX]) {
        for stated in (0..=70).chain([256, u16::MAX]) {
            for inputs in [0, 1, 2, 64, 65, usize::MAX] {
                for count in [0, 1, 2, 5, usize::MAX] {
                    let bytes = layers(outputs, stated);
                    for len in [0, 3, 4, 12, bytes.len()] {
                        match Network::from_bytes(&bytes[..len], inputs, count) {
                            Ok(network) => {
                                let _: [f32; 1] = network.forward(&[127; MAX_WIDTH]);
                                read += 1;
                            }
                            Err(PolicyError::Shape | PolicyError::Range) => (),
                            Err(other) => panic!("{other:?}"),
                        }
                    }
                }
            }
        }
    }
    assert!(read > 0, "no network was read");
}

/// Every byte of a slot's head with every value, its checksum made right and left wrong: what boots is the policy of the
/// one slot or of the other, whole.
#[test]
fn every_slot_head_one_byte_away_boots_a_whole_policy() {
    const SLOT: usize = 1024;
    let policies = [untrained(&[1], 1), untrained(&[2], 2)];
    let mut flash = Flash::<1, 4, 1024>::new(2 * SLOT);
    let mut buffer = [0; SLOT];
    for blob in &policies {
        let mut slots = Slots::new(&mut flash, 0, SLOT as u32).unwrap();
        slots.install(blob, &mut buffer).unwrap();
    }
    let mut booted = [0_u32; 3];
    for slot in 0..2 {
        for at in 0..20 {
            for byte in 0..=u8::MAX {
                for right in [false, true] {
                    let mut flash = flash.clone();
                    let head = &mut flash.bytes[slot * SLOT..slot * SLOT + 20];
                    head[at] = byte;
                    if right {
                        repair(head);
                    }
                    let mut slots = Slots::new(&mut flash, 0, SLOT as u32).unwrap();
                    let found = slots.load(&mut buffer).unwrap();
                    let which = found.map_or(2, |found| {
                        let is = |blob: &Vec<u8>| found.policy.blob() == &blob[..];
                        policies.iter().position(is).expect("one of the two that were installed")
                    });
                    booted[which] += 1;
                }
            }
        }
    }
    assert!(booted[0] > 1000 && booted[1] > 1000 && booted[2] == 0, "{booted:?}");
}
