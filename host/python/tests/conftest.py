"""Common parts of the tests."""

import os
import subprocess
from pathlib import Path

# Before scipy is imported: scikit-learn skips its checks of array input otherwise.
os.environ["SCIPY_ARRAY_API"] = "1"

import numpy as np
import pytest
from sklearn.datasets import load_digits

ROOT = Path(__file__).parents[3]


def planted(rows=60, columns=40, rank=4, noise=0.0, seed=0, dtype=np.float64):
    """A matrix with `rank` parts."""
    rng = np.random.default_rng(seed)
    W, H = rng.gamma(1.0, size=(rows, rank)), rng.gamma(1.0, size=(rank, columns))
    V = W @ H
    return np.maximum(0, V + noise * V.mean() * rng.standard_normal(V.shape)).astype(dtype)


@pytest.fixture(scope="session")
def digits():
    """1797 handwritten digits of 64 pixels, float32."""
    return load_digits().data.astype(np.float32)


@pytest.fixture(scope="session")
def program():
    """The program of this repository: the one that TINYNMF_PROGRAM names, as `tests/all` has built it, or built here."""
    if "TINYNMF_PROGRAM" in os.environ:
        return Path(os.environ["TINYNMF_PROGRAM"])
    command = ["cargo", "build", "--release", "--quiet", "--workspace", "--bin", "tinynmf"]
    subprocess.run(command, cwd=ROOT, check=True)
    target = os.environ.get("CARGO_TARGET_DIR", ROOT / "target")
    return Path(target) / "release" / "tinynmf"
