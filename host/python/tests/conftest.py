"""What the tests share."""

import os

# Before scipy is imported: scikit-learn skips its checks of array input otherwise.
os.environ["SCIPY_ARRAY_API"] = "1"

import numpy as np
import pytest
from sklearn.datasets import load_digits


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
