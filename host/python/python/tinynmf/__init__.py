"""Non-negative matrix factorization that picks its own schedule.

=====================  ==================================================================
:class:`NMF`           a scikit-learn estimator
:mod:`tinynmf.rules`   rules by name, and their comparison
:class:`Policy`        an int8 policy: loaded, saved, asked
:mod:`tinynmf.env`     Gymnasium environments in which a policy learns (needs gymnasium)
:mod:`tinynmf.weights` float weights that were trained elsewhere, as policies
:mod:`tinynmf.device`  policies as sources for microcontrollers
=====================  ==================================================================
"""

import importlib
from typing import Any

from tinynmf import device, rules, weights
from tinynmf._tinynmf import Epoch, Policy
from tinynmf._tinynmf import version as _version
from tinynmf.nmf import NMF

__all__ = ["NMF", "Epoch", "Policy", "device", "rules", "weights"]
__version__ = _version()


def __getattr__(name: str) -> Any:
    # Only who asks for the environments needs gymnasium.
    if name == "env":
        return importlib.import_module("tinynmf.env")
    raise AttributeError(f"module 'tinynmf' has no attribute {name!r}")
