//! A small multilayer perceptron with tanh units and linear outputs, forward and backward.
//!
//! Written by hand, in plain arrays: the same bits on every machine, which a GEMM library that picks
//! its kernel by the processor cannot promise. The work is done in [`kernel`].

use serde::{Deserialize, Serialize};
use tinynmf_core::random::{Rng, normal};

use super::kernel::{self, LANES, Lane, Strands};

/// Layers of sizes `sizes[0] → sizes[1] → …`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub struct Network {
    sizes: Vec<usize>,
    /// Per layer: weights, inputs × outputs with the outputs contiguous; then biases.
    parameters: Vec<f32>,
}

/// A network as a file has it, which may hold anything.
#[derive(Deserialize)]
struct Stored {
    sizes: Vec<usize>,
    parameters: Vec<f32>,
}

impl TryFrom<Stored> for Network {
    type Error = String;

    fn try_from(Stored { sizes, parameters }: Stored) -> Result<Self, String> {
        if sizes.len() < 2 || sizes.contains(&0) {
            return Err(format!("sizes {sizes:?} are not inputs, hidden layers and outputs"));
        }
        let (found, needed) = (parameters.len(), Self::count(&sizes));
        if !parameters.iter().all(|x| x.is_finite()) {
            return Err("parameters hold a number that is not finite".to_owned());
        }
        Self::from_parameters(sizes, parameters).ok_or_else(|| {
            let needed = needed.map_or("more".to_owned(), |count| count.to_string());
            format!("there are {found} parameters where the sizes need {needed}")
        })
    }
}

/// A layer's part of the parameters.
#[derive(Debug, Clone, Copy)]
pub struct Layer<'a> {
    /// Outputs.
    pub outputs: usize,
    /// inputs × outputs, outputs contiguous.
    pub weights: &'a [f32],
    /// One per output.
    pub bias: &'a [f32],
}

/// The activations of one forward pass, kept for the backward pass.
#[derive(Debug, Clone, Default)]
pub struct Tape {
    /// Per layer, its inputs; the last entry is the output.
    values: Vec<Vec<Lane>>,
    /// Scratch of the backward pass: the derivative at a layer's outputs and inputs.
    outer: Vec<Lane>,
    inner: Vec<Lane>,
    gradient: Vec<Strands>,
}

impl Tape {
    /// The first output of the last forward pass.
    #[must_use]
    pub fn output(&self) -> &Lane {
        &self.outputs()[0]
    }

    /// The outputs of the last forward pass.
    #[must_use]
    pub fn outputs(&self) -> &[Lane] {
        &self.values[self.values.len() - 1]
    }

    /// The gradient that backward passes have added up since it was last taken, one entry a parameter.
    pub fn take_gradient(&mut self) -> Vec<f32> {
        self.gradient.drain(..).map(|strands| strands.iter().sum()).collect()
    }
}

impl Network {
    /// Orthogonal initialisation (Saxe et al. 2014) with gain √2 for hidden layers and `last_gain` for
    /// the output, biases 0: detail 2 of Huang et al., The 37 implementation details of PPO (2022).
    #[must_use]
    pub fn orthogonal(inputs: usize, hidden: &[usize], last_gain: f32, rng: &mut Rng) -> Self {
        Self::with_outputs(1, inputs, hidden, last_gain, rng)
    }

    /// [`Network::orthogonal`] with so many outputs.
    #[must_use]
    pub fn with_outputs(
        outputs: usize,
        inputs: usize,
        hidden: &[usize],
        last_gain: f32,
        rng: &mut Rng,
    ) -> Self {
        let sizes = Self::layout(inputs, hidden, outputs);
        let mut parameters = Vec::new();
        for (layer, pair) in sizes.windows(2).enumerate() {
            let gain = if layer + 2 == sizes.len() { last_gain } else { std::f32::consts::SQRT_2 };
            parameters.extend(orthogonal(pair[0], pair[1], rng).iter().map(|w| w * gain));
            parameters.extend(std::iter::repeat_n(0.0, pair[1]));
        }
        Self { sizes, parameters }
    }

    /// A network of given parameters, in the order of [`Network::parameters`].
    ///
    /// `None` if their number does not fit the sizes.
    #[must_use]
    pub fn from_parameters(sizes: Vec<usize>, parameters: Vec<f32>) -> Option<Self> {
        let fits = Self::count(&sizes) == Some(parameters.len());
        (sizes.len() > 1 && !sizes.contains(&0) && fits).then_some(Self { sizes, parameters })
    }

    /// The sizes of a network with these inputs, hidden layers and outputs.
    #[must_use]
    pub fn layout(inputs: usize, hidden: &[usize], outputs: usize) -> Vec<usize> {
        [inputs].into_iter().chain(hidden.iter().copied()).chain([outputs]).collect()
    }

