"""The compiled half of tinynmf."""

from os import PathLike
from typing import Any, Callable, Sequence, final

import numpy as np
from numpy.typing import ArrayLike, NDArray

_Matrix = NDArray[np.floating] | tuple[NDArray[np.int64], NDArray[np.uint32], NDArray[np.floating], int]

def version() -> str: ...
@final
class Epoch:
    """What a callback sees after an epoch."""

    start: int
    epoch: int
    cost: float
    objective: float | None
    shares: list[float]
    moves: list[list[float]]

@final
class Found:
    """What came of a factorization."""

    w: NDArray[np.float32]
    h: NDArray[np.float32]
    loss: float
    objective: float
    epochs: int
    cost: float
    history: NDArray[np.float64]
    converged: bool
    diverged: bool
    stopped: bool

@final
class Policy:
    """A frozen int8 policy: what a microcontroller reads from flash."""

    def __new__(cls, blob: bytes) -> Policy: ...
    @staticmethod
    def shipped(kind: str = "schedule") -> Policy: ...
    @staticmethod
    def load(path: str | PathLike[str]) -> Policy: ...
    @staticmethod
    def from_safetensors(bytes: bytes) -> Policy: ...
    @staticmethod
    def from_torch(
        module: Any,
        offset: ArrayLike | None = None,
        gain: ArrayLike | None = None,
        *,
        scale: float = 1.0,
        limits: tuple[float, float] = (-3.0, 3.0),
    ) -> Policy: ...
    def to_onnx(self) -> bytes: ...
    def save(self, path: str | PathLike[str]) -> None: ...
    def __call__(self, observations: ArrayLike) -> NDArray[np.float32]: ...
    def __bytes__(self) -> bytes: ...
    def __len__(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def layers(self) -> list[int]: ...
    @property
    def observation_names(self) -> list[str]: ...

@final
class Problems:
    def __new__(cls, text: str, count: int, seed: int) -> Problems: ...
    def __len__(self) -> int: ...

@final
class Games:
    def __new__(cls, problems: Problems, count: int, cost: int) -> Games: ...
    def begin(self, games: Sequence[int], numbers: Sequence[int]) -> None: ...
    def observe(self) -> NDArray[np.float32]: ...
    def step(
        self, outputs: NDArray[np.float32]
    ) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.float64], NDArray[np.float64]]: ...
    def situation(self, game: int) -> dict[str, Any]: ...
    def matrices(self, game: int) -> list[NDArray[np.float32]]: ...
    @staticmethod
    def observation_names() -> list[str]: ...

def factorize(
    v: _Matrix, rank: int, how: dict[str, Any], observer: Callable[[Epoch], bool] | None = None
) -> Found: ...
def cross_validate(
    v: _Matrix, ranks: Sequence[int], folds: int, how: dict[str, Any]
) -> list[tuple[int, float, float]]: ...
def latents(v: _Matrix, h: NDArray[np.float64], l1: float, l2: float, threads: int) -> NDArray[np.float64]: ...
def kinds() -> list[tuple[str, str, dict[str, float]]]: ...
def written(text: str) -> str: ...
def compare(
    v: _Matrix,
    rank: int,
    rules: Sequence[str],
    seeds: Sequence[int],
    epochs: int,
    policy: Policy | None,
    threads: int,
) -> list[NDArray[np.float64]]: ...
def rust_module(policy: Policy) -> str: ...
def to_onnx(bytes: bytes) -> bytes: ...
