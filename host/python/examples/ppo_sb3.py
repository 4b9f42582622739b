"""Trains a policy of schedules by stable-baselines3's PPO, uses it, and writes it for a device.

`python examples/ppo_sb3.py [STEPS] [POLICY.tnmf]`; needs stable-baselines3, which brings PyTorch.
"""

import sys

import numpy as np
import torch
from stable_baselines3 import PPO
from stable_baselines3.common.vec_env import DummyVecEnv, VecNormalize

import tinynmf
from tinynmf import device
from tinynmf.env import NmfScheduleEnv

HIDDEN, OBSERVATIONS, ACTIONS = 16, 15, 5
CONFIG = "[schedule]\nbudget = 20.0\n[schedule.problems]\nrows = [20, 60]\ncolumns = [20, 60]\nrank = [2, 6]"


def train(steps, rollout=256, seed=0):
    """PPO, and the environment with what it knows of the observations."""
    # Decisions cost what the network takes, as they do on a device.
    cost = HIDDEN * (OBSERVATIONS + ACTIONS)
    env = DummyVecEnv([lambda: NmfScheduleEnv(CONFIG, problems=32, decision_cost=cost)])
    # A policy clips its normalised observations at 4.
    env = VecNormalize(env, norm_reward=True, clip_obs=4.0)
    network = dict(activation_fn=torch.nn.Tanh, net_arch=dict(pi=[HIDDEN], vf=[32]), log_std_init=-1.5)
    model = PPO("MlpPolicy", env, n_steps=rollout, batch_size=64, policy_kwargs=network, seed=seed, device="cpu")
    # Actions of 0 are the hand-set rule, which the policy starts near to.
    model.policy.action_net.weight.data *= 0.1
    return model.learn(steps), env


def export(model, env):
    """The int8 policy."""
    network = torch.nn.Sequential(*model.policy.mlp_extractor.policy_net, model.policy.action_net)
    seen, mode = env.obs_rms, env.get_attr("mode")[0]
    gain = 1 / np.sqrt(seen.var + env.epsilon)
    return tinynmf.Policy.from_torch(network, seen.mean, gain, scale=mode.scale, limits=mode.limits)


def main(steps=100_000, path="policy.tnmf"):
    model, env = train(steps)
    policy = export(model, env)
    policy.save(path)
    print(device.size(policy))
    rng = np.random.default_rng(1)
    V = rng.gamma(1.0, size=(60, 4)) @ rng.gamma(1.0, size=(4, 50))
    return model, env, tinynmf.NMF(4, rule="schedule", policy=policy, random_state=0).fit(V)


if __name__ == "__main__":
    main(*(kind(word) for kind, word in zip((int, str), sys.argv[1:])))
