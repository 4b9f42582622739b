"""The same pipeline with scikit-learn: NMF, exact latents (SciPy's NNLS), logistic regression.

    python firmware/examples/emg/reference.py --data DIR      # numpy, scipy, scikit-learn

DIR has emg_1.npy and emg_2.npy. Everything is in float64; windows, labels and features are those of `src`.
The second table is about W relearnt with memories of so many windows, from the sums over all of the session before.
"""

import argparse
from pathlib import Path

import numpy as np
from scipy.optimize import nnls
from sklearn.decomposition import NMF
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

WINDOW, HOP, RANK = 40, 20, 5
MEMORIES = 500, 1000, 2000, 5000


def windows(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Mean absolute values, a row a window, and the gesture that was asked for when it began."""
    recording = np.load(path)
    samples, gestures = np.abs(recording[:, :8].astype(int)), recording[:, 8]
    sums = np.vstack([np.zeros((1, 8), int), np.cumsum(samples, axis=0)])
    starts = np.arange(0, len(samples) - WINDOW + 1, HOP)
    return (sums[starts + WINDOW] - sums[starts]) / WINDOW, gestures[starts]


def features(h: np.ndarray) -> np.ndarray:
    """Shares of the synergies and the logarithm of their sum, for columns of W that sum to 1."""
    total = np.maximum(h.sum(axis=1, keepdims=True), 1 / WINDOW)
    return np.hstack([h / total, np.log(total)])


def classifier(x: np.ndarray, asked: np.ndarray):
    """Standardised features into logistic regression with scikit-learn's defaults."""
    return make_pipeline(StandardScaler(), LogisticRegression(max_iter=10_000)).fit(x, asked)


def learn(v: np.ndarray) -> np.ndarray:
    """W (8 x r), its columns of sum 1."""
    nmf = NMF(RANK, init="nndsvda", tol=1e-7, max_iter=3000).fit(v)
    return nmf.components_.T / nmf.components_.sum(axis=1)


def latents(w: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Exact latents, a row a window."""
    return np.array([nnls(w, column)[0] for column in v])


def relearnt(w: np.ndarray, past: np.ndarray, session: np.ndarray, memory: int) -> np.ndarray:
    """Features of a session while a sweep after every window moves W."""
    w, keep, rows = w.copy(), 1 - 1 / memory, []
    h = latents(w, past)
    gram, products = (x.T @ h * (memory / len(past)) for x in (h, past))
    for v in session:
        h = nnls(w, v)[0]
        rows.append(h * w.sum(axis=0))
        gram, products = keep * gram + np.outer(h, h), keep * products + np.outer(v, h)
        for k in range(RANK):
            w[:, k] = np.maximum(0, w[:, k] - (w @ gram[:, k] - products[:, k]) / gram[k, k])
    return features(np.array(rows))


def turned(v: np.ndarray, share: float) -> np.ndarray:
    """Windows of an armband that turns: up to a share of every channel comes from its neighbour in the end."""
    share = np.linspace(0, share, len(v))[:, None]
    return (1 - share) * v + share * np.roll(v, 1, axis=1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    folder = parser.parse_args().data
    first, second = (windows(folder / f"emg_{number}.npy") for number in (1, 2))

    w = learn(first[0])
    print("| scikit-learn | session 1 | session 2 |\n|---|---:|---:|")
    for name, rows in {
        "NMF of rank 5, exact latents": lambda v: features(latents(w, v)),
        "all eight channels, no NMF": features,
    }.items():
        model = classifier(rows(first[0]), first[1])
        scores = [model.score(rows(v), asked) for v, asked in (first, second)]
        print(f"| {name} | {scores[0]:.4f} | {scores[1]:.4f} |")

    print("\n| learnt on, then | W fixed |", *(f"{memory} |" for memory in MEMORIES))
    print("|---|---:|" + "---:|" * len(MEMORIES))
    for name, (past, told), (session, asked) in [
        ("session 1, session 2", first, second),
        ("session 2, session 1", second, first),
        ("session 1, session 2 while the armband turns by a quarter", first, (turned(second[0], 0.25), second[1])),
    ]:
        w = learn(past)
        model = classifier(features(latents(w, past)), told)
        scores = [model.score(features(latents(w, session)), asked)]
        scores += [model.score(relearnt(w, past, session, memory), asked) for memory in MEMORIES]
        print(f"| {name} |", *(f"{score:.4f} |" for score in scores))


if __name__ == "__main__":
    main()
