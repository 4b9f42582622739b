//! Quantisation: a float policy becomes the int8 blob that core reads in place.
//!
//! Symmetric int8 weights per output channel (scale = max|w|/127), int8 activations (inputs: ±4
//! deviations on ±127; hidden: tanh on ±127), int32 biases and accumulators, requantised by a 31-bit
//! multiplier and a right shift (Jacob et al. 2018). The blob's layout: [`tinynmf_core::policy`].

use tinynmf_core::observe::{OBSERVATION_SET, OBSERVATIONS, SCHEDULE_SET};
use tinynmf_core::policy::{
    ACTIVATION_ONE, Content, HIDDEN_UNIT, LayerContent, Policy, SCHEDULE_OUTPUTS, Scales, write,
};

use crate::float_policy::FloatPolicy;
use crate::network::{Layer, Network};
use crate::normaliser::{CLIP, Scale};

/// The blob of a policy: of gradient steps with one output, of schedules with four.
#[must_use]
pub fn quantise(policy: &FloatPolicy) -> Vec<u8> {
    let mut unit = CLIP / ACTIVATION_ONE;
    let mut layers = Vec::new();
    for layer in policy.network.layers() {
        layers.push(Integers::new(&layer, unit));
        unit = 1.0 / ACTIVATION_ONE;
    }
    let last = layers.len() - 1;
    let contents: Vec<LayerContent<'_>> = layers
        .iter()
        .enumerate()
        .map(|(index, it)| LayerContent {
            bias: &it.bias,
            scales: if index == last {
                Scales::Last(&it.scales)
            } else {
                Scales::Hidden(&it.multipliers, &it.shifts)
            },
            weights: &it.weights,
        })
        .collect();
    let gains = policy.scale.0.map(|[offset, gain]| [offset, gain * ACTIVATION_ONE / CLIP]);
    let schedule = policy.network.sizes().last() == Some(&SCHEDULE_OUTPUTS);
    let content = Content {
        set: if schedule { SCHEDULE_SET } else { OBSERVATION_SET },
        limits: policy.limits,
        normaliser: &gains,
        layers: &contents,
    };
    let mut blob = Vec::new();
    write(&content, &mut blob);
    blob
}

/// The float policy whose weights are those of an int8 policy: it answers alike, but for the rounding of what lies
/// between the layers.
///
/// # Panics
///
/// Never: the layers of a policy fit together.
#[must_use]
pub fn dequantise(policy: &Policy<'_>) -> FloatPolicy {
    let (mut unit, mut sizes, mut parameters) = (CLIP / ACTIVATION_ONE, Vec::new(), Vec::new());
    for layer in policy.hidden() {
        let scales = layer.channels().map(|(bias, multiplier, shift)| {
            let real = f64::from(multiplier) * 2_f64.powi(-31 - i32::from(shift));
            (bias, (real * f64::from(HIDDEN_UNIT)) as f32)
        });
        sizes.push(layer.inputs);
        parameters.extend(floats(layer.weights(), &scales.collect::<Vec<_>>(), unit));
        unit = 1.0 / ACTIVATION_ONE;
    }
    let last = policy.last();
    sizes.extend([last.inputs, last.outputs]);
    parameters.extend(floats(last.weights(), &last.channels().collect::<Vec<_>>(), unit));
    let network = Network::from_parameters(sizes, parameters).expect("a policy's layers fit");
    let mut scale = Scale([[0.0, 1.0]; OBSERVATIONS]);
    for (scale, [offset, gain]) in scale.0.iter_mut().zip(policy.normaliser()) {
        *scale = [offset, gain * CLIP / ACTIVATION_ONE];
    }
    FloatPolicy { network, scale, limits: policy.limits() }
}

