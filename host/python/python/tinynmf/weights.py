"""Float weights of a policy that was trained elsewhere: to an int8 policy, to ONNX.

A policy is a small network: ``clip((observations - offset) * gain, -4, 4)``, linear layers with tanh between them, the
outputs within `limits`. One output makes a policy of gradient steps, four one of schedules (see :mod:`tinynmf.env`).
"""

from __future__ import annotations

import json
from typing import Any, Sequence

import numpy as np

from tinynmf import _tinynmf
from tinynmf._tinynmf import Policy

__all__ = ["quantize", "safetensors", "to_onnx", "torch_layers"]

Layers = Sequence[tuple[Any, Any]]


def safetensors(layers: Layers, offset: Any, gain: Any, limits: tuple[float, float] = (-3.0, 3.0)) -> bytes:
    """The bytes of a .safetensors file that `tinynmf export` reads.

    Parameters
    ----------
    layers : sequence of (weight, bias)
        Weights as torch.nn.Linear has them, outputs × inputs; at most three hidden layers of at most 64 units.
    offset, gain : array
        One for every observation.
    limits : (float, float)
        Of every output.
    """
    tensors = {}
    for k, (weight, bias) in enumerate(layers):
        tensors[f"layers.{k}.weight"], tensors[f"layers.{k}.bias"] = weight, bias
    tensors |= {"normaliser.offset": offset, "normaliser.gain": gain, "limits": limits}
    header, data = {}, b""
    for name, numbers in tensors.items():
        numbers = np.asarray(numbers, dtype="<f4")
        end = len(data) + numbers.nbytes
        header[name] = {"dtype": "F32", "shape": list(numbers.shape), "data_offsets": [len(data), end]}
        data += numbers.tobytes()
    text = json.dumps(header).encode()
    # The data begin at a multiple of 8.
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + data


def torch_layers(module: Any) -> list[tuple[np.ndarray, np.ndarray]]:
    """Weights and biases of the linear layers of a torch module, in the order of its modules."""
    linear = [it for it in module.modules() if hasattr(it, "in_features") and hasattr(it, "out_features")]
    return [tuple(it.detach().cpu().numpy() for it in (layer.weight, layer.bias)) for layer in linear]


def quantize(layers: Layers, offset: Any, gain: Any, limits: tuple[float, float] = (-3.0, 3.0)) -> Policy:
    """The int8 policy of these weights; as :func:`safetensors`."""
    return Policy.from_safetensors(safetensors(layers, offset, gain, limits))


def to_onnx(layers: Layers, offset: Any, gain: Any, limits: tuple[float, float] = (-3.0, 3.0)) -> bytes:
    """The same weights as an ONNX model, observations to outputs."""
    return bytes(_tinynmf.to_onnx(safetensors(layers, offset, gain, limits)))
