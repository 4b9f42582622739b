//! The int8 network against the same integers computed in 64 bits, from the definitions.

mod forged;

use forged::{Forged, Layer};
use tinynmf_core::Policy;
use tinynmf_core::observe::OBSERVATIONS;
use tinynmf_core::policy::{MAX_LAYERS, MAX_WIDTH, Network, PolicyError, checksum};
use tinynmf_core::random::{Rng, Stream, generator, uniform};

/// An integer from `low` to `high`, both included.
fn pick(rng: &mut Rng, low: usize, high: usize) -> usize {
    low + (uniform(rng) * (high + 1 - low) as f32) as usize
}

/// Networks of every number of layers, of small and odd sizes and of the largest ones.
fn networks() -> impl Iterator<Item = (Forged, Rng)> {
    (0..600).map(|seed| {
        let mut rng = generator(seed, Stream::Rule);
        let mut size = || match seed % 3 {
            0 => pick(&mut rng, 1, 9),
            1 => pick(&mut rng, 1, MAX_WIDTH),
            _ => MAX_WIDTH,
        };
        let inputs = size();
        let hidden: Vec<usize> = (0..seed as usize % MAX_LAYERS).map(|_| size()).collect();
        (Forged::any(inputs, &hidden, seed), rng)
    })
}

#[test]
fn every_network_gives_what_64_bit_integers_give() {
    let mut different = std::collections::HashSet::new();
    for (forged, mut rng) in networks() {
        let layers = forged.layers();
        let network = Network::from_bytes(&layers, forged.inputs, forged.hidden.len() + 1).unwrap();
        for extreme in [false, false, true] {
            // Memory behind the inputs must not be read.
            let x: [i8; MAX_WIDTH] = std::array::from_fn(|_| {
                if extreme {
                    [i8::MIN, i8::MAX][pick(&mut rng, 0, 1)]
                } else {
                    (pick(&mut rng, 0, 255) as u8).cast_signed()
                }
            });
            let expected = forged.forward(&x[..forged.inputs]);
            let [found] = network.forward(&x);
            assert_eq!(found.to_bits(), expected.to_bits(), "{forged:?}, {x:?}");
            different.insert(expected.to_bits());
        }
    }
    assert!(different.len() > 900, "only {} outputs", different.len());
}

#[test]
fn observations_become_integers_as_the_format_says() {
    for seed in 0..100 {
        let forged = Forged::any(OBSERVATIONS, &[11, 6], seed);
        let blob = forged.blob();
        let policy = Policy::from_bytes(&blob).unwrap();
        // Its output moves with every input; that of the other is mostly at a limit.
        let lively = Forged { normaliser: forged.normaliser.clone(), ..Forged::lively(seed) };
        let lively_blob = lively.blob();
        let lively_policy = Policy::from_bytes(&lively_blob).unwrap();
        let mut rng = generator(seed, Stream::Noise);
        for _ in 0..50 {
            let x = std::array::from_fn(|_| 24.0 * uniform(&mut rng) - 12.0);
            assert_eq!(policy.log_rate(&x).to_bits(), forged.log_rate(&x).to_bits());
            assert_eq!(lively_policy.log_rate(&x).to_bits(), lively.log_rate(&x).to_bits());
        }
    }
}

/// The parts of a validated policy are the numbers that the blob was made of.
#[test]
fn a_policy_tells_what_it_holds() {
    let forged = Forged::any(OBSERVATIONS, &[7, 5, 3], 4);
    let blob = forged.blob();
    let policy = Policy::from_bytes(&blob).unwrap();
    assert_eq!(policy.blob(), blob);
    assert_eq!(policy.limits().map(f32::to_bits), forged.limits.map(f32::to_bits));
    assert_eq!(policy.normaliser().collect::<Vec<_>>(), forged.normaliser);
    assert_eq!(policy.checksum(), checksum(&blob[..blob.len() - 4]));
    assert_eq!(policy.hidden().len(), 3);
    for (layer, expected) in policy.hidden().iter().zip(&forged.hidden) {
        let weights: Vec<u8> =
            expected.weights.iter().flatten().map(|w| w.cast_unsigned()).collect();
        assert_eq!(layer.weights(), weights);
        assert_eq!((layer.outputs, layer.inputs), (expected.bias.len(), expected.weights[0].len()));
        let Layer { bias, multiplier, shift, .. } = expected;
        let channels = bias.iter().zip(multiplier).zip(shift).map(|((b, m), s)| (*b, *m, *s));
        assert!(layer.channels().eq(channels));
    }
    let last = policy.last();
    assert_eq!((last.inputs, last.outputs), (3, 1));
    assert!(last.channels().eq([(forged.bias, forged.scale)]));
    assert!(last.weights().iter().map(|w| w.cast_signed()).eq(forged.weights.iter().copied()));
}

