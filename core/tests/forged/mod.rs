//! Networks of random integers that nobody trained: their blob, and their output computed a second time, in
//! 64-bit integers and from the definitions.

use tinynmf_core::observe::{OBSERVATION_SET, OBSERVATIONS};
use tinynmf_core::policy::{MAGIC, MAX_WIDTH, VERSION, checksum};
use tinynmf_core::random::{Rng, Stream, generator, uniform};

/// Weights by rows, with bias, multiplier and right shift of every row.
#[derive(Debug, Clone)]
pub struct Layer {
    /// Outputs × inputs.
    pub weights: Vec<Vec<i8>>,
    /// |bias| < 2³⁰.
    pub bias: Vec<i32>,
    /// Multipliers of hidden layers, at least 0.
    pub multiplier: Vec<i32>,
    /// 0 to 31.
    pub shift: Vec<u8>,
}

/// A policy of given numbers.
#[derive(Debug, Clone)]
pub struct Forged {
    /// Inputs of the first layer.
    pub inputs: usize,
    /// The hidden layers, first to last.
    pub hidden: Vec<Layer>,
    /// Weights of the last layer.
    pub weights: Vec<i8>,
    /// Bias of the last layer, |bias| < 2³⁰.
    pub bias: i32,
    /// Scale of the last layer.
    pub scale: f32,
    /// Offset and gain of every observation.
    pub normaliser: Vec<[f32; 2]>,
    /// Limits of log(αL): low, high.
    pub limits: [f32; 2],
}

/// An integer from `low` to `high`, both included; close to uniform.
fn integer(rng: &mut Rng, low: i32, high: i32) -> i32 {
    let span = f64::from(high) - f64::from(low) + 1.0;
    low + (f64::from(uniform(rng)) * span) as i32
}

fn draw<T>(len: usize, mut number: impl FnMut() -> T) -> Vec<T> {
    (0..len).map(|_| number()).collect()
}

impl Forged {
    /// Two hidden layers whose activations spread over the range of tanh and whose choices spread over
    /// the limits. The sizes are not multiples of four, so that every loop has a remainder.
    #[must_use]
    pub fn lively(seed: u64) -> Self {
        let mut rng = generator(seed, Stream::Start);
        let mut hidden = |inputs, outputs, shift| Layer {
            weights: draw(outputs, || draw(inputs, || integer(&mut rng, -127, 127) as i8)),
            bias: draw(outputs, || integer(&mut rng, -4000, 4000)),
            multiplier: draw(outputs, || integer(&mut rng, 1 << 30, i32::MAX)),
            shift: vec![shift; outputs],
        };
        let layers = vec![hidden(OBSERVATIONS, 18, 6), hidden(18, 13, 7)];
        Self {
            inputs: OBSERVATIONS,
            hidden: layers,
            weights: draw(13, || integer(&mut rng, -127, 127) as i8),
            bias: integer(&mut rng, -4000, 4000),
            scale: 1e-4,
            normaliser: vec![[0.0, 32.0]; OBSERVATIONS],
            limits: [-3.0, 2.5],
        }
    }

    /// Any sizes that fit, and any numbers that a blob may hold, the extreme ones often.
    #[must_use]
    pub fn any(inputs: usize, hidden: &[usize], seed: u64) -> Self {
        let mut rng = generator(seed, Stream::Start);
        let mut any = |low: i32, high: i32| match integer(&mut rng, 0, 7) {
            0 => low,
            1 => high,
            2 => integer(&mut rng, low / 4096, high / 4096),
            _ => integer(&mut rng, low, high),
        };
        let mut sizes = inputs;
        let mut layer = |outputs| {
            let inputs = std::mem::replace(&mut sizes, outputs);
            Layer {
                weights: draw(outputs, || draw(inputs, || any(-128, 127) as i8)),
                bias: draw(outputs, || any(1 - (1 << 30), (1 << 30) - 1)),
                multiplier: draw(outputs, || any(0, i32::MAX)),
                shift: draw(outputs, || any(0, 31) as u8),
            }
        };
        let hidden: Vec<Layer> = hidden.iter().map(|outputs| layer(*outputs)).collect();
        Self {
            inputs,
            hidden,
            weights: draw(sizes, || any(-128, 127) as i8),
            bias: any(1 - (1 << 30), (1 << 30) - 1),
            scale: any(-1000, 1000) as f32 * 1e-6,
            normaliser: draw(inputs, || [any(-3, 3) as f32, any(-64, 64) as f32]),
            limits: [-4.0, 3.0],
        }
    }

