"""The environments."""

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from observations import observe

import tinynmf
from tinynmf.env import LIMIT, OBSERVATIONS, NmfScheduleEnv, NmfScheduleVectorEnv

#: Small problems, so that their measurement is quick.
SMALL = """
budget = 20.0
[problems]
rows = [20, 40]
columns = [16, 30]
rank = [2, 4]
"""


def episode(env, action, **reset):
    observation, info = env.reset(**reset)
    seen, paid, over = [observation], [], False
    while not over:
        observation, reward, over, truncated, info = env.step(action)
        assert not truncated
        seen.append(observation)
        paid.append(reward)
    return np.array(seen), np.array(paid), info


def test_gymnasium_finds_nothing_wrong(recwarn):
    check_env(NmfScheduleEnv(SMALL, problems=2), skip_render_check=True)
    assert [str(it.message) for it in recwarn] == []


def test_seeds_repeat_episodes():
    first, second = (NmfScheduleEnv(SMALL, problems=4) for _ in range(2))
    a, b = (episode(env, np.zeros(5), seed=5) for env in (first, second))
    assert np.array_equal(a[0], b[0]) and np.array_equal(a[1], b[1])
    other = episode(NmfScheduleEnv(SMALL, problems=4, seed=1), np.zeros(5), seed=5)
    assert len(other[0]) != len(a[0]) or not np.array_equal(a[0], other[0])


def test_rewards_are_paid_once_an_epoch_for_the_gap():
    env = NmfScheduleEnv(SMALL, problems=2)
    _, paid, info = episode(env, np.zeros(5), seed=0, options={"problem": 1})
    assert (paid[0::2] == 0).all() and (paid[3::2] > 0).all()
    assert info["log_gap"] < -2 and info["cost"] > 1
    # Whoever takes sweeps of almost no length is paid less.
    env = NmfScheduleEnv(SMALL, problems=12)

    def total(action):
        return sum(episode(env, action, seed=0, options={"problem": it})[1].sum() for it in range(12))

    assert total(np.array([0, -1, -1, 1, -1])) < total(np.zeros(5))


def test_decisions_are_charged_for():
    costs = []
    for charge in (0, 1000):
        env = NmfScheduleEnv(SMALL, problems=2, decision_cost=charge)
        env.reset(options={"problem": 1})
        env.step(np.zeros(5))
        *_, info = env.step(np.zeros(5))
        costs.append(info["cost"])
    V, W, _ = env.matrices()
    (m, n), r = V.shape, W.shape[1]
    assert costs[1] - costs[0] == pytest.approx(2000 / (2 * m * n * r + (m + n) * r * r / 2), rel=1e-3)


def test_the_policy_that_ships_plays():
    env, policy = NmfScheduleEnv(problems=8), tinynmf.Policy.shipped()

    def paid(act):
        total = 0.0
        for problem in range(8):
            observation, _ = env.reset(options={"problem": problem})
            over = False
            while not over:
                observation, reward, over, _, _ = env.step(act(observation))
                total += reward
        return total

    # It earns more than many weak sweeps over samples that are slow to grow.
    assert paid(lambda observation: policy(observation) / LIMIT) > 1.05 * paid(lambda _: -np.ones(5))


def test_many_games_are_the_same_as_one():
    count = 5
    many = NmfScheduleVectorEnv(count, SMALL, problems=3)
    one = NmfScheduleEnv(SMALL, problems=3)
    rng = np.random.default_rng(0)
    observations, info = many.reset(seed=3)
    singles = []
    actions = rng.uniform(-0.5, 0.5, size=(200, count, 5)).astype(np.float32)
    record = [many.step(step) for step in actions]
    for game in range(count):
        observation, _ = one.reset(options={"problem": int(info["problem"][game])})
        assert np.array_equal(observation, observations[game])
        for step, (seen, rewards, over, truncated, _) in zip(actions, record):
            observation, reward, end, _, _ = one.step(step[game])
            assert np.array_equal(observation, seen[game])
            assert reward == rewards[game] and end == over[game] and not truncated[game]
            if end:
                break
        assert end
    assert many.observation_space.contains(observations)
    assert isinstance(many, gymnasium.vector.VectorEnv)


def test_games_that_are_over_begin_anew():
    env = NmfScheduleVectorEnv(3, SMALL, problems=2)
    env.reset(seed=0)
    zeros, ends, after = np.zeros((3, 5), np.float32), 0, 0
    over = np.zeros(3, dtype=bool)
    for _ in range(150):
        observations, rewards, now, _, infos = env.step(zeros)
        # The factor: W comes first.
        assert (observations[over, 7] == 0).all() and (rewards[over] == 0).all() and not now[over].any()
        ends, after, over = ends + now.sum(), after + over.sum(), now
    assert ends > 3 and after >= ends - 3


def test_what_cannot_be_is_refused():
    with pytest.raises(ValueError, match="unknown field"):
        NmfScheduleEnv("budge = 3")
    with pytest.raises(ValueError, match="budget must be above 1"):
        NmfScheduleEnv("budget = 0.5")
    with pytest.raises(RuntimeError, match="reset"):
        NmfScheduleEnv(SMALL).step(np.zeros(5))
    env = NmfScheduleEnv(SMALL)
    env.reset(seed=0)
    with pytest.raises(ValueError, match="actions have the shape"):
        env.step(np.zeros(3))


def test_observations_are_those_of_numpy():
    env = NmfScheduleEnv(SMALL, problems=3)
    rng = np.random.default_rng(0)
    compared = 0
    for problem in range(3):
        observation, _ = env.reset(options={"problem": problem})
        over = False
        while not over:
            np.testing.assert_allclose(observation, observe(env.situation()), rtol=1e-5, atol=1e-5)
            observation, _, over, _, _ = env.step(rng.uniform(-0.5, 0.5, 5))
            compared += 1
    assert compared > 30 and len(OBSERVATIONS) == len(observation)


def test_what_observations_are_made_of_is_what_numpy_computes():
    env = NmfScheduleEnv(SMALL, problems=3)
    # The share grows fourfold a half-step, up to 1: then samples are all of V.
    action = np.array([1, 0.2, 0.3, 0, -1])
    compared = 0
    for problem in range(3):
        env.reset(options={"problem": problem})
        for _ in range(12):
            V, *before = env.matrices()
            _, _, over, _, _ = env.step(action)
            _, *after = env.matrices()
            made = env.situation()["other"]
            if over:
                break
            if made["share"] < 1:
                continue
            F = [0.5 * np.sum((V.astype(np.float64) - W.astype(np.float64) @ H) ** 2) for W, H in (before, after)]
            # Products with V are summed in float32: gains are known to some 1e-6 of ‖V‖².
            noise = 1e-6 * np.sum(V.astype(np.float64) ** 2)
            assert made["gain"] == pytest.approx(F[0] - F[1], abs=2 * noise)
            assert 0 < made["first_part"] < 1.001
            compared += 1
    assert compared > 12
