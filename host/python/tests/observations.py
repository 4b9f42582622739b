"""The observations of schedules in numpy, from the numbers that they are made of: another implementation than core's."""

import numpy as np

#: Gains below it, relative to the first loss, are not told apart.
SMALL = 1e-7
LIMIT = 12.0


def observe(situation):
    """What a policy sees before a half-step of a factor of k rows, with l inner indices, at rank r."""
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
