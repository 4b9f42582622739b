//! Float weights as safetensors, to and from PyTorch.
//!
//! # Layout
//!
//! | tensor | shape | what |
//! |---|---|---|
//! | `layers.K.weight` | outputs × inputs, as PyTorch's `nn.Linear` | K = 0, 1, …; tanh after all but the last |
//! | `layers.K.bias` | outputs | |
//! | `normaliser.offset`, `normaliser.gain` | observations | input = clamp((observation − offset)·gain, ±4) |
//! | `limits` | 2 | every output is limited to [low, high] |
//!
//! One output is log(αL), a policy of gradient steps; four are a policy of schedules.

use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView, serialize};
use tinynmf::matrix::transposed;
use tinynmf_core::observe::OBSERVATIONS;
use tinynmf_core::policy::{MAX_LAYERS, MAX_WIDTH, SCHEDULE_OUTPUTS};

use crate::FloatPolicy;
use crate::network::Network;
use crate::normaliser::Scale;

/// The float weights, in the layout above.
///
/// # Panics
///
/// Never: names are unique and shapes are those of the numbers.
#[must_use]
pub fn safetensors(policy: &FloatPolicy) -> Vec<u8> {
    let mut tensors: Vec<(String, Vec<usize>, Vec<f32>)> = Vec::new();
    for (k, layer) in policy.network.layers().enumerate() {
        let shape = vec![layer.outputs, layer.weights.len() / layer.outputs];
        let weights = transposed(layer.weights, layer.outputs);
        tensors.push((format!("layers.{k}.weight"), shape, weights));
        tensors.push((format!("layers.{k}.bias"), vec![layer.outputs], layer.bias.to_vec()));
    }
    for (name, at) in [("normaliser.offset", 0), ("normaliser.gain", 1)] {
        let numbers = policy.scale.0.iter().map(|pair| pair[at]).collect();
        tensors.push((name.to_owned(), vec![OBSERVATIONS], numbers));
    }
    tensors.push(("limits".to_owned(), vec![2], policy.limits.to_vec()));
    let bytes: Vec<Vec<u8>> = tensors
        .iter()
        .map(|(_, _, numbers)| numbers.iter().flat_map(|x| x.to_le_bytes()).collect())
        .collect();
    let views = tensors.iter().zip(&bytes).map(|((name, shape, _), bytes)| {
        let view = TensorView::new(Dtype::F32, shape.clone(), bytes);
        (name, view.expect("the shape was made for these bytes"))
    });
    serialize(views, None).expect("the names are unique and the sizes fit")
}

/// Reads a policy in the layout above, wherever it was trained.
///
/// # Errors
///
/// The first tensor that does not fit the layout.
pub fn from_safetensors(bytes: &[u8]) -> Result<FloatPolicy, String> {
    let file =
        SafeTensors::deserialize(bytes).map_err(|error| format!("not safetensors ({error})"))?;
    let has = |k: &usize| file.tensor(&format!("layers.{k}.weight")).is_ok();
    let layers = (0..=MAX_LAYERS).take_while(has).count();
    let mut sizes = vec![OBSERVATIONS];
    let mut parameters = Vec::new();
    for k in 0..layers {
        let (name, inputs) = (format!("layers.{k}.weight"), sizes[k]);
        let (weights, shape) = tensor(&file, &name)?;
        let [outputs, found] = shape[..] else {
            return Err(format!("{name} is not a matrix"));
        };
        if found != inputs || outputs == 0 {
            return Err(format!("{name} is {outputs} x {found} where {inputs} inputs come in"));
        }
        parameters.extend(transposed(&weights, inputs));
        let name = format!("layers.{k}.bias");
        parameters.extend(numbers(&file, &name, outputs)?);
        sizes.push(outputs);
    }
    let widest = sizes.iter().max().copied().unwrap_or(0);
    if layers > MAX_LAYERS || widest > MAX_WIDTH {
        return Err("more than 4 layers or 64 units".to_owned());
    }
    let mut unknown = file.names().into_iter().filter(|name| !is_known(name, layers));
    if let Some(name) = unknown.next() {
        return Err(format!("there is a tensor {name}, which no policy has"));
    }
    let outputs = sizes.last().copied().unwrap_or_default();
    let network = Network::from_parameters(sizes, parameters)
        .filter(|_| [1, SCHEDULE_OUTPUTS].contains(&outputs))
        .ok_or("the last of layers.0, layers.1, ... has neither one output nor five")?;
    let offset = numbers(&file, "normaliser.offset", OBSERVATIONS)?;
    let gain = numbers(&file, "normaliser.gain", OBSERVATIONS)?;
    let limits = numbers(&file, "limits", 2)?;
    if !(limits[0] > -20.0 && limits[0] < limits[1] && limits[1] < 20.0) {
        return Err("limits must be [low, high] with -20 < low < high < 20".to_owned());
    }
    let scale = Scale(std::array::from_fn(|i| [offset[i], gain[i]]));
    Ok(FloatPolicy { network, scale, limits: [limits[0], limits[1]] })
}

