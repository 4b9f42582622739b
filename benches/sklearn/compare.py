"""Times tinynmf's default schedule against scikit-learn's coordinate descent, side by side from the same starts.

    cargo build --release -p tinynmf --example race
    python -m venv /tmp/sklearn && /tmp/sklearn/bin/pip install scikit-learn
    /tmp/sklearn/bin/python benches/sklearn/compare.py [--threads 2] [--starts 3] [--problems 3]

The gap of a run is (F - F*) / (F0 - F*), F* the lowest loss that either of the two reaches from that start. A time is
that of the first epoch at or below the gap; tinynmf's includes what it prepares of V, and scikit-learn's loop is called
epoch by epoch, so that its losses cost it nothing; small problems are run nine times each, in one process each, and the
least time of every epoch counts, since a busy machine delays single milliseconds and the first run of a process waits for
its code to be loaded. "-": not reached. The ratio is tinynmf's time over scikit-learn's:
the median of the starts, the least and the largest.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RACE = ROOT / "target/release/examples/race"
GAPS = (1e-2, 1e-3)


def planted(np, m, n, r, seed, density=0.6, noise=0.02):
    """|N(0, 1)| factors of which `density` is above zero, and noise relative to the root mean square."""
    rng = np.random.default_rng(seed)
    factor = lambda *shape: np.abs(rng.standard_normal(shape)) * (rng.random(shape) < density)
    v = factor(m, r) @ factor(r, n)
    v += noise * np.sqrt((v**2).mean()) * rng.standard_normal(v.shape)
    return np.maximum(v, 0).astype(np.float32)


def loss(np, v, w, ht):
    """F = 0.5 ||V - WH||^2, rows at a time."""
    total = 0.0
    for at in range(0, len(v), 1000):
        rows = slice(at, at + 1000)
        total += float(np.square(v[rows] - w[rows] @ ht.T, dtype=np.float64).sum())
    return 0.5 * total


def sklearn_run(np, v, w, h, epochs):
    """Seconds and losses of the loop of NMF(solver="cd"), without its stopping rule."""
    from sklearn.decomposition._nmf import _update_coordinate_descent as update

    w, ht = w.copy(), np.ascontiguousarray(h.T)
    rng = np.random.RandomState(0)
    points, spent = [(0.0, loss(np, v, w, ht))], 0.0
    for _ in range(epochs):
        start = time.perf_counter()
        update(v, w, ht, 0.0, 0.0, False, rng)
        update(v.T, ht, w, 0.0, 0.0, False, rng)
        spent += time.perf_counter() - start
        points.append((spent, loss(np, v, w, ht)))
    return points


def tinynmf_run(folder, epochs, repeats):
    """The same of the example `race`."""
    files = [str(folder / name) for name in ("v.npy", "w.npy", "h.npy")]
    words = [str(RACE), *files, str(epochs), str(repeats)]
    out = subprocess.run(words, check=True, capture_output=True, text=True)
    return [tuple(map(float, line.split()[:2])) for line in out.stdout.splitlines()]


def least(runs):
    """The runs of the same epochs as one, with the least time of each."""
    return [(min(t for t, _ in points), points[0][1]) for points in zip(*runs)]


def time_to(points, best, gap):
    first = points[0][1]
    return next((t for t, f in points if (f - best) <= gap * (first - best)), None)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--starts", type=int, default=3)
    parser.add_argument("--problems", type=int, default=4, help="only the first so many")
    args = parser.parse_args()
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS"):
        os.environ[name] = str(args.threads)
    import numpy as np

    if not RACE.exists():
        sys.exit(f"{RACE} is missing: cargo build --release -p tinynmf --example race")
    digits = np.load(ROOT / "host/nmf/data/digits.npy").astype(np.float32)
    problems = [
        ("planted 64 x 32 r4", lambda s: planted(np, 64, 32, 4, s), 4, 300, 300),
        ("digits 1797 x 64 r10", lambda s: digits, 10, 300, 300),
        ("planted 2000 x 500 r20", lambda s: planted(np, 2000, 500, 20, s), 20, 100, 100),
        ("planted 10000 x 1000 r100", lambda s: planted(np, 10000, 1000, 100, s), 100, 12, 25),
    ]
    print("| problem | gap | tinynmf s | scikit-learn s | ratio | least to largest | F / F sklearn |")
    print("|---|---|---|---|---|---|---|")
    for name, make, rank, ours, theirs in problems[: args.problems]:
        found, ends = {gap: [] for gap in GAPS}, []
        for seed in range(args.starts):
            v = make(seed)
            rng = np.random.default_rng(100 + seed)
            size = np.sqrt(v.mean() / rank)
            w, h = (
                (size * np.abs(rng.standard_normal(shape))).astype(np.float32)
                for shape in ((len(v), rank), (rank, v.shape[1]))
            )
            with tempfile.TemporaryDirectory() as folder:
                folder = Path(folder)
                for file, array in (("v.npy", v), ("w.npy", w), ("h.npy", h)):
                    np.save(folder / file, array)
                repeats = 9 if v.size < 2_000_000 else 2
                mine = tinynmf_run(folder, ours, repeats)
            other = least([sklearn_run(np, v, w, h, theirs) for _ in range(repeats)])
            best = min(f for _, f in mine + other)
            ends.append(min(f for _, f in mine) / min(f for _, f in other))
            for gap in GAPS:
                found[gap].append((time_to(mine, best, gap), time_to(other, best, gap)))
        for gap, times in found.items():
            text = lambda values: "-" if None in values else f"{np.median(values):.4g}"
            both = [(a, b) for a, b in times if a is not None and b is not None]
            ratios = [a / b for a, b in both]
            ratio = f"{np.median(ratios):.3f} of {len(both)}" if ratios else "-"
            spread = f"{min(ratios):.3f} to {max(ratios):.3f}" if ratios else "-"
            ours_text, theirs_text = (text([pair[side] for pair in times]) for side in (0, 1))
            end = f"{np.median(ends):.4f}"
            print(f"| {name} | {gap:g} | {ours_text} | {theirs_text} | {ratio} | {spread} | {end} |", flush=True)


if __name__ == "__main__":
    main()
