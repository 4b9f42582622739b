"""Trains a small policy of schedules by an evolution strategy in numpy, uses it, and writes it for a device.

`python examples/train.py [ROUNDS] [POLICY.tnmf]`. `tinynmf train` trains better policies, faster; this shows how the
environment is used. With PyTorch, `weights.torch_layers(module)` takes the place of `layers` below.
"""

import sys

import numpy as np

import tinynmf
from tinynmf import device, rules, weights
from tinynmf.env import LIMIT, NmfScheduleVectorEnv

PAIRS, HIDDEN, DEVIATION, RATE = 32, 8, 0.1, 0.1
SHAPES = [(HIDDEN, 15), (HIDDEN,), (5, HIDDEN), (5,)]
SIZES = [int(np.prod(shape)) for shape in SHAPES]

PROBLEMS = "[schedule]\nbudget = 20.0\n[schedule.problems]\nrows = [20, 60]\ncolumns = [20, 60]\nrank = [2, 6]"


def layers(parameters):
    """Weights and biases of as many networks as there are rows of parameters."""
    parts = np.split(parameters, np.cumsum(SIZES)[:-1], axis=-1)
    w1, b1, w2, b2 = (part.reshape(parameters.shape[:-1] + shape) for part, shape in zip(parts, SHAPES))
    return [(w1, b1), (w2, b2)]


def answers(parameters, observations, offset, gain):
    """The outputs for observations: of one policy for all games, or of every game's own, a row of parameters."""
    (w1, b1), (w2, b2) = layers(parameters)
    x = np.clip((observations - offset) * gain, -4, 4)
    hidden = np.tanh(np.einsum("...hi,...i->...h", w1, x) + b1)
    return np.clip(np.einsum("...oh,...h->...o", w2, hidden) + b2, -LIMIT, LIMIT)


def play(env, ask, problems):
    """The sum of rewards of every game's first episode; `ask` answers to the observations of all games."""
    observations, _ = env.reset(options={"problem": problems})
    total, alive = np.zeros(env.num_envs), np.ones(env.num_envs, dtype=bool)
    while alive.any():
        observations, rewards, over, _, _ = env.step(ask(observations) / LIMIT)
        total += rewards * alive
        alive &= ~over
    return total


def evolve(rounds, report):
    """Parameters, offset and gain of a trained policy; after every round, `report` is told the mean reward."""
    rng = np.random.default_rng(0)
    # Decisions cost what the network takes, as they do on a device.
    env = NmfScheduleVectorEnv(2 * PAIRS, PROBLEMS, problems=64, decision_cost=SIZES[0] + SIZES[2])
    seen = [env.reset(seed=0)[0]] + [env.step(rng.normal(size=(2 * PAIRS, 5)) / 6)[0] for _ in range(30)]
    offset, gain = np.mean(seen, axis=(0, 1)), 1 / (np.std(seen, axis=(0, 1)) + 0.1)
    # The last layer starts at 0: the first policy is the hand-set rule.
    parameters = rng.normal(size=sum(SIZES)) / 4
    parameters[sum(SIZES[:2]) :] = 0
    for round in range(rounds):
        noise = rng.normal(size=(PAIRS, len(parameters)))
        both = np.concatenate([parameters + DEVIATION * noise, parameters - DEVIATION * noise])
        # Both of a pair play the same problem.
        problems = np.tile(rng.integers(64, size=PAIRS), 2)
        rewards = play(env, lambda observations: answers(both, observations, offset, gain), problems)
        gains = np.sign(rewards[:PAIRS] - rewards[PAIRS:])
        parameters += RATE * gains @ noise / PAIRS
        report(f"round {round}: mean reward {rewards.mean():.2f}")
    return parameters, offset, gain


def main(rounds=30, path="policy.tnmf"):
    parameters, offset, gain = evolve(rounds, print)
    policy = weights.quantize(layers(parameters), offset, gain)
    policy.save(path)
    print(device.size(policy))
    rng = np.random.default_rng(1)
    V = rng.gamma(1.0, size=(60, 4)) @ rng.gamma(1.0, size=(4, 50))
    frame = rules.compare(V, 4, ["hals", "schedule"], epochs=20, policy=policy)
    print(frame.groupby("rule").last())
    return tinynmf.NMF(4, rule="schedule", policy=policy, random_state=0).fit(V)


if __name__ == "__main__":
    main(*(kind(word) for kind, word in zip((int, str), sys.argv[1:])))
