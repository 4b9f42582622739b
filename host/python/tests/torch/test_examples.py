"""The examples with PyTorch train, and what they export is what they trained: in Python, and on a board."""

import importlib.util
import subprocess
from pathlib import Path

import numpy as np
import pytest
import torch

import tinynmf

EXAMPLES = Path(__file__).parents[2] / "examples"

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def example(name):
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def crc64(numbers):
    """CRC-64/XZ: the fingerprint that boards report."""
    register = 2**64 - 1
    for byte in np.ascontiguousarray(numbers, dtype="<f4").tobytes():
        register ^= byte
        for _ in range(8):
            register = register >> 1 ^ (0xC96C5795D7870F42 if register & 1 else 0)
    return register ^ 2**64 - 1


def on_board(program, path, rule):
    """The program's sentence on a Cortex-M4F under QEMU: it factorized digits with the policy and has the host's bits."""
    command = [program, "boards", "--core", "Cortex-M4F", "--policy", path]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert f"100 epochs of {rule} " in said and "the host's bits" in said
    return said


def in_python(policy, digits):
    """The same of Python's factorization with a policy of schedules: 256 digits, pixels in 0..=1, 100 epochs.

    A policy of steps sees how many epochs are planned, which are not as many as NMF's budget of work allows.
    """
    settings = dict(portable=True, random_state=0, tol=0, max_iter=1000, callback=lambda it: it.epoch >= 100)
    model = tinynmf.NMF(10, rule="schedule", policy=policy, **settings)
    W = model.fit_transform(digits[:256] / np.float32(16))
    assert model.n_iter_ == 100
    return f"W {crc64(W):016x}, H {crc64(model.components_.T):016x}"


def close(policy, network, observations, offset, gain, mode):
    """Whether the int8 policy answers as the network does."""
    scaled = np.clip((observations - offset) * gain, -4, 4).astype(np.float32)
    with torch.no_grad():
        outputs = mode.scale * network(torch.from_numpy(scaled)).numpy()
    return np.abs(policy(observations) - np.clip(outputs, *mode.limits)).mean() < 0.05


def test_stable_baselines_trains_a_policy_for_a_board(program, tmp_path, digits):
    path, module = tmp_path / "policy.tnmf", example("ppo_sb3")
    # So short a training that the factorization still descends after 100 epochs: NMF keeps its best iterate, a board its last.
    model, env, fitted = module.main(256, path)
    policy = tinynmf.Policy.load(path)
    assert model.num_timesteps == 256 and policy.kind == "schedule" and policy.layers == [15, 16, 5]
    assert fitted.policy == policy and fitted.reconstruction_err_ < 0.1 * np.sqrt(fitted.n_features_in_ * 60)
    observations = env.unnormalize_obs(model.rollout_buffer.observations.reshape(-1, 15)).astype(np.float32)
    network = torch.nn.Sequential(*model.policy.mlp_extractor.policy_net, model.policy.action_net)
    gain = 1 / np.sqrt(env.obs_rms.var + env.epsilon)
    assert close(policy, network, observations, env.obs_rms.mean, gain, env.get_attr("mode")[0])
    assert in_python(policy, digits) in on_board(program, path, "schedule")


def test_torch_alone_trains_a_policy_for_a_board(program, tmp_path):
    path, module, said = tmp_path / "policy.tnmf", example("ppo_torch"), []
    agent, offset, gain, fitted = module.main(1024, path, said.append)
    policy = tinynmf.Policy.load(path)
    assert len(said) == 5 and policy.kind == "steps" and policy.layers == [15, 16, 1]
    assert fitted.policy == policy and fitted.reconstruction_err_ < 0.1 * np.sqrt(fitted.n_features_in_ * 60)
    env = module.NmfScheduleVectorEnv(module.GAMES, module.CONFIG, problems=32, mode="scale-free")
    observations = np.concatenate([env.reset(seed=1)[0]] + [env.step(np.full((16, 1), 0.1))[0] for _ in range(20)])
    assert close(policy, agent.actor, observations, offset, gain, module.MODE)
    assert on_board(program, path, "learned")


def discounted(module, agent, offset, gain):
    """The mean discounted reward of every problem's episode, without noise."""
    env = module.NmfScheduleVectorEnv(32, module.CONFIG, problems=32, mode="scale-free")
    observations, _ = env.reset(options={"problem": np.arange(32)})
    alive, weight, total = np.ones(32, dtype=bool), 1.0, 0.0
    while alive.any():
        inputs = np.clip((observations - offset) * gain, -4, 4).astype(np.float32)
        with torch.no_grad():
            actions = agent.actor(torch.from_numpy(inputs)).numpy()
        observations, rewards, over, _, _ = env.step(actions)
        total, weight, alive = total + weight * (rewards * alive).mean(), weight * module.DISCOUNT, alive & ~over
    return total


def test_torch_alone_learns():
    module = example("ppo_torch")
    agent, offset, gain = module.train(10_000, report=lambda line: None)
    assert discounted(module, agent, offset, gain) > discounted(module, module.Agent(), offset, gain) + 0.3
