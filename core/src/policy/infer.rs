//! Inference: observations → int8 → hidden layers with tanh → log(αL), or what a schedule is told.

use super::quantised::{requantise, round_to_i8};
use super::{Hidden, Last, MAX_WIDTH, Network, Policy};
use crate::float::limit;
use crate::observe::OBSERVATIONS;
use crate::product::TILE;
use crate::rows::{by_row, by_tile};

/// The int8 activation that stands for 1.
pub const ACTIVATION_ONE: f32 = 127.0;

/// Unit of a hidden layer's requantised accumulator: 1/64, so that ±4 are 8 bits and a sign.
pub const HIDDEN_UNIT: f32 = 1.0 / 64.0;

/// round(127·tanh(i/64)) for i = −256..256.
static TANH: [i8; 512] = tanh_table();

impl Policy<'_> {
    /// log(αL) for the observations of a half-step, within the policy's limits.
    #[must_use]
    pub fn log_rate(&self, observations: &[f32; OBSERVATIONS]) -> f32 {
        let [log_rate] = self.outputs(observations);
        log_rate
    }

    /// The first N outputs, within the policy's limits.
    pub(super) fn outputs<const N: usize>(&self, observations: &[f32]) -> [f32; N] {
        let mut x = [0_i8; MAX_WIDTH];
        let scaled = observations.iter().zip(self.normaliser());
        for (x, (observation, [offset, gain])) in x.iter_mut().zip(scaled) {
            *x = round_to_i8((observation - offset) * gain);
        }
        self.network.forward(&x).map(|y| limit(y, self.low, self.high))
    }
}

impl Network<'_> {
    /// The first N outputs for the inputs at the front of `x`; whatever lies behind them is not read.
    #[must_use]
    pub fn forward<const N: usize>(&self, x: &[i8; MAX_WIDTH]) -> [f32; N] {
        let (mut x, mut y) = (&mut x.clone(), &mut [0; MAX_WIDTH]);
        for layer in &self.hidden {
            layer.forward(x, y);
            (x, y) = (y, x);
        }
        let mut outputs = [0.0; N];
        self.last.forward(x, &mut outputs);
        outputs
    }

    /// Multiply-adds of one answer.
    #[must_use]
    pub fn cost(&self) -> u64 {
        let last = (self.last.inputs * self.last.outputs) as u64;
        self.hidden.iter().fold(last, |cost, it| cost + (it.inputs * it.outputs) as u64)
    }
}

impl Hidden<'_> {
    /// The weights, row by row.
    #[must_use]
    pub fn weights(&self) -> &[u8] {
        self.weights
    }

    /// Bias, multiplier and right shift of every output.
    pub fn channels(&self) -> impl Iterator<Item = (i32, i32, u8)> + '_ {
        let biases = self.bias.as_chunks::<4>().0.iter();
        let multipliers = self.multiplier.as_chunks::<4>().0.iter();
        biases.zip(multipliers).zip(self.shift).map(|((bias, multiplier), shift)| {
            (i32::from_le_bytes(*bias), i32::from_le_bytes(*multiplier), *shift)
        })
    }

    fn forward(&self, x: &[i8; MAX_WIDTH], y: &mut [i8; MAX_WIDTH]) {
        // Two loops, so that each keeps what it needs in registers.
        let mut sums = [0_i32; MAX_WIDTH];
        for (sums, rows) in
            sums.as_chunks_mut().0.iter_mut().zip(by_tile(self.weights, self.inputs))
        {
            *sums = dots(rows, x, self.inputs);
        }
        for ((y, sum), (bias, multiplier, shift)) in y.iter_mut().zip(&sums).zip(self.channels()) {
            *y = hyperbolic_tangent(requantise(bias.wrapping_add(*sum), multiplier, shift));
        }
    }
}

impl Last<'_> {
    /// The weights.
    #[must_use]
    pub fn weights(&self) -> &[u8] {
        self.weights
    }

    /// Bias and scale of every output.
    pub fn channels(&self) -> impl Iterator<Item = (i32, f32)> + '_ {
        let biases = self.bias.as_chunks::<4>().0.iter();
        let scales = self.scale.as_chunks::<4>().0.iter();
        biases.zip(scales).map(|(b, s)| (i32::from_le_bytes(*b), f32::from_le_bytes(*s)))
    }

    /// Once for any number of outputs.
    #[inline(never)]
    fn forward(&self, x: &[i8; MAX_WIDTH], y: &mut [f32]) {
        let rows = by_row(self.weights, self.inputs);
        for ((y, row), (bias, scale)) in y.iter_mut().zip(rows).zip(self.channels()) {
            *y = bias.wrapping_add(dot(row, x)) as f32 * scale;
        }
    }
}

