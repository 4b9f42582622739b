//! The float policy as an ONNX graph, for any runtime that reads the format.
//!
//! # The graph
//!
//! | name | shape | what |
//! |---|---|---|
//! | `observations` (input) | N × observations | as core computes them, [`tinynmf_core::observe::NAMES`] in order |
//! | `log_rate` (output) | N × 1 | log(αL); the step is α = exp(log_rate)/L |
//! | `schedule` (output) | N × 5 | of a policy of schedules instead: what [`tinynmf_core::rule::scheduled`] says |
//!
//! Sub, Mul and Clip normalise; Gemm and Tanh follow, layer by layer (no Tanh after the last); Clip keeps
//! the limits. Weights are inputs × outputs, so that no Gemm needs an attribute. IR version 7, operator set
//! 13 (ONNX 1.8, 2020). Runtimes compute the exact tanh where training has a rational one, which moves
//! `log_rate` by some 10⁻⁴.

mod proto;

use prost::Message;
use tinynmf_core::observe::{OBSERVATION_SET, OBSERVATIONS, SCHEDULE_SET};

use crate::FloatPolicy;
use crate::normaliser::CLIP;
use proto::{Dimension, Graph, Model, Node, OperatorSet, Shape, Tensor, TensorType, Type, Value};

/// Of ONNX's own encoding; the one that belongs to [`OPERATORS`].
const IR_VERSION: i64 = 7;

/// The version of the operators' meaning.
const OPERATORS: i64 = 13;

/// ONNX's number for f32.
const FLOAT: i32 = 1;

/// The policy as an ONNX model, with the graph above.
#[must_use]
pub fn onnx(policy: &FloatPolicy) -> Vec<u8> {
    let outputs = policy.network.sizes().last().copied().unwrap_or_default();
    let (name, set, what) = if outputs == 1 {
        ("log_rate", OBSERVATION_SET, "The logarithm of a step size times L")
    } else {
        ("schedule", SCHEDULE_SET, "Share, relaxations and worth of a half-step")
    };
    let mut graph = Graph {
        name: "policy".to_owned(),
        input: vec![value("observations", OBSERVATIONS)],
        output: vec![value(name, outputs)],
        ..Graph::default()
    };
    for (constant, at) in [("offset", 0), ("gain", 1)] {
        graph.constant(constant, &[OBSERVATIONS], policy.scale.0.iter().map(|pair| pair[at]));
    }
    for (name, number) in [("lowest_input", -CLIP), ("highest_input", CLIP)] {
        graph.constant(name, &[], [number]);
    }
    graph.node("Sub", &["observations", "offset"], "centred");
    graph.node("Mul", &["centred", "gain"], "scaled");
    graph.node("Clip", &["scaled", "lowest_input", "highest_input"], "normalised");
    let mut before = "normalised".to_owned();
    let layers = policy.network.layers();
    let last = layers.len() - 1;
    for (k, layer) in layers.enumerate() {
        let [weight, bias, sum] =
            ["weight", "bias", "sum"].map(|what| format!("layers.{k}.{what}"));
        let inputs = layer.weights.len() / layer.outputs;
        graph.constant(&weight, &[inputs, layer.outputs], layer.weights.iter().copied());
        graph.constant(&bias, &[layer.outputs], layer.bias.iter().copied());
        graph.node("Gemm", &[&before, &weight, &bias], &sum);
        before = sum;
        if k < last {
            let hidden = format!("layers.{k}.tanh");
            graph.node("Tanh", &[&before], &hidden);
            before = hidden;
        }
    }
    for (limit, number) in ["lowest_output", "highest_output"].into_iter().zip(policy.limits) {
        graph.constant(limit, &[], [number]);
    }
    graph.node("Clip", &[&before, "lowest_output", "highest_output"], name);
    let model = Model {
        ir_version: IR_VERSION,
        producer_name: "tinynmf".to_owned(),
        producer_version: env!("CARGO_PKG_VERSION").to_owned(),
        doc_string: format!("{what}, from observation set {set} of tinynmf-core"),
        graph: Some(graph),
        opset_import: vec![OperatorSet { domain: String::new(), version: OPERATORS }],
    };
    model.encode_to_vec()
}

