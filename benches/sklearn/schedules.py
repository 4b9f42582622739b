"""Compares schedules of sweeps at factorize's defaults, on matrices that chose none of their settings.

    cargo build --release -p tinynmf --example race
    python -m venv /tmp/sklearn && /tmp/sklearn/bin/pip install scikit-learn pillow
    /tmp/sklearn/bin/python benches/sklearn/schedules.py [--starts 3] [--rules NAME NAME ...]

For every matrix and start, F* is the lowest loss that any of the rules reaches within 200 epochs' worth of work, and the
gap is (F - F*) / (F0 - F*). Cost to a gap is counted in epochs on all of V; it and the ratio of final losses are given
relative to the first rule's: medians of the starts for each matrix, and geometric means over all of them at the end. A
gap that is not reached counts as 200. "end" is F / F* after 200 epochs' worth; "default end" is F / F* where the default
tolerance stops the program, and "stop" the epochs' worth until then.
"""

import argparse
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from sklearn import datasets

ROOT = Path(__file__).resolve().parents[2]
RACE = ROOT / "target/release/examples/race"
EPOCHS = 200
GAPS = (1e-2, 1e-3)
RULES = ["adaptive(0.1,1.5,0.3,1.3,3)", "widening(2,1.3,1.2,0.7,0.5)", "growing(0.2,1.2,1.3,3)"]


def synthetic(kind, m, n, r, seed):
    """Matrices that are not planted at the rank that is asked for."""
    rng = np.random.default_rng(seed)
    positive = lambda *shape: np.abs(rng.standard_normal(shape))
    if kind == "spectrum":
        scale = np.arange(1, 4 * r + 1) ** -0.8
        v = (positive(m, 4 * r) * scale) @ positive(4 * r, n)
    elif kind == "sparse":
        v = (positive(m, r) * (rng.random((m, r)) < 0.15)) @ (positive(r, n) * (rng.random((r, n)) < 0.3))
    elif kind == "counts":
        v = rng.poisson((positive(m, 2 * r) ** 2) @ (positive(2 * r, n) ** 2) / r).astype(float)
    else:
        at, centres, widths = np.arange(n)[None], rng.uniform(0, n, (2 * r, 1)), rng.uniform(n / 60, n / 8, (2 * r, 1))
        v = positive(m, 2 * r) @ np.exp(-0.5 * ((at - centres) / widths) ** 2)
    noise = 0.1 * v.mean() * rng.standard_normal(v.shape)
    return np.maximum(v if kind == "counts" else v + noise, 0)


def picture(name):
    """Brightness of a picture that scikit-learn brings."""
    return datasets.load_sample_image(f"{name}.jpg").mean(axis=2)


def patches(picture):
    """Squares of 8 x 8 pixels, one a row."""
    return picture[:424, :640].reshape(53, 8, 80, 8).swapaxes(1, 2).reshape(-1, 64)


def relative(data):
    """Columns relative to their largest entries."""
    return data / data.max(axis=0)


def matrices():
    """Names, matrices and ranks: data that scikit-learn brings, and synthetic ones."""
    china = picture("china")
    yield "picture 427 x 640", china, 20
    yield "patches 4240 x 64", patches(china), 16
    yield "breast cancer 569 x 30", relative(datasets.load_breast_cancer().data), 6
    yield "wine 178 x 13", relative(datasets.load_wine().data), 4
    yield "iris 150 x 4", datasets.load_iris().data, 2
    for kind, shape, rank in (
        ("spectrum", (400, 300), 12),
        ("sparse", (600, 200), 15),
        ("counts", (300, 500), 8),
        ("smooth", (120, 900), 10),
        ("smooth", (60, 80), 5),
        ("spectrum", (2000, 100), 8),
    ):
        yield f"{kind} {shape[0]} x {shape[1]}", synthetic(kind, *shape, rank, 7), rank


def race(folder, rule, tol):
    """F and cost after every epoch."""
    files = [str(folder / name) for name in ("v.npy", "w.npy", "h.npy")]
    words = [str(RACE), *files, str(EPOCHS), "1", rule, str(tol)]
    out = subprocess.run(words, check=True, capture_output=True, text=True)
    points = np.array([[float(word) for word in line.split()] for line in out.stdout.splitlines()])
    return points[:, 1], points[:, 2]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--starts", type=int, default=3)
    parser.add_argument("--rules", nargs="+", default=RULES)
    args = parser.parse_args()
    print(f"| matrix | rule | cost to {GAPS[0]:g} | cost to {GAPS[1]:g} | end | default end | stop |")
    print("|---|---|---:|---:|---:|---:|---:|")
    ratios = {rule: [] for rule in args.rules}
    for name, v, rank in matrices():
        v = v.astype(np.float32)
        found = {rule: [] for rule in args.rules}
        for seed in range(args.starts):
            rng = np.random.default_rng(100 + seed)
            size = np.sqrt(v.mean() / rank)
            draw = lambda *shape: (size * np.abs(rng.standard_normal(shape))).astype(np.float32)
            with tempfile.TemporaryDirectory() as folder:
                folder = Path(folder)
                for file, array in (("v", v), ("w", draw(len(v), rank)), ("h", draw(rank, v.shape[1]))):
                    np.save(folder / f"{file}.npy", array)
                runs = {rule: race(folder, rule, 0) for rule in args.rules}
                defaults = {rule: race(folder, rule, 1e-6) for rule in args.rules}
            best = min(losses.min() for losses, _ in runs.values())
            for rule, (losses, costs) in runs.items():
                reached = [losses - best <= gap * (losses[0] - best) for gap in GAPS]
                costs_to = [costs[hit.argmax()] if hit.any() else EPOCHS for hit in reached]
                stopped, spent = defaults[rule]
                found[rule].append([*costs_to, losses.min() / best, stopped[-1] / best, spent[-1]])
        first = np.array(found[args.rules[0]])
        for rule, rows in found.items():
            rows = np.array(rows)
            a, b, end, default_end, stop = np.median(rows, axis=0)
            print(f"| {name} | {rule} | {a:.1f} | {b:.1f} | {end:.4f} | {default_end:.4f} | {stop:.0f} |", flush=True)
            ratios[rule].append(np.log(rows / first).mean(axis=0))
    for rule, logs in ratios.items():
        a, b, end, default_end, stop = np.exp(np.mean(logs, axis=0))
        print(f"| all, relative to the first | {rule} | {a:.2f} | {b:.2f} | {end:.4f} | {default_end:.4f} | {stop:.2f} |")


if __name__ == "__main__":
    main()
