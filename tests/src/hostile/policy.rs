//! The reader of policies.

use tinynmf_core::observe::OBSERVATIONS;
use tinynmf_core::{Data, Nmf, Policy, Rule, Settings};

/// Any bytes as a policy of gradient steps, as they are and with length and checksum made right: refused with a reason, or
/// its rates lie in its limits and a factorisation with it stays finite and ≥ 0.
///
/// # Panics
///
/// If a promise is broken.
#[must_use]
pub fn policy(bytes: &[u8]) -> bool {
    let accepted = read(bytes);
    // The checks behind the checksum and the length are reached by blobs in which these are right.
    let mut blob = bytes.to_vec();
    let length = (blob.len() as u32).to_le_bytes();
    if let Some(field) = blob.get_mut(8..12) {
        field.copy_from_slice(&length);
    }
    if let Some((content, end)) = blob.split_last_chunk_mut() {
        *end = crc32fast::hash(content).to_le_bytes();
    }
    read(&blob) || accepted
}

fn read(blob: &[u8]) -> bool {
    let policy = match Policy::from_bytes(blob) {
        Ok(policy) => policy,
        Err(reason) => {
            assert!(!reason.to_string().is_empty());
            return false;
        }
    };
    let (content, end) = blob.split_last_chunk().expect("it has a checksum");
    assert_eq!(crc32fast::hash(content), u32::from_le_bytes(*end));

    let [low, high] = policy.limits();
    let extremes = [0.0, -0.0, 12.0, -12.0, f32::MAX, f32::MIN_POSITIVE, f32::NAN, f32::INFINITY];
    for (k, x) in extremes.into_iter().enumerate() {
        let mut observations = [x; OBSERVATIONS];
        observations[k % OBSERVATIONS] = extremes[(k + 3) % extremes.len()];
        let rate = policy.log_rate(&observations);
        assert!(rate.is_finite() && (low..=high).contains(&rate), "{rate} of {observations:?}");
    }

    let data = Data::new(&[9_u8, 0, 3, 8, 0, 3, 0, 7, 7, 9, 7, 9], 4, 3, 1.0).expect("it is sound");
    let mut nmf = Nmf::<4, 3, 2>::new(Settings::default()).expect("the settings are sound");
    let mut run = nmf.run(data).expect("the shape fits");
    let mut rule = Rule::learned(policy);
    for _ in 0..5 {
        run.epoch(&mut rule);
    }
    assert!(run.w().iter().chain(run.h()).all(|x| x.is_finite() && *x >= 0.0));
    true
}