/// A layer's weights, inputs × outputs, then its biases; every output has its bias and what a step of its accumulator
/// is, for inputs in `unit`s.
fn floats(weights: &[u8], channels: &[(i32, f32)], unit: f32) -> Vec<f32> {
    let inputs = weights.len() / channels.len();
    let weight = |i: usize, o: usize| {
        f32::from(weights[o * inputs + i].cast_signed()) * channels[o].1 / unit
    };
    let of_inputs = (0..inputs).flat_map(|i| (0..channels.len()).map(move |o| (i, o)));
    let biases = channels.iter().map(|(bias, step)| *bias as f32 * step);
    of_inputs.map(|(i, o)| weight(i, o)).chain(biases).collect()
}

/// A layer's numbers as the blob has them.
struct Integers {
    bias: Vec<i32>,
    multipliers: Vec<i32>,
    shifts: Vec<u8>,
    scales: Vec<f32>,
    weights: Vec<i8>,
}

impl Integers {
    /// Quantises a layer whose inputs count in `unit`s.
    fn new(layer: &Layer<'_>, unit: f32) -> Self {
        let channels: Vec<Channel> = (0..layer.outputs).map(|o| Channel::new(layer, o)).collect();
        let steps = channels.iter().map(|c| c.requantisation(unit));
        let (multipliers, shifts) = steps.unzip();
        Self {
            bias: channels.iter().map(|c| c.integer_bias(unit)).collect(),
            multipliers,
            shifts,
            scales: channels.iter().map(|c| c.scale * unit).collect(),
            weights: channels.iter().flat_map(|c| c.weights.iter().copied()).collect(),
        }
    }
}

/// One output of a layer: real weight = scale · int8 weight.
struct Channel {
    weights: Vec<i8>,
    scale: f32,
    bias: f32,
}

impl Channel {
    fn new(layer: &Layer<'_>, output: usize) -> Self {
        let column = || layer.weights[output..].iter().step_by(layer.outputs);
        let max = column().fold(0.0_f32, |max, w| max.max(w.abs()));
        let scale = if max > 0.0 { max / 127.0 } else { 1.0 };
        let weights = column().map(|w| (w / scale).round().clamp(-127.0, 127.0) as i8).collect();
        Self { weights, scale, bias: layer.bias[output] }
    }

    /// The bias in units of the accumulator, for inputs in `unit`s.
    fn integer_bias(&self, unit: f32) -> i32 {
        let limit = f64::from((1 << 30) - 1);
        (f64::from(self.bias) / f64::from(self.scale * unit)).round().clamp(-limit, limit) as i32
    }

