"""The estimator's parameters, checked when a fit begins, as scikit-learn wants it."""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any

from tinynmf import _tinynmf

#: Threads that somebody can ask for.
MOST_THREADS = 1024

INITS = ("random", "nndsvd", "nndsvda", "custom")


def _whole(x: Any) -> bool:
    return isinstance(x, Integral) and not isinstance(x, bool) and x >= 1


def _number(x: Any, low: float, high: float = float("inf")) -> bool:
    return isinstance(x, Real) and not isinstance(x, bool) and low <= x < high


def _seed(x: Any) -> bool:
    # scikit-learn checks whatever is no whole number.
    return not isinstance(x, Integral) or isinstance(x, bool) or 0 <= x < 2**64


def check_threads(x: Any) -> bool:
    """Whether that many threads can be asked for."""
    return x is None or (_whole(x) and x <= MOST_THREADS)


def _optional(check):
    return lambda x: x is None or check(x)


_CHECKS = {
    "n_components": ("a whole number of at least 1, 'auto' or None", _optional(lambda x: x == "auto" or _whole(x))),
    "rule": ("the name of a rule, or None", _optional(lambda x: isinstance(x, str))),
    "policy": ("a Policy, or None", _optional(lambda x: isinstance(x, _tinynmf.Policy))),
    "init": (f"one of {', '.join(INITS)}", lambda x: x in INITS),
    "n_starts": ("a whole number of at least 1", _whole),
    "max_iter": ("a whole number of at least 1", _whole),
    "tol": ("a number of at least 0 and below 1", lambda x: _number(x, 0, 1)),
    "alpha_W": ("a number of at least 0", lambda x: _number(x, 0)),
    "alpha_H": ("a number of at least 0, or 'same'", lambda x: x == "same" or _number(x, 0)),
    "l1_ratio": ("a number from 0 to 1", lambda x: _number(x, 0, 1) or x == 1),
    "forget_factor": ("a number above 0 and up to 1", lambda x: (_number(x, 0, 1) or x == 1) and x != 0),
    "random_state": ("a whole number from 0 to 2^64 - 1, a RandomState or None", _seed),
    "n_threads": (f"a whole number from 1 to {MOST_THREADS}, or None", check_threads),
    "callback": ("callable, or None", _optional(callable)),
}


def check_parameters(estimator: Any) -> None:
    """Raises a ValueError that names the parameter and what it needs."""
    for name, (needs, check) in _CHECKS.items():
        value = getattr(estimator, name)
        if not check(value):
            raise ValueError(f"{type(estimator).__name__}: {name}={value!r} cannot be; it needs {needs}")
