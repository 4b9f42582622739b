"""Trains a policy of gradient steps by PPO in PyTorch alone, in one file as CleanRL's are; uses it; writes it for a device.

`python examples/ppo_torch.py [STEPS] [POLICY.tnmf]`; STEPS counts the half-steps of all games together.
"""

import sys

import numpy as np
import torch
from torch import nn
from torch.distributions import Normal

import tinynmf
from tinynmf import device
from tinynmf.env import MODES, NmfScheduleVectorEnv

MODE = MODES["scale-free"]
GAMES, ROLLOUT, PASSES, PARTS = 16, 16, 4, 4
DISCOUNT, LAMBDA, CLIP, RATE = 0.97, 0.9, 0.2, 3e-3
CONFIG = "[family]\nrows = [16, 32]\ncolumns = [12, 32]\nrank = [2, 5]\nhorizon = [20, 40]"


def network(outputs, hidden, bias):
    """Observations to outputs, which are close to the bias at first."""
    last = nn.Linear(hidden, outputs)
    nn.init.uniform_(last.weight, -0.01, 0.01)
    nn.init.constant_(last.bias, bias)
    return nn.Sequential(nn.Linear(len(MODE.observations), hidden), nn.Tanh(), last)


class Agent(nn.Module):
    def __init__(self):
        super().__init__()
        # 0.95 times the certified bound 2/L.
        self.actor, self.critic = network(1, 16, np.log(1.9) / MODE.scale), network(1, 32, 0.0)
        self.log_deviation = nn.Parameter(torch.tensor([-2.5]))

    def forward(self, seen):
        return Normal(self.actor(seen), self.log_deviation.exp()), self.critic(seen).squeeze(-1)


def advantages(rewards, values, over, last):
    """Generalised advantages (Schulman et al. 2016) of a rollout, time by games."""
    found, carried = torch.zeros_like(rewards), torch.zeros(GAMES)
    for t in reversed(range(len(rewards))):
        goes_on = 1 - over[t]
        error = rewards[t] + DISCOUNT * last * goes_on - values[t]
        found[t] = carried = error + DISCOUNT * LAMBDA * goes_on * carried
        last = values[t]
    return found


def train(steps, report=print, seed=0):
    """The agent, and offset and gain of the observations."""
    torch.manual_seed(seed)
    env = NmfScheduleVectorEnv(GAMES, CONFIG, problems=32, mode="scale-free")
    observations, _ = env.reset(seed=seed)
    agent, begun = Agent(), np.zeros(GAMES, dtype=bool)
    # Of the observations of some random steps, which the policy is told for good.
    rng = np.random.default_rng(seed)
    seen = [env.step(rng.normal(0.15, 0.1, size=(GAMES, 1)))[0] for _ in range(20)]
    offset, gain = np.mean(seen, axis=(0, 1)), 1 / (np.std(seen, axis=(0, 1)) + 0.1)

    def normalised(observations):
        return torch.from_numpy(np.clip((observations - offset) * gain, -4, 4).astype(np.float32))

    optimiser = torch.optim.Adam(agent.parameters(), lr=RATE)
    for update in range(max(1, steps // (GAMES * ROLLOUT))):
        rows = []
        for _ in range(ROLLOUT):
            inputs = normalised(observations)
            with torch.no_grad():
                actions, value = agent(inputs)
                action = actions.sample()
                chance = actions.log_prob(action).sum(-1)
            observations, rewards, over, _, _ = env.step(action.numpy())
            # In the step after its end a game begins anew, whatever the action was: nothing to learn from.
            counts = torch.from_numpy((~begun).astype(np.float32))
            paid, ends = (torch.from_numpy(it.astype(np.float32)) for it in (rewards, over | begun))
            rows.append((inputs, action, chance, value, paid, ends, counts))
            begun = over
        inputs, action, chance, value, paid, ends, counts = (torch.stack(it) for it in zip(*rows))
        with torch.no_grad():
            gains = advantages(paid, value, ends, agent(normalised(observations))[1])
        report(f"update {update}: mean reward {float(paid.sum() / counts.sum()):.3f} a half-step")
        goal = gains + value
        gains = (gains - gains.mean()) / (gains.std() + 1e-8)
        inputs, action, chance, gains, goal, counts = (
            it.flatten(0, 1) for it in (inputs, action, chance, gains, goal, counts)
        )
        for part in (it for _ in range(PASSES) for it in torch.randperm(len(inputs)).chunk(PARTS)):
            actions, value = agent(inputs[part])
            ratio = (actions.log_prob(action[part]).sum(-1) - chance[part]).exp()
            least = torch.min(ratio * gains[part], ratio.clamp(1 - CLIP, 1 + CLIP) * gains[part])
            loss = (counts[part] * (0.5 * (value - goal[part]) ** 2 - least)).mean()
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(agent.parameters(), 0.5)
            optimiser.step()
    return agent, offset, gain


def main(steps=200_000, path="policy.tnmf", report=print):
    agent, offset, gain = train(steps, report)
    policy = tinynmf.Policy.from_torch(agent.actor, offset, gain, scale=MODE.scale, limits=MODE.limits)
    policy.save(path)
    report(str(device.size(policy)))
    rng = np.random.default_rng(1)
    V = rng.gamma(1.0, size=(60, 4)) @ rng.gamma(1.0, size=(4, 50))
    return agent, offset, gain, tinynmf.NMF(4, rule="learned", policy=policy, random_state=0).fit(V)


if __name__ == "__main__":
    main(*(kind(word) for kind, word in zip((int, str), sys.argv[1:])))
