"""Float weights from elsewhere."""

import numpy as np
import pytest

import tinynmf
from tinynmf import weights
from tinynmf.env import OBSERVATIONS


class Linear:
    """As torch.nn.Linear, whose package is too large for these tests."""

    def __init__(self, inputs, outputs, rng):
        self.in_features, self.out_features = inputs, outputs
        self.weight, self.bias = Tensor(rng.normal(size=(outputs, inputs)) / inputs**0.5), Tensor(rng.normal(size=outputs))


class Tensor:
    def __init__(self, numbers):
        self.numbers = numbers

    def detach(self):
        return self

    def cpu(self):
        return self

    def numpy(self):
        return self.numbers


class Sequential:
    def __init__(self, *layers):
        self.layers = layers

    def modules(self):
        return [self, *self.layers]


@pytest.mark.parametrize(("outputs", "kind"), [(1, "steps"), (5, "schedule")])
def test_weights_become_an_int8_policy_that_answers_alike(outputs, kind):
    rng = np.random.default_rng(0)
    layers = weights.torch_layers(Sequential(Linear(15, 16, rng), object(), Linear(16, outputs, rng)))
    offset, gain = rng.normal(size=15), rng.uniform(0.3, 1, size=15)
    policy = weights.quantize(layers, offset, gain)
    assert policy.kind == kind and policy.layers == [15, 16, outputs]
    observations = rng.normal(size=(200, len(OBSERVATIONS)))
    x = np.clip((observations - offset) * gain, -4, 4)
    hidden = np.tanh(x @ layers[0][0].T + layers[0][1])
    expected = np.clip(hidden @ layers[1][0].T + layers[1][1], -3, 3)
    assert np.abs(policy(observations) - expected).mean() < 0.05
    onnx = weights.to_onnx(layers, offset, gain)
    assert b"observations" in onnx and b"Gemm" in onnx


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError):
        weights.quantize([(np.zeros((3, 15)), np.zeros(3))], np.zeros(15), np.ones(15))
    with pytest.raises(ValueError):
        tinynmf.Policy.from_safetensors(b"nothing")
