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

from tinynmf import device, rules, weights
from tinynmf._tinynmf import Epoch, Policy
from tinynmf._tinynmf import version as _version
from tinynmf.nmf import NMF

__all__ = ["NMF", "Epoch", "Policy", "device", "rules", "weights"]
__version__ = _version()
