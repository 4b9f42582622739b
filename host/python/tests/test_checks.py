"""All of scikit-learn's checks that apply to the estimator, with no expected failure."""

from sklearn.utils.estimator_checks import parametrize_with_checks

import tinynmf


@parametrize_with_checks(
    [
        tinynmf.NMF(n_components=2),
        tinynmf.NMF(),
        tinynmf.NMF(n_components=2, rule="hals", alpha_W=1e-3, l1_ratio=0.5, n_threads=1),
    ]
)
def test_scikit_learn(estimator, check):
    check(estimator)
