"""Rules by name, and their comparison."""

import numpy as np
import pytest
from conftest import planted
from scipy import sparse

import tinynmf
from tinynmf import rules


def test_every_rule_is_made_by_its_name():
    names = [kind.name for kind in rules.kinds()]
    assert len(names) == len(set(names)) and {"hals", "sweeps", "growing", "adaptive", "bound", "abb"} <= set(names)
    for kind in rules.kinds():
        made = getattr(rules, kind.name)()
        assert made.split("(")[0] == kind.name and kind.name in dir(rules)
        assert made.count(",") == max(0, len(kind.parameters) - 1)
    assert rules.growing(share=0.2, k=3) == "growing(0.2,1.2,1.3,3)"
    assert rules.hals() == "hals"
    with pytest.raises(TypeError, match="bound has no parameter 'd'; it has c"):
        rules.bound(d=1)
    with pytest.raises(ValueError, match="needs c between 0 and 1"):
        rules.bound(c=2)
    with pytest.raises(AttributeError, match="no rule 'newton'"):
        rules.newton


def test_a_comparison_is_a_frame_of_costs_and_losses():
    V = planted(noise=0.1)
    frame = rules.compare(V, 4, ["hals", rules.sweeps(k=2), "learned"], seeds=2, epochs=30)
    assert list(frame.columns) == ["rule", "seed", "epoch", "cost", "loss"]
    runs = frame.groupby(["rule", "seed"])
    assert len(runs) == 6
    starts = frame[frame.epoch == 0]
    assert (starts.cost == 0).all() and starts.groupby("seed").loss.nunique().eq(1).all()
    for (rule, _), run in runs:
        assert run.cost.is_monotonic_increasing and run.epoch.tolist() == list(range(len(run)))
        assert 29 <= run.cost.iloc[-1] < 33
        assert run.loss.iloc[-1] < 0.1 * run.loss.iloc[0]
        if rule == "hals":
            # An epoch of HALS: products, grams, a sweep of each factor.
            m, n, r = 60, 40, 4
            whole = 2 * m * n * r + (m + n) * r**2 / 2
            assert run.cost.iloc[1] == pytest.approx((whole + (m + n) * r**2) / whole, rel=0.05)
    again = rules.compare(V, 4, ["hals", rules.sweeps(k=2), "learned"], seeds=2, epochs=30, n_threads=1)
    assert frame.equals(again)


def test_sparse_costs_count_what_is_stored():
    rng = np.random.default_rng(0)
    V = planted(200, 150) * (rng.random((200, 150)) < 0.1)
    frame = rules.compare(sparse.csr_array(V), 4, "hals", epochs=10)
    assert frame.cost.iloc[1] == pytest.approx(1.2, abs=0.3)


def test_policies_can_be_compared():
    for rule, kind in [("learned", "steps"), ("schedule", "schedule")]:
        own = rules.compare(planted(), 4, rule, epochs=10, policy=tinynmf.Policy.shipped(kind))
        assert own.equals(rules.compare(planted(), 4, rule, epochs=10))
