"""Steps per second of the vectorised environment from Python, beside the trainer's.

    target/python/bin/python host/python/benches/environments.py [--games 64 512] [--repeats 7] [--seconds 1]

in the environment that `host/python/tests/all` makes. A step is a decision. The trainer's are those of the episodes that it
plays, 64 at a time, its network's answers included; Python's are `env.step` with so many games, for actions that stand ready and
are those of the trainer's first policy with its noise. A game's beginning counts as time, and not as a step. Both sides take
turns. The ratio is Python's over the trainer's: the median of the turns, the least and the largest.
"""

import argparse
import os
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np

from tinynmf.env import MODES, NmfScheduleVectorEnv

ROOT = Path(__file__).resolve().parents[3]
PROBLEMS = 64
CONFIG = """
mode = "{mode}"
problems = 64
log_deviation = {log_deviation}
[paper]
unit = 0.01
threshold = 0.0
"""
#: The first policy's action, and the log of the deviation of its noise: the trainer's, in outputs.
FIRST = {"schedule": (0.0, -1.0), "scale-free": (np.log(1.9), -0.5), "paper": (0.0, -3.0)}


def python_rate(env, actions, seconds):
    env.reset(seed=0)
    games = env.num_envs
    over, steps, start = np.zeros(games, dtype=bool), 0, time.perf_counter()
    while time.perf_counter() - start < seconds:
        for action in actions:
            steps += games - over.sum()
            _, _, over, _, _ = env.step(action)
    return steps / (time.perf_counter() - start)


def trainer_rate(path, seconds):
    command = ["cargo", "bench", "--quiet", "--package", "tinynmf-benches", "--bench", "rollouts", "--"]
    done = subprocess.run([*command, path, str(seconds)], cwd=ROOT, check=True, capture_output=True, text=True)
    return float(done.stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--games", type=int, nargs="+", default=[64, 512])
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=1.0)
    args = parser.parse_args()
    print(f"{os.cpu_count()} cores, {args.repeats} turns of {args.seconds} s")
    print("| mode | games | Python, steps/s | trainer, steps/s | ratio |\n|---|---:|---:|---:|---:|")
    for name in FIRST:
        for games in args.games:
            compare(name, games, args)


def compare(name, games, args):
    """Prints a line of the table."""
    mean, log_deviation = FIRST[name]
    mode, config = MODES[name], CONFIG.format(mode=name, log_deviation=log_deviation)
    env = NmfScheduleVectorEnv(games, config, problems=PROBLEMS, mode=name)
    size = (50, games, mode.action_space.shape[0])
    noise = np.random.default_rng(0).standard_normal(size)
    actions = (mean + np.exp(log_deviation) * noise).astype(np.float32) / mode.scale
    # Every problem is measured once, which is not what is timed.
    env.reset(options={"problem": np.arange(games) % PROBLEMS})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "training.toml"
        path.write_text(config)
        trainer_rate(path, 0.1)
        pairs = [(python_rate(env, actions, args.seconds), trainer_rate(path, args.seconds)) for _ in range(args.repeats)]
    ours, theirs = np.median(pairs, axis=0)
    ratios = [a / b for a, b in pairs]
    spread = f"{np.median(ratios):.2f} ({min(ratios):.2f}–{max(ratios):.2f})"
    print(f"| {name} | {games} | {ours:,.0f} | {theirs:,.0f} | {spread} |", flush=True)


if __name__ == "__main__":
    main()
