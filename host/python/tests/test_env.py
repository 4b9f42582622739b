"""The environments."""

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from observations import half_problem, observe, observe_step

import tinynmf
from tinynmf.env import LIMIT, MODES, OBSERVATIONS, NmfScheduleEnv, NmfScheduleVectorEnv

#: Small problems, so that their measurement is quick.
SMALL = """
[schedule]
budget = 20.0
[schedule.problems]
rows = [20, 40]
columns = [16, 30]
rank = [2, 4]
[family]
rows = [20, 40]
columns = [16, 30]
rank = [2, 4]
horizon = [12, 20]
[paper]
threshold = 200.0
unit = 0.01
"""

#: Some action of every mode, which improves the fit.
ACTIONS = {"schedule": np.zeros(5), "scale-free": np.array([0.1]), "paper": np.array([0.15])}

every_mode = pytest.mark.parametrize("mode", MODES)


def episode(env, action, **reset):
    observation, info = env.reset(**reset)
    seen, paid, over = [observation], [], False
    while not over:
        observation, reward, over, truncated, info = env.step(action)
        assert not truncated
        seen.append(observation)
        paid.append(reward)
    return np.array(seen), np.array(paid), info


def test_modes_have_the_spaces_that_are_documented():
    sizes = {name: (len(mode.observations), mode.action_space.shape[0]) for name, mode in MODES.items()}
    assert sizes == {"schedule": (15, 5), "scale-free": (15, 1), "paper": (3, 1)}
    scales = {name: (round(mode.scale, 3), round(mode.limits[1], 3)) for name, mode in MODES.items()}
    assert scales == {"schedule": (3, 3), "scale-free": (4.605, 4.095), "paper": (1, 1)}


@every_mode
def test_gymnasium_finds_nothing_wrong(recwarn, mode):
    check_env(NmfScheduleEnv(SMALL, problems=2, mode=mode), skip_render_check=True)
    # That a half-open or an infinite space could be better is no fault: there is none here.
    assert [str(it.message) for it in recwarn] == []


@every_mode
def test_seeds_repeat_episodes(mode):
    first, second = (NmfScheduleEnv(SMALL, problems=4, mode=mode) for _ in range(2))
    a, b = (episode(env, ACTIONS[mode], seed=5) for env in (first, second))
    assert np.array_equal(a[0], b[0]) and np.array_equal(a[1], b[1])
    assert all(first.observation_space.contains(seen) for seen in a[0])
    other = episode(NmfScheduleEnv(SMALL, problems=4, seed=1, mode=mode), ACTIONS[mode], seed=5)
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


@every_mode
def test_many_games_are_the_same_as_one(mode):
    count = 5
    many = NmfScheduleVectorEnv(count, SMALL, problems=3, mode=mode)
    one = NmfScheduleEnv(SMALL, problems=3, mode=mode)
    rng = np.random.default_rng(0)
    observations, info = many.reset(seed=3)
    noise = rng.uniform(-0.5, 0.5, size=(200, count, len(ACTIONS[mode])))
    actions = (ACTIONS[mode] + (0.1 if mode == "paper" else 1) * noise).astype(np.float32)
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


@every_mode
def test_games_that_are_over_begin_anew(mode):
    env = NmfScheduleVectorEnv(3, SMALL, problems=2, mode=mode)
    env.reset(seed=0)
    actions, ends, after = np.tile(ACTIONS[mode], (3, 1)), 0, 0
    # Zero before the first half-step: the factor, which is W, or the time that has passed.
    first = {"schedule": 3, "scale-free": 13, "paper": 1}[mode]
    over = np.zeros(3, dtype=bool)
    for _ in range(150):
        observations, rewards, now, _, infos = env.step(actions)
        assert (observations[over, first] == 0).all() and (rewards[over] == 0).all() and not now[over].any()
        ends, after, over = ends + now.sum(), after + over.sum(), now
    assert ends > 3 and after >= ends - 3


def test_what_cannot_be_is_refused():
    with pytest.raises(ValueError, match="unknown field"):
        NmfScheduleEnv("budge = 3")
    with pytest.raises(ValueError, match="budget must be above 1"):
        NmfScheduleEnv("[schedule]\nbudget = 0.5")
    with pytest.raises(ValueError, match="one of schedule, scale-free, paper"):
        NmfScheduleEnv(mode="papers")
    with pytest.raises(ValueError, match="family.transforms must be 0"):
        NmfScheduleEnv("[family]\ntransforms = 0.5", mode="scale-free")
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