    /// The number of weights and biases that these sizes need; `None` if no number is large enough.
    #[must_use]
    pub fn count(sizes: &[usize]) -> Option<usize> {
        let layer = |pair: &[usize]| pair[1].checked_mul(pair[0].checked_add(1)?);
        sizes.windows(2).try_fold(0_usize, |sum, pair| sum.checked_add(layer(pair)?))
    }

    /// The first difference from a network with these inputs, hidden layers and outputs.
    pub(super) fn fault(&self, inputs: usize, hidden: &[usize], outputs: usize) -> Option<String> {
        let expected = Self::layout(inputs, hidden, outputs);
        if self.sizes != expected {
            return Some(format!(
                "sizes are {:?} where the configuration asks for {expected:?}",
                self.sizes
            ));
        }
        let finite = self.parameters.iter().all(|x| x.is_finite());
        (!finite).then(|| "parameters hold a number that is not finite".to_owned())
    }

    /// Inputs, hidden units of every layer, outputs.
    #[must_use]
    pub fn sizes(&self) -> &[usize] {
        &self.sizes
    }

    /// All weights and biases, layer by layer.
    #[must_use]
    pub fn parameters(&self) -> &[f32] {
        &self.parameters
    }

    /// All weights and biases, to be changed.
    pub fn parameters_mut(&mut self) -> &mut [f32] {
        &mut self.parameters
    }

    /// The layers, first to last.
    #[must_use]
    pub fn layers(&self) -> impl ExactSizeIterator<Item = Layer<'_>> {
        let mut start = 0;
        self.sizes.windows(2).map(move |pair| {
            let (inputs, outputs) = (pair[0], pair[1]);
            let (weights, end) = (start, start + inputs * outputs);
            start = end + outputs;
            let (weights, bias) =
                (&self.parameters[weights..end], &self.parameters[end..end + outputs]);
            Layer { outputs, weights, bias }
        })
    }

    /// The first output for one sample; the same bits as [`Network::forward`].
    #[must_use]
    pub fn evaluate(&self, given: &[f32]) -> f32 {
        let [output] = self.answer(given);
        output
    }

    /// The first N outputs for one sample, and 0 for those that there are not.
    #[must_use]
    pub fn answer<const N: usize>(&self, given: &[f32]) -> [f32; N] {
        let widest = self.sizes.iter().copied().max().unwrap_or_default();
        let mut room = vec![0.0; 2 * widest];
        let (mut x, mut y) = room.split_at_mut(widest);
        x[..given.len()].copy_from_slice(given);
        for (index, layer) in self.layers().enumerate() {
            let outputs = &mut y[..layer.outputs];
            kernel::forward_one(&x[..self.sizes[index]], layer.weights, layer.bias, outputs);
            if index + 2 < self.sizes.len() {
                kernel::tanh_all(outputs);
            }
            std::mem::swap(&mut x, &mut y);
        }
        let outputs = self.sizes.last().copied().unwrap_or_default();
        std::array::from_fn(|o| if o < outputs { x[o] } else { 0.0 })
    }

    /// The outputs for [`LANES`] samples, `x` by inputs.
    pub fn forward(&self, x: &[Lane], tape: &mut Tape) {
        tape.values.resize(self.sizes.len(), Vec::new());
        tape.values[0].clear();
        tape.values[0].extend_from_slice(x);
        for (index, layer) in self.layers().enumerate() {
            let (before, after) = tape.values.split_at_mut(index + 1);
            let (x, y) = (&before[index], &mut after[0]);
            y.resize(layer.outputs, [0.0; LANES]);
            kernel::forward(x, layer.weights, layer.bias, y);
            if index + 2 < self.sizes.len() {
                kernel::tanh_all(y.as_flattened_mut());
            }
        }
    }

    /// Adds the derivative of Σ `slopes`·outputs over the lanes of the last forward pass to the tape's
    /// gradient; one slope an output.
    pub fn backward(&self, tape: &mut Tape, slopes: &[Lane]) {
        let Tape { values, outer, inner, gradient } = tape;
        gradient.resize(self.parameters.len(), Strands::default());
        outer.clear();
        outer.extend_from_slice(slopes);
        let mut end = gradient.len();
        let layers: Vec<_> = self.layers().collect();
        for (index, layer) in layers.into_iter().enumerate().rev() {
            let x = &values[index];
            let start = end - layer.outputs * (x.len() + 1);
            let (weights, bias) = gradient[start..end].split_at_mut(layer.outputs * x.len());
            end = start;
            kernel::add_products(x, outer, weights);
            kernel::add_products(&[[1.0; LANES]], outer, bias);
            // The first layer's inputs need no derivative.
            if index > 0 {
                inner.resize(x.len(), [0.0; LANES]);
                kernel::backward(outer, layer.weights, x, inner);
                std::mem::swap(outer, inner);
            }
        }
    }
}