/// [`dot`] for four rows of weights, or as many as there are: four sums share what is loaded of x.
#[inline]
fn dots(rows: &[u8], x: &[i8; MAX_WIDTH], inputs: usize) -> [i32; TILE] {
    let row = |t: usize| rows.get(t * inputs..).and_then(|rows| rows.get(..inputs));
    let (Some(a), Some(b), Some(c), Some(d)) = (row(0), row(1), row(2), row(3)) else {
        return [row(0), row(1), row(2), row(3)].map(|row| row.map_or(0, |row| dot(row, x)));
    };
    let mut sums = [0_i32; TILE];
    for ((((x, a), b), c), d) in x.iter().zip(a).zip(b).zip(c).zip(d) {
        let [sa, sb, sc, sd] = sums;
        sums = [
            sa.wrapping_add(product(*a, *x)),
            sb.wrapping_add(product(*b, *x)),
            sc.wrapping_add(product(*c, *x)),
            sd.wrapping_add(product(*d, *x)),
        ];
    }
    sums
}

/// Σ w·x. The blob's checks leave no room for overflow: with the bias, below 2³⁰ + 64·127·128 < 2³¹.
#[inline]
fn dot(weights: &[u8], x: &[i8; MAX_WIDTH]) -> i32 {
    let (w_words, w_rest) = weights.as_chunks::<4>();
    let (x_words, _) = x.as_chunks::<4>();
    let mut sum = 0_i32;
    for (w, x) in w_words.iter().zip(x_words) {
        for (w, x) in w.iter().zip(x) {
            sum = sum.wrapping_add(product(*w, *x));
        }
    }
    let x_rest = x.get(4 * w_words.len()..).unwrap_or_default();
    w_rest.iter().zip(x_rest).fold(sum, |sum, (w, x)| sum.wrapping_add(product(*w, *x)))
}

#[inline]
fn product(w: u8, x: i8) -> i32 {
    i32::from(w.cast_signed()) * i32::from(x)
}

/// round(127·tanh(x/64)) from the table, saturated beyond ±4.
#[must_use]
#[inline]
pub fn hyperbolic_tangent(x: i32) -> i8 {
    let index = (x.clamp(-256, 255) + 256) as usize;
    TANH.get(index).copied().unwrap_or(127)
}

/// The table, computed by the compiler: tanh x = 1 − 2/(e²ˣ + 1), e²ˣ = (Σ (2x/256)ᵏ/k!)²⁵⁶. Terms up to the second
/// give every entry as it is.
const fn tanh_table() -> [i8; 512] {
    let mut table = [0; 512];
    let mut i = 0;
    while i <= 256 {
        let z = 2.0 * (i as f64) / 64.0 / 256.0;
        let mut e = 1.0 + z * (1.0 + z / 2.0);
        let mut doubling = 0;
        while doubling < 8 {
            e *= e;
            doubling += 1;
        }
        let tanh = (127.0 * (1.0 - 2.0 / (e + 1.0)) + 0.5) as i8;
        table[256 - i] = -tanh;
        if i < 256 {
            table[256 + i] = tanh;
        }
        i += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::SHIPPED;

    #[test]
    fn the_table_is_the_hyperbolic_tangent() {
        assert_eq!((1.0 / HIDDEN_UNIT).to_bits(), 64.0_f32.to_bits());
        for x in -300..=300 {
            // Beyond ±4 the end of the table stands for all.
            let exact = 127.0 * libm::tanh(f64::from(x.clamp(-256, 255)) / 64.0);
            assert_eq!(hyperbolic_tangent(x), libm::round(exact) as i8, "{x}");
        }
    }

    #[test]
    fn any_observation_gives_an_action_within_the_limits() {
        let policy = Policy::from_bytes(SHIPPED).unwrap();
        let [low, high] = policy.limits();
        for x in [0.0, 1.0, -12.0, 12.0, f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let action = policy.log_rate(&[x; OBSERVATIONS]);
            assert!((low..=high).contains(&action), "{action}");
        }
    }
}