    /// The layers as they stand in a blob.
    #[must_use]
    pub fn layers(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut inputs = self.inputs;
        for Layer { weights, bias, multiplier, shift } in &self.hidden {
            bytes.extend(
                [inputs, weights.len()].map(|size| (size as u16).to_le_bytes()).as_flattened(),
            );
            bias.iter().chain(multiplier).for_each(|x| bytes.extend(x.to_le_bytes()));
            bytes.extend(shift);
            weights.iter().flatten().for_each(|w| bytes.extend(w.to_le_bytes()));
            inputs = weights.len();
        }
        bytes.extend([inputs, 1].map(|size| (size as u16).to_le_bytes()).as_flattened());
        bytes.extend(self.bias.to_le_bytes());
        bytes.extend(self.scale.to_le_bytes());
        self.weights.iter().for_each(|w| bytes.extend(w.to_le_bytes()));
        bytes
    }

    /// The whole blob.
    #[must_use]
    pub fn blob(&self) -> Vec<u8> {
        let mut tail = Vec::new();
        for x in [self.inputs, self.hidden.len() + 1] {
            tail.extend((x as u16).to_le_bytes());
        }
        for x in self.limits.iter().chain(self.normaliser.as_flattened()) {
            tail.extend(x.to_le_bytes());
        }
        tail.extend(self.layers());
        let mut blob = MAGIC.to_vec();
        blob.extend([VERSION, OBSERVATION_SET].map(u16::to_le_bytes).as_flattened());
        blob.extend((tail.len() as u32 + 16).to_le_bytes());
        blob.extend(tail);
        blob.extend(checksum(&blob).to_le_bytes());
        blob
    }

    /// The network's output for `inputs` activations.
    ///
    /// # Panics
    ///
    /// If there are more or fewer.
    #[must_use]
    pub fn forward(&self, x: &[i8]) -> f32 {
        assert!(x.len() == self.inputs && x.len() <= MAX_WIDTH);
        let mut x: Vec<i64> = x.iter().map(|x| i64::from(*x)).collect();
        for layer in &self.hidden {
            let rows = layer.weights.iter().zip(&layer.bias);
            let channels = layer.multiplier.iter().zip(&layer.shift);
            x = rows
                .zip(channels)
                .map(|((w, bias), (multiplier, shift))| {
                    tanh(scaled(i64::from(*bias) + dot(w, &x), (*multiplier).into(), *shift))
                })
                .collect();
        }
        (i64::from(self.bias) + dot(&self.weights, &x)) as f32 * self.scale
    }

    /// log(αL) for the observations.
    #[must_use]
    pub fn log_rate(&self, observations: &[f32; OBSERVATIONS]) -> f32 {
        let scaled = observations.iter().zip(&self.normaliser).map(|(x, [offset, gain])| {
            f64::from((x - offset) * gain).round().clamp(-127.0, 127.0) as i8
        });
        let [low, high] = self.limits;
        f64::from(self.forward(&scaled.collect::<Vec<_>>())).clamp(low.into(), high.into()) as f32
    }
}

fn dot(w: &[i8], x: &[i64]) -> i64 {
    w.iter().zip(x).map(|(w, x)| i64::from(*w) * x).sum()
}

/// x · multiplier · 2⁻³¹, halves upwards; then · 2^−shift, halves away from zero.
fn scaled(x: i64, multiplier: i64, shift: u8) -> i64 {
    let high = (x * multiplier + (1 << 30)).div_euclid(1 << 31);
    let unit = 1_i64 << shift;
    high.signum() * ((2 * high.abs() + unit).div_euclid(2 * unit))
}

/// round(127·tanh(x/64)), where ±4 stand for all beyond.
fn tanh(x: i64) -> i64 {
    (127.0 * (x as f64 / 64.0).clamp(-4.0, 4.0).tanh()).round() as i64
}
