"""Counts on the emulated boards: the committed table, `firmware/counts/counts.csv`."""

from __future__ import annotations

import csv
import functools
import math
import re
from pathlib import Path
from typing import NamedTuple

_FILE = Path(__file__).with_name("counts.csv")

_SHAPE = re.compile(r", (\d+)x(\d+) r(\d+)$")


class Row(NamedTuple):
    """A piece of work."""

    #: Multiply-adds that it consists of, or 1.
    per: int
    #: Instructions, or bytes, by processor; those that it was counted on.
    counts: dict[str, int]


@functools.cache
def table() -> dict[str, Row]:
    """Every piece of work by name."""
    with _FILE.open(encoding="utf-8", newline="") as file:
        head, *lines = csv.reader(file, delimiter=";")
    return {
        what: Row(int(per), {core: int(count) for core, count in zip(head[2:], counts) if count})
        for what, per, *counts in lines
    }


def count(what: str, core: str) -> int | None:
    """The count of a piece of work on a processor; None where it was not counted."""
    return table()[what].counts.get(core)


def cores() -> list[str]:
    """The processors."""
    return list(dict.fromkeys(core for row in table().values() for core in row.counts))


def per_multiply_add(work: str, shape: tuple[int, int, int], core: str) -> tuple[str, float] | None:
    """Instructions per multiply-add of `work` on the counted shape that is nearest to rows, columns and rank.

    Nearest is the rank first, then the number of entries, both by their logarithms. With its name; None where no
    shape was counted.
    """

    def distance(what: str) -> tuple[float, float]:
        m, n, r = map(int, _SHAPE.search(what).groups())
        return abs(math.log(r / shape[2])), abs(math.log(m * n / (shape[0] * shape[1])))

    known = [what for what, row in table().items() if what.startswith(f"{work}, ") and core in row.counts]
    if not known:
        return None
    what = min(known, key=distance)
    return what, table()[what].counts[core] / table()[what].per
