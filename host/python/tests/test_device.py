"""Policies and their sources for devices."""

import pickle
import re
import shutil
import subprocess

import numpy as np
import pytest

import tinynmf
from tinynmf import device


KINDS = pytest.mark.parametrize("kind", ["schedule", "steps"])


@KINDS
def test_a_policy_is_saved_loaded_and_pickled(tmp_path, kind):
    policy = tinynmf.Policy.shipped(kind)
    assert policy.kind == kind
    policy.save(tmp_path / "policy.tnmf")
    assert (tmp_path / "policy.tnmf").read_bytes() == device.blob(policy) == bytes(policy)
    for copy in [tinynmf.Policy.load(tmp_path / "policy.tnmf"), pickle.loads(pickle.dumps(policy))]:
        assert copy == policy and hash(copy) == hash(policy)
    torn = tmp_path / "torn.tnmf"
    torn.write_bytes(bytes(policy)[:100])
    with pytest.raises(ValueError, match="torn.tnmf"):
        tinynmf.Policy.load(torn)
    with pytest.raises(ValueError, match="no.tnmf: "):
        tinynmf.Policy.load(tmp_path / "no.tnmf")


def test_a_policy_answers_to_any_number_of_situations():
    policy = tinynmf.Policy.shipped("steps")
    width = len(policy.observation_names)
    observations = np.random.default_rng(0).standard_normal((3, 5, width))
    answers = policy(observations)
    assert answers.shape == (3, 5, policy.layers[-1]) and answers.dtype == np.float32
    assert np.array_equal(policy(observations[1, 2]), answers[1, 2])
    assert len(np.unique(answers)) > 10
    with pytest.raises(ValueError, match="is not the .* observations"):
        policy(np.zeros(width + 1))


def test_a_rule_asks_a_policy_of_its_kind():
    V = np.random.default_rng(0).random((30, 20))
    steps, schedule = tinynmf.Policy.shipped("steps"), tinynmf.Policy.shipped("schedule")
    with pytest.raises(ValueError, match="name the rule 'schedule'"):
        tinynmf.NMF(2, rule="learned", policy=schedule).fit(V)
    with pytest.raises(ValueError, match="name the rule 'learned'"):
        tinynmf.NMF(2, rule="schedule", policy=steps).fit(V)
    fits = [
        tinynmf.NMF(2, rule="schedule", policy=policy, random_state=0, tol=1e-3).fit_transform(V)
        for policy in (schedule, None)
    ]
    assert np.array_equal(*fits)
    with pytest.raises(ValueError, match="use 'schedule' or 'steps'"):
        tinynmf.Policy.shipped("both")


def test_sources_hold_every_byte(tmp_path):
    policy = tinynmf.Policy.shipped()
    for source in [device.c_array(policy), device.rust_const(policy)]:
        numbers = re.findall(r"0x([0-9a-f]{2})", source)
        assert bytes(int(number, 16) for number in numbers) == bytes(policy)
    with pytest.raises(ValueError, match="is not a name in C"):
        device.c_array(policy, "1st")


def test_the_c_array_compiles(tmp_path):
    compiler = shutil.which("cc")
    assert compiler, "a C compiler is missing: install the package gcc"
    source = tmp_path / "policy.c"
    source.write_text(device.c_array(tinynmf.Policy.shipped(), "mine"))
    flags = ["-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror"]
    subprocess.run([compiler, *flags, "-c", source, "-o", tmp_path / "policy.o"], check=True)


def test_the_size_is_that_of_blob_and_layers():
    policy = tinynmf.Policy.shipped("steps")
    size = device.size(policy)
    assert size.bytes == len(bytes(policy)) < 1536
    assert size.layers == tuple(policy.layers) and size.layers[0] == len(policy.observation_names)
    assert 200 < size.multiply_adds < 1000
    assert device.size(tinynmf.Policy.shipped("schedule")).bytes <= 1536
