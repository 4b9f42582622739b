"""The rules: how a half-step is made.

A rule is a name with its parameters, ``"growing(0.1,1.2,1.3,2)"``; a bare name stands for the defaults. For every rule
that needs no policy this module has a function of that name, whose parameters have the formula's names:

>>> from tinynmf import rules
>>> rules.bound(c=0.5)
'bound(0.5)'
>>> rules.growing(share=0.2)
'growing(0.2,1.2,1.3,2)'

Two rules ask a :class:`tinynmf.Policy`: ``"schedule"``, which chooses the share of V, relaxations and sweeps of every
half-step, and ``"learned"``, which chooses gradient steps.

The result goes into ``NMF(rule=...)`` and into :func:`compare`.
"""

from __future__ import annotations

from typing import Any, Callable, Iterable, NamedTuple

import numpy as np

from tinynmf import _tinynmf
from tinynmf._matrix import checked
from tinynmf._parameters import MOST_THREADS, check_threads

__all__ = ["Kind", "kinds", "compare"]


class Kind(NamedTuple):
    """A kind of rule."""

    name: str
    does: str
    parameters: dict[str, float]


def kinds() -> list[Kind]:
    """Every kind of rule that needs no policy, with what its bare name stands for."""
    return [Kind(*kind) for kind in _tinynmf.kinds()]


def _maker(kind: Kind) -> Callable[..., str]:
    def make(**parameters: float) -> str:
        unknown = set(parameters) - set(kind.parameters)
        if unknown:
            known = ", ".join(kind.parameters) or "none"
            raise TypeError(f"{kind.name} has no parameter {sorted(unknown)[0]!r}; it has {known}")
        numbers = (kind.parameters | parameters).values()
        text = kind.name + (f"({','.join(f'{number:g}' for number in numbers)})" if numbers else "")
        return _tinynmf.written(text)

    make.__name__ = make.__qualname__ = kind.name
    make.__doc__ = f"{kind.does}. Parameters: {kind.parameters}."
    return make


def __getattr__(name: str) -> Callable[..., str]:
    for kind in kinds():
        if kind.name == name:
            return _maker(kind)
    raise AttributeError(f"there is no rule {name!r}; tinynmf.rules.kinds() lists all")


def __dir__() -> list[str]:
    return sorted([*globals(), *(kind.name for kind in kinds())])


def compare(
    V: Any,
    rank: int,
    rules: Iterable[str] = ("hals", "sweeps", "growing", "adaptive", "schedule"),
    *,
    seeds: int | Iterable[int] = 1,
    epochs: int = 200,
    policy: _tinynmf.Policy | None = None,
    n_threads: int | None = None,
):
    """Every rule from the same starts, as a pandas frame with one line an epoch.

    Parameters
    ----------
    V : array or sparse matrix
        What to factorise; NaN and masked entries are missing.
    rank : int
        r.
    rules : iterable of str
        The rules; ``"schedule"`` and ``"learned"`` ask a policy.
    seeds : int or iterable of int
        How many starts, or their seeds.
    epochs : int
        The work of every run at most, in epochs on all of V.
    policy : Policy, optional
        Whom they ask; the policy that ships by default.
    n_threads : int, optional
        Threads at most; one a core by default. The result does not depend on it.

    Returns
    -------
    pandas.DataFrame
        Columns ``rule``, ``seed``, ``epoch``, ``cost`` (multiply-adds of everything done, in epochs on all of V;
        the loss itself is not counted) and ``loss`` (½‖V − WH‖² over the known entries). The start is epoch 0.
    """
    import pandas as pd

    if not check_threads(n_threads):
        raise ValueError(f"n_threads={n_threads!r} cannot be; it needs a whole number from 1 to {MOST_THREADS}, or None")
    rules = [rules] if isinstance(rules, str) else list(rules)
    seeds = list(range(seeds)) if isinstance(seeds, int) else list(seeds)
    records = _tinynmf.compare(checked(V), rank, rules, seeds, epochs, policy, n_threads or 0)
    frames = []
    for (rule, seed), record in zip([(rule, seed) for rule in rules for seed in seeds], records):
        epoch = np.arange(len(record))
        columns = {"rule": rule, "seed": seed, "epoch": epoch, "cost": record[:, 0], "loss": record[:, 1]}
        frames.append(pd.DataFrame(columns))
    return pd.concat(frames, ignore_index=True)