def played(mode, config=SMALL, problems=3, seed=0):
    """Steps of random actions: the environment, V, W and H before, the observation before, the action, what came of it."""
    env, rng = NmfScheduleEnv(config, problems=problems, mode=mode), np.random.default_rng(seed)
    for problem in range(problems):
        observation, _ = env.reset(options={"problem": problem})
        over = False
        while not over:
            matrices, situation = env.matrices(), env.situation()
            action = ACTIONS[mode] * rng.uniform(0.5, 1.5, size=1)
            seen, (observation, reward, over, _, info) = observation, env.step(action)
            yield matrices, situation, seen, action, reward, env.matrices(), info, over


def test_observations_of_gradient_steps_are_those_of_numpy():
    compared = 0
    for config in (SMALL, SMALL.replace("[family]", "[family]\nbatch = [0.3]\ngradient_noise = [0.1]")):
        for _, situation, seen, *_ in played("scale-free", config):
            np.testing.assert_allclose(seen, observe_step(situation), rtol=1e-5, atol=1e-5)
            compared += 1
    assert compared > 100


def test_gradient_steps_are_what_numpy_computes():
    gaps, losses = [], []
    for (V, W, H), situation, seen, action, reward, (_, *after), info, over in played("scale-free", problems=1):
        X, A, G, free = half_problem(V, W, H, situation["factor"])
        loss = 0.5 * np.sum((V - W.astype(np.float64) @ H) ** 2)
        noise = 1e-6 * np.sum(V.astype(np.float64) ** 2)
        assert situation["loss"] == pytest.approx(loss, abs=2 * noise)
        assert situation["free_norm_squared"] == pytest.approx(np.sum(free**2), rel=1e-2)
        assert situation["free_curvature"] == pytest.approx(np.sum(free * (free @ A)), rel=1e-2)
        largest = np.linalg.eigvalsh(A)[-1]
        assert largest * 0.99999 <= situation["lipschitz"] <= 1.5 * largest
        alpha = np.exp(MODES["scale-free"].scale * action[0]) / situation["lipschitz"]
        moved = np.maximum(0, X - alpha * G)
        made = after[0] if situation["factor"] == "W" else after[1].T
        np.testing.assert_allclose(made, moved, atol=1e-3 * X.max())
        F = 0.5 * np.sum((V - after[0].astype(np.float64) @ after[1]) ** 2)
        before = gaps[-1] if gaps else 0.0
        assert reward == pytest.approx(before - info["log_gap"], abs=1e-6)
        gaps.append(info["log_gap"])
        losses.append(F)
    # The gap is a linear function of the loss.
    gap = np.exp(gaps)
    assert over and np.abs(np.polyval(np.polyfit(losses, gap, 1), losses) - gap).max() < 1e-3 * gap.max()


def test_the_paper_pays_by_its_formula():
    best, count, solved = None, 0, 0
    for (V, W, H), situation, seen, action, reward, (_, *after), info, over in played("paper", problems=4):
        W, H, T = W.astype(np.float64), H.astype(np.float64), None
        if situation["epoch"] == 0:
            best, history = 0.5 * np.sum((V - W @ H) ** 2), []
        _, _, G, _ = half_problem(V, W, H, "W")
        assert seen[0] == pytest.approx(np.log(0.5 * np.sum((V - W @ H) ** 2)), abs=1e-5)
        assert seen[2] == pytest.approx(np.log(np.linalg.norm(G)), abs=1e-3)
        F = 0.5 * np.sum((V - after[0].astype(np.float64) @ after[1]) ** 2)
        assert info["loss"] == pytest.approx(F, rel=1e-4)
        history.append((seen[1], (best - F) / best, reward, F < 200))
        best = min(best, F)
        if over and len(history) > 1:
            # t/T of the second epoch tells T.
            T = round(1 / history[1][0])
            for t, (elapsed, decrease, paid, done) in enumerate(history):
                remaining = (T - t - 1) / T
                assert elapsed == pytest.approx(t / T, abs=1e-6)
                assert paid == pytest.approx(max(decrease, -10) + (0.01 + done) * remaining, abs=1e-3)
                count, solved = count + 1, solved + done
            assert done or len(history) == T
    assert count > 20 and solved > 0
