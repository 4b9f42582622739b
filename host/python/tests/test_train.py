"""The example that trains a policy."""

import importlib.util
from pathlib import Path

import tinynmf

EXAMPLE = Path(__file__).parents[1] / "examples" / "train.py"


def test_a_policy_is_trained_saved_and_used(tmp_path):
    spec = importlib.util.spec_from_file_location("train_example", EXAMPLE)
    example = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(example)
    model = example.main(2, tmp_path / "policy.tnmf")
    policy = tinynmf.Policy.load(tmp_path / "policy.tnmf")
    assert policy.kind == "schedule" and policy.layers == [15, 8, 5] and policy == model.policy
    # It has moved away from the rule that it began as.
    assert policy != tinynmf.Policy.shipped() and model.reconstruction_err_ > 0