/// Whether a policy of so many layers has a tensor of this name.
fn is_known(name: &str, layers: usize) -> bool {
    let of_layer = |k| [format!("layers.{k}.weight"), format!("layers.{k}.bias")];
    ["normaliser.offset", "normaliser.gain", "limits"].contains(&name)
        || (0..layers).flat_map(of_layer).any(|it| it == name)
}

/// A tensor of finite f32.
fn tensor(file: &SafeTensors<'_>, name: &str) -> Result<(Vec<f32>, Vec<usize>), String> {
    let tensor = file.tensor(name).map_err(|_| format!("{name} is missing"))?;
    if tensor.dtype() != Dtype::F32 {
        return Err(format!("{name} is not F32"));
    }
    let words = tensor.data().as_chunks::<4>().0;
    let numbers: Vec<f32> = words.iter().map(|word| f32::from_le_bytes(*word)).collect();
    if numbers.iter().all(|x| x.is_finite()) {
        Ok((numbers, tensor.shape().to_vec()))
    } else {
        Err(format!("{name} has a number that is not finite"))
    }
}

fn numbers(file: &SafeTensors<'_>, name: &str, len: usize) -> Result<Vec<f32>, String> {
    let (numbers, _) = tensor(file, name)?;
    if numbers.len() == len {
        Ok(numbers)
    } else {
        Err(format!("{name} has {} numbers where {len} are needed", numbers.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::tests::policy;

    #[test]
    fn safetensors_round_trip() {
        let bytes = safetensors(&policy());
        assert_eq!(from_safetensors(&bytes).unwrap(), policy());
        let file = SafeTensors::deserialize(&bytes).unwrap();
        let weight = file.tensor("layers.0.weight").unwrap();
        assert_eq!(weight.shape(), [7, OBSERVATIONS], "as PyTorch has it");
    }

    #[test]
    fn what_does_not_fit_is_told() {
        let refusal = |bytes: &[u8]| from_safetensors(bytes).unwrap_err();
        let good = safetensors(&policy());
        let two = SafeTensors::deserialize(&good).unwrap();
        let more = two
            .tensors()
            .into_iter()
            .chain([("layers.7.bias".into(), two.tensor("limits").unwrap())]);
        let told = refusal(&serialize(more, None).unwrap());
        assert!(told.contains("a tensor layers.7.bias, which no policy has"), "{told}");
        assert!(refusal(b"junk").contains("not safetensors"));
        let mut wrong = policy();
        wrong.limits = [1.0, -1.0];
        assert!(refusal(&safetensors(&wrong)).contains("limits"));
        wrong = policy();
        wrong.scale.0[3][1] = f32::NAN;
        assert!(refusal(&safetensors(&wrong)).contains("normaliser.gain"));
    }
}