/// N × `columns` numbers that come in or go out.
fn value(name: &str, columns: usize) -> Value {
    let samples = Dimension { size: None, name: Some("N".to_owned()) };
    let columns = Dimension { size: Some(columns.cast_signed() as i64), name: None };
    let shape = Some(Shape { dimensions: vec![samples, columns] });
    let tensor = Some(TensorType { element: FLOAT, shape });
    Value { name: name.to_owned(), of: Some(Type { tensor }) }
}

impl Graph {
    fn constant(&mut self, name: &str, shape: &[usize], numbers: impl IntoIterator<Item = f32>) {
        self.initializer.push(Tensor {
            dimensions: shape.iter().map(|size| size.cast_signed() as i64).collect(),
            element: FLOAT,
            name: name.to_owned(),
            bytes: numbers.into_iter().flat_map(f32::to_le_bytes).collect(),
        });
    }

    fn node(&mut self, operator: &str, input: &[&str], output: &str) {
        self.node.push(Node {
            input: input.iter().map(|&name| name.to_owned()).collect(),
            output: vec![output.to_owned()],
            name: output.to_owned(),
            operator: operator.to_owned(),
        });
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::export::tests::policy;
    use crate::kernel::tanh;
    use tinynmf_core::random::{Stream, generator, normal};

    /// Answer of a runtime to one sample, with a tanh of choice.
    fn answer(file: &[u8], observations: &[f32], tanh: fn(f32) -> f32) -> f32 {
        let graph = Model::decode(file).unwrap().graph.unwrap();
        let floats = |tensor: &Tensor| -> Vec<f32> {
            let words = tensor.bytes.as_chunks::<4>().0;
            words.iter().map(|word| f32::from_le_bytes(*word)).collect()
        };
        let mut values: HashMap<String, Vec<f32>> =
            graph.initializer.iter().map(|tensor| (tensor.name.clone(), floats(tensor))).collect();
        values.insert(graph.input[0].name.clone(), observations.to_vec());
        for node in &graph.node {
            let [x, rest @ ..] = &node.input[..] else { panic!("{node:?}") };
            let (x, rest): (_, Vec<_>) = (&values[x], rest.iter().map(|it| &values[it]).collect());
            let result = match (&*node.operator, &rest[..]) {
                ("Sub", [y]) => x.iter().zip(*y).map(|(x, y)| x - y).collect(),
                ("Mul", [y]) => x.iter().zip(*y).map(|(x, y)| x * y).collect(),
                ("Clip", [low, high]) => x.iter().map(|x| x.clamp(low[0], high[0])).collect(),
                ("Tanh", []) => x.iter().map(|x| tanh(*x)).collect(),
                ("Gemm", [weights, bias]) => {
                    let mut sum = (*bias).clone();
                    for (x, row) in x.iter().zip(weights.chunks_exact(bias.len())) {
                        for (sum, w) in sum.iter_mut().zip(row) {
                            *sum += x * w;
                        }
                    }
                    sum
                }
                _ => panic!("{node:?}"),
            };
            values.insert(node.output[0].clone(), result);
        }
        values[&graph.output[0].name][0]
    }

    #[test]
    fn the_graph_is_the_policy() {
        let (policy, mut rng) = (policy(), generator(5, Stream::Rule));
        let file = onnx(&policy);
        let mut limited = 0;
        for _ in 0..200 {
            let x = std::array::from_fn(|i| i as f32 + 2.0 * normal(&mut rng) / (1.0 + i as f32));
            let exact = policy.log_rate(&x);
            assert!((answer(&file, &x, tanh) - exact).abs() < 1e-5, "{exact}");
            assert!((answer(&file, &x, f32::tanh) - exact).abs() < 1e-3, "{exact}");
            limited += u32::from(policy.limits.contains(&exact));
        }
        assert!((1..200).contains(&limited), "{limited} answers are limits");
    }

    #[test]
    fn shapes_are_those_of_the_numbers() {
        let model = Model::decode(&onnx(&policy())[..]).unwrap();
        assert_eq!((model.ir_version, model.opset_import[0].version), (7, 13));
        for tensor in model.graph.unwrap().initializer {
            let count: i64 = tensor.dimensions.iter().product();
            assert_eq!(4 * count as usize, tensor.bytes.len(), "{}", tensor.name);
        }
    }
}
