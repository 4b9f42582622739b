//! Policies in other formats than the blob.
//!
//! | format | what | in |
//! |---|---|---|
//! | Rust source | the blob as a constant | [`rust_module()`] |
//! | safetensors | float weights, to and from PyTorch | [`mod@safetensors`] |
//! | ONNX | the float policy as a graph, observations to log(αL) or to a schedule | [`mod@onnx`] |

pub mod onnx;
pub mod rust_module;
pub mod safetensors;

pub use onnx::onnx;
pub use rust_module::rust_module;
pub use safetensors::{from_safetensors, safetensors};

#[cfg(test)]
mod tests {
    use tinynmf_core::observe::OBSERVATIONS;
    use tinynmf_core::random::{Stream, generator};

    use crate::FloatPolicy;
    use crate::network::Network;
    use crate::normaliser::Scale;

    /// A policy whose every number matters.
    pub fn policy() -> FloatPolicy {
        let mut rng = generator(3, Stream::Start);
        let mut network = Network::orthogonal(OBSERVATIONS, &[7, 5], 1.0, &mut rng);
        for parameter in network.parameters_mut() {
            *parameter += 0.01;
        }
        let scale = Scale(std::array::from_fn(|i| [i as f32, 1.0 + i as f32]));
        FloatPolicy { network, scale, limits: [-0.4, 0.3] }
    }
}
