"""Float weights of a policy that was trained elsewhere: to an int8 policy, to ONNX.

A policy is a small network: ``clip((observations - offset) * gain, -4, 4)``, linear layers with tanh between them, the
outputs within `limits`. One output makes a policy of gradient steps, five one of schedules (see :mod:`tinynmf.env`).
"""

from __future__ import annotations

import json
from typing import Any, Sequence

import numpy as np

from tinynmf import _tinynmf
from tinynmf._tinynmf import Policy

__all__ = ["from_torch", "quantize", "safetensors", "to_onnx", "torch_layers"]

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


#: Modules of torch that change nothing when a policy acts.
_TRANSPARENT = ("Identity", "Dropout", "Flatten")


def torch_layers(module: Any) -> list[tuple[np.ndarray, np.ndarray]]:
    """Weights and biases of the linear layers of a torch module, in the order of its modules.

    Raises a ValueError unless the modules are linear layers with one tanh between each two.
    """
    leaves = [it for it in module.modules() if not any(True for _ in it.children())]
    names = [name for name in (type(leaf).__name__ for leaf in leaves) if name not in _TRANSPARENT]
    linear = [leaf for leaf in leaves if type(leaf).__name__ == "Linear"]
    needed = ["Linear", "Tanh"] * len(linear)
    if not linear or names != needed[:-1]:
        raise ValueError(
            f"a policy is Linear layers with one Tanh between each two, but the module is {', '.join(names)}: "
            "give the part that makes the means of actions, torch.nn.Sequential(hidden layers, last layer)"
        )
    layers = [(_numbers(leaf.weight), leaf.bias) for leaf in linear]
    return [(weight, np.zeros(len(weight)) if bias is None else _numbers(bias)) for weight, bias in layers]


def _numbers(tensor: Any) -> np.ndarray:
    return np.array(tensor.detach().cpu().numpy())


def from_torch(
    module: Any,
    offset: Any = None,
    gain: Any = None,
    scale: float = 1.0,
    limits: tuple[float, float] = (-3.0, 3.0),
) -> Policy:
    """The int8 policy of a torch module; :meth:`tinynmf.Policy.from_torch`.

    Parameters
    ----------
    module : torch.nn.Module
        Linear layers with tanh between them, and nothing else that acts.
    offset, gain : array, optional
        One for every observation; 0 and 1 by default. Of a running mean and variance: the mean, 1/√(variance + ε).
    scale : float
        What the module's outputs are multiplied with: `env.LIMIT` where they were actions of an environment.
    limits : (float, float)
        Of every output.
    """
    *hidden, (weight, bias) = torch_layers(module)
    width = (hidden[0][0] if hidden else weight).shape[1]
    offset = np.zeros(width) if offset is None else offset
    gain = np.ones(width) if gain is None else gain
    return quantize([*hidden, (scale * weight, scale * bias)], offset, gain, limits)


def quantize(layers: Layers, offset: Any, gain: Any, limits: tuple[float, float] = (-3.0, 3.0)) -> Policy:
    """The int8 policy of these weights; as :func:`safetensors`."""
    return Policy.from_safetensors(safetensors(layers, offset, gain, limits))


def to_onnx(layers: Layers, offset: Any, gain: Any, limits: tuple[float, float] = (-3.0, 3.0)) -> bytes:
    """The same weights as an ONNX model, observations to outputs."""
    return bytes(_tinynmf.to_onnx(safetensors(layers, offset, gain, limits)))
