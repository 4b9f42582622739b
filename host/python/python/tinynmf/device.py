"""Policies for devices: the blob itself, C and Rust sources that hold it, its size.

The blob is little-endian, checksummed and read in place from flash; `tinynmf-core` describes every byte.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from tinynmf import _tinynmf
from tinynmf._tinynmf import Policy

__all__ = ["Size", "blob", "c_array", "rust_const", "size"]

#: Bytes in a line of C.
_LINE = 16


class Size(NamedTuple):
    """What a policy takes on a device."""

    #: Of flash: the blob.
    bytes: int
    #: From observations to answers, hidden layers between them.
    layers: tuple[int, ...]
    #: Multiplications of 8-bit numbers for an answer.
    multiply_adds: int


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


def size(policy: Policy) -> Size:
    """Flash and arithmetic that the policy takes."""
    layers = tuple(policy.layers)
    return Size(len(bytes(policy)), layers, sum(a * b for a, b in zip(layers, layers[1:])))
