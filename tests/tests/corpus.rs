//! The committed corpora, replayed through every reader as they are and with bytes changed.

use std::path::Path;
use std::time::{Duration, Instant};

use tinynmf_core::random::{Rng, Stream, generator, uniform};
use tinynmf_tests::hostile::TARGETS;

/// Changed copies of every file.
const COPIES: u64 = if cfg!(debug_assertions) { 100 } else { 1000 };

/// No input takes longer.
const LIMIT: Duration = Duration::from_secs(10);

/// The files of a target's corpus, in the order of their names.
fn corpus(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    let entries =
        std::fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|it| (it.display().to_string(), std::fs::read(it).unwrap())).collect()
}

/// Some bytes replaced, flipped, inserted or cut out.
fn changed(bytes: &[u8], rng: &mut Rng) -> Vec<u8> {
    let mut below = |end: usize| ((end as f32 * uniform(rng)) as usize).min(end.saturating_sub(1));
    let mut bytes = bytes.to_vec();
    for _ in 0..=below(6) {
        let (at, byte) = (below(bytes.len()), below(256) as u8);
        match below(4) {
            _ if bytes.is_empty() => bytes.push(byte),
            0 => bytes[at] = byte,
            1 => bytes[at] ^= 1 << (byte % 8),
            2 => bytes.insert(at, byte),
            _ => drop(bytes.drain(at..(at + below(16)).min(bytes.len()))),
        }
    }
    bytes
}

#[test]
fn every_reader_accepts_and_refuses_and_neither_panics_nor_hangs() {
    for &(name, read) in TARGETS {
        let files = corpus(name);
        let mut accepted = 0;
        for (number, (file, bytes)) in files.iter().enumerate() {
            let begun = Instant::now();
            accepted += usize::from(read(bytes));
            let mut rng = generator(number as u64, Stream::Noise);
            for _ in 0..COPIES {
                let _ = read(&changed(bytes, &mut rng));
            }
            assert!(begun.elapsed() < LIMIT, "{file} and its copies: {:?}", begun.elapsed());
        }
        assert!(accepted > 0 && accepted < files.len(), "{name}: {accepted} of {}", files.len());
    }
}
