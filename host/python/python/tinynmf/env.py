"""Gymnasium environments in which policies learn: the trainer's problems, observations and rewards, the same code.

An episode is one factorization. ``mode`` chooses what a policy decides, as in ``tinynmf train``; :data:`MODES` has every
mode's spaces. An episode *terminates* at its end: the policy sees the time or knows the budget, so nothing is truncated.

``"schedule"``: a step is a half-step, and the policy decides how it is made, before V is touched.

    *Action*, five numbers in [-1, 1]: a policy's outputs y divided by 3. All 0 is a hand-set rule, *widening*:

    0. a factor's first sample has 2·r·exp(y/2) indices, every further one 1.3·exp(y/2) times as many as its last
    1. the relaxation of the first sweep is 1.2 + 0.2·y
    2. every further sweep adds 0.1 + 0.1·y to it
    3. sweeps go on while one gains, for its cost, at least 0.7·exp(y) of what the half-step does for its own
    4. on all of V, the factor is extrapolated by 0.5 + 0.2·y

    *Observation*, 15 numbers in [-12, 12] that do not change when V is rescaled.

    *Reward*: minus the area under ln(gap) over ln(cost), paid after H's half-step for the whole epoch, where
    gap = (F − F_best)/(F₀ − F_best) and cost counts multiply-adds in units of an epoch on all of V. At the end
    −last·ln(gap) comes on top. The episode ends when the gap is at its floor or the budget is spent.

``"scale-free"``: a step is a half-step, one gradient step of size α; the policy decides α once L and G are known.

    *Action*, one number in [-1, 1]: log(αL)/4.605, so that -1 is a hundredth of 1/L; log(αL) is 4.095 at most.

    *Observation*, 15 numbers in [-12, 12] that do not change when V is rescaled.

    *Reward*: the decrease of ln(gap) in the half-step; of mini-batches and noise, after H's for the whole epoch.
    ``reward = "end"`` in the configuration pays −ln(gap) once, at the end. A half-step with nothing to decide (the
    other factor is zero) is no step. The episode ends at the horizon, or with exact gradients where the gap is at its floor.

``"paper"``: a step is an epoch, and one α serves both half-steps, as in the paper.

    *Action*, one number in [0, 1]: α in units of ``paper.unit``, 1 by default.

    *Observation*: ln F, t/T, and ln‖G‖ of the half-step of W that is to be taken.

    *Reward*: decrease·(best − F)/best + remaining·(T − t)/T + solved·(T − t)/T once F is below the threshold, with
    the weights under ``[paper]`` in the configuration. The episode ends there, at the horizon, or with a divergence.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

try:
    import gymnasium
except ModuleNotFoundError as error:
    text = "tinynmf.env needs gymnasium: pip install tinynmf[env]"
    raise ModuleNotFoundError(text, name=error.name) from error
from gymnasium.vector.utils import batch_space

from tinynmf._tinynmf import Games, Problems

try:
    from gymnasium.vector import AutoresetMode
except ImportError:
    # gymnasium 1.0 knows no other mode than the next step, and no name for it.
    _AUTORESET = {}
else:
    _AUTORESET = {"autoreset_mode": AutoresetMode.NEXT_STEP}

__all__ = ["LIMIT", "MODES", "Mode", "NmfScheduleEnv", "NmfScheduleVectorEnv", "OBSERVATIONS"]


@dataclass(frozen=True)
class Mode:
    """Observations and actions of a mode."""

    #: The observations' names, in order.
    observations: tuple[str, ...]
    #: Of observations.
    observation_space: gymnasium.spaces.Box
    #: Of actions.
    action_space: gymnasium.spaces.Box
    #: A policy's outputs are actions times this, :meth:`tinynmf.Policy.from_torch`'s `scale`.
    scale: float
    #: Limits of a policy's outputs, :meth:`tinynmf.Policy.from_torch`'s `limits`.
    limits: tuple[float, float]
    #: What a step's info has.
    info: tuple[str, str]


def _mode(name: str) -> Mode:
    games = Games(Problems(name, "", 1, 0), 0, 0)
    names, limits = tuple(games.observation_names()), tuple(games.limits())
    # Logarithms of 32-bit floats; t/T.
    seen = ([-88.0, 0, -44], [89.0, 1, 45]) if name == "paper" else ([-12.0] * len(names), [12.0] * len(names))
    low, high, actions = (0, 1, 1) if name == "paper" else (-1, 1, games.outputs())
    return Mode(
        names,
        gymnasium.spaces.Box(*np.array(seen, dtype=np.float32), dtype=np.float32),
        gymnasium.spaces.Box(low, high, (actions,), np.float32),
        max(map(abs, limits)),
        limits,
        tuple(games.standing_names()),
    )


#: Every mode by its name.
MODES: dict[str, Mode] = {name: _mode(name) for name in ("schedule", "scale-free", "paper")}

#: Of mode schedule: what a policy's outputs are at most; an action is outputs / LIMIT.
LIMIT: float = MODES["schedule"].scale

#: Of mode schedule: the observations' names, in order.
OBSERVATIONS: tuple[str, ...] = MODES["schedule"].observations


def _games(mode: str, config: str, problems: int, seed: int, count: int, decision_cost: int) -> Games:
    if mode not in MODES:
        raise ValueError(f"mode is {mode!r}, but must be one of {', '.join(MODES)}")
    return Games(Problems(mode, config, problems, seed), count, decision_cost)


def _outputs(mode: Mode, actions: Any) -> np.ndarray:
    """A policy's outputs, of actions."""
    space = mode.action_space
    actions = np.clip(np.asarray(actions, dtype=np.float32), space.low[0], space.high[0])
    return np.ascontiguousarray(np.float32(mode.scale) * actions)


