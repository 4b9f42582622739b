//! Sounds are told apart as they come, on the host; `tests/tests/boards.rs` compares the boards with it.

use tinynmf_stream::mixture::{Mixture, resemblance};
use tinynmf_stream::separator::FLOATS;
use tinynmf_stream::{BINS, RANK, Retained, Separator};

#[test]
fn a_mixture_is_separated_into_its_sources() {
    let mut memory = [0.0; FLOATS];
    let mut separator = Separator::new(&mut memory).unwrap();
    let mut start = None;
    for sample in Mixture::default().take(64 * 1201) {
        separator.sample(sample).unwrap();
        if start.is_none() && separator.w().iter().any(|w| *w > 0.0) {
            start = Some(resemblance(separator.w()));
        }
    }
    let found = resemblance(separator.w());
    assert!(found.iter().all(|cosine| *cosine > 0.98), "{found:?}");
    assert!(start.unwrap().iter().any(|cosine| *cosine < 0.8), "it begins with it: {start:?}");
}

#[test]
fn what_is_retained_is_whole_or_not_there() {
    const N: usize = BINS * RANK;
    let w: [[f32; N]; 3] = core::array::from_fn(|k| core::array::from_fn(|i| (i * (k + 3)) as f32));
    let mut retained = Retained::<N>::default();
    assert_eq!(retained.latest(), None);
    retained.keep(1, &w[0]);
    retained.keep(2, &w[1]);
    assert_eq!(retained.latest(), Some((2, w[1])));

    // The power fails before any one word of the next copy is written.
    let mut next = retained;
    next.keep(3, &w[2]);
    let written: Vec<u32> = next.words().map(|word| *word).collect();
    for cut in 0..written.len() {
        let mut torn = retained;
        for (word, new) in torn.words().zip(&written).take(cut) {
            *word = *new;
        }
        let latest = torn.latest().map(|(columns, _)| columns);
        assert!(latest == Some(2) || latest == Some(3), "{cut}: {latest:?}");
    }
    // Any bit falls over: the other copy serves.
    for word in 0..written.len() {
        for bit in [0, 7, 31] {
            let mut damaged = next;
            for word in damaged.words().skip(word).take(1) {
                *word ^= 1 << bit;
            }
            let columns = damaged.latest().map(|(columns, _)| columns);
            assert!(columns == Some(2) || columns == Some(3), "{word}, {bit}");
        }
    }
}
