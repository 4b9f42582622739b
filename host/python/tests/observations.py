"""The observations in numpy, from the numbers that they are made of: another implementation than core's."""

import numpy as np

#: Gains below it, relative to the first loss, are not told apart.
SMALL = 1e-7
LIMIT = 12.0


def observe(situation):
    """Observations before a half-step of a factor of k rows, with l inner indices, at rank r."""
    own, other = situation["own"], situation["other"]
    k, l, r = situation["shape"]

    def known(memory, x):
        return x() if memory["steps"] > 0 else 0.0

    def level(memory):
        return np.log(max(memory["gain"] / situation["first_loss"], 0) + SMALL)

    observations = [
        np.log(l / r),
        np.log(k / r),
        np.log(r),
        float(situation["factor"] == "H"),
        np.log(1 + situation["epoch"]),
        float(own["steps"] == 0),
        known(own, lambda: np.log(own["share"])),
        known(other, lambda: np.log(other["share"])),
        float(own["share"] >= 1),
        known(own, lambda: level(own)),
        known(own, lambda: known(other, lambda: level(other) - level(own))),
        own["gain_change"],
        other["gain_change"],
        known(own, lambda: own["first_part"]),
        known(other, lambda: other["first_part"]),
    ]
    return np.clip(observations, -LIMIT, LIMIT)


def observe_step(situation):
    """Observations before a gradient step, in mode scale-free."""
    own, other, L = situation["own"], situation["other"], situation["lipschitz"]

    def log(x):
        with np.errstate(divide="ignore"):
            return np.log(x)

    def quotient(a, b):
        """log(L·a/b), if it is known."""
        return log(L * a / b) if own["steps"] > 0 and b > 0 and a > 0 else 0.0

    free = situation["free_norm_squared"]
    observations = [
        log(situation["loss"] / situation["first_loss"]),
        own["log_loss_change"],
        other["log_loss_change"],
        situation["epoch"] / situation["horizon"],
        0.5 * log(free / own["free_norm_squared"]) if own["steps"] > 0 else 0.0,
        *own["log_rate"],
        log(L * free / situation["free_curvature"]),
        own["log_curvature"],
        quotient(own["norm_squared"], own["curvature"]),
        quotient(own["curvature"], own["image_norm_squared"]),
        other["log_rate"][0],
        other["log_curvature"],
        float(situation["factor"] == "H"),
        log(situation["share"]),
    ]
    return np.clip(observations, -LIMIT, LIMIT)


def half_problem(V, W, H, factor):
    """X, A, G, and G where X may move, of the half-step that is to come, in 64 bits."""
    V, W, H = (it.astype(np.float64) for it in (V, W, H))
    X, Y, V = (W, H.T, V) if factor == "W" else (H.T, W, V.T)
    A = Y.T @ Y
    G = X @ A - V @ Y
    return X, A, G, np.where((X > 0) | (G < 0), G, 0)
