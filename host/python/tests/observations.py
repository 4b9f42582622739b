"""The observations of schedules in numpy, from the numbers that they are made of: another implementation than core's."""

import numpy as np

#: Log decreases below it are not told apart.
SMALL = 1e-5
LIMIT = 12.0


def level(x):
    return np.log(max(x, 0) + SMALL)


def signed_log(x):
    return np.sign(x) * np.log(1 + abs(x))


def share_so_far(own, other, shape):
    """The last share that a schedule chose: 2r indices are looked at in any case, whatever it says."""
    k, l, r = shape
    least = 2 * r + 1.5
    if other["share"] * k > least:
        return other["share"]
    if own["share"] * l > least:
        return own["share"]
    shares = [own["share"], other["share"]]
    return min(shares) if min(shares) > 0 else 0.1


def observe(situation):
    """What a policy sees before a half-step of a factor of k rows, with l inner indices, at rank r."""
    own, other = situation["own"], situation["other"]
    k, l, r = situation["shape"]
    share = share_so_far(own, other, situation["shape"])
    decreases = own["decrease"] + other["decrease"]
    net = decreases - own["surprise"] - other["surprise"]

    def known(memory, x):
        return x if memory["steps"] > 0 else 0.0

    def first_sweeps_part(memory):
        return known(memory, np.clip(memory["first_decrease"] / (memory["decrease"] + SMALL), -2, 2))

    observations = [
        0.0 if other["loss"] is None else np.log(other["loss"] / situation["first_loss"]),
        known(own, level(own["decrease"])),
        known(other, level(other["decrease"])),
        known(own, signed_log(other["surprise"] / (own["decrease"] + SMALL))),
        known(own, signed_log(own["surprise"] / (own["decrease"] + SMALL))),
        known(other, level(other["surprise"])),
        known(own, signed_log(net / (decreases + SMALL))),
        float(situation["factor"] == "H"),
        np.log(share),
        np.log(l / r),
        np.log(k / r),
        np.log(k * r / (share * l * (k + 0.5 * r))),
        first_sweeps_part(own),
        first_sweeps_part(other),
        np.log(1 + situation["epoch"]),
    ]
    return np.clip(observations, -LIMIT, LIMIT)
