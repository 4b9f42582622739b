"""Compares final losses: `tinynmf factorize` at its defaults, and the better of two long runs of scikit-learn.

    cargo build --release
    python -m venv /tmp/sklearn && /tmp/sklearn/bin/pip install scikit-learn pillow
    /tmp/sklearn/bin/python benches/sklearn/losses.py [--seeds 5] [--starts 1]

The matrices are public and come with scikit-learn. Its F is the lower one of NMF(solver="cd", tol=1e-8, max_iter=5000)
from the starts `random` and `nndsvda`. The program's is that of seeds 0, 1, ..., each with so many starts of its own; the
ratio to scikit-learn's is given as median, least and largest. "epochs" is what the program took in the median, in
epochs on all of V by multiply-adds; of scikit-learn those of its better run.
"""

import argparse
import csv
import subprocess
import tempfile
import warnings
from pathlib import Path

import numpy as np
from sklearn import datasets
from sklearn.decomposition import NMF

from schedules import patches, picture, relative

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "target/release/tinynmf"


def matrices():
    """Names, matrices and ranks."""
    yield "digits", datasets.load_digits().data, 10
    for name in ("china", "flower"):
        yield f"picture {name}", picture(name), 20
    yield "patches of china", patches(picture("china")), 16
    yield "breast cancer", relative(datasets.load_breast_cancer().data), 6
    yield "wine", relative(datasets.load_wine().data), 4
    yield "diabetes", relative(datasets.load_diabetes(scaled=False).data), 5
    yield "iris", datasets.load_iris().data, 2


def loss(v, w, h):
    """F = 0.5 ||V - WH||^2."""
    return 0.5 * float(np.square(v - w.astype(float) @ h.astype(float)).sum())


def of_sklearn(v, rank):
    """F and epochs of the better start."""
    found = []
    for init in ("random", "nndsvda"):
        model = NMF(rank, solver="cd", init=init, tol=1e-8, max_iter=5000, random_state=0)
        w = model.fit_transform(v)
        found.append((loss(v, w, model.components_), model.n_iter_))
    return min(found)


def of_program(v, rank, seed, starts):
    """F of `tinynmf factorize`, and what it took, in epochs on all of V."""
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        np.save(folder / "v.npy", v)
        words = [PROGRAM, "factorize", "--input", folder / "v.npy", "--rank", str(rank), "--out", folder / "out"]
        words += ["--seed", str(seed * starts), "--starts", str(starts)]
        subprocess.run(words, check=True, capture_output=True)
        with open(folder / "out/loss.csv", newline="") as file:
            cost = float(list(csv.DictReader(file))[-1]["cost"])
        return loss(v, *(np.load(folder / "out" / name) for name in ("w.npy", "h.npy"))), cost


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--starts", type=int, default=1)
    args = parser.parse_args()
    warnings.filterwarnings("ignore", message="Maximum number of iterations")
    print("| matrix | rank | F / F of scikit-learn | least to largest | epochs | of scikit-learn |")
    print("|---|---:|---:|---:|---:|---:|")
    for name, v, rank in matrices():
        best, their_epochs = of_sklearn(v, rank)
        runs = [of_program(v, rank, seed, args.starts) for seed in range(args.seeds)]
        ratios = [f / best for f, _ in runs]
        size = " x ".join(map(str, v.shape))
        spread = f"{min(ratios):.4f} to {max(ratios):.4f}"
        epochs = np.median([cost for _, cost in runs])
        print(f"| {name} {size} | {rank} | {np.median(ratios):.4f} | {spread} | {epochs:.0f} | {their_epochs} |", flush=True)


if __name__ == "__main__":
    main()
