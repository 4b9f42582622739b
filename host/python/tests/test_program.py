"""The same seed gives the bits of the program `tinynmf factorize`, on one thread."""

import os
import subprocess
import sys

import numpy as np
import pytest

import tinynmf

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.mark.parametrize("rule", [None, "hals", "abb", "learned"])
def test_the_program_gives_the_same_bits(program, tmp_path, digits, rule):
    path = tmp_path / "digits.npy"
    np.save(path, digits)
    model = tinynmf.NMF(10, rule=rule, random_state=3, n_threads=1)
    W = model.fit_transform(digits)
    options = ["--input", path, "--rank", 10, "--seed", 3, "--threads", 1, "--out", tmp_path / "parts"]
    options += [] if rule is None else ["--rule", rule]
    subprocess.run([program, "factorize", *map(str, options)], check=True)
    assert np.array_equal(np.load(tmp_path / "parts" / "w.npy"), W)
    assert np.array_equal(np.load(tmp_path / "parts" / "h.npy"), model.components_)


def test_the_fast_arithmetic_is_close_to_the_portable_one(digits):
    settings = dict(n_components=10, rule="hals", random_state=3, tol=0, max_iter=10)
    exact = tinynmf.NMF(**settings, portable=True).fit(digits)
    fast = tinynmf.NMF(**settings).fit(digits)
    np.testing.assert_allclose(fast.components_, exact.components_, rtol=1e-2, atol=1e-3)


def test_an_array_in_place_is_not_copied():
    # 160 MB; a copy would show in the highest resident size.
    program = """if True:
        import numpy as np, resource, tinynmf
        V = np.random.default_rng(0).random((20000, 2000), dtype=np.float32)
        tinynmf.NMF(2, rule="hals", portable=True, max_iter=1, tol=0, random_state=0).fit(V[:100])
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        def callback(epoch):
            print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
            return True
        tinynmf.NMF(2, rule="hals", portable=True, max_iter=1, tol=0, random_state=0, callback=callback).fit(V)
    """
    environment = os.environ | {"PYTHONWARNINGS": "ignore"}
    process = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert int(process.stdout) < 80_000