class NmfScheduleEnv(gymnasium.Env):
    """One factorization at a time.

    Parameters
    ----------
    config : str
        A training configuration (TOML), as ``tinynmf train --config`` reads it; empty for the defaults. What it says of
        problems, episodes and rewards holds; `mode` and `seed` are those of the arguments.
    problems : int
        Problems to play on. Each is measured when it is first played, which takes as long as some episodes.
    seed : int
        Of the problems; those of the trainer with the same seed.
    decision_cost : int
        Multiply-adds that a decision of mode schedule is charged. The trainer charges those of its policy's layers; 0 is for
        whoever has no network yet.
    mode : {"schedule", "scale-free", "paper"}
        What is decided, see the module.
    render_mode : None
        Nothing is drawn.
    """

    metadata = {"render_modes": []}

    def __init__(
        self,
        config: str = "",
        problems: int = 64,
        seed: int = 0,
        decision_cost: int = 0,
        mode: str = "schedule",
        render_mode: None = None,
    ):
        self.render_mode = render_mode
        self._games = _games(mode, config, problems, seed, 1, decision_cost)
        self._count, self.mode = problems, MODES[mode]
        self.observation_space, self.action_space = (
            gymnasium.spaces.Box(space.low, space.high, dtype=space.dtype)
            for space in (self.mode.observation_space, self.mode.action_space)
        )

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None):
        """Begins an episode; ``options={"problem": k}`` chooses the problem."""
        super().reset(seed=seed)
        drawn = int(self.np_random.integers(self._count))
        number = int((options or {}).get("problem", drawn))
        self._games.begin([0], [number])
        return self._games.observe()[0], {"problem": number}

    def step(self, action):
        """Acts, and goes on to the next decision."""
        actions = np.reshape(action, (1, -1))
        observations, rewards, over, *standing = self._games.step(_outputs(self.mode, actions), [])
        info = {name: float(numbers[0]) for name, numbers in zip(self.mode.info, standing)}
        return observations[0], float(rewards[0]), bool(over[0]), False, info

    def situation(self) -> dict[str, Any]:
        """The numbers that the observations are made of: tests/observations.py tells how."""
        return self._games.situation(0)

    def matrices(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """V, W and H as they stand."""
        return tuple(self._games.matrices(0))


class NmfScheduleVectorEnv(gymnasium.vector.VectorEnv):
    """Many factorizations side by side, on all cores; a game that is over begins anew in the next step.

    Parameters
    ----------
    num_envs : int
        Games.
    config, problems, seed, decision_cost, mode
        As :class:`NmfScheduleEnv`; all games share the problems.
    """

    metadata = {"render_modes": [], **_AUTORESET}

    def __init__(
        self,
        num_envs: int = 64,
        config: str = "",
        problems: int = 64,
        seed: int = 0,
        decision_cost: int = 0,
        mode: str = "schedule",
    ):
        self._games = _games(mode, config, problems, seed, num_envs, decision_cost)
        self._count, self.mode, self.num_envs = problems, MODES[mode], num_envs
        self.single_observation_space = self.mode.observation_space
        self.single_action_space = self.mode.action_space
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)
        self._over = np.zeros(num_envs, dtype=bool)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None):
        """Begins an episode in every game; ``options={"problem": array}`` chooses the problems."""
        super().reset(seed=seed)
        self._over = np.zeros(self.num_envs, dtype=bool)
        drawn = self._draw(self.num_envs)
        numbers = np.asarray((options or {}).get("problem", drawn))
        self._games.begin(list(range(self.num_envs)), numbers.tolist())
        return self._games.observe(), {"problem": numbers}

    def step(self, actions):
        """Acts in every game, and goes on to the next decision."""
        # Where a game was over, nothing is done but to begin anew, and nothing paid.
        begun = np.flatnonzero(self._over)
        again = list(zip(begun.tolist(), self._draw(len(begun)).tolist()))
        observations, rewards, over, *standing = self._games.step(_outputs(self.mode, actions), again)
        self._over = over
        infos = dict(zip(self.mode.info, standing))
        return observations, rewards, over.copy(), np.zeros(self.num_envs, dtype=bool), infos

    def _draw(self, count: int) -> np.ndarray:
        return self.np_random.integers(self._count, size=count)