/// Turns the first `inputs` numbers of up to [`LANES`] rows into lanes; missing rows are 0.
#[must_use]
pub fn lanes<'a>(inputs: usize, rows: impl Iterator<Item = &'a [f32]>) -> Vec<Lane> {
    let mut lanes = vec![[0.0; LANES]; inputs];
    for (index, row) in rows.enumerate() {
        for (lane, x) in lanes.iter_mut().zip(row) {
            lane[index] = *x;
        }
    }
    lanes
}

/// inputs × outputs with orthonormal rows or columns, whichever are fewer (Gram-Schmidt, twice).
fn orthogonal(inputs: usize, outputs: usize, rng: &mut Rng) -> Vec<f32> {
    let (count, len) = (inputs.min(outputs), inputs.max(outputs));
    let mut vectors: Vec<Vec<f32>> = Vec::new();
    while vectors.len() < count {
        let mut v: Vec<f32> = (0..len).map(|_| normal(rng)).collect();
        for u in vectors.iter().chain(&vectors) {
            let along: f32 = u.iter().zip(&v).map(|(u, v)| u * v).sum();
            v.iter_mut().zip(u).for_each(|(v, u)| *v -= along * u);
        }
        let norm = v.iter().map(|v| v * v).sum::<f32>().sqrt();
        v.iter_mut().for_each(|v| *v /= norm);
        vectors.push(v);
    }
    let entry = |i: usize, o: usize| if inputs < outputs { vectors[i][o] } else { vectors[o][i] };
    (0..inputs * outputs).map(|at| entry(at / outputs, at % outputs)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tinynmf_core::random::{Stream, generator};

    fn lanes(inputs: usize, rng: &mut Rng) -> Vec<Lane> {
        (0..inputs).map(|_| std::array::from_fn(|_| normal(rng))).collect()
    }

    #[test]
    fn one_sample_and_lanes_agree_bit_by_bit() {
        let mut rng = generator(1, Stream::Start);
        let network = Network::orthogonal(7, &[9, 6], 1.0, &mut rng);
        let x = lanes(7, &mut rng);
        let mut tape = Tape::default();
        network.forward(&x, &mut tape);
        for lane in 0..LANES {
            let sample: Vec<f32> = x.iter().map(|x| x[lane]).collect();
            assert_eq!(network.evaluate(&sample).to_bits(), tape.output()[lane].to_bits());
        }
    }

    /// The same network in f64 with the exact tanh.
    fn in_f64(network: &Network, parameters: &[f64], x: &[Lane], lane: usize) -> f64 {
        let mut x: Vec<f64> = x.iter().map(|x| f64::from(x[lane])).collect();
        let mut start = 0;
        for (index, pair) in network.sizes().windows(2).enumerate() {
            let (inputs, outputs) = (pair[0], pair[1]);
            let (w, b) = parameters[start..].split_at(inputs * outputs);
            start += outputs * (inputs + 1);
            x = (0..outputs)
                .map(|o| b[o] + (0..inputs).map(|i| w[i * outputs + o] * x[i]).sum::<f64>())
                .map(|y| if index + 2 < network.sizes().len() { y.tanh() } else { y })
                .collect();
        }
        x[0]
    }

    #[test]
    fn the_gradient_is_that_of_finite_differences_in_f64() {
        let mut rng = generator(2, Stream::Start);
        let network = Network::orthogonal(5, &[8, 7], 1.0, &mut rng);
        let (x, slope) = (lanes(5, &mut rng), lanes(1, &mut rng)[0]);
        let mut tape = Tape::default();
        network.forward(&x, &mut tape);
        network.backward(&mut tape, &[slope]);
        let gradient = tape.take_gradient();
        let parameters: Vec<f64> = network.parameters().iter().map(|p| f64::from(*p)).collect();
        let value = |parameters: &[f64]| -> f64 {
            (0..LANES).map(|l| f64::from(slope[l]) * in_f64(&network, parameters, &x, l)).sum()
        };
        for i in 0..parameters.len() {
            let (mut up, mut down) = (parameters.clone(), parameters.clone());
            up[i] += 1e-5;
            down[i] -= 1e-5;
            let exact = (value(&up) - value(&down)) / 2e-5;
            let error = (f64::from(gradient[i]) - exact).abs();
            assert!(error < 2e-3 * (1.0 + exact.abs()), "{i}: {} for {exact}", gradient[i]);
        }
    }

    #[test]
    fn orthogonal_weights_are_orthogonal() {
        let mut rng = generator(3, Stream::Start);
        for (inputs, outputs) in [(4, 9), (9, 4), (5, 5), (6, 1)] {
            let w = orthogonal(inputs, outputs, &mut rng);
            let m = nalgebra::DMatrix::from_row_slice(inputs, outputs, &w);
            let gram = if inputs < outputs { &m * m.transpose() } else { m.transpose() * &m };
            assert!(
                (gram.clone() - nalgebra::DMatrix::identity(gram.nrows(), gram.ncols())).norm()
                    < 1e-5
            );
        }
    }
}
