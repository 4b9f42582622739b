"""Matrices for the compiled half: a dense array, or the rows of a sparse matrix."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse
from sklearn.utils import check_array

FLOATS = [np.float32, np.float64]

#: Between these the largest entry has to be, for 32-bit arithmetic.
SMALLEST, LARGEST = 2.0**-40, 2.0**40


def unmasked(x: Any):
    """NaN for the masked entries of a masked array; anything else as it is."""
    if not isinstance(x, np.ma.MaskedArray):
        return x
    return (x.astype(np.float64) if x.dtype.kind in "biu" else x).filled(np.nan)


def checked(x: Any):
    """Any matrix with entries >= 0 or NaN, for the compiled half."""
    x = unmasked(x)
    x = check_array(x, accept_sparse=("csr", "csc"), dtype=FLOATS, ensure_all_finite="allow-nan", input_name="V")
    check_entries(x, "V")
    return rows(x)


def check_entries(x: Any, what: str, *, zero: bool = False) -> None:
    """Raises a ValueError unless the entries are >= 0 or NaN and 32-bit arithmetic can hold them; or all `zero`."""
    values = x.data if sparse.issparse(x) else x
    # fmin and fmax pass over NaN, and need no memory.
    if np.fmin.reduce(values, axis=None, initial=0) < 0:
        raise ValueError(f"Negative values in data passed to {what}: it needs entries >= 0")
    if sparse.issparse(x) and np.isnan(values).any():
        raise ValueError(f"{what} is sparse and has NaN: only a dense array can have missing entries")
    largest = np.fmax.reduce(values, axis=None, initial=0)
    if not SMALLEST <= largest <= LARGEST and not (zero and largest < SMALLEST):
        if largest == 0 and not sparse.issparse(x) and np.isnan(values).all():
            raise ValueError(f"{what} needs a largest entry between 2^-40 and 2^40, but no entry is known: all are NaN")
        reason = "every entry is zero" if largest == 0 else f"the largest entry is {largest:g}: rescale it"
        raise ValueError(f"{what} needs a largest entry between 2^-40 and 2^40, but {reason}")


def rows(x: Any):
    """The rows of a checked matrix."""
    if not sparse.issparse(x):
        return np.ascontiguousarray(x)
    x = x.tocsr()
    if not x.has_canonical_format:
        x = x.copy()
        x.sum_duplicates()
    return x.indptr.astype(np.int64), x.indices.astype(np.uint32), np.ascontiguousarray(x.data), x.shape[1]
