"""Policies for devices: the blob itself, C and Rust sources that hold it, what it takes of a board.

The blob is little-endian, checksummed and read in place from flash; `tinynmf-core` describes every byte.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import numpy as np

from tinynmf import _counts, _tinynmf, weights
from tinynmf._tinynmf import Policy

__all__ = ["Cost", "Size", "blob", "c_array", "costs", "counts", "quantize", "ram", "rust_const", "size"]

#: Bytes in a line of C.
_LINE = 16

#: Epochs on all of V, by kind of policy: as they are counted, and whether the count has the shipped policy's decisions.
_EPOCHS = {"steps": ("epoch learned", True), "schedule": ("epoch sweeps 2", False)}


class Size(NamedTuple):
    """Size of a policy on any device."""

    #: Of flash: the blob.
    bytes: int
    #: From observations to answers, hidden layers between them.
    layers: tuple[int, ...]
    #: Multiplications of 8-bit numbers for an answer.
    multiply_adds: int


class Cost(NamedTuple):
    """Cost of a policy on one processor."""

    #: Instructions from observations to answers.
    decision: int
    #: Instructions of an epoch on all of V, two decisions included; None without a shape, or where none was counted.
    epoch: int | None
    #: The piece of work in :func:`counts` that the epoch's instructions per multiply-add are of.
    counted: str | None
    #: Bytes of stack that an epoch takes at most.
    stack: int
    #: Bytes of flash of a factorization with this policy, V not included; None where it was not counted.
    flash: int | None


def blob(policy: Policy) -> bytes:
    """The bytes that a device reads."""
    return bytes(policy)


def c_array(policy: Policy, name: str = "tinynmf_policy") -> str:
    """The blob as a C99 source: a constant array, for `tinynmf.h`'s functions."""
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
        raise ValueError(f"{name!r} is not a name in C: use letters, digits and underscores")
    data = bytes(policy)
    lines = [data[at : at + _LINE] for at in range(0, len(data), _LINE)]
    numbers = "\n".join("    " + " ".join(f"0x{byte:02x}," for byte in line) for line in lines)
    return f"/* A policy of tinynmf, {len(data)} bytes. */\nconst unsigned char {name}[{len(data)}] = {{\n{numbers}\n}};\n"


def rust_const(policy: Policy) -> str:
    """The blob as a Rust module with a constant, as `tinynmf export policy.tnmf --out policy.rs` writes it."""
    return _tinynmf.rust_module(policy)


def quantize(layers: Any, offset: Any, gain: Any, limits: tuple[float, float] = (-3.0, 3.0)) -> Policy:
    """The int8 policy of float weights; :func:`tinynmf.weights.quantize`."""
    return weights.quantize(layers, offset, gain, limits)


def size(policy: Policy) -> Size:
    """Flash and arithmetic that the policy takes."""
    layers = tuple(policy.layers)
    return Size(len(bytes(policy)), layers, _multiply_adds(layers))


def ram(rows: int, columns: int, rank: int) -> int:
    """Bytes of RAM of a factorization in floats, V in flash: those of `tinynmf_core::Nmf`, at most."""
    m, n, r = rows, columns, rank
    if min(m, n, r) < 1:
        raise ValueError(f"no factorization is {m} x {n} of rank {r}: rows, columns and rank are at least 1")
    # ROWS and STATE_BYTES of core.
    return 4 * (m + n + 2 * max(m, n) + r + 10) * r + 4 * (m + n) + 232


def counts() -> dict[str, _counts.Row]:
    """Counts under QEMU: every piece of work with its multiply-adds and its counts by processor."""
    return _counts.table()


def costs(policy: Policy, shape: tuple[int, int, int] | None = None) -> dict[str, Cost]:
    """Cost of the policy on every processor that instructions were counted on.

    Parameters
    ----------
    policy : Policy
        Of either kind.
    shape : (int, int, int), optional
        Rows and columns of V, and the rank.

    Returns
    -------
    dict of Cost, by processor
        A decision is the sum of its multiply-adds, hidden units and observations, at the instructions apiece that
        the counts of three networks tell; for those networks it is the count itself. An epoch is its multiply-adds,
        2·rows·columns·rank, at the instructions apiece of the nearest shape that was counted, and the decisions: for
        a policy of gradient steps one step a half-step, for one of schedules two sweeps a half-step on all of V.
    """
    return {core: _cost(policy, shape, core) for core in _counts.cores()}


def _cost(policy: Policy, shape: tuple[int, int, int] | None, core: str) -> Cost:
    decision = _decision(tuple(policy.layers), core)
    epoch, counted = None, None
    work, decided = _EPOCHS[policy.kind]
    nearest = _counts.per_multiply_add(work, shape, core) if shape else None
    if nearest:
        m, n, r = shape
        counted, apiece = nearest
        before = _counts.count("layers, shipped policy", core) if decided else 0
        epoch = round(2 * m * n * r * apiece + 2 * (decision - before))
    flash = _counts.count("flash", core)
    if flash is not None:
        flash += len(bytes(policy)) - len(bytes(Policy.shipped("steps")))
    return Cost(round(decision), epoch, counted, _counts.count("stack, epoch of any shape", core), flash)


def _decision(layers: tuple[int, ...], core: str) -> float:
    """Instructions from observations to answers, at the prices that the counted networks tell."""
    known = {what: row.counts[core] for what, row in counts().items() if what.startswith("layers, ")}
    parts = [_counted_parts(what.removeprefix("layers, ")) for what in known]
    prices = np.linalg.lstsq(parts, list(known.values()), rcond=None)[0]
    return float(_parts(layers, layers[0]) @ prices)


def _counted_parts(network: str) -> np.ndarray:
    """Those of a network of the table: bare layers, or a policy with the normalisation of its observations."""
    if network == "shipped policy":
        layers = tuple(Policy.shipped("steps").layers)
        return _parts(layers, layers[0])
    return _parts(tuple(map(int, network.split("-"))), 0)


def _parts(layers: tuple[int, ...], normalized: int) -> np.ndarray:
    """Multiply-adds, hidden units, observations that are normalised: what an answer is paid by."""
    return np.array([_multiply_adds(layers), sum(layers[1:-1]), normalized], dtype=float)


def _multiply_adds(layers: tuple[int, ...]) -> int:
    return sum(a * b for a, b in zip(layers, layers[1:]))
