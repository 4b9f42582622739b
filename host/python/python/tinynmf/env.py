"""Gymnasium environments in which a policy of schedules learns.

An episode is one factorization, a step one half-step, and before every half-step the policy decides how it is made.
Observations, problems and rewards are the trainer's own (``tinynmf train`` in mode ``schedule``): the same code.

*Action*, five numbers in [-1, 1]: a policy's outputs y divided by `LIMIT`, 3. All 0 is a hand-set rule, *widening*:

0. a factor's first sample has 2·r·exp(y/2) indices, every further one 1.3·exp(y/2) times as many as its last
1. the relaxation of the first sweep is 1.2 + 0.2·y
2. every further sweep adds 0.1 + 0.1·y to it
3. sweeps go on while one gains, for its cost, at least 0.7·exp(y) of what the half-step does for its own
4. on all of V, the factor is extrapolated by 0.5 + 0.2·y

*Observation*, 15 numbers in [-12, 12] that do not change when V is rescaled; `OBSERVATIONS` names them.

*Reward*: minus the area under ln(gap) over ln(cost), paid after H's half-step for the whole epoch, where
gap = (F − F_best)/(F₀ − F_best) and cost counts multiply-adds in units of an epoch on all of V. At the end
−last·ln(gap) comes on top. An episode *terminates* when the gap is at its floor or the budget is spent; the reward
knows of the budget, so that this is no truncation.
"""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
from gymnasium.vector import AutoresetMode
from gymnasium.vector.utils import batch_space

from tinynmf._tinynmf import Games, Problems

__all__ = ["LIMIT", "NmfScheduleEnv", "NmfScheduleVectorEnv", "OBSERVATIONS"]

#: What a policy's outputs are at most; an action is outputs / LIMIT.
LIMIT = 3.0

#: The observations' names, in order.
OBSERVATIONS: tuple[str, ...] = tuple(Games.observation_names())

_OBSERVATION_SPACE = gymnasium.spaces.Box(-12.0, 12.0, (len(OBSERVATIONS),), np.float32)
_ACTION_SPACE = gymnasium.spaces.Box(-1.0, 1.0, (5,), np.float32)


def _outputs(actions: Any) -> np.ndarray:
    """A policy's outputs, of actions."""
    return np.ascontiguousarray(LIMIT * np.clip(np.asarray(actions, dtype=np.float32), -1, 1))


class NmfScheduleEnv(gymnasium.Env):
    """One factorization at a time.

    Parameters
    ----------
    config : str
        What stands under ``[schedule]`` in a training configuration (TOML); empty for the defaults.
    problems : int
        Problems to play on. Each is measured when it is first played, which takes as long as some episodes.
    seed : int
        Of the problems; those of the trainer with the same seed.
    decision_cost : int
        Multiply-adds that a decision is charged. The trainer charges those of its policy's layers; 0 is for whoever
        has no network yet.
    render_mode : None
        Nothing is drawn.
    """

    metadata = {"render_modes": []}
    observation_space = _OBSERVATION_SPACE
    action_space = _ACTION_SPACE

    def __init__(
        self,
        config: str = "",
        problems: int = 64,
        seed: int = 0,
        decision_cost: int = 0,
        render_mode: None = None,
    ):
        self.render_mode = render_mode
        self._problems = Problems(config, problems, seed)
        self._games = Games(self._problems, 1, decision_cost)
        self.observation_space, self.action_space = (
            gymnasium.spaces.Box(space.low, space.high, dtype=space.dtype)
            for space in (_OBSERVATION_SPACE, _ACTION_SPACE)
        )

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None):
        """Begins an episode; ``options={"problem": k}`` chooses the problem."""
        super().reset(seed=seed)
        drawn = int(self.np_random.integers(len(self._problems)))
        number = int((options or {}).get("problem", drawn))
        self._games.begin([0], [number])
        return self._games.observe()[0], {"problem": number}

    def step(self, action):
        """Makes a half-step."""
        actions = np.reshape(action, (1, -1))
        rewards, over, gaps, costs = self._games.step(_outputs(actions))
        info = {"log_gap": float(gaps[0]), "cost": float(costs[0])}
        return self._games.observe()[0], float(rewards[0]), bool(over[0]), False, info

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
    config, problems, seed, decision_cost
        As :class:`NmfScheduleEnv`; all games share the problems.
    """

    metadata = {"render_modes": [], "autoreset_mode": AutoresetMode.NEXT_STEP}

    def __init__(
        self, num_envs: int = 64, config: str = "", problems: int = 64, seed: int = 0, decision_cost: int = 0
    ):
        self.num_envs = num_envs
        self.single_observation_space, self.single_action_space = _OBSERVATION_SPACE, _ACTION_SPACE
        self.observation_space = batch_space(_OBSERVATION_SPACE, num_envs)
        self.action_space = batch_space(_ACTION_SPACE, num_envs)
        self._problems = Problems(config, problems, seed)
        self._games = Games(self._problems, num_envs, decision_cost)
        self._over = np.zeros(num_envs, dtype=bool)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None):
        """Begins an episode in every game; ``options={"problem": array}`` chooses the problems."""
        super().reset(seed=seed)
        self._over = np.zeros(self.num_envs, dtype=bool)
        numbers = self._begin(np.arange(self.num_envs), (options or {}).get("problem"))
        return self._games.observe(), {"problem": numbers}

    def step(self, actions):
        """Makes a half-step in every game."""
        begun = np.flatnonzero(self._over)
        rewards, over, gaps, costs = self._games.step(_outputs(actions))
        if len(begun):
            self._begin(begun)
            # They were over: nothing was done in them, and nothing paid.
            over[begun] = False
        self._over = over
        infos = {"log_gap": gaps, "cost": costs}
        return self._games.observe(), rewards, over.copy(), np.zeros(self.num_envs, dtype=bool), infos

    def _begin(self, games: np.ndarray, numbers: Any = None) -> np.ndarray:
        drawn = self.np_random.integers(len(self._problems), size=len(games))
        numbers = drawn if numbers is None else np.asarray(numbers)
        self._games.begin(games.tolist(), numbers.tolist())
        return numbers