/// Answer of [`Policy::from_bytes`] to a policy with something changed.
fn verdict(change: impl FnOnce(&mut Forged)) -> Result<(), PolicyError> {
    let mut forged = Forged::any(OBSERVATIONS, &[5, 6], 1);
    change(&mut forged);
    Policy::from_bytes(&forged.blob()).map(|_| ())
}

#[test]
fn numbers_are_allowed_up_to_the_edge_of_their_range() {
    const HALF: i32 = 1 << 30;
    for layer in [0, 1] {
        for bias in [HALF - 1, 1 - HALF] {
            assert_eq!(verdict(|f| f.hidden[layer].bias[3] = bias), Ok(()));
        }
        for bias in [HALF, -HALF, i32::MIN, i32::MAX] {
            assert_eq!(verdict(|f| f.hidden[layer].bias[3] = bias), Err(PolicyError::Range));
        }
        for (multiplier, expected) in [
            (0, Ok(())),
            (i32::MAX, Ok(())),
            (-1, Err(PolicyError::Range)),
            (i32::MIN, Err(PolicyError::Range)),
        ] {
            assert_eq!(verdict(|f| f.hidden[layer].multiplier[4] = multiplier), expected);
        }
        for (shift, expected) in
            [(31, Ok(())), (32, Err(PolicyError::Range)), (255, Err(PolicyError::Range))]
        {
            assert_eq!(verdict(|f| f.hidden[layer].shift[0] = shift), expected);
        }
    }
    for (bias, expected) in [
        (HALF - 1, Ok(())),
        (1 - HALF, Ok(())),
        (HALF, Err(PolicyError::Range)),
        (-HALF, Err(PolicyError::Range)),
    ] {
        assert_eq!(verdict(|f| f.bias = bias), expected);
    }
    for scale in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        assert_eq!(verdict(|f| f.scale = scale), Err(PolicyError::Range));
        assert_eq!(verdict(|f| f.normaliser[14][0] = scale), Err(PolicyError::Range));
        assert_eq!(verdict(|f| f.normaliser[14][1] = scale), Err(PolicyError::Range));
    }
    for limits in [[-19.9, 19.9], [0.0, 0.1]] {
        assert_eq!(verdict(|f| f.limits = limits), Ok(()));
    }
    for limits in [[-20.0, 1.0], [-1.0, 20.0], [1.0, 1.0], [2.0, 1.0]] {
        assert_eq!(verdict(|f| f.limits = limits), Err(PolicyError::Range));
    }
}

#[test]
fn sizes_are_allowed_up_to_the_edge_of_their_range() {
    let sizes = |inputs, hidden: &[usize]| {
        let forged = Forged::any(inputs, hidden, 2);
        let layers = forged.layers();
        Network::from_bytes(&layers, inputs, hidden.len() + 1).map(|_| ())
    };
    let shape = Err(PolicyError::Shape);
    assert_eq!(sizes(1, &[]), Ok(()));
    assert_eq!(sizes(MAX_WIDTH, &[MAX_WIDTH; 3]), Ok(()));
    assert_eq!(sizes(MAX_WIDTH + 1, &[]), shape);
    assert_eq!(sizes(3, &[MAX_WIDTH + 1]), shape);
    assert_eq!(sizes(3, &[0]), shape);
    assert_eq!(sizes(3, &[2; 4]), shape);
    // Layers that disagree, a last layer of two outputs, a tail, an end that is missing.
    let forged = Forged::any(3, &[2], 2);
    let layers = forged.layers();
    let read =
        |bytes: &[u8], inputs, layers| Network::from_bytes(bytes, inputs, layers).map(|_| ());
    assert_eq!(read(&layers, 3, 2), Ok(()));
    assert_eq!(read(&layers, 2, 2), shape);
    assert_eq!(read(&layers, 3, 0), shape);
    assert_eq!(read(&layers, 3, 1), shape);
    assert_eq!(read(&[&layers[..], &[0]].concat(), 3, 2), shape);
    assert_eq!(read(&Forged::any(3, &[], 2).layers(), 3, 0), shape);
    for len in 0..layers.len() {
        assert_eq!(read(&layers[..len], 3, 2), shape, "{len} bytes");
    }
    let mut two = layers.clone();
    let outputs_of_last = layers.len() - 2 - 8 - 2;
    two[outputs_of_last] = 2;
    assert_eq!(read(&two, 3, 2), shape);
}