    /// Multiplier in [2³⁰, 2³¹) and right shift that take the accumulator to [`HIDDEN_UNIT`]s.
    fn requantisation(&self, unit: f32) -> (i32, u8) {
        let mut real = f64::from(self.scale) * f64::from(unit) / f64::from(HIDDEN_UNIT);
        let mut shift = 0;
        while real < 0.5 && shift < 31 {
            real *= 2.0;
            shift += 1;
        }
        // Weights above 60 would not fit; the multiplier then saturates, as the tanh behind it does.
        ((real * 2_f64.powi(31)).round().min(f64::from(i32::MAX)) as i32, shift)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tinynmf_core::policy::SchedulePolicy;
    use tinynmf_core::random::{Stream, generator, normal};

    #[test]
    fn the_int8_policy_follows_the_float_policy() {
        for seed in 0..20 {
            let mut rng = generator(seed, Stream::Start);
            let network = Network::orthogonal(OBSERVATIONS, &[24, 24], 1.0, &mut rng);
            let scale = Scale(std::array::from_fn(|i| [i as f32 * 0.1, 1.0 / (1.0 + i as f32)]));
            let policy = FloatPolicy { network, scale, limits: [-4.605, 2.303] };
            let blob = quantise(&policy);
            let quantised = Policy::from_bytes(&blob).unwrap();
            let mut squares = 0.0;
            for _ in 0..200 {
                let x =
                    std::array::from_fn(|i| i as f32 * 0.1 + (1.0 + i as f32) * normal(&mut rng));
                squares += (policy.log_rate(&x) - quantised.log_rate(&x)).powi(2) / 200.0;
            }
            assert!(squares.sqrt() < 0.04, "root mean square error {}", squares.sqrt());
        }
    }

    #[test]
    fn the_int8_policy_of_schedules_follows_the_float_policy() {
        for (seed, hidden) in [(1, &[][..]), (2, &[12]), (3, &[16, 16])] {
            let mut rng = generator(seed, Stream::Start);
            let network =
                Network::with_outputs(SCHEDULE_OUTPUTS, OBSERVATIONS, hidden, 1.0, &mut rng);
            let scale = Scale([[0.5, 0.7]; OBSERVATIONS]);
            let policy = FloatPolicy { network, scale, limits: [-3.0, 3.0] };
            let blob = quantise(&policy);
            assert!(blob.len() <= 1536, "{} bytes", blob.len());
            let quantised = SchedulePolicy::from_bytes(&blob).unwrap();
            for _ in 0..200 {
                let x = std::array::from_fn(|_| 0.5 + 1.5 * normal(&mut rng));
                let (float, int8) = (policy.outputs(&x), quantised.outputs(&x));
                for (float, int8) in float.iter().zip(int8) {
                    assert!((float - int8).abs() < 0.12, "{float} {int8}");
                }
            }
        }
    }

    /// The float policy of a blob of either kind.
    fn floats_of(blob: &[u8]) -> FloatPolicy {
        match SchedulePolicy::from_bytes(blob) {
            Ok(policy) => dequantise(policy.parts()),
            Err(_) => dequantise(&Policy::from_bytes(blob).unwrap()),
        }
    }

    /// The answers of a blob of either kind.
    fn int8(blob: &[u8], x: &[f32; OBSERVATIONS]) -> Vec<f32> {
        match SchedulePolicy::from_bytes(blob) {
            Ok(policy) => policy.outputs(x).to_vec(),
            Err(_) => vec![Policy::from_bytes(blob).unwrap().log_rate(x)],
        }
    }

    #[test]
    fn floats_of_an_int8_policy_answer_as_it_does_and_become_it_again() {
        for (seed, hidden, outputs) in
            [(1, &[][..], SCHEDULE_OUTPUTS), (2, &[12], SCHEDULE_OUTPUTS), (3, &[16, 16], 1)]
        {
            let mut rng = generator(seed, Stream::Start);
            let network = Network::with_outputs(outputs, OBSERVATIONS, hidden, 1.0, &mut rng);
            let scale = Scale([[0.5, 0.7]; OBSERVATIONS]);
            let policy = FloatPolicy { network, scale, limits: [-3.0, 3.0] };
            let blob = quantise(&policy);
            let floats = floats_of(&blob);
            assert_eq!(floats.network.sizes(), policy.network.sizes());
            let pairs = || floats.network.parameters().iter().zip(policy.network.parameters());
            // Half a step of a channel whose largest weight is far below 2.
            assert!(pairs().all(|(a, b)| (a - b).abs() < 1.0 / 127.0));
            assert!(pairs().any(|(a, b)| (a - b).abs() > 1e-5));
            for _ in 0..100 {
                let x = std::array::from_fn(|_| 0.5 + 1.5 * normal(&mut rng));
                for (float, int8) in floats.outputs(&x).iter().zip(int8(&blob, &x)) {
                    assert!((float - int8).abs() < 0.1, "{float} {int8}");
                }
            }
            // The rounding of weights that are rounded already finds them.
            let again = floats_of(&quantise(&floats));
            let pairs = floats.network.parameters().iter().zip(again.network.parameters());
            assert!(pairs.into_iter().all(|(a, b)| (a - b).abs() < 1e-5));
        }
    }

    #[test]
    fn the_largest_policy_fits_four_kibibytes() {
        let mut rng = generator(0, Stream::Start);
        let network = Network::orthogonal(OBSERVATIONS, &[40, 40], 1.0, &mut rng);
        let scale = Scale([[0.0, 1.0]; OBSERVATIONS]);
        assert!(quantise(&FloatPolicy { network, scale, limits: [-1.0, 1.0] }).len() <= 4096);
    }
}
