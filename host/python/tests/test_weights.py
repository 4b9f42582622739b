"""Float weights from elsewhere."""

import numpy as np
import onnx
import pytest
from onnx.reference import ReferenceEvaluator

import tinynmf
from tinynmf import weights
from tinynmf.env import OBSERVATIONS


class Leaf:
    def children(self):
        return []

    def modules(self):
        return [self]


class Tanh(Leaf):
    pass


class ReLU(Leaf):
    pass


class Dropout(Leaf):
    pass


class Linear(Leaf):
    """As torch.nn.Linear; tests/test_torch.py has the real ones."""

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

    def children(self):
        return self.layers

    def modules(self):
        return [self, *(it for layer in self.layers for it in layer.modules())]


@pytest.mark.parametrize(("outputs", "kind"), [(1, "steps"), (5, "schedule")])
def test_weights_become_an_int8_policy_that_answers_alike(outputs, kind):
    rng = np.random.default_rng(0)
    layers = weights.torch_layers(Sequential(Linear(15, 16, rng), Tanh(), Dropout(), Linear(16, outputs, rng)))
    offset, gain = rng.normal(size=15), rng.uniform(0.3, 1, size=15)
    policy = weights.quantize(layers, offset, gain)
    assert policy.kind == kind and policy.layers == [15, 16, outputs]
    observations = rng.normal(size=(200, len(OBSERVATIONS)))
    x = np.clip((observations - offset) * gain, -4, 4)
    hidden = np.tanh(x @ layers[0][0].T + layers[0][1])
    expected = np.clip(hidden @ layers[1][0].T + layers[1][1], -3, 3)
    assert np.abs(policy(observations) - expected).mean() < 0.05
    for model, tolerance in [(weights.to_onnx(layers, offset, gain), 1e-4), (policy.to_onnx(), 0.1)]:
        answers = run_onnx(model, observations.astype(np.float32))
        assert answers.shape == (200, outputs) and np.abs(answers - expected).max() < tolerance
    # The int8 policy's own weights, without the rounding of what lies between its layers.
    assert np.abs(run_onnx(policy.to_onnx(), observations.astype(np.float32)) - policy(observations)).mean() < 0.05


def run_onnx(model, observations):
    """Answers of ONNX's reference implementation for a model."""
    model = onnx.load_from_string(model)
    onnx.checker.check_model(model, full_check=True)
    return ReferenceEvaluator(model).run(None, {"observations": observations})[0]


@pytest.mark.parametrize("kind", ["schedule", "steps"])
def test_policies_that_ship_become_onnx(kind):
    policy = tinynmf.Policy.shipped(kind)
    # Near the middle of what it was trained on: 0 for most.
    observations = np.random.default_rng(0).normal(size=(100, 15)).astype(np.float32)
    assert np.abs(run_onnx(policy.to_onnx(), observations) - policy(observations)).mean() < 0.1


def test_a_policy_of_a_torch_module_answers_as_it_does():
    rng = np.random.default_rng(1)
    first, last = Linear(15, 8, rng), Linear(8, 5, rng)
    last.bias = None
    module = Sequential(Sequential(first, Tanh()), last)
    plain = tinynmf.Policy.from_torch(module)
    observations = rng.normal(size=(100, 15))
    hidden = np.tanh(np.clip(observations, -4, 4) @ first.weight.numbers.T + first.bias.numbers)
    answers = hidden @ last.weight.numbers.T
    assert np.abs(plain(observations) - np.clip(answers, -3, 3)).mean() < 0.05
    offset, gain = np.full(15, 0.5), np.full(15, 2.0)
    scaled = tinynmf.Policy.from_torch(module, offset, gain, scale=3, limits=(-2, 2))
    assert np.abs(scaled(observations / 2 + 0.5) - np.clip(3 * answers, -2, 2)).mean() < 0.1


def test_modules_that_are_no_policy_are_refused():
    rng = np.random.default_rng(0)
    for layers, named in [
        ([Linear(15, 8, rng), ReLU(), Linear(8, 5, rng)], "Linear, ReLU, Linear"),
        ([Linear(15, 8, rng), Linear(8, 5, rng)], "Linear, Linear"),
        ([Linear(15, 4, rng), Tanh()], "Linear, Tanh"),
        ([], "Sequential"),
    ]:
        with pytest.raises(ValueError, match=f"one Tanh between each two, but the module is {named}"):
            tinynmf.Policy.from_torch(Sequential(*layers))
    with pytest.raises(ValueError, match="14 where 15|8 x 14"):
        tinynmf.Policy.from_torch(Sequential(Linear(14, 8, rng), Tanh(), Linear(8, 5, rng)))


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError):
        weights.quantize([(np.zeros((3, 15)), np.zeros(3))], np.zeros(15), np.ones(15))
    with pytest.raises(ValueError):
        tinynmf.Policy.from_safetensors(b"nothing")
