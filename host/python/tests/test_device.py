"""Policies and their sources for devices."""

import pickle
import re
import shutil
import subprocess
from pathlib import Path

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
    # A policy alone names its rule.
    for policy, rule in [(schedule, "schedule"), (steps, "learned")]:
        settings = dict(policy=policy, random_state=0, tol=1e-3)
        alone, named = (tinynmf.NMF(2, rule=name, **settings).fit_transform(V) for name in (None, rule))
        assert np.array_equal(alone, named)
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


def test_costs_are_those_of_the_committed_table():
    text = (Path(__file__).parents[3] / "firmware/counts/counts.csv").read_text().splitlines()
    committed = {line.split(";")[0]: line.split(";") for line in text}
    head = committed["what"]
    counts = device.counts()
    assert [*counts] == [*committed][1:] and device.costs(tinynmf.Policy.shipped()).keys() == set(head[2:])
    policy = tinynmf.Policy.shipped("steps")
    for core, cost in device.costs(policy, (64, 32, 4)).items():
        of_core = head.index(core)
        # Counted for this very network and this very shape.
        assert cost.decision == int(committed["layers, shipped policy"][of_core])
        assert cost.counted == "epoch learned, 64x32 r4"
        assert cost.epoch == int(committed[cost.counted][of_core])
        assert cost.stack == int(committed["stack, epoch of any shape"][of_core])
        assert (cost.flash or "") == (int(committed["flash"][of_core]) if committed["flash"][of_core] else "")


def test_costs_grow_with_policy_and_shape():
    rng = np.random.default_rng(0)

    def policy(*hidden):
        sizes = [15, *hidden, 5]
        layers = [(rng.normal(size=(b, a)), rng.normal(size=b)) for a, b in zip(sizes, sizes[1:])]
        return device.quantize(layers, np.zeros(15), np.ones(15))

    small, large = policy(8), policy(32, 32)
    for core, cost in device.costs(small, (128, 64, 8)).items():
        more = device.costs(large, (128, 64, 8))[core]
        assert 0 < cost.decision < more.decision
        if cost.counted == "epoch sweeps 2, 64x128 r8":
            row = device.counts()[cost.counted]
            # As many multiply-adds as the shape that was counted, and two decisions.
            assert cost.epoch == pytest.approx(row.counts[core] + 2 * cost.decision, abs=2)
        assert more.epoch - cost.epoch == pytest.approx(2 * (more.decision - cost.decision), abs=2)
    cost = device.costs(small)["Cortex-M4F"]
    assert cost.epoch is None and cost.counted is None
    growth = device.costs(large)["Cortex-M4F"].flash - cost.flash
    assert growth == device.size(large).bytes - device.size(small).bytes


def test_ram_is_that_of_core():
    # core/src/nmf.rs: (M + N + 2·max(M, N))·R + R² + 10·R floats, M + N indices, and the state.
    core = (Path(__file__).parents[3] / "core/src/nmf.rs").read_text()
    state = int(re.search(r"const STATE_BYTES: usize = (\d+);", core)[1])
    ram = device.ram(64, 32, 4)
    assert ram == 4 * ((64 + 32 + 128) * 4 + 16 + 40) + 4 * (64 + 32) + state
    readme = (Path(__file__).parents[1] / "README.md").read_text()
    assert f"`device.ram(64, 32, 4)` is {ram:,} bytes" in readme
    for shape in [(0, -1, 4), (64, 32, 0)]:
        with pytest.raises(ValueError, match="rows, columns and rank are at least 1"):
            device.ram(*shape)


@KINDS
def test_a_policy_says_what_it_is(kind):
    policy = tinynmf.Policy.shipped(kind)
    checksum = int.from_bytes(bytes(policy)[-4:], "little")
    assert repr(policy) == f"Policy(kind={kind!r}, checksum={checksum:#010x})"


def test_the_table_of_the_readme_is_what_the_functions_say():
    readme = (Path(__file__).parents[1] / "README.md").read_text()
    for kind in ["steps", "schedule"]:
        policy = tinynmf.Policy.shipped(kind)
        cost = device.costs(policy, (64, 32, 4))["Cortex-M4F"]
        numbers = [device.size(policy).bytes, cost.decision, cost.epoch, cost.stack, cost.flash]
        assert f'| `"{kind}"` | ' + " | ".join(map(str, numbers)) + " |" in readme
