"""Seconds of `NMF.fit_transform` beside those of the Rust library, from the same starts.

    cargo build --release --package tinynmf --example race
    target/python/bin/python host/python/benches/speed.py [--repeats 9] [--threads 2]

in the environment that `host/python/tests/all` makes. Both make the same epochs of the default schedule on the same
float32 V. The library's seconds begin with V in memory and include what it prepares of it; Python's are those of the
whole call. Both sides take turns, of which every one counts the least of three runs. The ratio is Python's over the library's: the
median of the turns, the least and the largest.
"""

import argparse
import os
import subprocess
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np

import tinynmf

ROOT = Path(__file__).resolve().parents[3]
RACE = ROOT / "target/release/examples/race"
RUNS = 3
#: Rows, columns, rank, and epochs' worth of work at most.
CASES = [(64, 32, 4, 200), (1797, 64, 10, 100), (2000, 500, 20, 40), (10000, 1000, 50, 10)]


def planted(m, n, r, seed):
    rng = np.random.default_rng(seed)
    V = rng.gamma(0.5, size=(m, r)) @ rng.gamma(0.5, size=(r, n))
    return np.maximum(0, V + 0.05 * V.mean() * rng.standard_normal(V.shape)).astype(np.float32)


def python_seconds(V, W, H, epochs, threads):
    best = np.inf
    for _ in range(RUNS):
        model = tinynmf.NMF(
            W.shape[1],
            init="custom",
            tol=0,
            max_iter=epochs,
            random_state=0,
            n_threads=threads,
        )
        start = time.perf_counter()
        model.fit_transform(V, W=W, H=H)
        best = min(best, time.perf_counter() - start)
    return best, model.n_iter_


def library_seconds(paths, epochs, threads):
    words = [RACE, *paths, epochs, RUNS]
    environment = os.environ | {"RAYON_NUM_THREADS": str(threads)}
    out = subprocess.run(list(map(str, words)), env=environment, check=True, capture_output=True, text=True).stdout
    lines = out.splitlines()
    return float(lines[-1].split()[0]), len(lines) - 1


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    print(f"{args.threads} threads, {args.repeats} turns")
    print("| V | epochs | Python, ms | library, ms | ratio |\n|---|---:|---:|---:|---:|")
    for m, n, r, epochs in CASES:
        V, rng = planted(m, n, r, 0), np.random.default_rng(1)
        size = np.sqrt(V.mean() / r)
        W, H = (np.abs(rng.standard_normal(shape) * size).astype(np.float32) for shape in ((m, r), (r, n)))
        with tempfile.TemporaryDirectory() as folder:
            paths = [Path(folder) / name for name in ("v.npy", "w.npy", "h.npy")]
            for path, matrix in zip(paths, (V, W, H)):
                np.save(path, matrix)
            pairs = []
            for _ in range(args.repeats):
                (ours, made), (theirs, theirs_made) = (
                    python_seconds(V, W, H, epochs, args.threads),
                    library_seconds(paths, epochs, args.threads),
                )
                assert made == theirs_made, (made, theirs_made)
                pairs.append((1e3 * ours, 1e3 * theirs))
        (ours, theirs), ratios = np.median(pairs, axis=0), [a / b for a, b in pairs]
        spread = f"{np.median(ratios):.2f} ({min(ratios):.2f}–{max(ratios):.2f})"
        print(f"| {m} × {n}, rank {r} | {made} | {ours:.2f} | {theirs:.2f} | {spread} |", flush=True)


if __name__ == "__main__":
    main()
